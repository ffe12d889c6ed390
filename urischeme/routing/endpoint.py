"""What a resolver gives back: addresses, the endpoints they lead to, and a resolution of them."""

from __future__ import annotations

import ipaddress
import operator
import re
import socket
import sys
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias
from urllib.parse import quote, quote_from_bytes

import attrs

from urischeme.errors import ResolveError
from urischeme.routing.frozen import EMPTY, FrozenMapping
from urischeme.routing.host_port import MAX_PORT
from urischeme.syntax import abnf
from urischeme.syntax.ipv6 import rfc5952
from urischeme.syntax.reference import compose

__all__ = [
    "Address",
    "Endpoint",
    "Resolution",
    "TCPAddress",
    "UnixAbstractAddress",
    "UnixAddress",
    "VsockAddress",
]

# `sun_path` holds this many bytes, with a final NUL for a path and a leading one for an abstract name (unix(7)).
_MAX_SUN_PATH: Final = 107 if sys.platform == "linux" else 103
_MAX_UINT32: Final = 2**32 - 1
# pchar and "/" of RFC 3986, less what quote() never touches.
_PATH_SAFE: Final = "/!$&'()*+,;=:@"


def _within(name: str, number: int, highest: int) -> int:
    if not 0 <= number <= highest:
        raise ValueError(f"a {name} is a number from 0 to {highest}")
    return operator.index(number)


def _port(number: int) -> int:
    return _within("port", number, MAX_PORT)


def _vsock_port(number: int) -> int:
    return _within("vsock port", number, _MAX_UINT32)


def _cid(number: int) -> int:
    return _within("context id", number, _MAX_UINT32)


_is_ipv4 = re.compile(abnf.IPV4_ADDRESS).fullmatch


def _ip(text: str) -> str:
    # Most are IPv4, written in the one way there is; `ipaddress` would take ten times as long to say so.
    if type(text) is str and _is_ipv4(text):
        return text
    try:
        # str(): of bytes and numbers ip_address() makes addresses too.
        ip = ipaddress.ip_address(str(text))
    except ValueError:
        raise ValueError("a host name is not an address, and resolving it is the resolver's work") from None
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    address, percent, zone = str(ip).partition("%")
    if percent:
        _check_zone(zone)
    return f"{rfc5952(address)}{percent}{zone}"


def _check_zone(zone: str) -> None:
    octets = zone.encode("utf-8", "surrogateescape")
    # Of the names that a system might give an interface, those with ] or a comma could not be read back from a target.
    named = not octets.isdigit() and not set(octets) & set(b"\0],")
    numbered = octets.isdigit() and len(octets) <= len(str(_MAX_UINT32)) and int(octets) <= _MAX_UINT32
    if not named and not numbered:
        raise ValueError("a zone is the name or the number of a network interface")


@attrs.frozen(order=True)
class TCPAddress:
    """An IP address and a port.

    Attributes:
        host: an IPv4 or IPv6 address, written as RFC 5952 says; with `%zone` where it has a zone. Never a host name.
        port: 0 to 65535.

    Raises ValueError for any other host or port.

    >>> print(TCPAddress("2001:DB8::1", 443))
    ipv6:[2001:db8::1]:443
    """

    host: str = attrs.field(converter=_ip)
    port: int = attrs.field(converter=_port)

    @property
    def family(self) -> socket.AddressFamily:
        """For `socket.socket`: AF_INET or AF_INET6."""
        return socket.AF_INET6 if ":" in self.host else socket.AF_INET

    @property
    def sockaddr(self) -> tuple[str, int] | tuple[str, int, int, int]:
        """For `socket.connect`.

        Raises ResolveError, retryable, where the zone names an interface that this machine does not have now.

        >>> TCPAddress("127.0.0.1", 80).sockaddr
        ('127.0.0.1', 80)
        """
        if ":" not in self.host:
            return self.host, self.port
        address, _, zone = self.host.partition("%")
        return address, self.port, 0, _scope_id(zone)

    def __str__(self) -> str:
        """As a target."""
        if ":" not in self.host:
            return f"ipv4:{self.host}:{self.port}"
        address, percent, zone = self.host.partition("%")
        scope = "%25" + quote(zone, safe="", errors="surrogateescape") if percent else ""
        return f"ipv6:[{address}{scope}]:{self.port}"


def _scope_id(zone: str) -> int:
    if not zone or (zone.isascii() and zone.isdigit()):
        return int(zone or "0")
    try:
        return socket.if_nametoindex(zone)
    except OSError:
        raise ResolveError(f"no network interface is named {zone!r} here", retryable=True) from None


def _sun_path(path: str) -> str:
    octets = path.encode("utf-8", "surrogateescape")
    if not octets:
        raise ValueError("the path of a Unix socket is not empty")
    if b"\0" in octets:
        raise ValueError("the path of a Unix socket has no NUL in it; write unix-abstract: for an abstract name")
    _check_sun_length(octets, "path")
    return octets.decode("utf-8", "surrogateescape")  # one text for the same bytes


def _sun_name(name: bytes) -> bytes:
    if not name:
        raise ValueError("the name of an abstract Unix socket is not empty")
    _check_sun_length(name, "name")
    return name


def _check_sun_length(octets: bytes, what: str) -> None:
    if len(octets) > _MAX_SUN_PATH:
        raise ValueError(f"the {what} of a Unix socket has at most {_MAX_SUN_PATH} bytes, not {len(octets)}")


def _sun_target(scheme: str, path: str) -> str:
    # A path that begins with "//" needs an empty authority before it.
    return compose(scheme, "" if path.startswith("//") else None, path, None, None)


