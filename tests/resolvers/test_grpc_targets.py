"""Every target of grpc-targets.json means here what it means in gRPC's C-core, or stands below with the reason."""

from __future__ import annotations

import ipaddress
import json
import re
import socketserver
import threading
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import dns.message
import dns.rcode
import dns.rdatatype
import dns.rrset
import pytest

import urischeme
from urischeme import (
    Address,
    NotFound,
    ParseError,
    Target,
    TargetError,
    TCPAddress,
    UnixAbstractAddress,
    UnixAddress,
    VsockAddress,
)

ROOT = Path(__file__).parents[2]

NO_PORT: Final = "doc/naming.md says 443 where there is no port; C-core's code refuses"
JUNK: Final = "a port is digits; C-core reads it with sscanf, which passes over what follows them"

# What each means here, or None where it is refused; and why that differs.
DIFFERENT: Final[dict[str, tuple[str | None, str]]] = {
    "ipv4:10.2.1.1": ("ipv4:10.2.1.1:443", NO_PORT),
    "ipv6:[::]": ("ipv6:[::]:443", NO_PORT),
    "ipv6:2001:db8::1": ("ipv6:[2001:db8::1]:443", NO_PORT),
    "ipv4:10.2.1.1:80http": (None, JUNK),
    "vsock:2:1234junk": (None, JUNK),
}

CASES: Final = {
    case["target"]: case["expect"]
    for case in json.loads((ROOT / "tests/data/grpc-targets.json").read_text(encoding="utf-8"))["cases"]
}
AGREED: Final = {target: expected for target, expected in CASES.items() if target not in DIFFERENT}
# A syntactic target that no server has an answer for.
NOT_FOUND: Final = "dns:293.283.1238.3:1"


def address(expected: dict[str, Any]) -> Address:
    match expected:
        case {"family": "ipv4" | "ipv6", "host": host, "port": port}:
            zone = f"%{expected['scope_id']}" if expected.get("scope_id") else ""
            return TCPAddress(host + zone, port)
        case {"family": "unix", "path": path}:
            return UnixAddress(path)
        case {"family": "unix-abstract", "name": name}:
            return UnixAbstractAddress(name.encode())
        case {"family": "vsock", "cid": cid, "port": port}:
            return VsockAddress(cid, port)
    raise AssertionError(f"no address: {expected}")


def shortened(target: str) -> str:
    return target[:60]


def of_static_scheme(expected: Any) -> bool:
    return isinstance(expected, list) and expected[0]["family"] != "dns"


@pytest.mark.parametrize("target", [t for t, expected in AGREED.items() if of_static_scheme(expected)], ids=shortened)
def test_a_static_target_leads_to_the_same_addresses(target: str) -> None:
    assert urischeme.resolve(target).addresses == tuple(map(address, CASES[target]))


def test_scope_ids_reach_the_socket() -> None:
    (resolved,) = urischeme.resolve("ipv6:[2001:db8::1%252]:12345").addresses
    assert resolved.sockaddr == ("2001:db8::1", 12345, 0, 2)


@pytest.mark.parametrize(
    "target", [t for t, e in AGREED.items() if isinstance(e, dict) and t != NOT_FOUND], ids=shortened
)
def test_what_grpc_refuses_is_refused(target: str) -> None:
    with pytest.raises((ParseError, TargetError)):
        urischeme.check(target)


# --- dns: asked of a server of our own, which knows nothing but what it is asked for


class _Answer(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        datagram, server = self.request
        query = dns.message.from_wire(datagram)
        response = dns.message.make_response(query)
        question = query.question[0]
        if question.name.to_text(omit_final_dot=True) in NOT_FOUND:
            response.set_rcode(dns.rcode.NXDOMAIN)
        elif question.rdtype == dns.rdatatype.A:
            response.answer.append(dns.rrset.from_text(question.name, 60, "IN", "A", "192.0.2.7"))
        server.sendto(response.to_wire(), self.client_address)


@pytest.fixture(scope="module")
def server() -> Generator[str]:
    with socketserver.ThreadingUDPServer(("127.0.0.1", 0), _Answer) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


def asked_of(server: str, text: str) -> Target:
    target = Target.parse(text)
    assert target.scheme == "dns"
    return target if target.authority else Target("dns", server, f"/{target.endpoint}")


@pytest.mark.parametrize(
    "target", [t for t, expected in AGREED.items() if isinstance(expected, list) and not of_static_scheme(expected)]
)
def test_a_dns_target_asks_for_the_same_host_and_port(target: str, server: str) -> None:
    (expected,) = CASES[target]
    asked = asked_of(server, target)
    if "authority" in expected:
        assert asked.authority == expected["authority"]
    resolution = urischeme.resolve(asked)
    (found,) = resolution.addresses
    assert isinstance(found, TCPAddress)
    assert found.port == expected["port"]
    try:
        literal = ipaddress.ip_address(expected["host"])
    except ValueError:
        assert resolution.authority == expected["host"]
        assert found.host == "192.0.2.7"
    else:
        assert ipaddress.ip_address(found.host) == literal


def test_what_is_no_address_is_looked_up_as_a_name(server: str) -> None:
    with pytest.raises(NotFound):
        urischeme.resolve(asked_of(server, NOT_FOUND))


# --- what differs


@pytest.mark.parametrize("target", DIFFERENT)
def test_what_differs_is_as_we_say(target: str) -> None:
    ours, _ = DIFFERENT[target]
    assert isinstance(CASES[target], dict) == (ours is not None)
    if ours is None:
        with pytest.raises(TargetError):
            urischeme.check(target)
    else:
        assert [str(endpoint) for endpoint in urischeme.resolve(target).endpoints] == [ours]


def test_the_page_lists_exactly_what_differs() -> None:
    page = (ROOT / "docs/grpc-names.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `([^`]+)` \| [^|]+ \| ([^|]+) \| ([^|]+) \|$", page, re.MULTILINE)
    listed = {target: (None if ours == "refused" else ours.strip("`"), why) for target, ours, why in rows}
    assert listed == DIFFERENT
