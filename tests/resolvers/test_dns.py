"""`dns:`: addresses of names, at a real DNS server, and what is refused before any is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import urischeme
from tests.resolvers.asking import hosts, registry_with
from urischeme import NotFound, ParseError, Resolution, ResolveError, TargetError
from urischeme.resolvers.dns import Dns


@pytest.mark.parametrize(
    ("name", "expected", "ttl"),
    [
        ("v4.example.test", ["10.0.0.1:443", "10.0.0.2:443"], 30),
        ("v6.example.test:50051", ["[2001:db8::1]:50051"], 40),
        ("dual.example.test:80", ["10.0.0.3:80", "[2001:db8::3]:80"], 20),
        ("alias.example.test", ["10.0.0.3:443", "[2001:db8::3]:443"], 7),
        ("DUAL.Example.test.:1", ["10.0.0.3:1", "[2001:db8::3]:1"], 20),
        ("under_score.example.test", ["10.0.0.4:443"], 60),
        ("b%C3%BCcher.example.test", ["10.0.0.5:443"], 60),
        ("B%C3%9CCHER%E3%80%82example.test.", ["10.0.0.5:443"], 60),
        ("under_score.b%C3%BCcher.example.test", ["10.0.0.7:443"], 60),
        ("dual.example.test?family=dual", ["10.0.0.3:443", "[2001:db8::3]:443"], 20),
        ("dual.example.test?family=ipv4", ["10.0.0.3:443"], 50),
        ("dual.example.test?family=ipv6", ["[2001:db8::3]:443"], 20),
        ("v6.example.test:https", ["[2001:db8::1]:443"], 40),
        ("v6.example.test:domain", ["[2001:db8::1]:53"], 40),
    ],
)
def test_a_and_aaaa_at_a_server(server: str, name: str, expected: list[str], ttl: float) -> None:
    resolution = urischeme.resolve(f"dns://{server}/{name}")
    assert hosts(resolution) == expected
    assert resolution.ttl == ttl
    assert all(len(endpoint.addresses) == 1 for endpoint in resolution.endpoints)


@pytest.mark.parametrize(
    ("name", "authority"),
    [
        ("alias.example.test:80", "alias.example.test"),
        ("v4.example.test.", "v4.example.test"),
        ("b%C3%BCcher.example.test", "xn--bcher-kva.example.test"),
    ],
)
def test_the_authority_is_the_name_that_was_asked(server: str, name: str, authority: str) -> None:
    assert urischeme.resolve(f"dns://{server}/{name}").authority == authority


def test_the_default_port_can_be_told(server: str) -> None:
    assert hosts(urischeme.resolve(f"dns://{server}/v6.example.test", default_port=0)) == ["[2001:db8::1]:0"]


@pytest.mark.parametrize(
    ("name", "says", "ttl"),
    [
        ("nowhere.example.test", "nowhere.example.test: no such name (NXDOMAIN)", 60),
        ("dangling.example.test", "dangling.example.test: no such name (NXDOMAIN)", 11),
        ("text.example.test", "text.example.test has no address: neither A nor AAAA records", 60),
        ("v4.example.test?family=ipv6", "v4.example.test has no address: no AAAA records", 60),
    ],
)
def test_what_is_not_there_and_for_how_long(server: str, name: str, says: str, ttl: float) -> None:
    with pytest.raises(NotFound) as caught:
        urischeme.resolve(f"dns://{server}/{name}")
    assert says in str(caught.value)
    assert (caught.value.retryable, caught.value.ttl) == (False, ttl)


def test_a_server_that_refuses_may_answer_later(server: str) -> None:
    with pytest.raises(ResolveError, match=r"example\.com: no A answer from .*REFUSED") as caught:
        urischeme.resolve(f"dns://{server}/example.com")
    assert caught.value.retryable is True
    assert not isinstance(caught.value, NotFound)


def test_an_answer_too_long_for_udp_comes_over_tcp(server: str) -> None:
    assert len(urischeme.resolve(f"dns://{server}/many.example.test").endpoints) == 199


def test_many_at_once(server: str) -> None:
    async def main() -> list[Resolution]:
        names = ["v4", "v6", "dual", "alias"] * 10
        return await asyncio.gather(*(urischeme.aio.resolve(f"dns://{server}/{name}.example.test") for name in names))

    assert [len(each.endpoints) for each in asyncio.run(main())] == [2, 1, 2, 2] * 10


def test_search_domains_and_ndots(server: str, tmp_path: Path) -> None:
    nobody = str(tmp_path / "none")
    registry = registry_with(nameservers=[server], search=["sub.example.test", "example.test"], hosts=nobody)
    assert hosts(urischeme.resolve("dns:v6", registry=registry)) == ["[2001:db8::1]:443"]
    assert hosts(urischeme.resolve("v6:1", registry=registry)) == ["[2001:db8::1]:1"]
    registry = registry_with(nameservers=[server], search=["example.test"], hosts=nobody)
    # The name itself comes first, having a dot; the server fails on it, for it knows only example.test.
    assert hosts(urischeme.resolve("dns:deep.sub", registry=registry)) == ["10.0.0.6:443"]
    # With a final dot the name is whole, and nothing else is tried.
    with pytest.raises(ResolveError, match="v6: no A answer"):
        urischeme.resolve("dns:v6.", registry=registry)


def test_the_hosts_file_comes_first_and_only_without_a_server(server: str, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text(
        "# comment\n192.0.2.1 V4.example.test alias # more\n2001:db8::9\tv4.example.test\nnonsense v4.example.test\n"
    )
    registry = registry_with(nameservers=[server], hosts=str(file))
    here = urischeme.resolve("dns:v4.EXAMPLE.test:1", registry=registry)
    assert (hosts(here), here.ttl) == (["192.0.2.1:1", "[2001:db8::9]:1"], None)
    one = urischeme.resolve("dns:v4.example.test:1?family=ipv6", registry=registry)
    assert hosts(one) == ["[2001:db8::9]:1"]
    asked = urischeme.resolve(f"dns://{server}/v4.example.test:1", registry=registry)
    assert hosts(asked) == ["10.0.0.1:1", "10.0.0.2:1"]


def test_what_the_hosts_file_has_not_of_a_family_is_asked_of_dns(server: str, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("192.0.2.1 dual.example.test\n")
    registry = registry_with(nameservers=[server], hosts=str(file))
    assert hosts(urischeme.resolve("dns:dual.example.test:1", registry=registry)) == ["192.0.2.1:1"]
    found = urischeme.resolve("dns:dual.example.test:1?family=ipv6", registry=registry)
    assert hosts(found) == ["[2001:db8::3]:1"]


def test_a_server_by_name(server: str, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 ns.internal\n")
    port = server.partition(":")[2]
    registry = registry_with(nameservers=[server], hosts=str(file))
    found = urischeme.resolve(f"dns://ns.internal:{port}/v6.example.test", registry=registry)
    assert hosts(found) == ["[2001:db8::1]:443"]
    found = urischeme.resolve(f"dns://ns.example.test:{port}/v6.example.test", registry=registry)
    assert hosts(found) == ["[2001:db8::1]:443"]


def test_that_a_server_is_not_there_says_nothing_of_the_name(server: str) -> None:
    registry = registry_with(nameservers=[server])
    with pytest.raises(ResolveError, match=r"nowhere\.example\.test: no such name") as caught:
        urischeme.resolve("dns://nowhere.example.test/v6.example.test", registry=registry)
    assert caught.value.retryable
    assert not isinstance(caught.value, NotFound)


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("10.2.1.1", ["10.2.1.1:443"]),
        ("dns:10.2.1.1:1234", ["10.2.1.1:1234"]),
        ("[2001:db8::1]:1", ["[2001:db8::1]:1"]),
        ("2001:DB8::1", ["[2001:db8::1]:443"]),
        ("dns:2001:db8::1.2.3.4", ["[2001:db8::102:304]:443"]),
        ("dns:///%5B::1%5D:443", ["[::1]:443"]),
        ("dns://127.0.0.1:1/10.0.0.1:80", ["10.0.0.1:80"]),
    ],
)
def test_literals_are_asked_of_nobody(target: str, expected: list[str]) -> None:
    registry = registry_with(nameservers=["127.0.0.1:1"])
    assert hosts(urischeme.resolve(target, registry=registry)) == expected


@pytest.mark.parametrize("target", ["localhost:80", "dns:LOCALHOST.:80", "dns:///a.localhost:80"])
def test_localhost_is_asked_of_nobody(target: str, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    registry = registry_with(nameservers=["127.0.0.1:1"], hosts=str(file))
    assert hosts(urischeme.resolve(target, registry=registry)) == ["127.0.0.1:80", "[::1]:80"]
    file.write_text("127.0.0.2 localhost\n")
    target = f"dns:{target.removeprefix('dns:')}?family=ipv6"
    assert hosts(urischeme.resolve(target, registry=registry)) == ["[::1]:80"]


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("dns:", "there is no host"),
        ("dns:///:80", "there is no host"),
        ("dns:a..b", "'' is no part of a name"),
        ("dns:" + "a" * 64, "1 to 63 letters"),
        ("dns:" + ".".join(["a" * 63] * 4), "at most 253 characters"),
        ("dns:a%20b", "'a b' is no part of a name"),
        ("dns:a%00b", "is no part of a name"),
        ("dns:b%C3%BCcher..x", "'' is no part of a name"),
        ("dns:h..", "'' is no part of a name"),
        ("dns:.", "'' is no part of a name"),
        ("dns:%FF", "no internationalised name"),
        ("dns:h:no-such-service", "this system knows no service 'no-such-service'; write the number of the port"),
        ("dns:h:%00", "a port is digits"),
        ("dns:h:u%40v", "a port is digits"),
        ("dns:h:", "no port after the colon"),
        ("dns:h:65536", "at most 65535"),
        ("dns:h:" + "9" * 5000, "at most 65535"),
        ("dns:1:2:3", "'1:2:3' is not an IPv6 address"),
        ("dns://a%20b/h", "'a b' is no part of a name"),
        ("dns://u@h/x", "is no part of a name"),
        ("dns://s:domain/h", "port, position 8"),
        ("dns:h?famly=ipv4", "dns has no option 'famly'; it takes family, service_config, srv"),
        ("dns:h?family=v4", "family is dual, ipv4 or ipv6, not 'v4'"),
        ("dns:h?family=", "family is dual, ipv4 or ipv6, not ''"),
        ("dns:h?service_config=1", "service_config is false or true, not '1'"),
        ("dns:10.0.0.1?family=ipv6", "the address is of the other family than family=ipv6"),
        ("dns:[::1]?family=ipv4", "the address is of the other family than family=ipv4"),
        ("dns:h?srv=grpc", "srv is _service._proto, as in srv=_grpc._tcp, not 'grpc'"),
        ("dns:h:1?srv=_grpc._tcp", "SRV records say which port; leave it out"),
        ("dns:_grpc._tcp.h:1", "SRV records say which port; leave it out"),
        ("_grpc._tcp.h:1", "SRV records say which port; leave it out"),
        ("dns:_a._tcp.h?srv=_grpc._tcp", "the name begins with _service._proto already"),
        ("dns:10.0.0.1?srv=_grpc._tcp", "an address has no SRV records"),
        ("dns:localhost?srv=_grpc._tcp", "localhost has no SRV records"),
        ("dns:" + ".".join(["a" * 60] * 4) + "?srv=_service._tcp", "at most 253 characters"),
    ],
)
def test_what_is_refused_before_anybody_is_asked(target: str, says: str) -> None:
    with pytest.raises((TargetError, ParseError)) as caught:
        urischeme.check(target)
    assert says in str(caught.value)


def test_what_it_cannot_be_configured_with() -> None:
    with pytest.raises(ValueError, match="'a b' is no part of a name"):
        Dns(search=["a b"])
    with pytest.raises(ValueError, match=r"ns\.example"):
        Dns(nameservers=["ns.example"])
    with pytest.raises(ValueError, match="no name server"):
        Dns(nameservers=[])
    with pytest.raises(ValueError, match="seconds above 0"):
        Dns(lifetime=0)
