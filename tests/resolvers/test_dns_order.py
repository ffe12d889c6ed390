"""RFC 6724: the examples of its section 10.2, and what holds for any addresses."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from tests.resolvers import misbehaving
from tests.resolvers.misbehaving import answer
from urischeme.resolvers.dns.destination_order import in_order, source_address


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        # Section 10.2, in its order: each destination with the source that would be chosen for it.
        ({"2001:db8:1::1": "2001:db8:1::2", "198.51.100.121": "169.254.13.78"}, ["2001:db8:1::1", "198.51.100.121"]),
        ({"2001:db8:1::1": "fe80::1", "198.51.100.121": "198.51.100.117"}, ["198.51.100.121", "2001:db8:1::1"]),
        ({"2001:db8:1::1": "2001:db8:1::2", "10.1.2.3": "10.1.2.4"}, ["2001:db8:1::1", "10.1.2.3"]),
        ({"2001:db8:1::1": "2001:db8:1::2", "fe80::1": "fe80::2"}, ["fe80::1", "2001:db8:1::1"]),
        (
            {"2002:c633:6401::1": "2002:c633:6401::2", "2001:db8:1::1": "fe80::1"},
            ["2002:c633:6401::1", "2001:db8:1::1"],
        ),
        (
            {"2002:c633:6401::1": "2002:c633:6401::2", "2001:db8:1::1": "2001:db8:1::2"},
            ["2001:db8:1::1", "2002:c633:6401::1"],
        ),
        # Rule 1: what cannot be reached goes last, and is not dropped.
        ({"2001:db8::1": None, "192.0.2.1": "192.0.2.9", "::1": None}, ["192.0.2.1", "::1", "2001:db8::1"]),
        # Rule 5: labels; a unique local address is for those that have one.
        ({"fd00::1": "2001:db8::2", "192.0.2.1": "192.0.2.9"}, ["192.0.2.1", "fd00::1"]),
        ({"fd00::1": "fd00::2", "2001:db8::1": "fd00::2"}, ["fd00::1", "2001:db8::1"]),
        # Rule 6: precedence.
        ({"127.0.0.1": "127.0.0.1", "::1": "::1"}, ["::1", "127.0.0.1"]),
        ({"2001:0:1::1": "2001:0:1::2", "192.0.2.1": "192.0.2.9"}, ["192.0.2.1", "2001:0:1::1"]),
        # Rule 9: the nearer IPv6 network; not beyond the subnet, and not for IPv4.
        ({"2001:db8:2::1": "2001:db8:1::9", "2001:db8:1::1": "2001:db8:1::9"}, ["2001:db8:1::1", "2001:db8:2::1"]),
        ({"2001:db8::ff": "2001:db8::1", "2001:db8::1": "2001:db8::1"}, ["2001:db8::ff", "2001:db8::1"]),
        ({"10.9.9.9": "10.0.0.1", "10.0.0.2": "10.0.0.1"}, ["10.9.9.9", "10.0.0.2"]),
        # A zone says where a link-local address is, and plays no part beside that.
        ({"2001:db8::1": "2001:db8::2", "fe80::1%7": "fe80::2%7"}, ["fe80::1%7", "2001:db8::1"]),
        ({"ff02::1": "fe80::2", "ff0e::1": "2001:db8::2"}, ["ff02::1", "ff0e::1"]),
        ({"fec0::1": "fec0::2", "2001:db8::1": "2001:db8::2"}, ["2001:db8::1", "fec0::1"]),
    ],
)
def test_the_order(sources: dict[str, str | None], expected: list[str]) -> None:
    assert in_order(sources, sources.get) == expected


addresses = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)).map(str)


@given(st.dictionaries(addresses, st.none() | addresses))
def test_it_sorts_and_never_drops(sources: dict[str, str | None]) -> None:
    ordered = in_order(sources, sources.get)
    assert sorted(ordered) == sorted(sources)
    assert in_order(ordered, sources.get) == ordered
    reached = [sources[destination] is not None for destination in ordered]
    assert reached == sorted(reached, reverse=True)


@given(st.lists(addresses, max_size=10))
def test_any_address_may_be_asked_after(destinations: list[str]) -> None:
    assert sorted(in_order(destinations)) == sorted(destinations)


def test_the_source_is_what_the_system_would_take() -> None:
    assert source_address("127.0.0.1") == "127.0.0.1"
    assert source_address("fe80::1%no-such-interface") is None
    assert source_address("255.255.255.255") is None
    for destination in ("192.0.2.1", "2001:db8::1"):
        source = source_address(destination)
        assert source is None or ipaddress.ip_address(source).version == ipaddress.ip_address(destination).version


def test_an_answer_is_in_that_order() -> None:
    name = "orders.example.test"
    found = [f"{name}. 9 A {host}" for host in ("255.255.255.255", "127.0.0.1")]
    with misbehaving.server(lambda query: answer(query, *found)) as server:
        resolution = urischeme.resolve(f"dns://{server}/{name}:80")
    # To the first there is no way without asking for it; it goes last, and is there.
    assert [str(endpoint) for endpoint in resolution.endpoints] == ["ipv4:127.0.0.1:80", "ipv4:255.255.255.255:80"]
