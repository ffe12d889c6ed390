from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pytest

from tests.live.endpoints import Clock, endpoint, endpoints
from tests.live.sockets import listening, listening_abstract, listening_unix, refusing, run, silent
from tests.open_files import open_files
from urischeme import (
    Address,
    Endpoint,
    Error,
    NotFound,
    Policy,
    Registry,
    Resolution,
    ResolveError,
    Target,
    TargetError,
    UnknownScheme,
    aio,
)

ERROR = ConnectionRefusedError()


class Pushing:
    """A resolver that says what the test tells it to."""

    def __init__(self, *first: Endpoint) -> None:
        self.news: asyncio.Queue[Resolution | Error] = asyncio.Queue()
        self.asked = 0
        if first:
            self.say(*first)

    def say(self, *there: Endpoint, service_config: dict[str, object] | None = None) -> None:
        self.news.put_nowait(Resolution(there, service_config=service_config, authority="orders.internal"))

    async def resolve(self, target: Target) -> Resolution:
        raise AssertionError("it pushes")

    async def watch(self, target: Target) -> AsyncGenerator[Resolution]:
        while True:
            news = await self.news.get()
            if isinstance(news, Error):
                raise news
            yield news


def registry_of(resolver: object) -> Registry:
    registry = Registry()
    registry.register("mine", resolver)  # type: ignore[call-overload]
    return registry


@asynccontextmanager
async def balancing(resolver: object, **options: Any) -> AsyncIterator[aio.Balancer]:
    async with aio.Balancer("mine:x", registry=registry_of(resolver), **options) as balancer:
        yield balancer


async def settled() -> None:
    """Whatever was said has been heard."""
    for _ in range(20):
        await asyncio.sleep(0)


def at(*addresses: Address) -> Endpoint:
    return Endpoint(addresses)


def picked(balancer: aio.Balancer, count: int = 20) -> set[str]:
    return {str(balancer.pick()) for _ in range(count)}


def names(*there: Endpoint) -> set[str]:
    return set(map(str, there))


# --- who is picked


def test_it_follows_what_is_there() -> None:
    async def main() -> None:
        resolver = Pushing()
        async with balancing(resolver, policy="round_robin") as balancer:
            with pytest.raises(ResolveError, match="mine:x: there is no answer yet") as caught:
                balancer.pick()
            assert caught.value.retryable
            assert balancer.resolution is None
            resolver.say(*endpoints([1, 2]))
            await balancer.ready()
            assert picked(balancer) == names(*endpoints([1, 2]))
            assert balancer.resolution is not None
            assert balancer.resolution.authority == "orders.internal"
            resolver.say(*endpoints([2, 3]))
            await settled()
            assert picked(balancer) == names(*endpoints([2, 3]))
            resolver.say()
            await settled()
            with pytest.raises(NotFound, match="mine:x: there is no endpoint"):
                balancer.pick()
            resolver.say(endpoint(4))
            await balancer.ready()
            assert balancer.pick() == endpoint(4)

    asyncio.run(main())


def test_a_target_that_only_computes() -> None:
    async def main() -> None:
        async with aio.Balancer("ipv4:10.0.0.1,10.0.0.2:80", default_port=8443) as balancer:
            await balancer.ready()
            assert str(balancer.pick()) == "ipv4:10.0.0.1:8443"

    asyncio.run(main())


def test_ready_needs_no_async_with() -> None:
    async def main() -> None:
        balancer = aio.Balancer(Target.parse("ipv4:10.0.0.1"))
        await balancer.ready()
        assert str(balancer.pick()) == "ipv4:10.0.0.1:443"
        await balancer.aclose()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_the_policy_may_come_from_the_service_config() -> None:
    async def main() -> None:
        resolver = Pushing()
        resolver.say(*endpoints(range(3)), service_config={"loadBalancingConfig": [{"xds": {}}, {"round_robin": {}}]})
        async with balancing(resolver) as balancer:
            await balancer.ready()
            assert picked(balancer) == names(*endpoints(range(3)))

    asyncio.run(main())


