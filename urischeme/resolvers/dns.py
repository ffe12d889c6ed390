"""`dns:[//server[:port]/]host[:port]`: A and AAAA records, at `server` or as the system resolves.

A server in the authority is asked alone: no hosts file, no search list. DNS pairs nothing, so each address is an
endpoint of its own.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import Iterator, Sequence
from typing import Final

import attrs
import dns.asyncresolver
import dns.exception
import dns.name
import dns.nameserver
import dns.resolver
import idna

from urischeme.display import quote_host
from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.hosts import hosts_addresses
from urischeme.routing.endpoint import Endpoint, Resolution, TCPAddress
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.target import Target

DEFAULT_PORT: Final = 443
"""gRPC's doc/naming.md: the port of a `dns` target that names none."""

_SERVER_PORT: Final = 53
_RECORD_TYPES: Final = ("A", "AAAA")
_MAX_NAME: Final = 253  # characters, without the final dot (RFC 1035 section 2.3.4)
_is_label = re.compile(r"[A-Za-z0-9_\-]{1,63}").fullmatch


@attrs.frozen
class _Place:
    """A host and a port; the host is an IP address or a name that DNS can be asked for."""

    host: str
    port: int

    @property
    def is_address(self) -> bool:
        return _is_address(self.host)


@attrs.frozen
class _Found:
    """What DNS gave for one name: addresses, and the seconds for which all of them hold."""

    addresses: list[str]
    ttl: float | None


class Dns:
    """The resolver for `dns`.

    Args:
        nameservers: `address[:port]` of the servers to ask, in the place of the system's.
        search: domains to try for a name with fewer dots than `ndots`, in the place of the system's.
        hosts: path of the hosts file.
        resolv_conf: path of the system's resolver configuration (resolv.conf(5)).

    Raises ValueError for a name server that is no address.

    >>> import urischeme
    >>> print(urischeme.resolve("dns:[::1]:443").endpoints[0])
    ipv6:[::1]:443
    """

    def __init__(
        self,
        *,
        nameservers: Sequence[str] | None = None,
        search: Sequence[str] | None = None,
        hosts: str = "/etc/hosts",
        resolv_conf: str = "/etc/resolv.conf",
    ) -> None:
        self._nameservers = None if nameservers is None else [_server_address(text) for text in nameservers]
        self._search = None if search is None else [dns.name.from_text(domain) for domain in search]
        self._hosts = hosts
        self._resolv_conf = resolv_conf

    def check(self, target: Target) -> None:
        """Refuse a target whose host, port or server is none. Raises TargetError."""
        _asked(target)
        _server(target)

    async def resolve(self, target: Target) -> Resolution:
        """Ask for A and AAAA at once.

        Raises NotFound for a name without either, ResolveError where no server gave an answer.
        """
        asked = _asked(target)
        found = _Found([asked.host], None) if asked.is_address else await self._find(asked.host, _server(target))
        return Resolution(
            [Endpoint(TCPAddress(address, asked.port)) for address in found.addresses],
            ttl=found.ttl,
            authority=asked.host.removesuffix("."),
        )

    async def _find(self, name: str, server: _Place | None) -> _Found:
        if server is None:
            local = hosts_addresses(self._hosts, name) or _localhost(name)
            if local:
                return _Found(local, None)
        resolver = await self._resolver(server)
        missing: list[str] = []
        failure: ResolveError | None = None
        for candidate in _candidates(name, resolver) if server is None else [dns.name.from_text(name)]:
            try:
                return await _ask(resolver, candidate)
            except NotFound as error:
                missing.append(str(error))
            except ResolveError as error:
                # A server that fails on one name may know the next, as the system's own resolver has it; one that is
                # silent is only waited for once.
                if not isinstance(error.__cause__, dns.resolver.NoNameservers):
                    raise
                failure = error
        raise failure or NotFound("; ".join(missing))

    async def _resolver(self, server: _Place | None) -> dns.asyncresolver.Resolver:
        if server is None and self._nameservers is None:
            try:
                resolver = dns.asyncresolver.Resolver(self._resolv_conf)
            except dns.resolver.NoResolverConfiguration:
                message = f"{self._resolv_conf} names no DNS server; write one: dns://server/name"
                raise ResolveError(message, retryable=False) from None
        else:
            resolver = dns.asyncresolver.Resolver(configure=False)
            places = self._nameservers if server is None else await self._server_places(server)
            resolver.nameservers = [dns.nameserver.Do53Nameserver(place.host, place.port) for place in places or []]
        if self._search is not None:
            resolver.search = list(self._search)
        return resolver

    async def _server_places(self, server: _Place) -> list[_Place]:
        if server.is_address:
            return [server]
        found = await self._find(server.host, None)
        return [_Place(address, server.port) for address in found.addresses]


