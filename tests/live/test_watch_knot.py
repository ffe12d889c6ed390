"""`aio.watch` of `dns` targets, at a real DNS server that is killed, comes back, and changes its zone."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Generator, Iterable
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import pytest

import urischeme
from tests.live import zone
from tests.live.clock import DEADLINE, EagerClock, FakeClock
from tests.live.scripted import run
from urischeme import Registry, Resolution, ResolveError, Target
from urischeme.live.clock import Clock
from urischeme.live.pace import MAX_BACKOFF, Backoff
from urischeme.live.source import Question
from urischeme.live.watch import Watch
from urischeme.resolvers.dns import Dns

SILENCE = 0.05
"""Real seconds to wait for a server that is dead."""


@pytest.fixture
def server(tmp_path: Path) -> Generator[zone.Server]:
    with zone.running(tmp_path) as running:
        yield running


class Counted:
    """The resolver for `dns`, which may be changed for another, and how often it was asked."""

    def __init__(self) -> None:
        self.dns = Dns()
        self.asked = 0

    async def resolve(self, target: Target) -> Resolution:
        self.asked += 1
        return await self.dns.resolve(target)


def registry_of(resolver: Counted | Dns) -> Registry:
    registry = Registry()
    registry.register("dns", resolver, replace=True)
    return registry


def watching(target: str, clock: Clock, registry: Registry) -> Watch:
    question = Question.of(target, timeout=DEADLINE, default_port=None, registry=registry, clock=clock)
    return Watch(question)


def hosts(resolution: Resolution | None) -> frozenset[str]:
    assert resolution is not None
    return frozenset(str(address.sockaddr[0]) for address in resolution.addresses)


def most_questions(seconds: float) -> int:
    """How many backoff allows in so many seconds, if chance makes each step as short as it can be."""
    backoff, passed, questions = Backoff(FakeClock(lambda: 0.0)), 0.0, 0
    while passed <= seconds:
        questions += 1
        passed += backoff.step()
    return questions


@asynccontextmanager
async def counting_silence(port: int) -> AsyncIterator[list[bytes]]:
    """Every query that comes to a port where nobody answers."""

    class Silent(asyncio.DatagramProtocol):
        def datagram_received(self, data: bytes, addr: object) -> None:
            queries.append(data)

    queries: list[bytes] = []
    transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(Silent, ("127.0.0.1", port))
    try:
        yield queries
    finally:
        transport.close()
        await asyncio.sleep(0)


def test_a_server_that_is_dead_for_an_hour(server: zone.Server) -> None:
    async def test() -> None:
        drawn = random.Random(1)
        clock = FakeClock(drawn.random)
        resolver = Counted()
        server.set("orders", ["10.0.0.1", "2001:db8::1"], ttl=5)
        async with watching(server.target("orders"), clock, registry_of(resolver)) as watch:
            good = await anext(watch)
            assert hosts(good) == {"10.0.0.1", "2001:db8::1"}
            await clock.rest()
            server.kill()
            asked, resolver.dns = resolver.asked, Dns(lifetime=SILENCE)
            async with counting_silence(server.port) as queries:
                await clock.advance(3600)
            in_outage = resolver.asked - asked
            assert 30 <= in_outage <= most_questions(3600)
            assert 2 * in_outage <= len(queries) <= 4 * in_outage, "A and AAAA, and a second time for a lost packet"
            assert watch.resolution is good
            error = watch.error
            assert isinstance(error, ResolveError)
            assert error.retryable
            server.start()
            resolver.dns = Dns()
            server.set("orders", ["10.0.0.2"], ttl=5)
            waiting = asyncio.create_task(anext(watch))
            await clock.advance(MAX_BACKOFF)
            assert waiting.done(), "one step is enough"
            assert hosts(await waiting) == {"10.0.0.2"}
            assert watch.error is None

    run(test)


def test_a_server_that_is_dead_for_some_seconds(server: zone.Server) -> None:
    async def test() -> None:
        failed = asyncio.Semaphore(0)
        registry = registry_of(Dns())
        server.set("orders", ["10.0.0.1"])
        watch = urischeme.aio.watch(
            server.target("orders"), timeout=0.5, registry=registry, on_error=lambda error: failed.release()
        )
        async with watch:
            assert hosts(await anext(watch)) == {"10.0.0.1"}
            server.kill()
            for _ in range(2):
                await failed.acquire()
            assert hosts(watch.resolution) == {"10.0.0.1"}
            assert watch.stale
            await asyncio.to_thread(server.start)
            server.set("orders", ["10.0.0.2"])
            assert hosts(await anext(watch)) == {"10.0.0.2"}
            assert not watch.stale

    run(test)


POOL = ["10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"]
NAMES, ROUNDS, CHANGES = 10, 4, 25


def test_a_thousand_changes(server: zone.Server) -> None:
    async def test() -> None:
        registry, clock = registry_of(Dns()), EagerClock()
        followed = [Followed(server, f"orders-{number}", number) for number in range(NAMES)]
        tasks = [
            asyncio.create_task(each.follow(watching(server.target(each.name), clock, registry))) for each in followed
        ]
        for _ in range(ROUNDS):
            await asyncio.gather(*(asyncio.to_thread(each.change, CHANGES) for each in followed))
            await asyncio.gather(*(each.shown(each.zone[-1]) for each in followed))
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        for each in followed:
            assert all(one != other for one, other in pairwise(each.yielded))
            assert is_subsequence(each.yielded, each.zone), "each was true when it was asked, and in its turn"

    run(test)


class Followed:
    """One name: every set that its zone has had, and every set that its watch has yielded."""

    def __init__(self, server: zone.Server, name: str, seed: int) -> None:
        self.name = name
        self.zone: list[frozenset[str]] = [frozenset()]
        self.yielded: list[frozenset[str]] = []
        self._server = server
        self._random = random.Random(seed)
        self._news = asyncio.Condition()

    def change(self, times: int) -> None:
        for _ in range(times):
            addresses = frozenset(self._random.sample(POOL, self._random.randint(0, len(POOL))))
            # Before it is so, for it may be seen at once.
            self.zone.append(addresses)
            self._server.set(self.name, addresses)

    async def follow(self, watch: Watch) -> None:
        async with watch:
            async for resolution in watch:
                async with self._news:
                    self.yielded.append(hosts(resolution))
                    self._news.notify_all()

    async def shown(self, addresses: frozenset[str]) -> None:
        async with self._news:
            await self._news.wait_for(lambda: self.yielded[-1:] == [addresses])


def is_subsequence(some: Iterable[object], others: Iterable[object]) -> bool:
    left = iter(others)
    return all(each in left for each in some)


def test_two_hundred_watchers_of_fifty_names_ask_as_often_as_fifty(server: zone.Server) -> None:
    names = [f"orders-{number}" for number in range(50)]

    async def test(watchers_per_name: int) -> int:
        registry, clock = registry_of(Dns()), FakeClock()
        before = server.queries()
        watches = [watching(server.target(name), clock, registry) for name in names * watchers_per_name]
        assert [hosts(first) for first in await asyncio.gather(*map(anext, watches))] == [{"10.0.0.1"} for _ in watches]
        await clock.rest(len(names))
        await clock.advance(60)
        queries = server.queries() - before
        await asyncio.gather(*(watch.aclose() for watch in watches))
        return queries

    for name in names:
        server.set(name, ["10.0.0.1"], ttl=30)
    asked: list[int] = []

    def counted(watchers_per_name: int) -> None:
        async def count() -> None:
            asked.append(await test(watchers_per_name))

        run(count)

    counted(1)
    counted(4)
    assert asked == [2 * 2 * len(names)] * 2, "A and AAAA, at once and after one TTL"