def test_a_policy_of_ones_own() -> None:
    class Last(Policy):
        def pick(self) -> Endpoint:
            return self.endpoints[-1]

    async def main() -> None:
        async with balancing(Pushing(*endpoints(range(3))), policy=Last) as balancer:
            await balancer.ready()
            assert balancer.pick() == endpoint(2)

    asyncio.run(main())


def test_one_that_fails_is_put_aside_and_comes_back() -> None:
    async def main() -> None:
        clock = Clock()
        resolver = Pushing(*endpoints(range(3)))
        async with balancing(resolver, policy="round_robin", clock=clock) as balancer:
            await balancer.ready()
            for _ in range(5):
                balancer.report(endpoint(0), ERROR)
            assert picked(balancer) == names(*endpoints([1, 2]))
            resolver.say(*endpoints(range(4)))
            await settled()
            assert picked(balancer) == names(*endpoints([1, 2, 3]))
            clock.now += 30
            assert picked(balancer) == names(*endpoints(range(4)))

    asyncio.run(main())


def test_using_reports_how_the_block_ended() -> None:
    heard: list[tuple[Endpoint, BaseException | None]] = []

    class Listening(Policy):
        def pick(self) -> Endpoint:
            return self.endpoints[0]

        def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
            heard.append((endpoint, error))

    async def main() -> None:
        async with balancing(Pushing(endpoint(1)), policy=Listening) as balancer:
            await balancer.ready()
            with balancer.using() as one:
                assert one == endpoint(1)
            with pytest.raises(ConnectionRefusedError), balancer.using():
                raise ERROR
            for _ in range(2):  # left by a jump: no failure
                with balancer.using():
                    continue
            assert heard == [(one, None), (one, ERROR), (one, None), (one, None)]
            heard.clear()

            async def request() -> None:
                with balancer.using():
                    await asyncio.Event().wait()

            task = asyncio.create_task(request())
            await settled()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with pytest.raises(KeyboardInterrupt), balancer.using():
                raise KeyboardInterrupt
            assert heard == []

    asyncio.run(main())


# --- what goes wrong


@pytest.mark.parametrize(
    ("target", "options", "error"),
    [
        ("nobody:x", {}, UnknownScheme),
        ("unix:", {}, TargetError),
        (1, {}, TypeError),
        ("ipv4:10.0.0.1", {"policy": "best"}, ValueError),
        ("ipv4:10.0.0.1", {"policy": 1}, TypeError),
        ("ipv4:10.0.0.1", {"default_port": 65536}, ValueError),
    ],
)
def test_what_it_refuses_it_refuses_at_once(target: Any, options: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        aio.Balancer(target, **options)


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), "1"])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    async def main() -> None:
        async with balancing(Pushing()) as balancer:
            for call in (balancer.ready, balancer.connect, balancer.connect_socket):
                with pytest.raises((ValueError, TypeError), match="a timeout is a number of seconds"):
                    await call(timeout=timeout)

    asyncio.run(main())


def test_ready_and_connect_end_in_time() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with balancing(Pushing()) as balancer:
            for call in (balancer.ready, balancer.connect):
                began = loop.time()
                with pytest.raises(ResolveError, match="mine:x: there is no answer yet") as caught:
                    await call(timeout=3)
                assert caught.value.retryable
                assert loop.time() - began == pytest.approx(3)

    run(main())


def test_while_there_is_no_answer_it_tells_why() -> None:
    seen: list[Error] = []

    async def main() -> None:
        resolver = Pushing()
        trouble = ResolveError("the server is down", retryable=True)
        resolver.news.put_nowait(trouble)
        async with balancing(resolver, on_error=seen.append) as balancer:
            with pytest.raises(ResolveError, match="the server is down"):
                await balancer.ready(timeout=0.5)
            assert len(seen) == 1
            resolver.say(endpoint(1))
            await balancer.ready()
            resolver.news.put_nowait(trouble)
            await settled()
            assert balancer.pick() == endpoint(1)

    run(main())


def test_what_cannot_be_asked_again_is_raised() -> None:
    async def main() -> None:
        resolver = Pushing()
        resolver.news.put_nowait(ResolveError("a port out of range", retryable=False))
        async with balancing(resolver) as balancer:
            for _ in range(2):
                with pytest.raises(ResolveError, match="a port out of range"):
                    await balancer.ready()
            with pytest.raises(ResolveError, match="a port out of range"):
                balancer.pick()

    asyncio.run(main())


