"""`aio.watch` by a clock of the test's own: what is yielded, and when somebody is asked."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from typing import Any

import attrs
import pytest

import urischeme
from tests.live.clock import FakeClock
from tests.live.scripted import (
    ABSENT,
    HOPELESS,
    ONE,
    RETRYABLE,
    TWO,
    Pushes,
    Script,
    in_a_loop,
    of,
    registry_of,
    run,
    watching,
)
from urischeme import NotFound, ParseError, Resolution, ResolveError, Target, TargetError, UnknownScheme
from urischeme.live.watch import Watch
from urischeme.routing.deadline import seconds_left

# --- what is yielded


@in_a_loop
async def test_the_first_answer_at_once_then_the_changes() -> None:
    clock = FakeClock()
    resolver = Script(clock, of("10.0.0.1", ttl=5), of("10.0.0.1", ttl=5), of("10.0.0.2", ttl=5))
    async with watching(resolver, clock) as watch:
        assert watch.resolution is None
        assert await anext(watch) == of("10.0.0.1", ttl=5)
        await clock.rest()
        waiting = asyncio.create_task(anext(watch))
        await clock.advance(6)
        assert not waiting.done()
        await clock.advance(6)
        assert await waiting == of("10.0.0.2", ttl=5) == watch.resolution


@in_a_loop
async def test_a_slow_user_gets_the_latest_and_never_the_same_twice() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE, TWO, ONE, TWO, of("10.0.0.3"))
    async with watching(resolver, clock) as watch:
        await anext(watch)
        await clock.rest()
        await clock.advance(63)
        assert len(resolver.asked) == 3
        waiting = asyncio.create_task(anext(watch))
        await asyncio.wait([waiting], timeout=0.001)
        assert not waiting.done(), "what was changed and changed back is no change"
        waiting.cancel()
        await clock.advance(63)
        assert await anext(watch) == of("10.0.0.3")


@in_a_loop
async def test_an_answer_that_nobody_waited_for_is_not_lost_by_cancelling() -> None:
    clock = FakeClock()
    async with watching(Script(clock, ONE, TWO), clock) as watch:
        await anext(watch)
        await clock.rest()
        waiting = asyncio.create_task(anext(watch))
        await asyncio.sleep(0)
        waiting.cancel()
        await clock.advance(40)
        assert await anext(watch) == TWO


@in_a_loop
async def test_static_schemes_yield_once_and_wait() -> None:
    async with urischeme.aio.watch("ipv4:10.0.0.1:80") as watch:
        assert await anext(watch) == urischeme.resolve("ipv4:10.0.0.1:80")
        waiting = asyncio.create_task(anext(watch))
        watch.refresh()
        await asyncio.sleep(0.01)
        assert not waiting.done()
        assert (watch.error, watch.stale) == (None, False)
        await watch.aclose()
        with pytest.raises(StopAsyncIteration):
            await waiting


@in_a_loop
async def test_every_kind_of_resolver_is_asked_again() -> None:
    def plain(target: Target) -> Any:
        return script.next()

    async def coroutine(target: Target) -> Any:
        return script.next()

    for resolver in (plain, coroutine, None):
        clock = FakeClock()
        script = Script(clock, "10.0.0.1:80", "10.0.0.2:80")
        async with watching(resolver or script, clock) as watch:
            assert await anext(watch) == ONE
            await clock.rest()
            await clock.advance(31.5)
            assert await anext(watch) == TWO


# --- errors


@in_a_loop
async def test_an_error_keeps_the_last_good_answer_and_is_reported() -> None:
    clock = FakeClock()
    for trouble in (RETRYABLE, HOPELESS, TargetError("mine:x", "no x today")):
        resolver = Script(clock, ONE, trouble, trouble, of("10.0.0.1", ttl=5), trouble)
        reported: list[urischeme.Error] = []
        async with watching(resolver, clock, on_error=reported.append) as watch:
            await anext(watch)
            await clock.rest()
            await clock.advance(31.5)
            assert (watch.error, watch.stale, reported) == (trouble, True, [trouble])
            assert watch.resolution == ONE
            await clock.advance(1)
            assert reported == [trouble, trouble]
            await clock.advance(1.6)
            assert (watch.error, watch.stale) == (None, False)
            await clock.advance(5.25)
            assert (watch.error, watch.stale) == (trouble, True)
            assert resolver.pauses == [31.5, 1, 1.6, 5.25]


@in_a_loop
async def test_what_a_resolver_did_not_mean_to_raise_is_wrapped_and_does_not_end_the_watch() -> None:
    cancelled = asyncio.CancelledError()
    bad_ttl: Any = "soon"
    bad_config = attrs.evolve(ONE, service_config=Unequal())
    for failure in (KeyError("x"), 5, attrs.evolve(ONE, ttl=bad_ttl), bad_config, cancelled):
        clock = FakeClock()
        async with watching(Script(clock, ONE, failure, TWO), clock) as watch:
            await anext(watch)
            await clock.rest()
            await clock.advance(31.5)
            assert isinstance(watch.error, ResolveError)
            assert str(watch.error).startswith("mine:x: ") or failure == 5
            if failure is cancelled or isinstance(failure, KeyError):
                assert watch.error.__cause__ is failure
            assert watch.resolution == ONE
            await clock.advance(40)
            assert await anext(watch) == TWO


class Unequal(dict[str, object]):
    def __eq__(self, other: object) -> bool:
        raise ZeroDivisionError

    def __ne__(self, other: object) -> bool:
        raise ZeroDivisionError

    __hash__ = None


@in_a_loop
async def test_before_the_first_answer_a_retryable_error_is_retried() -> None:
    clock = FakeClock()
    resolver = Script(clock, RETRYABLE, OSError("down"), ONE)
    reported: list[urischeme.Error] = []
    async with watching(resolver, clock, on_error=reported.append) as watch:
        waiting = asyncio.create_task(anext(watch))
        await clock.rest()
        assert (watch.error, watch.stale, watch.resolution) == (RETRYABLE, False, None)
        await clock.advance(1 + 1.6)
        assert await waiting == ONE
        assert [error.retryable for error in reported if isinstance(error, ResolveError)] == [True, True]


@in_a_loop
async def test_before_the_first_answer_any_other_error_raises() -> None:
    clock = FakeClock()
    for failure, error in ((HOPELESS, ResolveError), (TargetError("mine:x", "no"), TargetError), (KeyError(), None)):
        reported: list[urischeme.Error] = []
        resolver = Script(clock, failure, ONE)
        registry = registry_of(resolver)
        watch = watching(resolver, clock, registry=registry, on_error=reported.append)
        async with watching(resolver, clock, registry=registry) as second, watch:
            for each in (watch, watch, second):
                with pytest.raises(error or ResolveError) as caught:
                    await anext(each)
                assert caught.value is each.error
            assert (reported, len(resolver.asked)) == ([], 1)
            # Who asks again, asks again.
            async with watching(resolver, clock, registry=registry) as third:
                assert await anext(third) == ONE
                await second.aclose()
                async with watching(resolver, clock, registry=registry) as fourth:
                    assert await anext(fourth) == ONE
            assert len(resolver.asked) == 2
        with pytest.raises(StopAsyncIteration):
            await anext(watch)


@in_a_loop
async def test_what_an_on_error_raises_is_logged_and_hurts_nobody() -> None:
    clock = FakeClock()

    def careless(error: urischeme.Error) -> None:
        raise ZeroDivisionError

    async with watching(Script(clock, RETRYABLE, ONE), clock, on_error=careless) as watch:
        waiting = asyncio.create_task(anext(watch))
        await clock.rest()
        await clock.advance(1)
        assert await waiting == ONE


def test_one_warning_an_outage_and_one_info_on_recovery(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        clock = FakeClock()
        script = Script(clock, ONE, RETRYABLE, RETRYABLE, HOPELESS, TWO, RETRYABLE, ABSENT, ABSENT, RETRYABLE)
        async with watching(script, clock) as watch:
            await anext(watch)
            await clock.rest()
            await clock.advance(200)

    caplog.set_level(logging.DEBUG, "urischeme")
    run(test)
    assert [(record.levelname, record.message) for record in caplog.records] == [
        ("WARNING", "watching mine:x: no answer; the last good answer is kept"),
        ("INFO", "watching mine:x: there are answers again"),
        ("WARNING", "watching mine:x: no answer; the last good answer is kept"),
        ("INFO", "watching mine:x: there are answers again"),
        ("WARNING", "watching mine:x: no answer; the last good answer is kept"),
    ]


def test_an_outage_from_the_start_is_logged_and_an_error_that_raises_is_not(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        clock = FakeClock()
        async with watching(Script(clock, RETRYABLE, HOPELESS), clock) as watch:
            waiting = asyncio.create_task(anext(watch))
            await clock.rest()
            moving = asyncio.create_task(clock.advance(1))
            with pytest.raises(ResolveError, match="no use"):
                await waiting
            moving.cancel()
            await asyncio.wait([moving])

    run(test)
    assert [record.message for record in caplog.records] == ["watching mine:x: no answer"]


# --- not there


@in_a_loop
async def test_nothing_there_is_an_empty_answer_at_once_and_fills() -> None:
    clock = FakeClock()
    reported: list[urischeme.Error] = []
    async with watching(Script(clock, ABSENT, ABSENT, ONE), clock, on_error=reported.append) as watch:
        assert await anext(watch) == Resolution([])
        assert (watch.error, watch.stale) == (ABSENT, False)
        waiting = asyncio.create_task(anext(watch))
        await clock.rest()
        await clock.advance(31.5)
        assert not waiting.done()
        await clock.advance(31.5)
        assert await waiting == ONE
        assert (watch.error, reported) == (None, [])


@in_a_loop
async def test_what_was_there_is_gone_when_it_is_said_twice() -> None:
    clock = FakeClock()
    async with watching(Script(clock, ONE, ABSENT, ONE, ABSENT, RETRYABLE, ABSENT), clock) as watch:
        await anext(watch)
        waiting = asyncio.create_task(anext(watch))
        await clock.rest()
        await clock.advance(31.5)
        assert (watch.error, watch.stale) == (ABSENT, True)
        await clock.advance(31.5 * 3)
        assert (watch.error, watch.stale, waiting.done()) == (RETRYABLE, True, False)
        await clock.advance(1)
        assert await waiting == Resolution([])
        assert (watch.error, watch.stale) == (ABSENT, False)


@in_a_loop
async def test_a_negative_answer_has_a_ttl_too() -> None:
    brief = NotFound("not there")
    brief.__dict__["ttl"] = 4.0
    clock = FakeClock()
    resolver = Script(clock, brief, ABSENT, brief)
    async with watching(resolver, clock) as watch:
        await anext(watch)
        await clock.rest()
        await clock.advance(4.2 + 31.5 + 4.2)
        assert resolver.pauses == [4.2, 31.5, 4.2]


# --- refresh


@in_a_loop
async def test_refresh_asks_at_once_but_once_a_second() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE)
    async with watching(resolver, clock) as watch:
        await anext(watch)
        await clock.rest()
        for _ in range(3):
            watch.refresh()
        await clock.advance(0.9)
        assert resolver.pauses == []
        await clock.advance(0.1)
        assert resolver.pauses == [1]
        await clock.advance(5)
        for _ in range(3):
            watch.refresh()
        await asyncio.sleep(0.001)  # the nap is ended in the loop's own time
        await clock.rest()
        assert resolver.pauses == [1, 5]
        await clock.advance(31.5)
        assert resolver.pauses == [1, 5, 31.5]


@in_a_loop
async def test_a_refresh_during_a_question_asks_once_more() -> None:
    clock = FakeClock()
    asked = asyncio.Semaphore(0)
    questions = 0
    answer = asyncio.Event()

    async def slow(target: Target) -> Resolution:
        nonlocal questions
        questions += 1
        asked.release()
        await answer.wait()
        return ONE

    async with watching(slow, clock) as watch:
        waiting = asyncio.create_task(anext(watch))
        await asked.acquire()
        watch.refresh()
        watch.refresh()
        await asyncio.sleep(0)
        assert questions == 1, "one question at a time"
        answer.set()
        await waiting
        await clock.rest()
        await clock.advance(30)
        assert questions == 2


@in_a_loop
async def test_a_refresh_during_backoff_waits_for_the_next_step() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE, RETRYABLE)
    async with watching(resolver, clock) as watch:
        watch.refresh()
        await anext(watch)
        await clock.rest()
        await clock.advance(31.5)
        for _ in range(50):
            watch.refresh()
            await clock.advance(0.1)
        assert resolver.pauses == [31.5, 1, 1.6]


@in_a_loop
async def test_refresh_before_and_after_a_watch_does_nothing() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE)
    watch = watching(resolver, clock)
    watch.refresh()
    async with watch:
        pass
    watch.refresh()
    assert resolver.asked == []


# --- sharing


@in_a_loop
async def test_a_hundred_watchers_are_one() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE, ONE, TWO)
    registry = registry_of(resolver)
    watches = [watching(resolver, clock, registry=registry) for _ in range(100)]
    assert await asyncio.gather(*map(anext, watches)) == [ONE] * 100
    await clock.rest()
    waiting = [asyncio.create_task(anext(watch)) for watch in watches]
    await clock.advance(31.5)
    late = watching(resolver, clock, registry=registry)
    assert await anext(late) == ONE
    await clock.advance(31.5)
    assert await asyncio.gather(*waiting, anext(late)) == [TWO] * 101
    assert len(resolver.asked) == 3
    assert len(asyncio.all_tasks()) == 2
    for watch in watches:
        await watch.aclose()
    assert len(asyncio.all_tasks()) == 2
    await late.aclose()
    assert len(asyncio.all_tasks()) == 1


@in_a_loop
async def test_what_is_not_the_same_is_not_shared() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE)
    registry = registry_of(resolver)
    same = [watching(resolver, clock, registry=registry, target=target) for target in ("mine:x", "MINE:x")]
    others = [
        watching(resolver, clock, registry=registry, target="mine:y"),
        watching(resolver, clock, registry=registry, timeout=1),
        watching(resolver, clock),
    ]
    registry.register("mine", resolver, replace=True)
    others.append(watching(resolver, clock, registry=registry))
    await asyncio.gather(*map(anext, [*same, *others]))
    assert len(resolver.asked) == 1 + len(others)
    for watch in (*same, *others):
        await watch.aclose()


@in_a_loop
async def test_two_watchers_do_not_disturb_each_other() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE, TWO)
    registry = registry_of(resolver)
    async with watching(resolver, clock, registry=registry) as one:
        async with watching(resolver, clock, registry=registry) as other:
            await anext(one)
            await other.aclose()
            with pytest.raises(StopAsyncIteration):
                await anext(other)
        await clock.rest()
        await clock.advance(31.5)
        assert await anext(one) == TWO


# --- resolvers that push


@in_a_loop
async def test_what_is_pushed_is_yielded_and_nobody_is_polled() -> None:
    clock = FakeClock()
    resolver = Pushes(clock, "10.0.0.1:80", ONE, Resolution([]), Resolution([]), TWO)
    async with watching(resolver, clock) as watch:
        assert await anext(watch) == TWO, "all of it was pushed before anybody looked"
        watch.refresh()
        await asyncio.sleep(0)
        assert len(resolver.asked) == 5
    assert resolver.closed == 1


class Queued(Script):
    """One that pushes what a test puts into its queue."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.queue = asyncio.Queue[Any]()

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        while True:
            yield await self.queue.get()


