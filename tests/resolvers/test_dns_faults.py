"""`dns:` against servers that are not there, that fail, and that lie: one error, which says whom, and how long."""

from __future__ import annotations

import asyncio
import contextlib
import pickle
import socket
import threading
from collections.abc import Callable, Generator
from pathlib import Path

import dns.flags
import dns.message
import dns.rcode
import dns.rdatatype
import pytest

import urischeme
from tests.open_files import open_files
from tests.resolvers import misbehaving
from tests.resolvers.asking import hosts, registry_with
from tests.resolvers.misbehaving import Datagram, Forged, answer, truncated
from urischeme import NotFound, ResolveError

DEADLINE = 20
SHORT = 0.2
"""Seconds to wait for a server that never says what is waited for."""

IMPATIENT = registry_with(lifetime=SHORT)

NAME = "orders.example.test"
RIGHT = f"{NAME}. 9 A 10.9.9.9"


def silence(query: dns.message.Message) -> None:
    return None


def wrong_id(query: dns.message.Message) -> dns.message.Message:
    response = answer(query, RIGHT)
    response.id ^= 1
    return response


def wrong_question(query: dns.message.Message) -> dns.message.Message:
    other = dns.message.make_query("others.example.test", query.question[0].rdtype, id=query.id)
    return answer(other, "others.example.test. 9 A 10.6.6.6")


def a_question(query: dns.message.Message) -> dns.message.Message:
    return query


def spoofed(query: dns.message.Message) -> Forged:
    return Forged(answer(query, f"{NAME}. 9 A 10.6.6.6"))


def garbage(query: dns.message.Message) -> bytes:
    return b"\xff" * 40


def cut_off(query: dns.message.Message) -> bytes:
    return answer(query, RIGHT).to_wire()[:-2]


@pytest.mark.parametrize(
    "lie", [silence, wrong_id, wrong_question, a_question, spoofed, garbage, cut_off], ids=lambda lie: lie.__name__
)
def test_a_lie_is_passed_over_and_the_truth_waited_for(lie: Callable[[dns.message.Message], Datagram | None]) -> None:
    def lie_first(query: dns.message.Message) -> list[Datagram]:
        told = lie(query)
        return [*([] if told is None else [told]), answer(query, RIGHT)]

    with misbehaving.server(lie_first) as server:
        assert hosts(urischeme.resolve(f"dns://{server}/{NAME}")) == ["10.9.9.9:443"]
    with misbehaving.server(lie) as server, pytest.raises(ResolveError) as caught:
        urischeme.resolve(f"dns://{server}/{NAME}", registry=IMPATIENT)
    assert str(caught.value).startswith(f"{NAME}: no A answer from {server} (no reply) in ")
    assert caught.value.retryable
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize(
    ("rcode", "says"),
    [
        (dns.rcode.SERVFAIL, "SERVFAIL"),
        (dns.rcode.REFUSED, "REFUSED"),
        (dns.rcode.NOTIMP, "NOTIMP"),
        (dns.rcode.FORMERR, "FORMERR"),
        (dns.rcode.YXDOMAIN, "YXDOMAIN"),
    ],
)
def test_a_server_that_fails_may_answer_later(rcode: dns.rcode.Rcode, says: str) -> None:
    with (
        misbehaving.server(lambda query: answer(query, rcode=rcode)) as failing,
        pytest.raises(ResolveError) as caught,
    ):
        urischeme.resolve(f"dns://{failing}/{NAME}")
    assert f"{NAME}: no A answer from {failing} ({says}) in 0" in str(caught.value)
    assert caught.value.retryable
    assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]"])
def test_where_nobody_listens_nobody_is_waited_for(host: str) -> None:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM) as taken:
        try:
            taken.bind((host.strip("[]"), 0))
        except OSError as error:
            pytest.skip(f"this machine has no {host}: {error}")
        nobody = f"{host}:{taken.getsockname()[1]}"
    with pytest.raises(ResolveError) as caught:
        # As long as the test may take at all: it is not waited for.
        urischeme.resolve(f"dns://{nobody}/{NAME}", timeout=3600)
    assert f"{NAME}: no A answer from {nobody} (Connection refused) in 0" in str(caught.value)
    assert caught.value.retryable


