"""`aio.watch` by a clock of the test's own: what is yielded, and when somebody is asked."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from tests.live.clock import DEADLINE, FakeClock
from urischeme import Endpoint, Registry, Resolution, ResolveError, Target, TCPAddress
from urischeme.live.source import Question
from urischeme.live.watch import Watch


def of(*hosts: str, ttl: float | None = None) -> Resolution:
    return Resolution([Endpoint(TCPAddress(host, 80)) for host in hosts], ttl=ttl)


def hosts(resolution: Resolution | None) -> list[str]:
    assert resolution is not None
    return [address.host for address in resolution.addresses if isinstance(address, TCPAddress)]


class Script:
    """A resolver that says what it is told to, the last thing over and over; knows when it was asked."""

    def __init__(self, clock: FakeClock, *outcomes: object) -> None:
        self.clock = clock
        self.outcomes = list(outcomes)
        self.asked: list[float] = []

    async def resolve(self, target: Target) -> Any:
        self.asked.append(self.clock.now())
        outcome = self.outcomes.pop(0) if len(self.outcomes) > 1 else self.outcomes[0]
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


def watching(resolver: object, clock: FakeClock, **options: Any) -> Watch:
    registry = Registry()
    registry.register("mine", resolver)  # type: ignore[call-overload]
    on_error = options.pop("on_error", None)
    options = {"timeout": DEADLINE, "default_port": None, "registry": registry, **options}
    return Watch(Question.of("mine:x", clock=clock, **options), on_error)


def run(test: Coroutine[Any, Any, None]) -> None:
    async def within_deadline() -> None:
        async with asyncio.timeout(DEADLINE):
            await test
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(within_deadline())


def test_the_first_answer_at_once_then_the_changes() -> None:
    async def test() -> None:
        clock = FakeClock()
        resolver = Script(clock, of("10.0.0.1", ttl=5), of("10.0.0.1", ttl=5), of("10.0.0.2", ttl=5))
        async with watching(resolver, clock) as watch:
            assert hosts(await anext(watch)) == ["10.0.0.1"]
            await clock.rest()
            await clock.advance(60)
            assert hosts(await anext(watch)) == ["10.0.0.2"]
            assert hosts(watch.resolution) == ["10.0.0.2"]

    run(test())


def test_an_error_keeps_the_last_good_answer() -> None:
    async def test() -> None:
        clock = FakeClock()
        trouble = ResolveError("no answer", retryable=True)
        resolver = Script(clock, of("10.0.0.1", ttl=5), trouble, of("10.0.0.1"))
        reported: list[Exception] = []
        async with watching(resolver, clock, on_error=reported.append) as watch:
            await anext(watch)
            await clock.rest()
            await clock.advance(5.5)
            assert (watch.error, watch.stale, reported) == (trouble, True, [trouble])
            assert hosts(watch.resolution) == ["10.0.0.1"]
            await clock.advance(1.2)
            assert (watch.error, watch.stale, reported) == (None, False, [trouble])

    run(test())
