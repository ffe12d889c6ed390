"""The answers for one target, for everybody in one event loop who watches it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final, Protocol

import attrs

from urischeme.display import shorten
from urischeme.errors import Error, NotFound, ResolveError
from urischeme.live.ask import ask_once, handed_on, prepare, settle, unexpected
from urischeme.live.clock import SYSTEM_CLOCK, Clock, Nap
from urischeme.live.pace import MAX_INTERVAL, MIN_INTERVAL, Backoff, interval
from urischeme.live.resolve import checked_timeout
from urischeme.live.state import State
from urischeme.routing.deadline import deadline_at
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry, default_registry
from urischeme.routing.resolver import Handler
from urischeme.routing.target import Target

_logger: Final = logging.getLogger("urischeme")


@attrs.frozen
class Question:
    """What is asked again and again, of whom, and how: whoever asks the same can share the answers.

    Attributes:
        target: one that its scheme accepts.
        handler: who answers; another one where the scheme was registered anew.
        timeout: seconds for one answer.
        registry: who else answers, where the target is handed on.
        clock: by which to wait.
        known: the answer, where it takes no I/O.
    """

    target: Target
    handler: Handler = attrs.field(eq=id)
    timeout: float
    registry: Registry = attrs.field(eq=id)
    clock: Clock = attrs.field(eq=id)
    known: Resolution | None = attrs.field(eq=False)

    @classmethod
    def of(
        cls,
        target: str | Target,
        *,
        timeout: float,
        default_port: int | None,
        registry: Registry | None,
        clock: Clock = SYSTEM_CLOCK,
    ) -> Question:
        """Check what a caller gave. Raises what `check` raises, and what `resolve` raises for the timeout."""
        checked_timeout(timeout)
        prepared, handler, known = prepare(target, default_port, registry)
        return cls(prepared, handler, timeout, default_registry if registry is None else registry, clock, known)

    def handed_on(self, target: Target) -> Question:
        """The same of another target. Raises ResolveError, not retryable, for one that nobody takes."""
        chain = [self.target]
        handler, known = settle(chain, handed_on(target, self.target), self.registry)
        return attrs.evolve(self, target=chain[-1], handler=handler, known=known)


class Watcher(Protocol):
    """Who wants to hear of a source's answers. Called in the source's loop, and not to raise."""

    def update(self, state: State) -> None:
        """There is news."""
        ...

    def report(self, error: Error) -> None:
        """Something went wrong, again or for the first time."""
        ...

    def end(self, reason: BaseException | None) -> None:
        """There will be no more news: for this reason, or because the loop is at its end."""
        ...


_sources: Final[dict[tuple[asyncio.AbstractEventLoop, Question], Source]] = {}
"""What is being watched now, in every loop. Each entry is its loop's own: no other thread touches it."""


def join(question: Question, watcher: Watcher) -> Source:
    """Begin to watch, in the running loop; who comes second gets the first one's answer at once."""
    source = _source(asyncio.get_running_loop(), question)
    source.add(watcher)
    return source


def _source(loop: asyncio.AbstractEventLoop, question: Question) -> Source:
    key = loop, question
    source = _sources.get(key)
    if source is None:
        _forget_closed_loops()
        source = _sources[key] = Source(*key)
    return source


def _forget_closed_loops() -> None:
    for key in [key for key in list(_sources) if key[0].is_closed()]:
        _sources.pop(key, None)