def test_a_policy_that_fails_is_one_error() -> None:
    class Broken(Policy):
        def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
            raise KeyError("\x1b")

        def pick(self) -> Endpoint:
            raise AssertionError

    async def main() -> None:
        async with balancing(Pushing(endpoint(1)), policy=Broken) as balancer:
            with pytest.raises(ResolveError, match=r"mine:x: the balancer failed: KeyError: '\\x1b'") as caught:
                await balancer.ready()
            assert isinstance(caught.value.__cause__, KeyError)

    asyncio.run(main())


def test_a_closed_balancer_picks_nobody() -> None:
    async def main() -> None:
        for used in (True, False):
            balancer = aio.Balancer("ipv4:10.0.0.1")
            if used:
                await balancer.ready()
            waiting = asyncio.create_task(balancer.ready()) if not used else None
            await balancer.aclose()
            await balancer.aclose()
            if waiting is not None:
                with contextlib.suppress(ResolveError):
                    await waiting
            for _ in range(2):
                with pytest.raises(ResolveError, match=r"ipv4:10\.0\.0\.1: the balancer is closed"):
                    balancer.pick()
                with pytest.raises(ResolveError, match="closed"):
                    await balancer.ready()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())


def test_who_waits_hears_of_the_close() -> None:
    async def main() -> None:
        async with balancing(Pushing()) as balancer:
            waiting = [asyncio.create_task(balancer.ready()) for _ in range(3)]
            await settled()
        for task in waiting:
            with pytest.raises(ResolveError, match="closed"):
                await task

    asyncio.run(main())


# --- connections


async def echoed(streams: tuple[asyncio.StreamReader, asyncio.StreamWriter], server: socket.socket) -> bytes:
    reader, writer = streams
    with closing(server.accept()[0]) as accepted:
        accepted.sendall(b"hello")
    said = await reader.read()
    writer.close()
    await writer.wait_closed()
    return said


def test_it_connects(tmp_path: Path) -> None:
    async def main(server: socket.socket, address: Address) -> None:
        async with aio.Balancer(str(address)) as balancer:
            assert await echoed(await balancer.connect(), server) == b"hello"
            with closing(await balancer.connect_socket()) as sock:
                assert not sock.getblocking()
                server.accept()[0].close()

    for listener in (listening(), listening("::1"), listening_unix(tmp_path), listening_abstract()):
        with listener as (server, address):
            asyncio.run(main(server, address))


async def connected_to(balancer: aio.Balancer) -> Any:
    """The address that a connection leads to."""
    before = open_files()
    with closing(await balancer.connect_socket()) as sock:
        assert open_files() == before + 1
        host, port, *_ = sock.getpeername()
    assert open_files() == before
    return host, port


def test_the_policy_says_who_is_first() -> None:
    async def main() -> None:
        async with balancing(Pushing(*map(at, there)), policy="round_robin") as balancer:
            assert {await connected_to(balancer) for _ in range(3)} == {(one.host, one.port) for one in there}
        async with balancing(Pushing(*map(at, there))) as balancer:
            assert {await connected_to(balancer) for _ in range(3)} == {(there[0].host, there[0].port)}

    with listening() as (_, first), listening() as (_, second), listening("::1") as (_, third):
        there = (first, second, third)
        asyncio.run(main())


def test_another_one_is_connected_to_while_the_first_is_silent() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with balancing(Pushing(at(first), at(second))) as balancer:
            await balancer.ready()
            began = loop.time()
            assert await connected_to(balancer) == (second.host, second.port)
            assert loop.time() - began == 0.25
            began = loop.time()
            assert await connected_to(balancer) == (second.host, second.port)
            assert loop.time() == began, "it stays with one that works"

    with silent() as first, listening() as (_, second):
        run(main())


