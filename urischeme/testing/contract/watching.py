"""A watch that is tried, and the laws on what it yields."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from types import TracebackType
from typing import Final
from unittest import SkipTest

from urischeme.errors import Error, NotFound, ResolveError
from urischeme.routing.endpoint import Resolution
from urischeme.routing.target import Target
from urischeme.testing.contract.answers import news
from urischeme.testing.contract.leftovers import GRACE
from urischeme.testing.contract.subject import Subject, can_change, changed
from urischeme.testing.contract.trial import (
    NOTHING,
    Outcome,
    Trial,
    is_empty,
    is_same,
    put_an_end_to,
    said,
    shown,
    trial,
)

QUIET: Final = 0.25
"""Seconds for which a watch is listened to where nothing changes."""

_CHANGES: Final = 3


def follows(tried: Trial) -> bool:
    """Whether `target()` is pushed."""
    return tried.handler.can_push and tried.subject.pushes is not False


class Ended(Exception):
    """A watch is at its end."""


class Stream:
    """What a resolver pushes, taken in a task of its own as `urischeme.watch` does it.

    An async context manager: at the end of the block it is cancelled, and closed.

    Attributes:
        last: the last answer that was taken from it.
    """

    last: Outcome | None = None

    def __init__(self, tried: Trial, target: Target | None = None) -> None:
        self._tried = tried
        self._target = tried.target if target is None else target
        self._items = asyncio.Queue[Outcome | Error | Exception]()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Stream:
        iterator = self._tried.handler.watch(self._target)
        if iterator is None:
            self._tried.skip("it does not push this target")
        if not hasattr(iterator, "__anext__"):
            if asyncio.iscoroutine(iterator):
                iterator.close()
            self._tried.skip("first mend what test_a_watch_begins_with_what_resolve_gives says")
        self._task = asyncio.create_task(self._take(iterator))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not await self.aclose() and error is None:
            self._tried.skip("first mend what test_a_watch_can_be_cancelled says")

    async def aclose(self) -> bool:
        """Listen no more. Whether it has ended."""
        return self._task is None or await put_an_end_to(self._task)

    async def _take(self, iterator: AsyncIterator[object]) -> None:
        try:
            async for item in iterator:
                self._items.put_nowait(self._outcome(item))
        except Exception as error:
            self._items.put_nowait(NOTHING if isinstance(error, NotFound) else error)
        else:
            self._items.put_nowait(Ended())
        finally:
            await close(iterator)

    def _outcome(self, item: object) -> Outcome | Error:
        if isinstance(item, NotFound):
            return NOTHING
        return item if isinstance(item, Error) else self._tried.handler.resolution(item)

    async def next(self, seconds: float | None = None) -> Outcome | Error | None:
        """What it yields next; None where it is silent for so long. Raises what it raises, and Ended."""
        try:
            async with asyncio.timeout(self._tried.subject.patience if seconds is None else seconds):
                item = await self._items.get()
        except TimeoutError:
            return None
        if isinstance(item, Exception) and not isinstance(item, Error):
            raise item
        if not isinstance(item, Error):
            self.last = item
        return item


async def close(iterator: AsyncIterator[object]) -> None:
    """Where it can be."""
    aclose: Callable[[], Awaitable[object]] | None = getattr(iterator, "aclose", None)
    if aclose is not None:
        _ = await aclose()


class WatchLaws(Subject):
    """On what a watch yields, for resolvers that push."""

    def test_it_pushes_as_declared(self) -> None:
        """With `pushes`, there is a `watch`, and it gives an async iterator for `target()`."""
        with trial(self) as tried:
            tried.run(_pushes_as_declared(tried))

    def test_a_watch_begins_with_what_resolve_gives(self) -> None:
        """The first that a watch yields is what `resolve` gives."""
        with trial(self) as tried:
            tried.run(_begins(_pushing(tried)))

    def test_a_watch_of_what_is_not_there_says_so(self) -> None:
        """A watch of `missing_target()` begins with a NotFound, or with a Resolution without endpoints."""
        with trial(self) as tried:
            text = self.missing_target()
            if text is None:
                tried.skip("there is no missing_target()")
            tried.run(_says_that_nothing_is_there(_pushing(tried), tried.parse(text)))

    def test_a_watch_goes_on(self) -> None:
        """A watch does not end by itself."""
        with trial(self) as tried:
            tried.run(_goes_on(_pushing(tried)))

    def test_a_watch_yields_changes_alone(self) -> None:
        """While nothing changes a watch yields nothing, and never the same set twice in a row."""
        with trial(self) as tried:
            tried.run(_is_quiet(_pushing(tried)))

    def test_a_watch_yields_each_change(self) -> None:
        """After `change()` a watch yields what `resolve` gives then, each time."""
        with trial(self) as tried:
            if not can_change(self):
                tried.skip("there is no change()")
            tried.run(_yields_each_change(_pushing(tried)))

    def test_two_watches_do_not_disturb_each_other(self) -> None:
        """Two watches of one target yield the same, and one goes on when the other is closed."""
        with trial(self) as tried:
            tried.run(_two_are_independent(_pushing(tried)))


def _pushing(tried: Trial) -> Trial:
    if not follows(tried):
        tried.skip("it does not push")
    return tried


async def _pushes_as_declared(tried: Trial) -> None:
    if not tried.subject.pushes:
        tried.skip("pushes is not True")
    mend = "write def watch(self, target), best as an async generator, or leave pushes"
    if not tried.handler.can_push:
        tried.broken("pushes is True, and it has no watch", mend)
    try:
        stream: object = tried.handler.watch(tried.target)
    except Exception as error:
        tried.broken(f"watch raised {said(error)}", mend, error)
    if not isinstance(stream, AsyncIterator):
        tried.broken(f"pushes is True, and watch gave back {type(stream).__name__}", mend)
    await close(stream)


async def first_of(tried: Trial, stream: Stream) -> Outcome:
    """What it yields first. Leaves the law open where that is nothing: another one says so."""
    try:
        item = await stream.next()
    except Exception as error:
        tried.skip(f"first mend what test_a_watch_begins_with_what_resolve_gives says ({said(error)})")
    if item is None or isinstance(item, Error):
        tried.skip("first mend what test_a_watch_begins_with_what_resolve_gives says")
    return item


async def _begins(tried: Trial) -> None:
    expected = await tried.answer()
    mend = "yield what resolve gives, as soon as it is known, before you wait for a change"
    stream_type: object = _watched(tried)
    if not hasattr(stream_type, "__anext__"):
        tried.broken(
            f"watch gave back a {type(stream_type).__name__}, which is no async iterator",
            "write async def watch(self, target) with yield in it, or return an async iterator",
        )
    try:
        async with Stream(tried) as stream:
            first = await stream.next()
    except SkipTest:
        raise
    except Ended:
        tried.broken("a watch ended before it yielded anything", mend)
    except ResolveError as error:
        tried.broken(f"a watch gave back what is no endpoint: {error.__cause__ or error}", mend, error)
    except Exception as error:
        tried.broken(f"a watch raised {said(error)}, and resolve gives {shown(expected)}", mend, error)
    if first is None:
        tried.broken(f"a watch yielded nothing in {tried.subject.patience:g} s", mend)
    if isinstance(first, Error):
        tried.broken(f"a watch began with {said(first)}, and resolve gives {shown(expected)}", mend)
    if not is_same(first, expected):
        tried.broken(f"a watch began with {shown(first)}, and resolve gives {shown(expected)}", mend)


def _watched(tried: Trial) -> object:
    try:
        found: object = tried.handler.watch(tried.target)
    except Exception as error:
        tried.broken(f"watch raised {said(error)}", "raise what goes wrong when the first answer is waited for", error)
    if asyncio.iscoroutine(found):
        found.close()
    if found is None:
        tried.skip("it does not push this target")
    return found


async def _says_that_nothing_is_there(tried: Trial, target: Target) -> None:
    mend = "yield Resolution(()), or raise or yield NotFound, where nothing is there"
    try:
        async with Stream(tried, target) as stream:
            first = await stream.next()
    except SkipTest:
        raise
    except NotFound:
        return
    except Exception as error:
        tried.broken(f"a watch of {target}, which is not there, raised {said(error)}", mend, error)
    if first is None:
        tried.broken(f"a watch of {target}, which is not there, yielded nothing", mend)
    if isinstance(first, Error) or not is_empty(first):
        told = said(first) if isinstance(first, Error) else shown(first)
        tried.broken(f"a watch of {target}, which is not there, began with {told}", mend)


async def _goes_on(tried: Trial) -> None:
    _ = await tried.answer()
    async with Stream(tried) as stream:
        _ = await first_of(tried, stream)
        mend = "go on until you are closed: wait for the next change, and connect anew where a connection ends"
        try:
            _ = await stream.next(QUIET)
        except Ended:
            tried.broken("a watch ended after its first answer", mend)
        except Exception as error:
            tried.broken(f"a watch raised {said(error)} after its first answer, with nothing wrong", mend, error)


async def _is_quiet(tried: Trial) -> None:
    _ = await tried.answer()
    mend = "yield where the set of endpoints is another than the one that was yielded last"
    async with Stream(tried) as stream:
        last = await first_of(tried, stream)
        item = await _heard(stream, QUIET)
        if item is not None:
            tried.broken(f"a watch yielded {shown(last)}, then {shown(item)}, though nothing had changed", mend)
        if not can_change(tried.subject):
            return
        for _ in range(_CHANGES):
            await changed(tried.subject)
            item = await _heard(stream)
            while item is not None:
                if is_same(item, last):
                    tried.broken(f"a watch yielded {shown(item)} twice in a row", mend)
                last, item = item, await _heard(stream, 0.02)


async def _heard(stream: Stream, seconds: float | None = None) -> Outcome | None:
    """The next answer; None where there is none, for whatever reason."""
    try:
        item = await stream.next(seconds)
    except Exception:
        return None
    return None if isinstance(item, Error) else item


async def _yields_each_change(tried: Trial) -> None:
    before = await tried.answer()
    async with Stream(tried) as stream:
        before = await first_of(tried, stream)
        for _ in range(_CHANGES):
            await changed(tried.subject)
            now = await news(tried, before)
            if is_same(now, before):
                tried.skip("first mend what test_resolve_sees_what_changed says")
            try:
                await arrives(tried, stream, now, "a watch")
            except Ended:
                tried.skip("first mend what test_a_watch_goes_on says")
            before = now


async def arrives(tried: Trial, stream: Stream, now: Outcome, which: str) -> None:
    """Until it has yielded what is there now; steps between are no fault. Raises Ended where it is at its end."""
    mend = (
        "listen from the moment, or the revision, of the first answer on, for every watch by itself: what changes in "
        "between must not be lost"
    )
    end = tried.loop.time() + tried.subject.patience
    while stream.last is None or not is_same(stream.last, now):
        try:
            item = await stream.next(max(0.0, end - tried.loop.time()))
        except Ended:
            raise
        except Exception as error:
            tried.broken(f"{which} raised {said(error)} when {shown(now)} was there", mend, error)
        if item is None:
            yielded = "nothing" if stream.last is None else f"{shown(stream.last)} last"
            tried.broken(f"{which} missed a change: {shown(now)} is there, and it yielded {yielded}", mend)


async def _two_are_independent(tried: Trial) -> None:
    expected = await tried.answer()
    mend = "keep what a watch has yet to yield in the watch: a queue, a connection or an iterator for each of them"
    async with Stream(tried) as one:
        _ = await first_of(tried, one)
        async with Stream(tried) as other:
            second = await _heard(other)
            if second is None or not is_same(second, expected):
                tried.broken(
                    f"a second watch of the same target yielded {'nothing' if second is None else shown(second)}", mend
                )
            before: Outcome = expected
            if can_change(tried.subject):
                before = await _both_hear(tried, (one, other), before, mend)
        # The other one is closed now.
        await _still_goes_on(tried, one, before, mend)


async def _both_hear(tried: Trial, both: tuple[Stream, Stream], before: Outcome, mend: str) -> Outcome:
    for _ in range(_CHANGES):
        await changed(tried.subject)
        now = await news(tried, before)
        if is_same(now, before):
            tried.skip("first mend what test_resolve_sees_what_changed says")
        heard = [await _hears(tried, stream, now) for stream in both]
        if not any(heard):
            tried.skip("first mend what test_a_watch_yields_each_change says")
        if not all(heard):
            tried.broken("of two watches of the same target, one missed a change that the other yielded", mend)
        before = now
    return before


async def _hears(tried: Trial, stream: Stream, now: Outcome) -> bool:
    end = tried.loop.time() + min(tried.subject.patience, 2 * GRACE)
    while True:
        item = await _heard(stream, max(0.0, end - tried.loop.time()))
        if item is None:
            return False
        if is_same(item, now):
            return True


async def _still_goes_on(tried: Trial, stream: Stream, before: Outcome, mend: str) -> None:
    what = "when one of two watches of the same target was closed, the other"
    try:
        item = await stream.next(QUIET)
    except Exception as error:
        tried.broken(f"{what} {'ended' if isinstance(error, Ended) else f'raised {said(error)}'}", mend, error)
    if isinstance(item, Resolution) and not is_same(item, before):
        tried.broken(f"{what} yielded {shown(item)}", mend)
    if can_change(tried.subject):
        await changed(tried.subject)
        now = await news(tried, before)
        if not await _hears(tried, stream, now):
            tried.broken(f"{what} missed the next change", mend)
