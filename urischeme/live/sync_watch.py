"""`watch` for code that is not async: the same watch, in a loop on another thread."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from types import TracebackType
from typing import Self

from urischeme.display import shorten
from urischeme.errors import Error, ResolveError
from urischeme.live.ask import DEFAULT_TIMEOUT, unexpected
from urischeme.live.inbox import Inbox, Showing
from urischeme.live.loop_thread import PATIENCE, LoopThread, enter, leave
from urischeme.live.source import Question, Source, join
from urischeme.live.state import State
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.target import Target

__all__ = ["Watch", "watch"]


class _BlockingInbox(Inbox):
    """One that is filled by one thread, and that others wait for."""

    def __init__(self, on_error: Callable[[Error], object] | None) -> None:
        super().__init__(on_error)
        self._news = threading.Condition()

    def update(self, state: State) -> None:
        with self._news:
            super().update(state)
            self._news.notify_all()

    def end(self, reason: BaseException | None) -> None:
        with self._news:
            super().end(reason)
            self._news.notify_all()

    def next(self) -> Resolution:
        """The next change. Raises StopIteration at the end."""
        with self._news:
            while (taken := self.take()) is None:
                if self.is_over:
                    raise StopIteration
                self._news.wait()
            return taken


class _Seat:
    """A watch's place in the loop's thread. It knows nothing of the watch, which may be collected before it."""

    def __init__(self, thread: LoopThread, question: Question, inbox: Inbox) -> None:
        self.thread = thread
        self._inbox = inbox
        self._source: Source
        thread.loop.call_soon_threadsafe(self._sit_down, question)

    def refresh(self) -> None:
        """Ask again as soon as may be."""
        with suppress(RuntimeError):  # the loop is closed
            self.thread.loop.call_soon_threadsafe(self._refresh)

    def leave(self) -> Future[None]:
        """Stop listening; the future is done when all is cleaned up."""
        leaving = self._stand_up()
        try:
            return asyncio.run_coroutine_threadsafe(leaving, self.thread.loop)
        except RuntimeError:  # the loop is closed
            leaving.close()
            left: Future[None] = Future()
            left.set_result(None)
            return left

    def _refresh(self) -> None:
        self._source.refresh()

    def _sit_down(self, question: Question) -> None:
        self._source = join(question, self._inbox)

    async def _stand_up(self) -> None:
        try:
            self._source.remove(self._inbox)
            await self._source.gone()
        finally:
            leave(self.thread)


class Watch(Showing[_BlockingInbox]):
    """What a target leads to, now and whenever it changes: an iterator, and a context manager.

    Made by `urischeme.watch`. Nothing is asked before somebody waits for the first answer, or enters the `with`. One
    that nobody holds any more closes itself. Several threads may use one: each change goes to one of them.
    """

    def __init__(self, question: Question, on_error: Callable[[Error], object] | None = None) -> None:
        super().__init__(_BlockingInbox(on_error), question.clock)
        self._question = question
        self._lock = threading.Lock()
        self._seat: _Seat | None = None

    def refresh(self) -> None:
        """Ask again now, as a client does whose connection broke: at most once a second, however often it is called.

        After a failure the next attempt comes when it is due, and not before. A resolver that pushes is not asked.

        Raises ResolveError in a process that was forked since the watch began.
        """
        self._check_process()
        seat = self._seat
        if seat is not None:
            seat.refresh()

    def close(self) -> None:
        """Stop; whoever waits for the next answer gets StopIteration.

        The last watch of a target closes what its resolver has open, and waits until that is done, but no longer than
        some seconds. After a fork there is nothing to close in the child.
        """
        if self._was_left_behind:
            return
        with self._lock:
            seat, self._seat = self._seat, None
            self._inbox.end(None)
        if seat is not None:
            left = seat.leave()
            if not seat.thread.is_current:  # as it is in an on_error that closes its watch
                wait([left], PATIENCE)
                seat.thread.wait_if_over()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Resolution:
        """The first answer, then the next set that differs from the last one yielded.

        Raises:
            ResolveError: where there is no answer yet, and asking again cannot help; in a process that was forked since
                the watch began; where the system has no file or thread left for a loop.
            TargetError: where the resolver refuses the target only when it is asked.
        """
        self._start()
        return self._inbox.next()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # Leaving `for` is enough. No lock is taken here: whoever is interrupted by the collector may hold it.
        if self._seat is not None and not self._was_left_behind:
            self._seat.leave()

    @property
    def _was_left_behind(self) -> bool:
        seat = self._seat
        return seat is not None and seat.thread.was_left_behind

    def _check_process(self) -> None:
        if self._was_left_behind:
            target = shorten(str(self._question.target))
            message = f"{target}: this watch belongs to the process that was forked; call watch() again in this one"
            raise ResolveError(message, retryable=False)

    def _start(self) -> None:
        self._check_process()
        with self._lock:
            if self._seat is None and not self._inbox.is_over:
                try:
                    thread = enter()
                except (OSError, RuntimeError) as error:
                    raise unexpected(self._question.target, self._question.handler, error) from error
                self._seat = _Seat(thread, self._question, self._inbox)


def watch(
    target: str | Target,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    default_port: int | None = None,
    registry: Registry | None = None,
    on_error: Callable[[Error], object] | None = None,
) -> Watch:
    """What a target leads to, now and whenever it changes.

    The first answer is yielded at once, then every set that differs from the one before: in its endpoints, their
    addresses or attributes, or in the service config. An error keeps the last good answer; where nothing is there, a
    Resolution without endpoints is yielded.

    Args:
        target: a URI, `host[:port]`, or a Target.
        timeout: seconds, more than 0, that one attempt to get an answer takes at most.
        default_port: the port to use where the target names none, in the schemes that have one.
        registry: whose resolvers to ask; the default registry where it is None.
        on_error: called with every error that does not end the watch, on the thread of all watches: it must not block.

    Returns:
        A Watch, to be closed: by `with`, by `close`, or by letting go of it. All of them share one thread, and those of
        one target their answers.

    Raises:
        ParseError: for a text that is no URI.
        TargetError: for a URI that is no target of its scheme.
        UnknownScheme: for a scheme without a resolver.
        ResolveError: where the resolver's check fails unexpectedly.
        PortError: for a default port above 65535.
        ValueError: for a timeout that is not above 0, or without end; for a default port below 0.
        TypeError: for a target that is neither a str nor a Target, and a timeout that is no number.

    >>> with watch("ipv4:10.0.0.1:80") as resolutions:
    ...     for resolution in resolutions:
    ...         print(resolution.endpoints[0])
    ...         break
    ipv4:10.0.0.1:80
    """
    question = Question.of(target, timeout=timeout, default_port=default_port, registry=registry)
    return Watch(question, on_error)