@in_a_loop
async def test_one_that_is_begun_while_another_question_is_asked_is_in_no_hurry() -> None:
    """A resolver may keep a watch from one question to the next."""
    left: list[float | None] = []

    class Pushing(Pushes):
        async def watch(self, target: Target) -> AsyncIterator[Any]:
            left.append(seconds_left())
            async for answer in super().watch(target):
                yield answer

    kept = watching(Pushing(FakeClock(), ONE), FakeClock())

    async def resolve(target: Target) -> Resolution:
        left.append(seconds_left())
        return await anext(kept)

    assert await urischeme.aio.resolve("mine:x", registry=registry_of(resolve), timeout=5) == ONE
    await kept.aclose()
    assert [seconds is None for seconds in left] == [False, True]


@in_a_loop
async def test_an_empty_set_that_is_pushed_is_believed_at_once() -> None:
    clock = FakeClock()
    resolver = Queued(clock)
    async with watching(resolver, clock) as watch:
        for pushed, expected in ((ONE, ONE), (Resolution([]), Resolution([])), (TWO, TWO), (ABSENT, Resolution([]))):
            resolver.queue.put_nowait(pushed)
            assert await anext(watch) == expected
        assert watch.error is ABSENT


@in_a_loop
async def test_an_error_that_is_pushed_is_told_and_nothing_is_begun_anew() -> None:
    clock = FakeClock()
    resolver = Queued(clock)
    begun = clock.now()
    reported = asyncio.Queue[urischeme.Error]()
    async with watching(resolver, clock, on_error=reported.put_nowait) as watch:
        for pushed in (RETRYABLE, ONE):
            resolver.queue.put_nowait(pushed)
        assert await anext(watch) == ONE
        assert await reported.get() is RETRYABLE
        assert (watch.error, watch.stale) == (None, False)
        resolver.queue.put_nowait(HOPELESS)
        assert await reported.get() is HOPELESS
        assert (watch.error, watch.stale) == (HOPELESS, True)
        resolver.queue.put_nowait(TWO)
        assert await anext(watch) == TWO
        assert (watch.error, watch.stale) == (None, False)
        assert clock.now() == begun, "it did not wait to begin anew"


