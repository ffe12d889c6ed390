"""Resolvers that say what they are told to, and watches of them."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any, Final

import urischeme
from tests.live.clock import DEADLINE, FakeClock
from tests.open_files import open_files
from urischeme import Endpoint, NotFound, Registry, Resolution, ResolveError, Target, TCPAddress
from urischeme.live.clock import Clock
from urischeme.live.source import Question
from urischeme.live.watch import Watch


def of(*hosts: str, ttl: float | None = None) -> Resolution:
    return Resolution([Endpoint(TCPAddress(host, 80)) for host in hosts], ttl=ttl)


ONE: Final = of("10.0.0.1")
TWO: Final = of("10.0.0.2")
RETRYABLE: Final = ResolveError("no answer", retryable=True)
HOPELESS: Final = ResolveError("no use", retryable=False)
ABSENT: Final = NotFound("not there")


class Script:
    """One that is asked, says the last thing over and over, and knows when it was asked."""

    repeats = True

    def __init__(self, clock: FakeClock, *outcomes: object) -> None:
        self.clock = clock
        self.outcomes = list(outcomes)
        self.asked: list[float] = []

    def next(self) -> Any:
        self.asked.append(self.clock.now())
        last = len(self.outcomes) == 1
        outcome = self.outcomes[0] if last and self.repeats else self.outcomes.pop(0)
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome

    async def resolve(self, target: Target) -> Any:
        return self.next()

    @property
    def pauses(self) -> list[float]:
        return [round(later - earlier, 6) for earlier, later in zip(self.asked, self.asked[1:], strict=False)]


class Pushes(Script):
    """One that pushes all it has; a stream ends at None, and by what it raises."""

    repeats = False
    closed = 0

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        try:
            while self.outcomes:
                answer = self.next()
                if answer is None:
                    return
                yield answer
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            self.closed += 1


def registry_of(resolver: object) -> Registry:
    registry = Registry()
    registry.register("mine", resolver)  # type: ignore[call-overload]
    return registry


def question(
    resolver: object,
    clock: Clock,
    *,
    target: str = "mine:x",
    registry: Registry | None = None,
    timeout: float = DEADLINE,
) -> Question:
    registry = registry_of(resolver) if registry is None else registry
    return Question.of(target, timeout=timeout, default_port=None, registry=registry, clock=clock)


def watching(
    resolver: object,
    clock: Clock,
    *,
    on_error: Callable[[urischeme.Error], object] | None = None,
    **options: Any,
) -> Watch:
    return Watch(question(resolver, clock, **options), on_error)


Test = Callable[[], Coroutine[Any, Any, None]]


def run(test: Test) -> None:
    """Run it, and see that it leaves nothing behind."""

    async def within_deadline() -> None:
        async with asyncio.timeout(DEADLINE):
            await test()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    descriptors, threads = open_files(), set(threading.enumerate())
    asyncio.run(within_deadline())
    # Less is no fault: a blocking call of the test before may have had its loop to close yet.
    assert open_files() <= descriptors
    assert set(threading.enumerate()) <= threads


def in_a_loop(test: Test) -> Callable[[], None]:
    """A test that `run` runs."""

    def wrapper() -> None:
        run(test)

    return wrapper
