"""SRV records (RFC 2782): each is one endpoint, with its own port, priority and weight."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import attrs
import dns.name
from dns.rdtypes.IN.SRV import SRV

from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.dns.addresses import Found
from urischeme.resolvers.dns.at_once import ask_all, has_failed, shortest
from urischeme.resolvers.dns.destination_order import in_order
from urischeme.resolvers.dns.lookup import shown
from urischeme.resolvers.dns.source import Source
from urischeme.routing.endpoint import Endpoint, TCPAddress


@attrs.frozen
class Service:
    """The endpoints of a service.

    Attributes:
        endpoints: those of the smallest priority first.
        ttl: seconds for which all of it holds.
        failed: the families of which no server would tell, for one target or another.
    """

    endpoints: Sequence[Endpoint]
    ttl: float | None
    failed: tuple[str, ...]


async def ask_service(source: Source, name: dns.name.Name, families: Sequence[str]) -> Service:
    """The endpoints that the SRV records of a name lead to; a target that has no address is left out.

    Args:
        source: where to look up the records, and the addresses of their targets.
        name: `_service._proto.name`.
        families: the families of addresses that are wanted.

    Raises:
        NotFound: where there are no SRV records, their only target is `.`, or no target has an address.
        ResolveError: retryable, where no server gave an answer.
    """
    answer = await source.lookup.records(name, "SRV")
    records = sorted(cast("Sequence[SRV]", answer.values), key=lambda record: record.priority)
    if not records:
        raise NotFound(f"{shown(name)} has no SRV records", ttl=answer.ttl)
    # Several records may name one target, with a port each; it is asked for once.
    targets = list(dict.fromkeys(record.target for record in records if record.target != dns.name.root))
    if not targets:
        # Section "Target": "the service is decidedly not available at this domain".
        raise NotFound(f"{shown(name)}: the service is not available there (SRV target .)", ttl=answer.ttl)
    outcomes = await ask_all(source.addresses(target.to_text(), families) for target in targets)
    found = {target: each[1] for target, each in zip(targets, outcomes, strict=True) if isinstance(each, tuple)}
    missing = [each for each in outcomes if isinstance(each, NotFound)]
    ttl = shortest([answer.ttl, *(each.ttl for each in found.values()), *(each.ttl for each in missing)])
    failures = [each for each in outcomes if isinstance(each, ResolveError) and has_failed(each)]
    if not found:
        raise failures[0] if failures else NotFound(f"{shown(name)}: no target of it has an address", ttl=ttl)
    failed = {family for each in found.values() for family in each.failed}
    return Service(
        [_endpoint(record, found[record.target]) for record in records if record.target in found],
        ttl,
        tuple(family for family in families if failures or family in failed),
    )


def _endpoint(record: SRV, found: Found) -> Endpoint:
    addresses = [TCPAddress(address, record.port) for address in in_order(found.addresses)]
    return Endpoint(addresses, {"priority": record.priority, "weight": record.weight})
