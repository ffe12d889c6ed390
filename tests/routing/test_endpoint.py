from __future__ import annotations

import copy
import ipaddress
import pickle
import socket
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from urischeme import (
    Address,
    Endpoint,
    NotFound,
    Registry,
    Resolution,
    ResolveError,
    Target,
    TCPAddress,
    UnixAbstractAddress,
    UnixAddress,
    VsockAddress,
)

AF_VSOCK = getattr(socket, "AF_VSOCK", None)
MAX_SUN_PATH = 107  # Linux
MAX_UINT32 = 2**32 - 1


@pytest.mark.parametrize(
    ("address", "text", "family", "sockaddr"),
    [
        (TCPAddress("10.0.0.1", 80), "ipv4:10.0.0.1:80", socket.AF_INET, ("10.0.0.1", 80)),
        (TCPAddress("::1", 0), "ipv6:[::1]:0", socket.AF_INET6, ("::1", 0, 0, 0)),
        (TCPAddress("2001:DB8:0::01", 1), "ipv6:[2001:db8::1]:1", socket.AF_INET6, ("2001:db8::1", 1, 0, 0)),
        (TCPAddress("::ffff:a00:1", 1), "ipv6:[::ffff:10.0.0.1]:1", socket.AF_INET6, ("::ffff:10.0.0.1", 1, 0, 0)),
        (TCPAddress("fe80::1%7", 1), "ipv6:[fe80::1%257]:1", socket.AF_INET6, ("fe80::1", 1, 0, 7)),
        (TCPAddress("fe80::1%lo", 1), "ipv6:[fe80::1%25lo]:1", socket.AF_INET6, ("fe80::1", 1, 0, 1)),
        (UnixAddress("run/x"), "unix:run/x", socket.AF_UNIX, b"run/x"),
        (UnixAddress("/run/a b:é?#%"), "unix:/run/a%20b:%C3%A9%3F%23%25", socket.AF_UNIX, "/run/a b:é?#%".encode()),
        (UnixAddress("/\udcff"), "unix:/%FF", socket.AF_UNIX, b"/\xff"),
        (UnixAddress("//x"), "unix:////x", socket.AF_UNIX, b"//x"),
        (UnixAbstractAddress(b"a\0b"), "unix-abstract:a%00b", socket.AF_UNIX, b"\0a\0b"),
        (UnixAbstractAddress(b"//\xff"), "unix-abstract:////%FF", socket.AF_UNIX, b"\0//\xff"),
        (VsockAddress(2, MAX_UINT32), "vsock:2:4294967295", AF_VSOCK, (2, MAX_UINT32)),
    ],
)
def test_an_address_is_for_the_socket_module_and_prints_as_a_target(
    address: Address, text: str, family: int | None, sockaddr: object
) -> None:
    assert str(address) == text
    assert address.sockaddr == sockaddr
    if family is not None:
        assert address.family == family


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: TCPAddress("localhost", 80), "a host name is not an address"),
        (lambda: TCPAddress("[::1]", 80), "not an address"),
        (lambda: TCPAddress("010.0.0.1", 80), "not an address"),
        (lambda: TCPAddress("", 80), "not an address"),
        (lambda: TCPAddress(2130706433, 80), "not an address"),  # type: ignore[arg-type]
        (lambda: TCPAddress(b"\x7f\0\0\1", 80), "not an address"),  # type: ignore[arg-type]
        (lambda: TCPAddress("fe80::1%a]b", 80), "a zone is"),
        (lambda: TCPAddress("fe80::1%" + "9" * 5000, 80), "a zone is"),
        (lambda: TCPAddress("10.0.0.1", 65536), "from 0 to 65535"),
        (lambda: TCPAddress("10.0.0.1", -1), "from 0 to 65535"),
        (lambda: UnixAddress(""), "not empty"),
        (lambda: UnixAddress("/a\0b"), "unix-abstract:"),
        (lambda: UnixAddress("é" * 54), "at most 107 bytes"),
        (lambda: UnixAddress("/\ud800"), ""),
        (lambda: UnixAbstractAddress(b""), "not empty"),
        (lambda: UnixAbstractAddress(b"\0" * 108), "at most 107 bytes"),
        (lambda: VsockAddress(MAX_UINT32 + 1, 1), "a context id is a number from 0 to 4294967295"),
        (lambda: VsockAddress(2, -1), "a vsock port is a number from 0 to 4294967295"),
        (lambda: Endpoint([]), "at least one address"),
    ],
)
def test_what_nobody_could_connect_to_is_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(ValueError) as caught:
        make()
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: TCPAddress("10.0.0.1", "80"),  # type: ignore[arg-type]
        lambda: TCPAddress("10.0.0.1", 80.5),  # type: ignore[arg-type]
        lambda: Endpoint("10.0.0.1:80"),  # type: ignore[arg-type]
        lambda: Endpoint([("10.0.0.1", 80)]),  # type: ignore[list-item]
        lambda: Resolution([TCPAddress("10.0.0.1", 80)]),  # type: ignore[list-item]
        lambda: Resolution("ipv4:10.0.0.1:80"),  # type: ignore[arg-type]
    ],
)
def test_what_is_of_another_type_is_a_type_error(make: Callable[[], object]) -> None:
    with pytest.raises(TypeError):
        make()