class Source:
    """Asks a resolver for as long as somebody watches, and tells everybody what it says."""

    def __init__(self, loop: asyncio.AbstractEventLoop, question: Question) -> None:
        self._key = loop, question
        self._question = question
        self._watchers: list[Watcher] = []
        # What only computes is at its last answer already.
        self._state = State(question.known)
        self._nap = Nap(question.clock)
        self._refresh_wanted = False
        self._outage = False
        self._relay: _Relay | None = None
        self._relay_ended: Error | None = None
        # Not loop.create_task: a factory of eager tasks would run it before there is anybody to tell.
        self._task = asyncio.Task(self._run(), loop=loop, name=f"urischeme: {shorten(str(question.target))}")

    @property
    def question(self) -> Question:
        """What it asks."""
        return self._question

    def add(self, watcher: Watcher) -> None:
        """Tell it too, from now on; it hears at once what is known already."""
        self._watchers.append(watcher)
        watcher.update(self._state)

    def remove(self, watcher: Watcher) -> None:
        """Tell it no more. Without anybody to tell, all is given up: `gone` waits until it is."""
        if watcher in self._watchers:
            self._watchers.remove(watcher)
        if not self._watchers:
            self._forget()
            self._task.cancel()

    async def gone(self) -> None:
        """Come back when nothing is left of it, if nobody watches any more."""
        if not self._watchers and not self._task.done():
            await asyncio.wait([self._task])

    def refresh(self) -> None:
        """Ask again as soon as may be."""
        if self._relay is not None:
            self._relay.source.refresh()
        self._refresh_wanted = True
        self._nap.end()

    def _forget(self) -> None:
        """Whoever comes now needs another source."""
        if _sources.get(self._key) is self:
            del _sources[self._key]

    async def _run(self) -> None:
        reason: BaseException | None = None
        try:
            # Whoever began it may be asked something himself, and not for long: it goes on after that.
            with deadline_at(None):
                await self._ask_on()
        except Exception as error:
            reason = error
        except (SystemExit, KeyboardInterrupt) as error:
            reason = error
            raise
        finally:
            self._forget()
            for watcher in self._watchers:
                watcher.end(reason)
            await self._take_back()

    async def _ask_on(self) -> None:
        if self._question.known is not None:
            await asyncio.get_running_loop().create_future()
        else:
            await self._follow()
            await self._poll()

    async def _poll(self) -> None:
        clock = self._question.clock
        backoff = Backoff(clock)
        while True:
            self._refresh_wanted = False
            try:
                with _wrapping(self._question):
                    pause = await self._ask()
                backoff.reset()
                await self._rest(pause)
            except Error as error:
                self._failed(error)
                await clock.sleep(backoff.step())

    async def _ask(self) -> float:
        """Ask once. Gives the seconds until the next question is due; raises the error where there was no answer."""
        question = self._question
        try:
            answer = await ask_once(question.target, question.handler, question.timeout)
        except NotFound as error:
            await self._take_back()
            self._not_found(error)
            return interval(error.ttl, question.clock)
        if isinstance(answer, Target):
            await self._hand_on(question.handed_on(answer))
            return interval(None, question.clock)
        await self._take_back()
        self._answered(answer)
        return interval(answer.ttl, question.clock)

    async def _rest(self, seconds: float) -> None:
        """Wait until the next question is due: after so many seconds or, where a refresh is wanted, one second.

        Raises what ended the source that was handed on to.
        """
        clock = self._question.clock
        due = clock.now() + seconds
        await clock.sleep(MIN_INTERVAL)
        if not self._refresh_wanted:
            await self._nap.sleep(max(0.0, due - clock.now()))
        ended, self._relay_ended = self._relay_ended, None
        if ended is not None:
            raise ended

    async def _hand_on(self, question: Question) -> None:
        """Tell what the source of another target says, from now on."""
        if self._relay is not None and self._relay.source.question == question:
            return
        await self._take_back()
        source = _source(self._key[0], question)
        if source.leads_to(self):
            circle = f"{shorten(str(self._question.target))} → {shorten(str(question.target))}: handed on in a circle"
            raise ResolveError(circle, retryable=False)
        self._relay = _Relay(self, source)
        source.add(self._relay)

    async def _take_back(self) -> None:
        relay, self._relay = self._relay, None
        if relay is not None:
            relay.source.remove(relay)
            await relay.source.gone()

    def leads_to(self, other: Source) -> bool:
        """Whether its answers are another's, or would be."""
        source: Source | None = self
        while source is not None and source is not other:
            source = None if source._relay is None else source._relay.source
        return source is other

    def relayed(self, state: State) -> None:
        """What the source that was handed on to says."""
        if state.resolution is None and self._state.resolution is not None:
            # It has no answer yet, and the one from before is better than none.
            state = attrs.evolve(self._state, error=state.error, stale=True)
        self._tell(state)

    def report(self, error: Error) -> None:
        """Tell everybody who watches of what went wrong."""
        for watcher in list(self._watchers):
            watcher.report(error)

    def relay_ended(self, reason: Error) -> None:
        """The source that was handed on to has given up."""
        self._relay = None
        self._relay_ended = reason
        self.refresh()

    async def _follow(self) -> None:
        """Listen for as long as the resolver pushes, which is for ever, or never."""
        clock = self._question.clock
        backoff = Backoff(clock)
        while True:
            begun = clock.now()
            try:
                if not await self._listen():
                    return
            except NotFound as error:
                self._not_found(error)
            except Error as error:
                self._failed(error)
            # An answer alone is no recovery: one that answers and fails at once would be asked every second for ever.
            if clock.now() - begun >= MAX_INTERVAL:
                backoff.reset()
            await clock.sleep(backoff.step())

    async def _listen(self) -> bool:
        """Take what the resolver pushes; False where it does not. Raises the error that ended it: it is not to end."""
        question = self._question
        with _wrapping(question):
            stream = question.handler.watch(question.target)
            if stream is None:
                return False
            try:
                async for item in stream:
                    self._pushed(item)
            finally:
                # A generator that is left in the middle would go on until it is collected.
                aclose = getattr(stream, "aclose", None)
                if aclose is not None:
                    await aclose()
        raise ResolveError(
            f"{shorten(str(question.target))}: the resolver of {question.handler.origin} stopped watching",
            retryable=True,
        )

    def _pushed(self, item: object) -> None:
        if isinstance(item, NotFound):
            self._not_found(item, is_certain=True)
        elif isinstance(item, Error):
            self._failed(item)
        else:
            self._answered(self._question.handler.resolution(item))

    def _answered(self, resolution: Resolution) -> None:
        expires = None if resolution.ttl is None else self._question.clock.now() + resolution.ttl
        self._tell(attrs.evolve(self._state.answered(resolution), expires=expires))
        self._recovered()

    def _not_found(self, error: NotFound, *, is_certain: bool = False) -> None:
        self._tell(self._state.not_found(error, is_certain=is_certain))
        self._recovered()

    def _failed(self, error: Error) -> None:
        """Report it. Raises it where it is the first that there is to tell, and no retry can help."""
        self._tell(self._state.failed(error))
        if self._state.is_hopeless:
            raise error
        if not self._outage:
            self._outage = True
            kept = "; the last good answer is kept" if self._state.resolution is not None else ""
            _logger.warning("watching %s: %s%s", shorten(str(self._question.target)), error, kept)
        self.report(error)

    def _recovered(self) -> None:
        if self._outage:
            self._outage = False
            _logger.info("watching %s: there are answers again", shorten(str(self._question.target)))

    def _tell(self, state: State) -> None:
        self._state = state
        for watcher in list(self._watchers):
            watcher.update(state)


class _Relay:
    """Tells one source what another says, whose target it was handed on to: a Watcher like others."""

    def __init__(self, to: Source, source: Source) -> None:
        self._to = to
        self.source = source

    def update(self, state: State) -> None:
        """See Watcher."""
        self._to.relayed(state)

    def report(self, error: Error) -> None:
        """See Watcher."""
        self._to.report(error)

    def end(self, reason: BaseException | None) -> None:
        """See Watcher."""
        if isinstance(reason, Error):
            self._to.relay_ended(reason)


@contextmanager
def _wrapping(question: Question) -> Generator[None]:
    """Turn whatever a resolver raises into an error of ours; only who is meant to can end a watch."""
    try:
        yield
    except Error:
        raise
    except Exception as error:
        raise unexpected(question.target, question.handler, error) from error
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Nobody cancelled us: it waited for something of its own that was.
        failure = RuntimeError("it was cancelled from within")
        raise unexpected(question.target, question.handler, failure) from error