@in_a_loop
async def test_a_hopeless_error_that_is_pushed_first_is_raised() -> None:
    resolver = Queued(FakeClock())
    resolver.queue.put_nowait(HOPELESS)
    async with watching(resolver, FakeClock()) as watch:
        with pytest.raises(ResolveError, match="no use"):
            await anext(watch)


@in_a_loop
async def test_one_that_does_not_push_for_this_target_is_asked() -> None:
    clock = FakeClock()

    class Sometimes(Script):
        def watch(self, target: Target) -> AsyncIterator[Any] | None:
            return None

    resolver = Sometimes(clock, ONE, TWO)
    async with watching(resolver, clock) as watch:
        assert await anext(watch) == ONE
        await clock.advance(40)
        assert await anext(watch) == TWO


@in_a_loop
async def test_a_stream_that_ends_or_fails_is_begun_anew_with_backoff() -> None:
    clock = FakeClock()
    resolver = Pushes(clock, ONE, None, RETRYABLE, KeyError("x"), ONE, HOPELESS, 5, TWO)
    reported: list[urischeme.Error] = []
    async with watching(resolver, clock, on_error=reported.append) as watch:
        assert await anext(watch) == ONE
        await clock.rest()
        assert "stopped watching" in str(watch.error)
        assert watch.stale
        moving = asyncio.create_task(clock.advance(60))
        assert await anext(watch) == TWO
        moving.cancel()
        await asyncio.wait([moving])
        assert (watch.error, watch.stale) == (None, False)
    assert resolver.pauses == [0, 1, 1.6, 2.56, 0, 4.096, 6.5536]
    assert len(reported) == 5
    assert resolver.closed == 6