def test_what_does_not_fit_is_asked_for_over_tcp_and_nobody_may_be_there() -> None:
    with misbehaving.server(truncated) as server, pytest.raises(ResolveError) as caught:
        urischeme.resolve(f"dns://{server}/{NAME}")
    assert f"no A answer from {server} (" in str(caught.value)
    assert caught.value.retryable


@contextlib.contextmanager
def over_tcp(address: str, reply: bytes) -> Generator[None]:
    """Says the same to all who come over TCP, and then nothing."""
    host, _, port = address.rpartition(":")

    def serve() -> None:
        with contextlib.suppress(OSError):  # the listener is closed, or they have gone
            while True:
                client, _ = listener.accept()
                clients.append(client)
                client.sendall(reply)

    clients: list[socket.socket] = []
    with socket.create_server((host, int(port))) as listener:
        thread = threading.Thread(target=serve)
        thread.start()
        yield
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
        for client in clients:
            client.close()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (b"", "no reply"),
        (b"\0", "no reply"),
        (b"\0\x28" + b"\xff" * 39, "no reply"),
        (b"\0\x28" + b"\xff" * 40, ""),
        (b"\0\0", ""),
        (b"\0\x0c" + bytes(12), ""),
    ],
)
def test_a_lie_over_tcp(reply: bytes, says: str) -> None:
    with (
        misbehaving.server(truncated, bind=(misbehaving.own_loopback(), 0)) as server,
        over_tcp(server, reply),
        pytest.raises(ResolveError) as caught,
    ):
        urischeme.resolve(f"dns://{server}/{NAME}", registry=IMPATIENT)
    assert f"{NAME}: no A answer from {server} ({says}" in str(caught.value)
    assert caught.value.retryable


def test_a_lost_reply_is_asked_for_again() -> None:
    asked: list[int] = []

    def reply(query: dns.message.Message) -> dns.message.Message | None:
        asked.append(query.id)
        return answer(query, RIGHT) if len(asked) > 1 else None

    with misbehaving.server(reply) as server:
        found = urischeme.resolve(f"dns://{server}/{NAME}?family=ipv4", registry=registry_with(lifetime=2))
    assert hosts(found) == ["10.9.9.9:443"]
    assert len(asked) == 2


def test_a_name_that_is_an_alias_of_itself() -> None:
    def loop(query: dns.message.Message) -> dns.message.Message:
        return answer(query, f"{NAME}. 9 CNAME b.example.test.", f"b.example.test. 9 CNAME {NAME}.")

    with misbehaving.server(loop) as server, pytest.raises(ResolveError) as caught:
        urischeme.resolve(f"dns://{server}/{NAME}")
    assert f"no A answer from {server} (The CNAME chain is too long.)" in str(caught.value)


def test_a_chain_of_aliases_told_link_by_link() -> None:
    def next_link(query: dns.message.Message) -> dns.message.Message:
        name = query.question[0].name
        length = int(name.labels[0])
        link = f"{length} CNAME {length + 1}.example.test." if length < 5 else "9 A 10.9.9.9"
        return answer(query, f"{name} {link}")

    with misbehaving.server(next_link) as server:
        found = urischeme.resolve(f"dns://{server}/1.example.test")
    assert (hosts(found), found.ttl, found.authority) == (["10.9.9.9:443"], 1, "1.example.test")

    def endless(query: dns.message.Message) -> dns.message.Message:
        name = query.question[0].name
        return answer(query, f"{name} 9 CNAME {int(name.labels[0]) + 1}.example.test.")

    with misbehaving.server(endless) as server, pytest.raises(ResolveError, match="more than 16 aliases") as caught:
        urischeme.resolve(f"dns://{server}/1.example.test")
    assert caught.value.retryable


