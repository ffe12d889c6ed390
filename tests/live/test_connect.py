from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import Callable, Coroutine, Generator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.sockets import (
    listening,
    listening_abstract,
    listening_unix,
    listening_vsock,
    refusing,
    run,
    silent,
)
from tests.open_files import open_files
from urischeme import Address, ResolveError, TCPAddress, UnixAbstractAddress, UnixAddress, VsockAddress
from urischeme.live import connect
from urischeme.live.connect import Race, dial, interleaved, no_connection, reason

# --- one address


@contextmanager
def listener(kind: str, directory: Path) -> Generator[tuple[socket.socket, Address]]:
    makers: dict[str, Callable[[], AbstractContextManager[tuple[socket.socket, Address]]]] = {
        "ipv4": listening,
        "ipv6": lambda: listening("::1"),
        "unix": lambda: listening_unix(directory),
        "unix-abstract": listening_abstract,
        "vsock": listening_vsock,
    }
    with makers[kind]() as made:
        yield made


@pytest.mark.parametrize("kind", ["ipv4", "ipv6", "unix", "unix-abstract", "vsock"])
def test_every_kind_of_address_is_dialled(kind: str, tmp_path: Path) -> None:
    with listener(kind, tmp_path) as (server, address):
        sock = asyncio.run(dial(address))
        with closing(sock), closing(server.accept()[0]) as accepted:
            assert not sock.getblocking()
            assert not sock.get_inheritable()
            accepted.sendall(b"hello")
            sock.setblocking(True)
            assert sock.recv(5) == b"hello"


def test_an_address_with_a_zone_is_dialled() -> None:
    with listening("::1") as (_, address):
        loopback = socket.if_indextoname(1)
        with closing(asyncio.run(dial(TCPAddress(f"::1%{loopback}", address.port)))):
            pass


def refused_by(main: Coroutine[Any, Any, socket.socket]) -> Exception:
    with pytest.raises((OSError, ResolveError)) as caught:
        asyncio.run(main)
    return caught.value


def test_what_does_not_connect_leaves_nothing_open(tmp_path: Path) -> None:
    before = open_files()
    with refusing() as address:
        assert reason(refused_by(dial(address))) == "Connection refused"
    assert reason(refused_by(dial(UnixAddress(os.fspath(tmp_path / "nobody"))))) == "No such file or directory"
    assert reason(refused_by(dial(UnixAbstractAddress(b"urischeme nobody")))) == "Connection refused"
    nowhere = refused_by(dial(TCPAddress("fe80::1%nowhere", 1)))
    assert reason(nowhere) == "no network interface is named 'nowhere' here"
    assert open_files() == before


def test_a_full_queue_of_a_unix_socket_is_no_connection(tmp_path: Path) -> None:
    with listening_unix(tmp_path, backlog=0) as (_, address), ExitStack() as opened:

        async def fill() -> None:
            for _ in range(16):
                opened.enter_context(closing(await dial(address)))

        with pytest.raises(BlockingIOError) as caught:
            asyncio.run(fill())
    assert caught.value.errno == errno.EAGAIN


def test_a_system_without_vsock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_VSOCK", raising=False)
    error = refused_by(dial(VsockAddress(2, 1)))
    assert isinstance(error, ResolveError)
    assert not error.retryable


# --- in which order (RFC 8305 section 4)


def test_families_take_turns_and_the_first_stays_the_first() -> None:
    v4 = [TCPAddress(f"10.0.0.{n}", 1) for n in range(4)]
    v6 = [TCPAddress(f"::{n}", 1) for n in range(1, 3)]
    unix = [UnixAddress("/a")]
    assert interleaved([*v6, *v4]) == [v6[0], v4[0], v6[1], v4[1], v4[2], v4[3]]
    assert interleaved([v4[0], *v6, *unix]) == [v4[0], v6[0], unix[0], v6[1]]
    assert interleaved([]) == []


addresses = st.lists(
    st.one_of(
        st.builds(TCPAddress, st.sampled_from(["10.0.0.1", "10.0.0.2", "::1", "::2"]), st.integers(1, 9)),
        st.builds(VsockAddress, st.integers(1, 9), st.just(1)),
    ),
    unique=True,
)


@given(addresses)
def test_interleaving_loses_none_and_keeps_each_family_in_order(given_addresses: list[Address]) -> None:
    def family(address: Address) -> str:
        return str(address).split(":")[0]

    result = interleaved(given_addresses)
    assert sorted(map(str, result)) == sorted(map(str, given_addresses))
    assert result[:1] == given_addresses[:1]
    for name in set(map(family, result)):
        assert [one for one in result if family(one) == name] == [one for one in given_addresses if family(one) == name]


# --- the race (RFC 8305 section 5)


