"""What is shared by those who watch the same: made for the first, closed by the last."""

from __future__ import annotations

import asyncio
import gc
import weakref

from urischeme.resolvers.k8s.sharing import Shared


class Thing:
    def __init__(self) -> None:
        self.is_closed = False
        self.may_close = asyncio.Event()
        self.may_close.set()

    async def aclose(self) -> None:
        await self.may_close.wait()
        self.is_closed = True


def test_the_last_to_leave_closes_it() -> None:
    async def test() -> None:
        shared = Shared[Thing]()
        async with shared.holding("a", Thing) as first:
            async with shared.holding("a", Thing) as second, shared.holding("b", Thing) as other:
                assert second is first
                assert other is not first
            assert other.is_closed
            assert not first.is_closed
        assert first.is_closed

    asyncio.run(test())


def test_who_comes_while_it_closes_has_another() -> None:
    async def test() -> None:
        shared = Shared[Thing]()
        begun = asyncio.Event()

        async def hold() -> None:
            async with shared.holding("a", Thing) as thing:
                held.append(thing)
                thing.may_close.clear()
                begun.set()

        held: list[Thing] = []
        leaving = asyncio.create_task(hold())
        await begun.wait()
        await asyncio.sleep(0)
        async with shared.holding("a", Thing) as another:
            assert another not in held
            held[0].may_close.set()
            await leaving
            assert not another.is_closed
        assert another.is_closed

    asyncio.run(test())


def test_each_loop_has_its_own_and_one_that_is_closed_keeps_nothing() -> None:
    shared = Shared[Thing]()
    left: list[weakref.ref[Thing]] = []
    opened = [shared.holding("a", Thing)]

    async def leave_it_open() -> None:
        left.append(weakref.ref(await opened[0].__aenter__()))

    async def another() -> None:
        async with shared.holding("a", Thing) as thing:
            assert thing is not left[0]()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave_it_open())
    asyncio.run(another())
    assert left[0]() is not None, "its loop may go on"
    loop.close()
    opened.clear()
    asyncio.run(another())
    gc.collect()
    assert left[0]() is None