def test_an_alias_into_a_zone_that_the_server_does_not_know(server: str) -> None:
    with pytest.raises(ResolveError, match="REFUSED") as caught:
        urischeme.resolve(f"dns://{server}/away.example.test")
    assert "away.example.test (an alias of host.elsewhere.test): no A answer from" in str(caught.value)
    assert not isinstance(caught.value, NotFound)


def test_five_hundred_addresses() -> None:
    records = [f"{NAME}. 9 A 10.9.{number // 250}.{number % 250}" for number in range(500)]
    with misbehaving.server(lambda query: answer(query, *records)) as server:
        assert len(urischeme.resolve(f"dns://{server}/{NAME}").endpoints) == 500


def test_a_name_of_255_bytes_in_an_answer() -> None:
    long = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61]) + "."
    with misbehaving.server(lambda query: answer(query, f"{NAME}. 9 CNAME {long}", f"{long} 8 A 10.9.9.9")) as server:
        assert urischeme.resolve(f"dns://{server}/{NAME}").ttl == 8


def test_a_name_of_253_characters_may_be_asked_for() -> None:
    long = ".".join(["a" * 63, "b" * 63, "c" * 63, "d" * 61])
    with misbehaving.server(lambda query: answer(query, f"{long}. 8 A 10.9.9.9")) as server:
        assert urischeme.resolve(f"dns://{server}/{long}").authority == long
        # What it would be completed to is longer than any name.
        registry = registry_with(nameservers=[server], search=["example.test"])
        assert hosts(urischeme.resolve(f"dns:{long}", registry=registry)) == ["10.9.9.9:443"]
        assert urischeme.resolve(f"dns:{long}?service_config=true", registry=registry).service_config is None


def test_an_answer_after_the_deadline_is_nobodys() -> None:
    late = threading.Event()

    def reply(query: dns.message.Message) -> dns.message.Message:
        if query.question[0].name.to_text().startswith("late"):
            assert late.wait(DEADLINE)
            return answer(query, "late.example.test. 9 A 10.6.6.6")
        return answer(query, RIGHT)

    with misbehaving.server(reply) as server:
        with pytest.raises(ResolveError, match="no reply"):
            urischeme.resolve(f"dns://{server}/late.example.test", registry=IMPATIENT)
        late.set()
        assert hosts(urischeme.resolve(f"dns://{server}/{NAME}")) == ["10.9.9.9:443"]


def test_a_server_that_knows_no_edns() -> None:
    def reply(query: dns.message.Message) -> dns.message.Message:
        asked.append(query.edns)
        return answer(query, RIGHT) if query.edns < 0 else answer(query, rcode=dns.rcode.FORMERR)

    asked: list[int] = []
    with misbehaving.server(reply) as server:
        assert hosts(urischeme.resolve(f"dns://{server}/{NAME}?family=ipv4")) == ["10.9.9.9:443"]
    assert asked == [0, -1]


def test_what_is_asked() -> None:
    asked: list[dns.message.Message] = []

    def reply(query: dns.message.Message) -> dns.message.Message:
        asked.append(query)
        return answer(query, RIGHT)

    with misbehaving.server(reply) as server:
        for family, types in (("dual", {"A", "AAAA"}), ("ipv4", {"A"})):
            asked.clear()
            urischeme.resolve(f"dns://{server}/{NAME}?family={family}")
            assert {dns.rdatatype.to_text(query.question[0].rdtype) for query in asked} == types
            assert all(query.edns == 0 and query.payload == 1232 and query.flags & dns.flags.RD for query in asked)


# --- one of two families


def no_aaaa(what: Callable[[dns.message.Message], Datagram | None]) -> Callable[[dns.message.Message], Datagram | None]:
    return lambda query: what(query) if query.question[0].rdtype == dns.rdatatype.AAAA else answer(query, RIGHT)


