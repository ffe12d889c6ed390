"""`watch` for asyncio."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from urischeme.errors import Error
from urischeme.live.ask import DEFAULT_TIMEOUT
from urischeme.live.inbox import Inbox, Showing
from urischeme.live.source import Question, Source, join
from urischeme.live.state import State
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.target import Target

__all__ = ["Watch", "watch"]


class _AsyncInbox(Inbox):
    """One that can be waited for."""

    def __init__(self, on_error: Callable[[Error], object] | None) -> None:
        super().__init__(on_error)
        self._news = asyncio.Event()

    def update(self, state: State) -> None:
        super().update(state)
        self._news.set()

    def end(self, reason: BaseException | None) -> None:
        super().end(reason)
        self._news.set()

    async def next(self) -> Resolution:
        """The next change. Raises StopAsyncIteration at the end."""
        while (taken := self.take()) is None:
            if self.is_over:
                raise StopAsyncIteration
            self._news.clear()
            await self._news.wait()
        return taken


class Watch(Showing[_AsyncInbox]):
    """What a target leads to, now and whenever it changes: an async iterator, and an async context manager.

    Made by `urischeme.aio.watch`. Nothing is asked before somebody waits for the first answer, or enters the
    `async with`; from then on it belongs to that event loop. One that nobody holds any more closes itself.
    """

    def __init__(self, question: Question, on_error: Callable[[Error], object] | None = None) -> None:
        super().__init__(_AsyncInbox(on_error), question.clock)
        self._question = question
        self._source: Source | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def refresh(self) -> None:
        """Ask again now, as a client does whose connection broke: at most once a second, however often it is called.

        After a failure the next attempt comes when it is due, and not before. A resolver that pushes is not asked.
        """
        if self._source is not None:
            self._source.refresh()

    async def aclose(self) -> None:
        """Stop; whoever waits for the next answer gets StopAsyncIteration.

        The last watch of a target closes what its resolver has open, and waits until that is done.
        """
        source, self._source = self._source, None
        self._inbox.end(None)
        if source is not None:
            source.remove(self._inbox)
            await source.gone()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Resolution:
        """The first answer, then the next set that differs from the last one yielded.

        Raises:
            ResolveError: where there is no answer yet, and asking again cannot help.
            TargetError: where the resolver refuses the target only when it is asked.
        """
        self._start()
        return await self._inbox.next()

    async def __aenter__(self) -> Self:
        self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    def __del__(self) -> None:
        # As with an async generator: leaving `async for` is enough. Any thread may be the one that collects it.
        if self._source is not None and self._loop is not None:
            with suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._source.remove, self._inbox)

    def _start(self) -> None:
        if self._loop is None and not self._inbox.is_over:
            self._loop = asyncio.get_running_loop()
            self._source = join(self._question, self._inbox)


def watch(
    target: str | Target,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    default_port: int | None = None,
    registry: Registry | None = None,
    on_error: Callable[[Error], object] | None = None,
) -> Watch:
    """What a target leads to, now and whenever it changes: `urischeme.watch`, for asyncio.

    Args:
        target: a URI, `host[:port]`, or a Target.
        timeout: seconds, more than 0, that one attempt to get an answer takes at most.
        default_port: the port to use where the target names none, in the schemes that have one.
        registry: whose resolvers to ask; the default registry where it is None.
        on_error: called with every error that does not end the watch, in the event loop.

    Returns:
        A Watch, to be closed: by `async with`, by `aclose`, or by letting go of it. Those of one target in one event
        loop share their answers.

    Raises:
        ParseError: for a text that is no URI.
        TargetError: for a URI that is no target of its scheme.
        UnknownScheme: for a scheme without a resolver.
        ResolveError: where the resolver's check fails unexpectedly.
        PortError: for a default port above 65535.
        ValueError: for a timeout that is not above 0, or without end; for a default port below 0.
        TypeError: for a target that is neither a str nor a Target, and a timeout that is no number.

    >>> import asyncio
    >>> async def first(target):
    ...     async with watch(target) as resolutions:
    ...         async for resolution in resolutions:
    ...             return resolution
    >>> print(asyncio.run(first("ipv4:10.0.0.1:80")).endpoints[0])
    ipv4:10.0.0.1:80
    """
    question = Question.of(target, timeout=timeout, default_port=default_port, registry=registry)
    return Watch(question, on_error)
