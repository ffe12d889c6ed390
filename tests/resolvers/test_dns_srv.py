"""`dns:` with SRV records (RFC 2782)."""

from __future__ import annotations

from pathlib import Path

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

import urischeme
from tests.resolvers import knot, misbehaving
from tests.resolvers.asking import registry_with
from tests.resolvers.misbehaving import answer
from urischeme import NotFound, Resolution, ResolveError


def endpoints(resolution: Resolution) -> list[tuple[object, object, list[str]]]:
    """Priority, weight and addresses of each."""
    return [
        (
            endpoint.attributes["priority"],
            endpoint.attributes["weight"],
            sorted(str(address).partition(":")[2] for address in endpoint.addresses),
        )
        for endpoint in resolution.endpoints
    ]


@pytest.fixture
def service(zone: knot.Zone) -> str:
    """A service with three instances, one of them on both families."""
    zone.update(
        "_grpc._tcp.shop 40 SRV 20 0 7003 spare.shop",
        "_grpc._tcp.shop 40 SRV 10 30 7001 one.shop",
        "_grpc._tcp.shop 40 SRV 10 70 7002 one.shop",
        "_grpc._tcp.shop 40 SRV 30 0 7004 nowhere.shop",
        "one.shop 50 A 10.4.0.1",
        "one.shop 30 AAAA 2001:db8:4::1",
        "spare.shop 60 A 10.4.0.2",
        "spare.shop 60 A 10.4.0.3",
    )
    return "shop.example.test"


@pytest.mark.parametrize("form", ["dns://{server}/{name}?srv=_grpc._tcp", "dns://{server}/_grpc._tcp.{name}."])
def test_each_record_is_one_endpoint_with_all_its_addresses(server: str, service: str, form: str) -> None:
    found = urischeme.resolve(form.format(server=server, name=service))
    assert [priority for priority, _, _ in endpoints(found)] == [10, 10, 20]
    assert sorted(endpoints(found), key=str) == [
        (10, 30, ["10.4.0.1:7001", "[2001:db8:4::1]:7001"]),
        (10, 70, ["10.4.0.1:7002", "[2001:db8:4::1]:7002"]),
        (20, 0, ["10.4.0.2:7003", "10.4.0.3:7003"]),
    ]
    assert found.ttl == 30
    # What TLS checks is the name that was asked for, not where the service is (RFC 9525 section 6.3).
    assert found.authority == "shop.example.test"


def test_one_family_alone(server: str, service: str) -> None:
    found = urischeme.resolve(f"dns://{server}/{service}?srv=_grpc._tcp&family=ipv6", default_port=1)
    assert sorted(endpoints(found), key=str) == [(10, 30, ["[2001:db8:4::1]:7001"]), (10, 70, ["[2001:db8:4::1]:7002"])]


def test_names_are_completed_and_targets_are_whole(server: str, service: str, tmp_path: Path) -> None:
    file = tmp_path / "hosts"
    file.write_text("192.0.2.1 one.shop.example.test one.shop\n192.0.2.2 shop.example.test\n")
    registry = registry_with(nameservers=[server], search=["nowhere.test", "example.test"], hosts=str(file))
    for target in ("dns:shop?srv=_grpc._tcp&family=ipv4", "dns:_grpc._tcp.shop?family=ipv4", "_grpc._tcp.shop"):
        found = urischeme.resolve(target, registry=registry)
        assert found.authority == "shop"
        assert ["192.0.2.1:7001"] in [addresses for _, _, addresses in endpoints(found)]


def test_the_way_to_a_service_may_have_aliases(server: str, zone: knot.Zone) -> None:
    zone.update(
        "_grpc._tcp.old 5 CNAME _grpc._tcp.new",
        "_grpc._tcp.new 40 SRV 1 2 7000 host.new",
        "host.new 9 CNAME v4",
    )
    found = urischeme.resolve(f"dns://{server}/old.example.test?srv=_grpc._tcp")
    assert endpoints(found) == [(1, 2, ["10.0.0.1:7000", "10.0.0.2:7000"])]
    assert (found.ttl, found.authority) == (5, "old.example.test")


