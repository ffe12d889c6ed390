"""The resolver for `dns`: who is asked for what, and the Resolution that is made of the answers."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from typing import Final, cast

import dns.name
from dns.rdtypes.ANY.TXT import TXT

from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.dns.at_once import shortest
from urischeme.resolvers.dns.destination_order import in_order
from urischeme.resolvers.dns.host_name import host_name
from urischeme.resolvers.dns.lookup import LIFETIME, Lookup, shown
from urischeme.resolvers.dns.question import OPTIONS, SERVER_PORT, Place, Question
from urischeme.resolvers.dns.service_config import PREFIX, service_config
from urischeme.resolvers.dns.source import Source
from urischeme.resolvers.dns.srv import Service, ask_service
from urischeme.resolvers.dns.system import Search, read_system
from urischeme.routing.endpoint import Endpoint, Resolution, TCPAddress
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.target import Target

_SRV_LABELS: Final = 2  # _service._proto


class Dns:
    """The resolver for `dns:[//server[:port]/]host[:port]`.

    A server in the authority is asked alone: no hosts file, no search list. DNS pairs nothing, so each A and AAAA
    record is an endpoint of its own; each SRV record is one, with all its addresses.

    Options in a target: `family` (`ipv4`, `ipv6`, `dual`: which addresses are asked for), `srv` (`_service._proto`: SRV
    records instead of A and AAAA), `service_config` (`true`: gRPC's service config too). docs/dns.md has them all.

    Args:
        nameservers: `address[:port]` of the servers to ask, in turn, in the place of the system's.
        search: domains to try for a name with fewer dots than `ndots`, in the place of the system's.
        hosts: path of the hosts file.
        resolv_conf: path of the system's resolver configuration (resolv.conf(5)).
        lifetime: seconds after which the servers are given up for one question, where the caller waits that long.

    Raises ValueError for a name server that is no address, and for none at all; for a domain that is no name; for a
    lifetime that is not above 0.

    >>> import urischeme
    >>> registry = urischeme.Registry()
    >>> _ = registry.register("dns", Dns(nameservers=["10.0.0.2", "[2001:db8::53]:5353"]), replace=True)
    >>> print(urischeme.resolve("dns:///localhost:443?family=ipv4", registry=registry).endpoints[0])
    ipv4:127.0.0.1:443
    """

    options = OPTIONS

    def __init__(
        self,
        *,
        nameservers: Sequence[str] | None = None,
        search: Sequence[str] | None = None,
        hosts: str = "/etc/hosts",
        resolv_conf: str = "/etc/resolv.conf",
        lifetime: float = LIFETIME,
    ) -> None:
        if nameservers is not None and not nameservers:
            raise ValueError("there is no name server to ask")
        if not lifetime > 0:
            raise ValueError(f"a lifetime is a number of seconds above 0, not {lifetime!r}")
        self._nameservers = None if nameservers is None else [_server_address(text) for text in nameservers]
        self._search = None if search is None else [_domain(text) for text in search]
        self._hosts = hosts
        self._resolv_conf = resolv_conf
        self._lifetime = lifetime

    def check(self, target: Target) -> None:
        """Refuse a target whose host, port, server or options make no sense; nobody is asked.

        Raises TargetError.
        """
        Question.of(target)

    async def resolve(self, target: Target) -> Resolution:
        """What the target leads to now, its addresses in the order of RFC 6724.

        Returns:
            `ttl` is the smallest of every record used, aliases included; None where none was. Where one family of
            addresses failed and the other did not, `attributes["failed_families"]` names it, as in `("ipv6",)`.

        Raises:
            NotFound: for a name that is not there, or has no records of the kind; `ttl` is the negative answer's.
            ResolveError: retryable, where no server gave an answer or the service config is broken; not retryable,
                where the system names no server.
            TargetError: as `check` does.
        """
        question = Question.of(target)
        if question.is_address:
            address = TCPAddress(question.host, question.port)
            return Resolution([Endpoint(address)], authority=question.host)
        source = await self._source(question.server)
        name, service = await (_records(source, question) if question.srv is None else _srv(source, question))
        config, config_ttl = None, None
        if question.service_config and name is not None:
            config, config_ttl = await _service_config(source.lookup, name)
        return Resolution(
            service.endpoints,
            ttl=shortest([service.ttl, config_ttl]),
            service_config=config,
            authority=question.host.removesuffix("."),
            attributes={"failed_families": service.failed} if service.failed else {},
        )

    async def _source(self, server: Place | None) -> Source:
        if server is not None:
            return Source(Lookup(await self._addresses_of(server), lifetime=self._lifetime))
        if self._nameservers is not None:
            return Source(Lookup(self._nameservers, lifetime=self._lifetime), Search(self._search or ()), self._hosts)
        system = read_system(self._resolv_conf)
        search = system.search if self._search is None else Search(self._search, system.search.ndots)
        lookup = Lookup(system.servers, timeout=system.timeout, lifetime=self._lifetime, rotate=system.rotate)
        return Source(lookup, search, self._hosts)

    async def _addresses_of(self, server: Place) -> list[Place]:
        if server.is_address:
            return [server]
        system = await self._source(None)
        try:
            _, found = await system.addresses(server.host, ("ipv4", "ipv6"))
        except NotFound as error:
            # Of what it would have been asked for, nothing is known.
            raise ResolveError(f"the server to ask is not there: {error}", retryable=True) from error
        return [Place(address, server.port) for address in in_order(found.addresses)]


def _domain(text: str) -> dns.name.Name:
    return dns.name.from_text(host_name(text))


def _server_address(text: str) -> Place:
    host, port = split_host_port(text)
    return Place(str(ipaddress.ip_address(host)), SERVER_PORT if port is None else port_number(port))


async def _records(source: Source, question: Question) -> tuple[dns.name.Name | None, Service]:
    name, found = await source.addresses(question.host, question.families)
    endpoints = [Endpoint(TCPAddress(address, question.port)) for address in in_order(found.addresses)]
    return name, Service(endpoints, found.ttl, found.failed)


async def _srv(source: Source, question: Question) -> tuple[dns.name.Name, Service]:
    name, service = await source.first(question.name, lambda whole: ask_service(source, whole, question.families))
    return dns.name.Name(name.labels[_SRV_LABELS:]), service


async def _service_config(lookup: Lookup, name: dns.name.Name) -> tuple[Mapping[str, object] | None, float | None]:
    """The service config for a name, and for how long it holds."""
    try:
        whole = dns.name.from_text(PREFIX, origin=name)
        answer = await lookup.records(whole, "TXT")
    except (NotFound, dns.name.NameTooLong):
        return None, None
    try:
        texts = [b"".join(record.strings) for record in cast("Sequence[TXT]", answer.values)]
        return service_config(texts), answer.ttl if texts else None
    except ValueError as error:
        # gRFC A21: a client that has no config yet must not go on without; one that has keeps it.
        message = f"{shown(whole)}: the service config is broken: {error}"
        raise ResolveError(message, retryable=True) from error
