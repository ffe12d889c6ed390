"""Broken in what a watch yields."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

from tests.testing.broken.fault import Asked, Good, Store, fault
from urischeme import NotFound, Target
from urischeme.testing import ResolverContract as C


@fault("says that it pushes, and has no watch", C.test_it_pushes_as_declared, pushes=True)
class HasNoWatch(Asked):
    pass


@fault("writes a watch that returns, and yields nothing", C.test_a_watch_begins_with_what_resolve_gives)
class ReturnsFromWatch(Good):
    async def watch(self, target: Target) -> Any:  # type: ignore[override]
        return self.store.find(target.endpoint)


@fault("writes a watch that is a plain generator", C.test_a_watch_begins_with_what_resolve_gives)
class YieldsPlainly(Good):
    def watch(self, target: Target) -> Iterator[Any]:  # type: ignore[override]
        yield self.store.find(target.endpoint)


@fault("yields when something changes, and not before", C.test_a_watch_begins_with_what_resolve_gives, patience=0.3)
class BeginsLate(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last = self.store.find(target.endpoint)
        with self.store.listening() as news:
            while True:
                await news.wait()
                news.clear()
                now = self.store.find(target.endpoint)
                if now != last:
                    last = now
                    yield now


@fault(
    "yields an empty list first, and what is there later",
    C.test_a_watch_begins_with_what_resolve_gives,
    C.test_a_watch_yields_changes_alone,
    C.test_two_watches_do_not_disturb_each_other,
)
class BeginsEmpty(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last: object = None
        with self.store.listening() as news:
            yield []
            while True:
                now = self.store.find(target.endpoint)
                if now != last:
                    last = now
                    yield now
                await news.wait()
                news.clear()


@fault("yields host names, which resolve looks up", C.test_a_watch_begins_with_what_resolve_gives)
class YieldsHostNames(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        yield [("node.internal", port) for _, port in self.store.find(target.endpoint)]
        await asyncio.Event().wait()


@fault("waits in silence for what is not there", C.test_a_watch_of_what_is_not_there_says_so)
class WaitsForName(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last: object = None
        with self.store.listening() as news:
            while True:
                try:
                    now = self.store.find(target.endpoint)
                except NotFound:
                    now = last = []
                if now != last:
                    last = now
                    yield now
                await news.wait()
                news.clear()


@fault("ends after the first answer", C.test_a_watch_goes_on)
class Ends(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        yield self.store.find(target.endpoint)


@fault("yields the same set again and again", C.test_a_watch_yields_changes_alone)
class Repeats(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        while True:
            yield self.store.find(target.endpoint)
            await asyncio.sleep(0.001)


@fault("yields the same set twice for each change", C.test_a_watch_yields_changes_alone)
class YieldsTwice(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last: object = None
        with self.store.listening() as news:
            while True:
                now = self.store.find(target.endpoint)
                if now != last:
                    if last is not None:
                        yield now
                    last = now
                    yield now[::-1]
                await news.wait()
                news.clear()


@fault("looks whether the number of endpoints has changed", C.test_a_watch_yields_each_change, patience=0.3)
class CountsOnly(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last = -1
        with self.store.listening() as news:
            while True:
                now = self.store.find(target.endpoint)
                if len(now) != last:
                    last = len(now)
                    yield now
                await news.wait()
                news.clear()


@fault("takes one change, and listens no more", C.test_a_watch_yields_each_change, patience=0.3)
class ListensOnce(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        with self.store.listening() as news:
            yield self.store.find(target.endpoint)
            await news.wait()
        yield self.store.find(target.endpoint)
        await asyncio.Event().wait()


@fault(
    "has one queue for all watches",
    C.test_two_watches_do_not_disturb_each_other,
    C.test_any_changes_are_followed,
    patience=0.3,
)
class SharesQueue(Good):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.queue: asyncio.Queue[Any] = asyncio.Queue()
        self.pump: asyncio.Task[None] | None = None
        self.watching = 0

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        self.watching += 1
        try:
            if self.pump is None:
                self.pump = asyncio.create_task(self._pump())
            await asyncio.sleep(0)
            yield self.store.find(target.endpoint)
            while True:
                yield await self.queue.get()
        finally:
            self.watching -= 1
            if not self.watching and self.pump is not None:
                self.pump.cancel()
                self.pump = None

    async def _pump(self) -> None:
        with self.store.listening() as news:
            while True:
                await news.wait()
                news.clear()
                self.queue.put_nowait(self.store.find("orders"))


@fault(
    "closes the connection of all watches with the first",
    C.test_two_watches_do_not_disturb_each_other,
    C.test_any_changes_are_followed,
)
class ClosesForAll(Good):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.generation = 0

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        begun = self.generation
        last: object = None
        try:
            with self.store.listening() as news:
                while True:
                    now = self.store.find(target.endpoint)
                    if now != last:
                        if begun != self.generation:
                            return
                        last = now
                        yield now
                    await news.wait()
                    news.clear()
        finally:
            self.generation += 1


@fault("begins a second watch with what the first began with", C.test_any_changes_are_followed, examples=50)
class RemembersBeginning(Good):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.beginning: Any = None

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        now = self.store.find(target.endpoint)
        if self.beginning is None:
            self.beginning = now
        last = self.beginning
        with self.store.listening() as news:
            yield last
            while True:
                await news.wait()
                news.clear()
                now = self.store.find(target.endpoint)
                if now != last:
                    last = now
                    yield now