def test_a_zone_that_this_machine_does_not_have_is_found_out_when_it_is_dialled() -> None:
    with pytest.raises(ResolveError, match="no network interface is named 'nowhere0'") as caught:
        _ = TCPAddress("fe80::1%nowhere0", 80).sockaddr
    assert caught.value.retryable


# --- laws

_ports = st.integers(0, 65535)
_zones = st.from_regex(r"[a-z0-9._~+@:\-]{1,15}|[1-9][0-9]{0,8}", fullmatch=True)
_ipv6 = st.ip_addresses(v=6).map(str) | st.ip_addresses(v=4).map("::ffff:{}".format)
_paths = st.binary(min_size=1, max_size=MAX_SUN_PATH).filter(lambda path: b"\0" not in path)
addresses: st.SearchStrategy[Address] = st.one_of(
    st.builds(TCPAddress, st.ip_addresses(v=4).map(str) | _ipv6, _ports),
    st.builds(TCPAddress, st.builds("{}%{}".format, st.ip_addresses(v=6), _zones), _ports),
    st.builds(UnixAddress, _paths.map(lambda path: path.decode("utf-8", "surrogateescape"))),
    st.builds(UnixAddress, st.sampled_from(["80", "//x", "/.", "./x", "a:b", "?", "[::1]", "\udcc3\udca9"])),
    st.builds(UnixAbstractAddress, st.binary(min_size=1, max_size=MAX_SUN_PATH)),
    st.builds(VsockAddress, st.integers(0, MAX_UINT32), st.integers(0, MAX_UINT32)),
)
resolutions = st.builds(
    Resolution,
    st.lists(st.builds(Endpoint, st.lists(addresses, min_size=1, max_size=2), st.dictionaries(st.text(), st.text()))),
    ttl=st.none() | st.floats(0, 1e6),
    authority=st.text(),
    attributes=st.dictionaries(st.text(), st.integers()),
)


@given(addresses)
def test_the_text_of_an_address_resolves_to_it(address: Address) -> None:
    assert urischeme.resolve(str(address)).addresses == (address,)
    assert urischeme.resolve(Target.parse(str(address))).addresses == (address,)


@given(addresses | resolutions)
def test_it_is_a_value(value: Address | Resolution) -> None:
    for other in (copy.copy(value), copy.deepcopy(value), pickle.loads(pickle.dumps(value))):
        assert other == value
        assert hash(other) == hash(value)
    with pytest.raises(AttributeError):
        value.extra = 1  # type: ignore[union-attr]


@given(st.lists(st.builds(TCPAddress, st.ip_addresses().map(str), _ports)), st.randoms())
def test_addresses_of_a_kind_have_an_order(several: list[TCPAddress], random: Random) -> None:
    shuffled = random.sample(several, len(several))
    assert sorted(several) == sorted(shuffled)