@pytest.mark.parametrize("fault", [silence, lambda query: answer(query, rcode=dns.rcode.SERVFAIL)])
def test_the_failure_of_one_family_does_not_fail_the_other(
    fault: Callable[[dns.message.Message], Datagram | None],
) -> None:
    with misbehaving.server(no_aaaa(fault)) as half:
        found = urischeme.resolve(f"dns://{half}/{NAME}", registry=registry_with(lifetime=1))
        assert (hosts(found), found.ttl) == (["10.9.9.9:443"], 9)
        assert found.attributes == {"failed_families": ("ipv6",)}
        found = urischeme.resolve(f"dns://{half}/{NAME}?family=ipv4")
        assert found.attributes == {}


def test_the_family_that_answered_is_told_within_the_callers_time() -> None:
    with misbehaving.server(no_aaaa(silence)) as half:
        found = urischeme.resolve(f"dns://{half}/{NAME}", timeout=3)
    assert found.attributes == {"failed_families": ("ipv6",)}


def test_no_call_outlasts_its_timeout() -> None:
    with misbehaving.server(silence) as server, pytest.raises(ResolveError) as caught:
        urischeme.resolve(f"dns://{server}/{NAME}", timeout=0.01)
    assert caught.value.retryable


def test_nothing_is_known_where_one_family_failed_and_the_other_has_no_records() -> None:
    def reply(query: dns.message.Message) -> dns.message.Message:
        failed = query.question[0].rdtype == dns.rdatatype.A
        return answer(query, rcode=dns.rcode.SERVFAIL if failed else dns.rcode.NOERROR)

    with misbehaving.server(reply) as half, pytest.raises(ResolveError) as caught:
        urischeme.resolve(f"dns://{half}/{NAME}")
    assert (type(caught.value), caught.value.retryable) == (ResolveError, True)


def test_a_negative_answer_that_does_not_say_how_long_it_holds() -> None:
    for rcode in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        with (
            misbehaving.server(lambda query, rcode=rcode: answer(query, rcode=rcode)) as server,  # type: ignore[misc]
            pytest.raises(NotFound) as caught,
        ):
            urischeme.resolve(f"dns://{server}/{NAME}")
        assert caught.value.ttl is None


# --- several servers


def test_the_next_server_is_asked_where_one_fails(server: str, tmp_path: Path) -> None:
    target = "dns:v6.example.test"
    hosts_file = str(tmp_path / "none")
    with (
        misbehaving.server(silence) as silent,
        misbehaving.server(lambda query: answer(query, rcode=dns.rcode.SERVFAIL)) as failing,
        misbehaving.server(garbage) as raving,
    ):
        for bad in (["127.0.0.1:1"], [failing], [silent], [raving], [silent, "127.0.0.1:1", failing]):
            registry = registry_with(nameservers=[*bad, server], hosts=hosts_file, lifetime=2)
            assert hosts(urischeme.resolve(target, registry=registry)) == ["[2001:db8::1]:443"]
        registry = registry_with(nameservers=[silent, failing, "127.0.0.1:1"], hosts=hosts_file, lifetime=2)
        with pytest.raises(ResolveError) as caught:
            urischeme.resolve(target, registry=registry)
    said = f"{silent} (no reply), {failing} (SERVFAIL), 127.0.0.1:1 (Connection refused)"
    assert f"v6.example.test: no A answer from {said} in " in str(caught.value)
    assert caught.value.retryable


def test_nothing_is_left_open() -> None:
    with (
        misbehaving.server(silence) as silent,
        misbehaving.server(lambda query: answer(query, RIGHT)) as good,
        misbehaving.server(truncated) as short,
    ):
        before = open_files()
        for server in (silent, good, short, "127.0.0.1:1"):
            with contextlib.suppress(ResolveError):
                # In this very thread: one of its own may still be about to end.
                asyncio.run(urischeme.aio.resolve(f"dns://{server}/{NAME}", registry=IMPATIENT))
        assert open_files() <= before  # less, where the test before had a loop to close yet
