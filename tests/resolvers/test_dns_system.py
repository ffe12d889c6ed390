"""`dns:` as the system has it: resolv.conf, its search list, and a recursive server."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.rcode
import pytest

import urischeme
from tests.missing import missing
from tests.resolvers import knot, misbehaving, unbound
from tests.resolvers.asking import hosts, registry_with
from tests.resolvers.misbehaving import answer
from urischeme import NotFound, ResolveError
from urischeme.resolvers.dns.system import read_system


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LOCALDOMAIN", raising=False)
    monkeypatch.delenv("RES_OPTIONS", raising=False)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("search a.test b.test", ["x.a.test.", "x.b.test.", "x."]),
        ("search a.test\nsearch b.test", ["x.b.test.", "x."]),
        ("domain c.test", ["x.c.test.", "x."]),
        ("search .", ["x.", "x."]),
        (
            "# search a.test\n; search a.test\nsearch b.test # the last",
            ["x.b.test.", "x.#.", "x.the.", "x.last.", "x."],
        ),
    ],
)
def test_names_are_completed(tmp_path: Path, text: str, names: list[str]) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(f"nameserver 192.0.2.53\n{text}\n")
    assert [name.to_text() for name in read_system(str(file)).search.candidates("x")] == names


@pytest.mark.parametrize(
    ("options", "name", "first"),
    [
        ("", "x", "x.a.test."),
        ("", "x.y", "x.y."),
        ("", "x.", "x."),
        ("ndots:2", "x.y", "x.y.a.test."),
        ("ndots:5", "_grpc._tcp.x.y", "_grpc._tcp.x.y.a.test."),
        ("ndots:0", "x", "x."),
        ("ndots:99", ".".join("a" * 16), ".".join("a" * 16) + "."),
        ("ndots:some", "x", "x.a.test."),
    ],
)
def test_ndots_says_what_comes_first(tmp_path: Path, options: str, name: str, first: str) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text(f"nameserver 192.0.2.53\nsearch a.test\noptions {options}\n")
    assert next(read_system(str(file)).search.candidates(name)).to_text() == first


def test_the_environment_has_the_last_word(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "resolv.conf"
    file.write_text("nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.test\noptions ndots:1 timeout:3")
    system = read_system(str(file))
    assert [(place.host, place.port) for place in system.servers] == [("192.0.2.53", 53), ("2001:db8::53", 53)]
    assert (system.timeout, system.rotate, system.search.ndots) == (3, False, 1)
    monkeypatch.setenv("LOCALDOMAIN", "b.test c.test")
    monkeypatch.setenv("RES_OPTIONS", "ndots:4 rotate")
    system = read_system(str(file))
    assert [domain.to_text() for domain in system.search.domains] == ["b.test.", "c.test."]
    assert (system.timeout, system.rotate, system.search.ndots) == (3, True, 4)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (None, "names no DNS server; write one: dns://server/name"),
        (b"", "names no DNS server"),
        (b"search a.test\n", "names no DNS server"),
        (b"nameserver ns.example\n", "makes no sense"),
        (b"nameserver https://ns.example/dns-query\n", "makes no sense: a server is no address"),
        (b"nameserver 192.0.2.53\nsearch a..b\n", "makes no sense"),
        (b"\xff\xfe\x00nameserver", "names no DNS server"),
    ],
)
def test_a_system_that_cannot_be_asked(tmp_path: Path, content: bytes | None, says: str) -> None:
    file = tmp_path / "resolv.conf"
    if content is not None:
        file.write_bytes(content)
    registry = registry_with(resolv_conf=str(file), hosts=str(tmp_path / "none"))
    with pytest.raises(ResolveError) as caught:
        urischeme.resolve("orders.internal:80", registry=registry)
    assert str(caught.value).startswith(f"{file} ")
    assert says in str(caught.value)
    assert caught.value.retryable is False
    assert not isinstance(caught.value, NotFound)


def test_the_servers_of_the_system_are_asked(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("the port of DNS is for root alone")
    address = misbehaving.own_loopback()
    file = tmp_path / "resolv.conf"
    file.write_text(f"nameserver {address}\nsearch a.test example.test\noptions ndots:2\n")
    registry = registry_with(resolv_conf=str(file), hosts=str(tmp_path / "none"))
    asked: list[str] = []

    def reply(query: dns.message.Message) -> dns.message.Message:
        name = query.question[0].name.to_text()
        asked.append(name)
        known = name == "orders.prod.example.test."
        return answer(query, f"{name} 9 A 10.9.9.9", rcode=dns.rcode.NOERROR if known else dns.rcode.NXDOMAIN)

    try:
        with misbehaving.server(reply, bind=(address, 53)):
            found = urischeme.resolve("dns:orders.prod:80?family=ipv4", registry=registry)
    except PermissionError as error:
        missing(f"needs port 53 on loopback: {error}")
    assert asked == ["orders.prod.a.test.", "orders.prod.example.test."]
    assert (hosts(found), found.authority) == (["10.9.9.9:80"], "orders.prod")


# --- through a recursive server, that keeps what it was told


@pytest.fixture(scope="module")
def recursor(knot_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with unbound.running(tmp_path_factory.mktemp("unbound"), knot_port) as port:
        yield f"127.0.0.1:{port}"


@pytest.mark.parametrize(
    ("name", "expected", "ttl"),
    [
        ("v4.example.test", ["10.0.0.1:443", "10.0.0.2:443"], 30),
        ("v6.example.test", ["[2001:db8::1]:443"], 40),
        ("alias.example.test", ["10.0.0.3:443", "[2001:db8::3]:443"], 7),
    ],
)
def test_a_recursor_counts_down_what_is_left(recursor: str, name: str, expected: list[str], ttl: float) -> None:
    for _ in range(2):
        found = urischeme.resolve(f"dns://{recursor}/{name}")
        assert hosts(found) == expected
        assert found.ttl is not None
        # It may come from the cache, where it has stood for a while.
        assert 0 <= found.ttl <= ttl


def test_a_recursor_passes_long_answers_on(recursor: str) -> None:
    assert len(urischeme.resolve(f"dns://{recursor}/many.example.test").endpoints) == 199


def test_a_recursor_keeps_what_is_not_there(recursor: str) -> None:
    for name in ("nowhere", "text"):
        for _ in range(2):
            with pytest.raises(NotFound) as caught:
                urischeme.resolve(f"dns://{recursor}/{name}.example.test")
            assert caught.value.ttl is not None
            assert 0 <= caught.value.ttl <= 60


def test_names_are_completed_at_a_recursor(recursor: str, zone: knot.Zone, tmp_path: Path) -> None:
    zone.update("late.sub 5 A 10.3.0.1")
    registry = registry_with(nameservers=[recursor], search=["example.test"], hosts=str(tmp_path / "none"))
    assert hosts(urischeme.resolve("dns:late.sub", registry=registry)) == ["10.3.0.1:443"]
