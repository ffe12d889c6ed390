"""`dns:` against a real DNS server, and against one that misbehaves."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

import urischeme
from tests.resolvers import knot, misbehaving
from urischeme import NotFound, Registry, Resolution, ResolveError, TargetError
from urischeme.resolvers.dns import Dns


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with knot.running(tmp_path_factory.mktemp("knot")) as port:
        yield f"127.0.0.1:{port}"


def hosts(resolution: Resolution) -> list[str]:
    return [str(address).partition(":")[2] for address in resolution.addresses]


def registry_with(**options: object) -> Registry:
    registry = Registry()
    registry.register("dns", Dns(**options), replace=True)  # type: ignore[arg-type]
    return registry


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
    ],
)
def test_a_and_aaaa_at_a_server(server: str, name: str, expected: list[str], ttl: float) -> None:
    resolution = urischeme.resolve(f"dns://{server}/{name}")
    # Records of one kind come in any order.
    assert sorted(hosts(resolution)) == sorted(expected)
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
    ("name", "says"),
    [
        ("nowhere.example.test", "nowhere.example.test: no such name (NXDOMAIN)"),
        ("dangling.example.test", "dangling.example.test: no such name (NXDOMAIN)"),
        ("text.example.test", "text.example.test has no address: neither A nor AAAA records"),
    ],
)
def test_what_is_not_there(server: str, name: str, says: str) -> None:
    with pytest.raises(NotFound) as caught:
        urischeme.resolve(f"dns://{server}/{name}")
    assert says in str(caught.value)
    assert caught.value.retryable is False


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
    asked = urischeme.resolve(f"dns://{server}/v4.example.test:1", registry=registry)
    assert sorted(hosts(asked)) == ["10.0.0.1:1", "10.0.0.2:1"]


def test_a_server_by_name(server: str, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("127.0.0.1 ns.internal\n")
    port = server.partition(":")[2]
    registry = registry_with(hosts=str(file))
    found = urischeme.resolve(f"dns://ns.internal:{port}/v6.example.test", registry=registry)
    assert hosts(found) == ["[2001:db8::1]:443"]


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
    registry = registry_with(nameservers=["127.0.0.1:1"], hosts=str(tmp_path / "none"))
    assert hosts(urischeme.resolve(target, registry=registry)) == ["127.0.0.1:80", "[::1]:80"]


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
        ("dns:b%C3%BCcher..x", "no internationalised name"),
        ("dns:%FF", "no internationalised name"),
        ("dns:h:http", "a port is digits"),
        ("dns:h:", "no port after the colon"),
        ("dns:h:65536", "at most 65535"),
        ("dns:h:" + "9" * 5000, "at most 65535"),
        ("dns:1:2:3", "'1:2:3' is not an IPv6 address"),
        ("dns://a%20b/h", "'a b' is no part of a name"),
        ("dns://u@h/x", "is no part of a name"),
        ("dns:h?famly=ipv4", "dns has no option 'famly'"),
    ],
)
def test_what_is_refused_before_anybody_is_asked(target: str, says: str) -> None:
    with pytest.raises(TargetError) as caught:
        urischeme.check(target)
    assert says in str(caught.value)


def test_a_silent_server_costs_no_more_than_the_timeout() -> None:
    with (
        misbehaving.server(lambda query: None) as silent,
        pytest.raises(ResolveError, match=r"no answer within 0\.2 s") as caught,
    ):
        urischeme.resolve(f"dns://{silent}/example.test", timeout=0.2)
    assert caught.value.retryable is True


def test_the_failure_of_one_family_does_not_fail_the_other() -> None:
    def reply(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        question = query.question[0]
        if question.rdtype == dns.rdatatype.AAAA:
            response.set_rcode(dns.rcode.SERVFAIL)
        else:
            response.answer.append(dns.rrset.from_text(question.name, 9, "IN", "A", "10.9.9.9"))
        return response

    with misbehaving.server(reply) as half:
        found = urischeme.resolve(f"dns://{half}/example.test")
    assert (hosts(found), found.ttl) == (["10.9.9.9:443"], 9)


@pytest.mark.parametrize("rcode", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, dns.rcode.NOTIMP, dns.rcode.FORMERR])
def test_a_server_that_fails_may_answer_later(rcode: dns.rcode.Rcode) -> None:
    def reply(query: dns.message.Message) -> dns.message.Message:
        response = dns.message.make_response(query)
        response.set_rcode(rcode)
        return response

    with misbehaving.server(reply) as failing, pytest.raises(ResolveError, match="no A answer from") as caught:
        urischeme.resolve(f"dns://{failing}/example.test")
    assert caught.value.retryable is True


def test_a_system_without_a_name_server(tmp_path: Path) -> None:
    registry = registry_with(resolv_conf=str(tmp_path / "none"), hosts=str(tmp_path / "none"))
    with pytest.raises(ResolveError, match="names no DNS server") as caught:
        urischeme.resolve("orders.internal:80", registry=registry)
    assert caught.value.retryable is False


def test_name_servers_are_addresses() -> None:
    with pytest.raises(ValueError, match=r"ns\.example"):
        Dns(nameservers=["ns.example"])