def _asked(target: Target) -> _Place:
    default_port = DEFAULT_PORT if target.default_port is None else target.default_port
    return _place(target, target.endpoint, default_port)


def _server(target: Target) -> _Place | None:
    return _place(target, target.authority, _SERVER_PORT) if target.authority else None


def _place(target: Target, text: str, default_port: int) -> _Place:
    try:
        host, port = split_host_port(text)
        return _Place(_host(host), default_port if port is None else port_number(port))
    except ValueError as error:
        raise target.error(str(error)) from None


def _server_address(text: str) -> _Place:
    host, port = split_host_port(text)
    return _Place(str(ipaddress.ip_address(host)), _SERVER_PORT if port is None else port_number(port))


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _host(host: str) -> str:
    """An address, or a name in the form that DNS is asked for. Raises ValueError."""
    if _is_address(host):
        return host
    if ":" in host:
        raise ValueError(f"{quote_host(host)} is not an IPv6 address")
    if not host:
        raise ValueError("there is no host; write dns:///host:port")
    if not host.isascii():
        host = _to_a_labels(host)
    labels = host.removesuffix(".").split(".")
    if len(host.removesuffix(".")) > _MAX_NAME:
        raise ValueError(f"a name has at most {_MAX_NAME} characters")
    for label in labels:
        if not _is_label(label):
            raise ValueError(f"{quote_host(label)} is no part of a name: 1 to 63 letters, digits, - and _")
    return host


def _to_a_labels(host: str) -> str:
    try:
        return idna.encode(host, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"{quote_host(host)} is no internationalised name") from None


def _localhost(name: str) -> list[str]:
    """RFC 6761 section 6.3: `localhost` and what is below it never leave the machine."""
    return ["127.0.0.1", "::1"] if name.lower().removesuffix(".").split(".")[-1] == "localhost" else []


def _candidates(name: str, resolver: dns.asyncresolver.Resolver) -> Iterator[dns.name.Name]:
    """The names to ask for, in turn, as resolv.conf(5) says of `search` and `ndots`."""
    absolute = dns.name.from_text(name)
    relative = dns.name.from_text(name, origin=None)
    if relative.is_absolute():
        return iter([absolute])
    searched = [relative.concatenate(domain) for domain in resolver.search or []]
    ndots = 1 if resolver.ndots is None else resolver.ndots
    return iter([absolute, *searched] if name.count(".") >= ndots else [*searched, absolute])


async def _ask(resolver: dns.asyncresolver.Resolver, name: dns.name.Name) -> _Found:
    """A and AAAA of one name. The failure of one does not fail the other, but it is no answer either."""
    found = await asyncio.gather(*(_records(resolver, name, kind) for kind in _RECORD_TYPES), return_exceptions=True)
    answers = [each for each in found if isinstance(each, _Found)]
    errors = [each for each in found if isinstance(each, BaseException)]
    addresses = [address for answer in answers for address in answer.addresses]
    if addresses:
        return _Found(addresses, min(answer.ttl for answer in answers if answer.ttl is not None))
    for error in sorted(errors, key=lambda error: not isinstance(error, NotFound)):
        raise error
    raise NotFound(f"{_shown(name)} has no address: neither A nor AAAA records")


async def _records(resolver: dns.asyncresolver.Resolver, name: dns.name.Name, kind: str) -> _Found:
    try:
        answer = await resolver.resolve(name, kind, raise_on_no_answer=False, search=False)
    except dns.resolver.NXDOMAIN:
        raise NotFound(f"{_shown(name)}: no such name (NXDOMAIN)") from None
    except dns.exception.DNSException as error:
        servers = ", ".join(map(str, resolver.nameservers))
        message = f"{_shown(name)}: no {kind} answer from {servers}: {error}"
        raise ResolveError(message, retryable=True) from error
    if answer.rrset is None:
        return _Found([], None)
    addresses = [str(record) for record in answer.rrset]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    # The chain counts too: an alias may hold for less time than what it leads to.
    return _Found(addresses, float(answer.chaining_result.minimum_ttl))


def _shown(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True)