def test_all_addresses_of_a_dual_stack_endpoint_are_tried_in_turn() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        async with balancing(Pushing(at(silent6, silent6_too, v4))) as balancer:
            await balancer.ready()
            began = loop.time()
            assert await connected_to(balancer) == (v4.host, v4.port)
            assert loop.time() - began == 0.25

    with silent("::1") as silent6, silent("::1") as silent6_too, listening() as (_, v4):
        run(main())


def test_a_backup_is_tried_when_the_better_ones_were() -> None:
    async def main() -> None:
        backup, best = Endpoint(working, {"priority": 20}), Endpoint(dead, {"priority": 10})
        async with balancing(Pushing(backup, best), policy="round_robin") as balancer:
            assert await connected_to(balancer) == (working.host, working.port)

    with refusing() as dead, listening("::1") as (_, working):
        asyncio.run(main())


class Counting:
    """A resolver that is asked, and counts."""

    def __init__(self, *there: Endpoint) -> None:
        self.there = there
        self.asked = 0

    async def resolve(self, target: Target) -> Resolution:
        self.asked += 1
        return Resolution(self.there)


def test_a_failed_connection_is_reported_and_makes_the_watch_ask_again() -> None:
    async def main() -> None:
        resolver = Counting(at(dead), at(working))
        clock = Clock()
        async with balancing(resolver, policy="round_robin", clock=clock) as balancer:
            await balancer.ready()
            assert resolver.asked == 1
            while resolver.asked == 1:
                await connected_to(balancer)
                await asyncio.sleep(2)  # on the loop's clock: refresh() asks once a second at most
            for _ in range(12):
                await connected_to(balancer)
            assert picked(balancer) == names(at(working))
            clock.now += 30
            assert picked(balancer) == names(at(working), at(dead))

    with refusing() as dead, listening() as (_, working):
        run(main())


def test_an_endpoint_fails_when_all_its_addresses_do() -> None:
    heard: list[tuple[Endpoint, object]] = []

    class Listening(Policy):
        def pick(self) -> Endpoint:
            return self.endpoints[0]

        def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
            heard.append((endpoint, type(error)))

    async def main() -> None:
        there = at(dead, dead_too), at(dead, working), at(spare)
        async with balancing(Pushing(*there), policy=Listening) as balancer:
            await connected_to(balancer)
            assert heard == [(there[0], ConnectionRefusedError), (there[1], type(None))]

    with refusing() as dead, refusing() as dead_too, listening() as (_, working), listening() as (_, spare):
        asyncio.run(main())


def test_where_all_fail_the_error_names_each_and_says_why() -> None:
    async def main() -> None:
        before = open_files()
        async with balancing(Pushing(at(dead), at(mute), at(other))) as balancer:
            with pytest.raises(ResolveError) as caught:
                await balancer.connect(timeout=2)
        assert caught.value.retryable
        assert str(caught.value) == (
            f"mine:x: no connection: {dead}: Connection refused; {mute}: no answer within 2 s; "
            f"{other}: no answer within 2 s"
        )
        assert open_files() == before

    with refusing() as dead, silent("::1") as mute, silent() as other:
        run(main())


def test_a_cancelled_connect_reports_nothing_and_leaves_nothing_behind() -> None:
    async def main() -> None:
        clock = Clock()
        async with balancing(Pushing(at(mute), at(mute_too)), policy="round_robin", clock=clock) as balancer:
            await balancer.ready()
            before = open_files(), asyncio.all_tasks()
            for _ in range(6):
                task = asyncio.create_task(balancer.connect())
                await asyncio.sleep(0.3)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
            assert (open_files(), asyncio.all_tasks()) == before
            assert picked(balancer) == names(at(mute), at(mute_too))

    with silent() as mute, silent() as mute_too:
        run(main())


def test_a_thousand_connections_leave_nothing_behind() -> None:
    async def main() -> None:
        before = open_files()
        async with balancing(Pushing(at(dead), at(working)), policy="random") as balancer:
            await balancer.ready()
            for _ in range(50):
                socks = await asyncio.gather(*(balancer.connect_socket() for _ in range(20)))
                for sock in socks:
                    sock.close()
                    server.accept()[0].close()
        assert open_files() == before
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with refusing() as dead, listening() as (server, working):
        asyncio.run(main())