@in_a_loop
async def test_a_stream_that_lasted_is_begun_anew_soon() -> None:
    clock = FakeClock()
    begun: list[float] = []
    lasts = [0.0, 0.0, 0.0, 31.0, 60.0]

    class Lasting(Script):
        async def watch(self, target: Target) -> AsyncIterator[Resolution]:
            begun.append(clock.now())
            yield ONE
            await clock.sleep(lasts[len(begun) - 1])

    async with watching(Lasting(clock, ONE), clock) as watch:
        await anext(watch)
        await clock.rest()
        await clock.advance(38)
    assert [round(when - begun[0], 6) for when in begun] == [0, 1, 2.6, 5.16, 37.16]


@in_a_loop
async def test_a_stream_that_says_nothing_is_there() -> None:
    clock = FakeClock()
    async with watching(Pushes(clock, ABSENT, ONE, ABSENT, ABSENT, TWO), clock) as watch:
        assert await anext(watch) == Resolution([])
        await clock.rest()
        await clock.advance(1)
        assert await anext(watch) == ONE
        assert watch.stale
        await clock.advance(1.6)
        assert await anext(watch) == Resolution([])


@in_a_loop
async def test_a_stream_that_is_no_generator() -> None:
    class Iterator:
        def __init__(self) -> None:
            self.left = [ONE]

        def __aiter__(self) -> Iterator:
            return self

        async def __anext__(self) -> Resolution:
            if self.left:
                return self.left.pop()
            await asyncio.get_running_loop().create_future()
            raise AssertionError("nobody sets it")

    class Resolver(Script):
        def watch(self, target: Target) -> AsyncIterator[Resolution]:
            return Iterator()

    clock = FakeClock()
    async with watching(Resolver(clock, ONE), clock) as watch:
        assert await anext(watch) == ONE


