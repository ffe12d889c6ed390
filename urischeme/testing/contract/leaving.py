"""Laws on the event loop, on being cancelled and being closed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from typing import Final

import attrs

from urischeme.testing.contract.leftovers import Held, left_since, unclosed
from urischeme.testing.contract.stalls import longest_stall
from urischeme.testing.contract.stepping import Steps
from urischeme.testing.contract.subject import Subject, can_change, changed
from urischeme.testing.contract.trial import Hung, Trial, put_an_end_to, said, trial
from urischeme.testing.contract.watching import QUIET, close, follows

_MOST_STEPS: Final = 60
_CALLS: Final = 3

_MEND_CANCEL: Final = (
    "let CancelledError go through: catch Exception, not BaseException, and raise it again where it was caught"
)
_MEND_LEAK: Final = (
    "close what you open in a finally, or by async with, and await what you start: a TaskGroup does; what is cancelled "
    "is left by that way too"
)


class LeavingLaws(Subject):
    """On the event loop, on being cancelled and being closed; a plain function runs in a thread, and may block."""

    def test_the_event_loop_is_not_blocked(self) -> None:
        """An async `resolve`, and a watch, keep the event loop from others for `may_block` seconds at most."""
        with trial(self) as tried:
            _lets_others_run(_in_loop(tried))

    def test_resolve_leaves_nothing_behind(self) -> None:
        """After `resolve`, no more tasks, threads, sockets and files are there than before."""
        with trial(self) as tried:
            _leaves_nothing(tried, _asked(tried), "resolve")

    def test_resolve_can_be_cancelled(self) -> None:
        """Cancelled at any await, `resolve` raises CancelledError, at once."""
        with trial(self) as tried:
            _ = _in_loop(tried)
            tried.warm_up()
            tried.run(_ends_at_any_await(tried, lambda: tried.handler.call(tried.target), "resolve"))

    def test_cancelling_resolve_leaves_nothing_behind(self) -> None:
        """Cancelled at any await, `resolve` leaves no task, thread, socket or file."""
        with trial(self) as tried:
            _ = _in_loop(tried)
            _leaves_nothing_at_any_await(tried, lambda: tried.handler.call(tried.target), "resolve")

    def test_a_watch_can_be_cancelled(self) -> None:
        """Cancelled at any await, before its first answer or after, a watch ends, at once."""
        with trial(self) as tried:
            _ = _closing(tried)
            tried.run(_ends_while_it_waits(tried))
            tried.run(_ends_at_any_await(tried, lambda: _first(tried), "a watch"))

    def test_cancelling_a_watch_leaves_nothing_behind(self) -> None:
        """Cancelled at any await, before its first answer or after, a watch leaves no task, thread, socket or file."""
        with trial(self) as tried:
            _ = _closing(tried)
            if tried.run(_cancelled_while_it_waits(tried)):
                tried.skip("first mend what test_a_watch_can_be_cancelled says")
            _leaves_nothing_at_any_await(tried, lambda: _first(tried), "a watch")
            _leaves_nothing(tried, lambda: _cancelled_while_it_waits(tried), "a watch, cancelled while it waits,")

    def test_a_watch_can_be_closed(self) -> None:
        """A watch can be closed before its first answer, after it, and twice; then it yields nothing more."""
        with trial(self) as tried:
            tried.warm_up()
            tried.run(_closes(_pushing(tried)))

    def test_closing_a_watch_leaves_nothing_behind(self) -> None:
        """A watch that is closed leaves no task, thread, socket or file."""
        with trial(self) as tried:
            _ = _closing(tried)
            _leaves_nothing(tried, lambda: _opened_and_closed(tried), "a watch")


def _in_loop(tried: Trial) -> Trial:
    if not tried.runs_in_loop:
        tried.skip("a plain function runs in a thread: it may block, and cannot be cancelled")
    return tried


def _pushing(tried: Trial) -> Trial:
    if not follows(tried) or tried.run(_stream(tried)) is None:
        tried.skip("it does not push")
    return tried


def _closing(tried: Trial) -> Trial:
    """One whose watches close in time: those that do not would take all the time of the law."""
    _ = _pushing(tried)
    tried.warm_up()
    try:
        tried.run(_opened_and_closed(tried))
    except Hung:
        tried.skip("first mend what test_a_watch_can_be_closed says")
    except Exception as error:
        tried.skip(f"first mend what test_a_watch_begins_with_what_resolve_gives says ({said(error)})")
    return tried


async def _stream(tried: Trial) -> AsyncIterator[object] | None:
    try:
        stream = tried.handler.watch(tried.target)
    except Exception as error:
        tried.skip(f"first mend what test_a_watch_begins_with_what_resolve_gives says ({said(error)})")
    if stream is not None and not hasattr(stream, "__anext__"):
        if asyncio.iscoroutine(stream):
            stream.close()
        tried.skip("first mend what test_a_watch_begins_with_what_resolve_gives says")
    return stream


def _lets_others_run(tried: Trial) -> None:
    tried.warm_up()
    asked = [("resolve", lambda: tried.raw(tried.target))]
    if follows(tried):
        asked.append(("a watch", lambda: _opened_and_closed(tried)))
    for which, ask in asked:
        # A machine that is busy elsewhere does not stand still three times.
        stalls = [_stall(tried, ask) for _ in range(_CALLS)]
        shortest = min(stalls)
        if shortest.seconds >= tried.subject.may_block:
            tried.broken(
                f"{which} kept the event loop from all others for more than {tried.subject.may_block:g} s, "
                f"in {shortest.place or 'code that is not in Python'}",
                "await what takes time: asyncio.sleep, asyncio.open_connection; or call it by asyncio.to_thread; "
                "or write a plain def, which runs in a thread",
            )


@attrs.frozen(order=True)
class _Stalled:
    seconds: float
    place: str = attrs.field(order=False)


def _stall(tried: Trial, ask: Callable[[], Coroutine[object, object, object]]) -> _Stalled:
    with longest_stall() as stall:
        tried.run(_quietly(ask()))
    return _Stalled(stall.seconds, stall.place)


def _asked(tried: Trial) -> Callable[[], Coroutine[object, object, object]]:
    return lambda: tried.raw(tried.target)


def _leaves_nothing(tried: Trial, work: Callable[[], Coroutine[object, object, object]], which: str) -> None:
    """Done several times, after a first time that is not counted."""
    tried.warm_up()

    async def several() -> list[str]:
        await _quietly(work())
        await asyncio.sleep(0)
        before = Held.now()
        for _ in range(_CALLS):
            await _quietly(work())
        return await left_since(before)

    with unclosed() as found:
        left = tried.run(several())
    _report(tried, [*left, *found, *tried.background], which)


async def _quietly(work: Coroutine[object, object, object]) -> None:
    # What it raises is for other laws; a cancellation from within too.
    with contextlib.suppress(Exception, asyncio.CancelledError):
        _ = await work


def _report(tried: Trial, left: list[str], which: str) -> None:
    if left:
        tried.broken(f"{which} left behind {'; '.join(dict.fromkeys(left))}", _MEND_LEAK)


@attrs.frozen
class _Cancelled:
    """How it went when it was cancelled at its n-th await."""

    at: int
    how: str


async def _cancelled_at(tried: Trial, work: Callable[[], Awaitable[object]], step: int) -> _Cancelled | None:
    """None where it came to its end before."""
    steps = Steps(step)
    task = asyncio.create_task(steps.run(_awaited(work)))
    await asyncio.wait({task}, timeout=tried.subject.patience)
    if not task.done():
        _ = await put_an_end_to(task)
        return _Cancelled(step, "went on") if steps.cancelled else None
    if not steps.cancelled:
        _ = task.cancelled() or task.exception()
        return None
    if task.cancelled():
        return _Cancelled(step, "")
    error = task.exception()
    return _Cancelled(step, "went on to its end" if error is None else f"raised {said(error)}")


async def _awaited(work: Callable[[], Awaitable[object]]) -> object:
    return await work()


async def _ends_at_any_await(tried: Trial, work: Callable[[], Awaitable[object]], which: str) -> None:
    for step in range(1, _MOST_STEPS):
        outcome = await _cancelled_at(tried, work, step)
        if outcome is None:
            return
        if outcome.how:
            tried.broken(f"{which}, cancelled at await number {step}, {outcome.how}", _MEND_CANCEL)


def _leaves_nothing_at_any_await(tried: Trial, work: Callable[[], Awaitable[object]], which: str) -> None:
    tried.warm_up()

    async def each() -> tuple[int, list[str]]:
        await _quietly(_awaited(work))
        await asyncio.sleep(0)
        before = Held.now()
        for step in range(1, _MOST_STEPS):
            outcome = await _cancelled_at(tried, work, step)
            left = await left_since(before)
            if left or outcome is None:
                return step, left
        return _MOST_STEPS, []

    with unclosed() as found:
        step, left = tried.run(each())
    at = f", cancelled at await number {step}," if left else ", cancelled,"
    _report(tried, [*left, *found, *tried.background], f"{which}{at}")


async def _first(tried: Trial) -> None:
    """The first answer of a watch; what comes after that is not waited for, nor closed by steps."""
    stream = await _stream(tried)
    assert stream is not None, "it pushes"
    steps_are_over = False
    try:
        _ = await anext(stream)
        steps_are_over = True
    finally:
        if not steps_are_over:
            await close(stream)
    task = asyncio.ensure_future(close(stream))
    # By whom it is closed, when it is closed, no law says.
    await asyncio.shield(task)


async def _cancelled_while_it_waits(tried: Trial) -> str:
    """It has nothing to yield, and is cancelled: as `urischeme.watch` leaves it."""
    stream = await _stream(tried)
    assert stream is not None, "it pushes"
    begun = asyncio.Event()

    async def listen() -> None:
        try:
            async for _ in stream:
                begun.set()
        finally:
            begun.set()
            await close(stream)

    task = asyncio.create_task(listen())
    await asyncio.wait({asyncio.create_task(begun.wait())}, timeout=tried.subject.patience)
    # Let it come to where it waits.
    for _ in range(10):
        await asyncio.sleep(0)
    if task.done():
        _ = task.cancelled() or task.exception()
        return ""
    task.cancel()
    await asyncio.wait({task}, timeout=min(tried.subject.patience, 2.0))
    if not task.done():
        _ = await put_an_end_to(task)
        return "went on"
    if task.cancelled():
        return ""
    error = task.exception()
    return "ended as if nothing had been" if error is None else f"raised {said(error)}"


async def _ends_while_it_waits(tried: Trial) -> None:
    how = await _cancelled_while_it_waits(tried)
    if how:
        tried.broken(f"a watch, cancelled while it waited for a change, {how}", _MEND_CANCEL)


async def _opened_and_closed(tried: Trial) -> None:
    stream = await _stream(tried)
    if stream is None:
        return
    try:
        _ = await tried.within(_next(stream))
    finally:
        await tried.within(close(stream))


async def _next(stream: AsyncIterator[object]) -> object:
    return await anext(stream)


async def _closes(tried: Trial) -> None:
    mend = (
        "write watch as an async generator, whose finally awaits nothing that may take for ever, and catch neither "
        "GeneratorExit nor BaseException"
    )
    for taken in (0, 1):
        when = "after its first answer" if taken else "before its first answer"
        stream = await _stream(tried)
        assert stream is not None, "it pushes"
        if not hasattr(stream, "aclose"):
            tried.skip("its watch is an iterator that cannot be closed")
        try:
            for _ in range(taken):
                _ = await tried.within(_next(stream))
        except Exception as error:
            tried.skip(f"first mend what test_a_watch_begins_with_what_resolve_gives says ({said(error)})")
        for which in ("closed", "closed a second time"):
            try:
                await tried.within(close(stream), min(tried.subject.patience, 2.0))
            except Hung:
                tried.broken(f"a watch, {which} {when}, is not closed after a while", mend)
            except Exception as error:
                tried.broken(f"a watch, {which} {when}, raised {said(error)}", mend, error)
        if can_change(tried.subject):
            await changed(tried.subject)
        try:
            _ = await tried.within(_next(stream), QUIET)
        except StopAsyncIteration:
            continue
        except Hung:
            tried.broken(f"a watch that was closed {when} waits for more, and does not end", mend)
        except Exception as error:
            tried.broken(f"a watch that was closed {when} raised {said(error)}", mend, error)
        tried.broken(f"a watch that was closed {when} yielded once more", mend)