@pytest.mark.parametrize(
    ("records", "says", "ttl"),
    [
        (["_grpc._tcp.off 30 SRV 0 0 0 ."], "the service is not available there", 30),
        (["_grpc._tcp.off 90 SRV 0 0 1 nowhere.off"], "no target of it has an address", 60),
        (["_grpc._tcp.off 90 TXT none"], "has no SRV records", 60),
        (["other.off 90 TXT none"], "no such name (NXDOMAIN)", 60),
    ],
)
def test_a_service_that_is_not_there(server: str, zone: knot.Zone, records: list[str], says: str, ttl: float) -> None:
    zone.remove("_grpc._tcp.off")
    zone.update(*records)
    with pytest.raises(NotFound) as caught:
        urischeme.resolve(f"dns://{server}/off.example.test?srv=_grpc._tcp")
    assert f"_grpc._tcp.off.example.test: {says}".replace(": has", " has") in str(caught.value)
    assert caught.value.ttl == ttl


NAME = "shop.example.test"
SRV = [f"_grpc._tcp.{NAME}. 9 SRV {number} 0 7000 {number}.{NAME}." for number in range(3)]
ADDRESSES = [f"{number}.{NAME}. 9 {address}" for number in range(3) for address in (f"A 10.5.0.{number}", "AAAA ::5")]


def failing_for(*types: tuple[str, str]) -> misbehaving.Reply:
    """A server that fails for these names and types, has SRV records for the service and addresses for its targets."""

    def reply(query: dns.message.Message) -> dns.message.Message:
        question = query.question[0]
        if (question.name.to_text(), dns.rdatatype.to_text(question.rdtype)) in types:
            return answer(query, rcode=dns.rcode.SERVFAIL)
        return answer(query, *(each for each in [*SRV, *ADDRESSES] if each.startswith(question.name.to_text() + " ")))

    return reply


@pytest.mark.parametrize(
    ("failing", "instances", "failed"),
    [
        ([], 3, None),
        ([(f"1.{NAME}.", "AAAA")], 3, ("ipv6",)),
        ([(f"1.{NAME}.", "A"), (f"2.{NAME}.", "AAAA")], 3, ("ipv4", "ipv6")),
        ([(f"1.{NAME}.", "A"), (f"1.{NAME}.", "AAAA")], 2, ("ipv4", "ipv6")),
    ],
)
def test_an_instance_that_fails_does_not_fail_the_others(
    failing: list[tuple[str, str]], instances: int, failed: tuple[str, ...] | None
) -> None:
    with misbehaving.server(failing_for(*failing)) as server:
        found = urischeme.resolve(f"dns://{server}/{NAME}?srv=_grpc._tcp")
    assert len(found.endpoints) == instances
    assert found.attributes.get("failed_families") == failed


def test_nothing_is_known_where_all_fail() -> None:
    failing = [(f"{number}.{NAME}.", kind) for number in range(3) for kind in ("A", "AAAA")]
    for faults in (failing, [(f"_grpc._tcp.{NAME}.", "SRV")]):
        with misbehaving.server(failing_for(*faults)) as server, pytest.raises(ResolveError) as caught:
            urischeme.resolve(f"dns://{server}/{NAME}?srv=_grpc._tcp")
        assert caught.value.retryable
        assert "SERVFAIL" in str(caught.value)


def test_a_service_of_two_hundred_instances() -> None:
    records = [f"_grpc._tcp.{NAME}. 9 SRV 0 0 7000 i{number}.{NAME}." for number in range(200)]

    def reply(query: dns.message.Message) -> dns.message.Message:
        name = query.question[0].name.to_text()
        return answer(
            query, *(records if name.startswith("_grpc") else [f"{name} 9 A 10.6.0.{name[1:].split('.')[0]}"])
        )

    with misbehaving.server(reply) as server:
        assert len(urischeme.resolve(f"dns://{server}/{NAME}?srv=_grpc._tcp").endpoints) == 200