@in_a_loop
async def test_a_watch_method_that_cannot_be_called_so() -> None:
    class Resolver(Script):
        watch = 5
        resolve = Script.resolve

    clock = FakeClock()
    async with watching(Resolver(clock, ONE), clock) as watch:
        assert await anext(watch) == ONE, "it is no method, so the resolver is polled"


# --- closing


@in_a_loop
async def test_closing_wakes_who_waits_and_may_be_done_twice() -> None:
    clock = FakeClock()
    watch = watching(Script(clock, ONE), clock)
    await anext(watch)
    waiting = [asyncio.create_task(anext(watch)) for _ in range(3)]
    await asyncio.sleep(0)
    await watch.aclose()
    await watch.aclose()
    for task in waiting:
        with pytest.raises(StopAsyncIteration):
            await task
    assert watch.resolution == ONE
    async for _ in watch:
        raise AssertionError("it is closed")


@in_a_loop
async def test_a_watch_that_was_closed_before_it_began() -> None:
    clock = FakeClock()
    resolver = Script(clock, ONE)
    watch = watching(resolver, clock)
    await watch.aclose()
    async with watch:
        with pytest.raises(StopAsyncIteration):
            await anext(watch)
    assert resolver.asked == []


@in_a_loop
async def test_cancelling_inside_the_block_frees_everything() -> None:
    clock = FakeClock()
    for resolver in (Script(clock, ONE), Pushes(clock, ONE)):
        inside = asyncio.Event()

        async def use(resolver: Script = resolver, inside: asyncio.Event = inside) -> None:
            async with watching(resolver, clock) as watch:
                async for _ in watch:
                    inside.set()

        task = asyncio.create_task(use())
        await inside.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert not isinstance(resolver, Pushes) or resolver.closed == 1