async def raced(race: Race, timeout: float = 10.0) -> float | None:
    """Run the race, close what it gave, and tell how many seconds the winner took."""
    loop = asyncio.get_running_loop()
    before, began = open_files(), loop.time()
    sock = await race.run(timeout)
    took = loop.time() - began
    assert asyncio.all_tasks() == {asyncio.current_task()}
    if sock is not None:
        assert open_files() == before + 1
        sock.close()
    assert open_files() == before
    return None if sock is None else took


def test_the_first_that_answers_wins_at_once() -> None:
    with listening() as (_, first), listening() as (_, second):
        race = Race([first, second])
        assert run(raced(race)) == 0
        assert (race.winner, race.tried, race.failures) == (first, [first], {})


def test_one_that_refuses_gives_way_at_once() -> None:
    with refusing() as first, refusing("::1") as second, listening() as (_, third):
        race = Race([first, second, third])
        assert run(raced(race)) == 0
        assert race.winner == third
        assert list(race.failures) == [first, second]


def test_one_that_says_nothing_has_a_quarter_of_a_second() -> None:
    with silent() as first, silent("::1") as second, listening() as (_, third), listening() as (_, fourth):
        race = Race([first, second, third, fourth])
        assert run(raced(race)) == 0.5
        assert (race.winner, race.tried, race.failures) == (third, [first, second, third], {})


def test_one_that_refuses_later_gives_way_then() -> None:
    with silent() as first, refusing() as second, listening() as (_, third):
        race = Race([first, second, third])
        assert run(raced(race)) == 0.25
        assert race.winner == third
        assert list(race.failures) == [second]


def test_an_earlier_one_may_still_win(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(address: Address) -> socket.socket:
        await asyncio.sleep(0.3 if address == first else 10)
        return await dial(address)

    monkeypatch.setattr(connect, "dial", slow)
    with listening() as (_, first), listening() as (_, second):
        race = Race([first, second])
        assert run(raced(race)) == pytest.approx(0.3)
        assert (race.winner, race.tried) == (first, [first, second])


def test_of_two_that_answer_together_one_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    async def slow(address: Address) -> socket.socket:
        await asyncio.sleep(0.5 if address == first else 0.25)
        return await dial(address)

    monkeypatch.setattr(connect, "dial", slow)
    with listening() as (_, first), listening() as (_, second):
        race = Race([first, second])
        assert run(raced(race)) == 0.5
        assert race.winner in (first, second)


def test_all_of_them_may_refuse() -> None:
    with refusing() as first, refusing() as second:
        race = Race([first, second])
        assert run(raced(race)) is None
        assert list(map(reason, race.failures.values())) == ["Connection refused"] * 2
    assert run(raced(Race([]))) is None


def test_no_race_outlasts_its_timeout() -> None:
    with silent() as first, refusing() as second, silent() as third, listening() as (_, fourth):
        race = Race([first, second, third, fourth])
        assert run(raced(race, timeout=0.4)) is None
        assert {address: reason(error) for address, error in race.failures.items()} == {
            first: "no answer within 0.4 s",
            second: "Connection refused",
            third: "no answer within 0.4 s",
        }


def test_a_race_that_is_cancelled_leaves_nothing_behind() -> None:
    async def main() -> None:
        before = open_files()
        task = asyncio.create_task(Race([first, second]).run(10.0))
        await asyncio.sleep(0.3)
        assert open_files() == before + 2
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert open_files() == before
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with silent() as first, silent() as second:
        run(main())


@pytest.mark.parametrize("steps", range(12))
def test_a_race_that_is_cancelled_at_any_step_leaves_nothing_behind(steps: int) -> None:
    async def main() -> None:
        before = open_files()
        task = asyncio.create_task(Race([first, second]).run(10.0))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        task.cancel()
        try:
            sock = await task
        except asyncio.CancelledError:
            pass
        else:
            assert sock is not None
            sock.close()
        for _ in range(3):
            await asyncio.sleep(0)
        assert open_files() == before

    with refusing() as first, listening() as (_, second):
        asyncio.run(main())


def test_what_nobody_expects_is_not_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(address: Address) -> socket.socket:
        raise KeyError(address)

    monkeypatch.setattr(connect, "dial", broken)
    with pytest.raises(KeyError):
        asyncio.run(Race([TCPAddress("127.0.0.1", 1)]).run(1.0))


# --- what is said when there is none


def test_the_error_names_each_address_and_says_why() -> None:
    v4, v6, unix = TCPAddress("10.0.0.1", 80), TCPAddress("::1", 80), UnixAddress("/run/x")
    error = no_connection(
        "mine:x",
        [v4, v6, unix],
        {v4: ConnectionRefusedError(errno.ECONNREFUSED, "asyncio's own words"), v6: TimeoutError("no answer")},
    )
    assert str(error) == (
        "mine:x: no connection: ipv4:10.0.0.1:80: Connection refused; ipv6:[::1]:80: no answer; unix:/run/x: not tried"
    )
    assert error.retryable
    assert reason(OSError()) == "OSError"
    assert not no_connection("mine:x", [v4], {v4: ResolveError("no vsock", retryable=False)}).retryable