def test_a_dual_stack_pod_is_one_endpoint() -> None:
    v4, v6 = TCPAddress("10.1.4.7", 8443), TCPAddress("fd00::7", 8443)
    pod = Endpoint([v4, v6], {"zone": "a"})
    assert str(pod) == "ipv4:10.1.4.7:8443, ipv6:[fd00::7]:8443"
    assert Resolution([pod, Endpoint(v4)]).addresses == (v4, v6, v4)
    with pytest.raises(TypeError):
        pod.attributes["zone"] = "b"  # type: ignore[index]


# --- what a plugin may give back

V4, V6 = TCPAddress("10.0.0.1", 80), TCPAddress("::1", 80)


def generated() -> Iterator[tuple[str, int]]:
    yield "10.0.0.1", 80
    yield "::1", 80


def resolved(answer: Any) -> Resolution:
    def resolver(target: Target) -> Any:
        return answer

    registry = Registry()
    registry.register("mine", resolver)
    return urischeme.resolve("mine:x", registry=registry)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("10.0.0.1:80", [V4]),
        ("[::1]:80", [V6]),
        ("/run/x", [UnixAddress("/run/x")]),
        (("10.0.0.1", 80), [V4]),
        (("::1", 80), [V6]),
        (V6, [V6]),
        (Endpoint([V4, V6]), [V4, V6]),
        (
            ["10.0.0.1:80", ("::1", 80), "/run/x", VsockAddress(2, 1)],
            [V4, V6, UnixAddress("/run/x"), VsockAddress(2, 1)],
        ),
        ((("10.0.0.1", 80), ("::1", 80)), [V4, V6]),
        (generated(), [V4, V6]),
        (map(str, ["10.0.0.1:80"]), [V4]),
        (Resolution([Endpoint(V4)], ttl=5), [V4]),
    ],
)
def test_a_plain_answer_is_understood(answer: object, expected: list[Address]) -> None:
    assert list(resolved(answer).addresses) == expected


@pytest.mark.parametrize("answer", [[], (), Resolution([])])
def test_no_endpoint_is_not_found(answer: object) -> None:
    with pytest.raises(NotFound, match="there is no endpoint"):
        resolved(answer)


def test_a_resolution_is_passed_on_as_it_is() -> None:
    given = Resolution([Endpoint(V4, {"weight": 2})], ttl=5, authority="orders", service_config={"a": []})
    assert resolved(given) is given
    assert len(resolved([Endpoint([V4, V6]), V4]).endpoints) == 2


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("localhost:80", "host name"),
        (("orders.internal", 80), "host name"),
        (["10.0.0.1:80", "localhost:80"], "host name"),
        ("10.0.0.1", "no port"),
        ("::1", "no port"),
        ("10.0.0.1:", "no port"),
        ("10.0.0.1:65536", "at most 65535"),
        (("10.0.0.1", 65536), "from 0 to 65535"),
        ("10.0.0.1:http", "digits"),
        ("[::1:80", "left open"),
        ("[10.0.0.1]:80", "brackets are for IPv6"),
        ("[::1]80", "after ]"),
        ("", "no port"),
        ("ipv4:10.0.0.1:80", ""),
        ("/" + "x" * 200, "at most 107 bytes"),
        (None, "NoneType"),
        (5, "int"),
        ({}, "dict"),
        ({"10.0.0.1": 80}, "dict"),
        (b"", "bytes"),
        (b"10.0.0.1:80", "bytes"),
        ([("a", 1)], "host name"),
        ([("10.0.0.1", "80")], "neither"),
        ([None], "None"),
        ([["10.0.0.1", 80]], "neither"),
        (ipaddress.ip_address("10.0.0.1"), "IPv4Address"),
    ],
)
def test_nonsense_is_no_answer_and_the_error_says_whose(answer: object, says: str) -> None:
    with pytest.raises(ResolveError) as caught:
        resolved(answer)
    assert not caught.value.retryable
    assert says in str(caught.value)
    assert __name__ in str(caught.value)


def test_attributes_are_copied_in() -> None:
    attributes: dict[str, object] = {"weight": 1}
    endpoint = Endpoint(V4, attributes)
    attributes["weight"] = 2
    assert endpoint.attributes == {"weight": 1}
    assert isinstance(endpoint.attributes, Mapping)