@in_a_loop
async def test_closing_in_the_middle_of_a_question_cancels_it() -> None:
    clock = FakeClock()
    asked, cleaned = asyncio.Event(), asyncio.Event()

    async def slow(target: Target) -> str:
        try:
            asked.set()
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            cleaned.set()
        raise AssertionError("nobody sets it")

    async with watching(slow, clock):
        await asked.wait()
    assert cleaned.is_set()


@in_a_loop
async def test_leaving_the_loop_is_enough() -> None:
    clock = FakeClock()
    resolver = Pushes(clock, ONE)
    async for resolution in watching(resolver, clock):
        assert resolution == ONE
        break
    gc.collect()
    await asyncio.wait(asyncio.all_tasks() - {asyncio.current_task()})
    assert resolver.closed == 1


def test_a_loop_that_ends_takes_its_watches_with_it() -> None:
    clock = FakeClock()
    resolver = Pushes(clock, ONE)
    watch = watching(resolver, clock)

    async def leave_it_open() -> None:
        await anext(watch)

    asyncio.run(leave_it_open())
    assert resolver.closed == 1
    run(lambda: expect_end(watch))


async def expect_end(watch: Watch) -> None:
    with pytest.raises(StopAsyncIteration):
        await anext(watch)
    await watch.aclose()


def test_a_loop_that_was_closed_with_open_watches_is_forgotten() -> None:
    from urischeme.live import source

    async def first(watch: Watch) -> None:
        await anext(watch)

    clock = FakeClock()
    loop = asyncio.new_event_loop()
    watch = watching(Script(clock, ONE), clock)
    loop.run_until_complete(first(watch))
    tasks = asyncio.all_tasks(loop)
    loop.close()
    run(lambda: first_and_close(watching(Script(clock, ONE), clock)))
    assert not source._sources
    for task in tasks:  # not to be warned of
        task._log_destroy_pending = False  # type: ignore[attr-defined]


async def first_and_close(watch: Watch) -> None:
    await anext(watch)
    await watch.aclose()


@pytest.mark.skipif(not hasattr(asyncio, "eager_task_factory"), reason="new in Python 3.12")
@in_a_loop
async def test_a_loop_with_eager_tasks() -> None:
    asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
    clock = FakeClock()
    with pytest.raises(ResolveError):
        async with watching(Script(clock, HOPELESS), clock) as watch:
            await anext(watch)
    async with watching(Script(clock, ONE), clock) as watch:
        assert await anext(watch) == ONE


# --- what is refused


@pytest.mark.parametrize(
    ("target", "options", "error"),
    [
        ("dns:a b", {}, ParseError),
        ("", {}, TargetError),
        ("unix:", {}, TargetError),
        ("nobody:x", {}, UnknownScheme),
        (5, {}, TypeError),
        ("unix:x", {"timeout": 0}, ValueError),
        ("unix:x", {"timeout": "5"}, TypeError),
        ("ipv4:10.0.0.1", {"default_port": 65536}, urischeme.PortError),
        ("ipv4:10.0.0.1", {"default_port": -1}, ValueError),
    ],
)
@pytest.mark.parametrize("face", [urischeme.aio.watch, urischeme.watch])
def test_what_resolve_refuses_both_faces_refuse_at_once(
    face: Callable[..., object], target: Any, options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error) as caught:
        urischeme.resolve(target, **options)
    with pytest.raises(error) as refused:
        face(target, **options)
    assert str(refused.value) == str(caught.value)