@attrs.frozen(order=True)
class UnixAddress:
    """The path of a Unix domain socket; bytes that are no UTF-8 stand in it as surrogate escapes, as in `os.fsdecode`.

    Raises ValueError for a path that is empty, has a NUL in it, or is longer than this system takes.

    >>> print(UnixAddress("/run/orders 1.sock"))
    unix:/run/orders%201.sock
    """

    path: str = attrs.field(converter=_sun_path)

    @property
    def family(self) -> socket.AddressFamily:
        """For `socket.socket`: AF_UNIX."""
        return socket.AF_UNIX

    @property
    def sockaddr(self) -> bytes:
        """For `socket.connect`."""
        return self.path.encode("utf-8", "surrogateescape")

    def __str__(self) -> str:
        """As a target."""
        return _sun_target("unix", quote(self.path, safe=_PATH_SAFE, errors="surrogateescape"))


@attrs.frozen(order=True)
class UnixAbstractAddress:
    """The name of a Unix socket in Linux's abstract namespace, without its leading NUL; NULs in it are allowed.

    Raises ValueError for a name that is empty or longer than the system takes.

    >>> print(UnixAbstractAddress(b"orders" + bytes(1) + b"1"))
    unix-abstract:orders%001
    """

    name: bytes = attrs.field(converter=_sun_name)

    @property
    def family(self) -> socket.AddressFamily:
        """For `socket.socket`: AF_UNIX."""
        return socket.AF_UNIX

    @property
    def sockaddr(self) -> bytes:
        """For `socket.connect`."""
        return b"\0" + self.name

    def __str__(self) -> str:
        """As a target."""
        return _sun_target("unix-abstract", quote_from_bytes(self.name, safe=_PATH_SAFE))


@attrs.frozen(order=True)
class VsockAddress:
    """A virtual machine's socket (vsock(7)): context id and port, both 32-bit numbers.

    Raises ValueError for numbers beyond that.

    >>> print(VsockAddress(2, 1234))
    vsock:2:1234
    """

    cid: int = attrs.field(converter=_cid)
    port: int = attrs.field(converter=_vsock_port)

    @property
    def family(self) -> socket.AddressFamily:
        """For `socket.socket`: AF_VSOCK. Raises ResolveError where the system has no such sockets."""
        family = getattr(socket, "AF_VSOCK", None)
        if family is None:
            raise ResolveError("this system has no vsock sockets", retryable=False)
        return socket.AddressFamily(family)

    @property
    def sockaddr(self) -> tuple[int, int]:
        """For `socket.connect`."""
        return self.cid, self.port

    def __str__(self) -> str:
        """As a target."""
        return f"vsock:{self.cid}:{self.port}"


Address: TypeAlias = TCPAddress | UnixAddress | UnixAbstractAddress | VsockAddress


def _addresses(addresses: Address | Iterable[Address]) -> tuple[Address, ...]:
    if isinstance(addresses, Address):
        return (addresses,)
    several = tuple(addresses)
    if not several:
        raise ValueError("an endpoint has at least one address")
    for address in several:
        if not isinstance(address, Address):
            raise TypeError(f"an endpoint's addresses are Address objects, not {type(address).__name__}")
    return several


def _frozen(mapping: Mapping[str, object]) -> FrozenMapping[object]:
    return mapping if isinstance(mapping, FrozenMapping) else FrozenMapping(mapping)


@attrs.frozen
class Endpoint:
    """One place to connect to, which may have several addresses: a dual-stack pod is one endpoint.

    Attributes:
        addresses: one or more, in the order to try them; a single Address may be given as it is.
        attributes: what its resolver knows of it: weight, zone, hostname, ready, …

    >>> endpoint = Endpoint(TCPAddress("10.1.4.7", 8443), {"zone": "a"})
    >>> print(endpoint, endpoint.attributes["zone"])
    ipv4:10.1.4.7:8443 a
    """

    addresses: tuple[Address, ...] = attrs.field(converter=_addresses)
    attributes: Mapping[str, object] = attrs.field(default=EMPTY, converter=_frozen)

    def __str__(self) -> str:
        """Its addresses as targets, with commas between them."""
        return ", ".join(map(str, self.addresses))


def _endpoints(endpoints: Iterable[Endpoint]) -> tuple[Endpoint, ...]:
    several = tuple(endpoints)
    for endpoint in several:
        if not isinstance(endpoint, Endpoint):
            raise TypeError(f"a resolution's endpoints are Endpoint objects, not {type(endpoint).__name__}")
    return several


@attrs.frozen
class Resolution:
    """What a target leads to now.

    Attributes:
        endpoints: in the resolver's order.
        ttl: seconds for which the answer holds; None where its source does not say.
        service_config: gRPC's service config, as decoded JSON, or None.
        authority: the name that TLS checks: the name asked for, never what an alias led to (RFC 9525).
        attributes: what else the resolver knows.
    """

    endpoints: tuple[Endpoint, ...] = attrs.field(converter=_endpoints)
    ttl: float | None = attrs.field(default=None, kw_only=True)
    service_config: Mapping[str, object] | None = attrs.field(default=None, kw_only=True, hash=False)
    authority: str = attrs.field(default="", kw_only=True)
    attributes: Mapping[str, object] = attrs.field(default=EMPTY, converter=_frozen, kw_only=True)

    @property
    def addresses(self) -> tuple[Address, ...]:
        """Every address of every endpoint, in order."""
        return tuple(address for endpoint in self.endpoints for address in endpoint.addresses)
