"""A and AAAA of one name, asked at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs
import dns.name

from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.dns.at_once import ask_all, has_failed, shortest
from urischeme.resolvers.dns.lookup import Lookup, Records, shown

_RECORD_TYPES: Final = {"ipv4": "A", "ipv6": "AAAA"}


@attrs.frozen
class Found:
    """The addresses of one name.

    Attributes:
        addresses: one or more.
        ttl: seconds for which all of them hold; None where they come from no server.
        failed: the families of which no server would tell.
    """

    addresses: Sequence[str]
    ttl: float | None = None
    failed: tuple[str, ...] = ()


async def ask_addresses(lookup: Lookup, name: dns.name.Name, families: Sequence[str]) -> Found:
    """The addresses of a name. The failure of one family does not fail the other, but it is no answer either.

    Raises:
        NotFound: where there is no such name, or it has no address of these families.
        ResolveError: retryable, where a server that may know one gave no answer.
    """
    outcomes = await ask_all(lookup.records(name, _RECORD_TYPES[family]) for family in families)
    answers = [each for each in outcomes if isinstance(each, Records)]
    addresses = [str(record) for answer in answers for record in answer.values]
    if addresses:
        ttl = shortest(answer.ttl for answer in answers if answer.values)
        failed = (family for family, each in zip(families, outcomes, strict=True) if has_failed(each))
        return Found(addresses, ttl, tuple(failed))
    # That there is no such name holds for both families, and says more than that one of them failed.
    for error in sorted((each for each in outcomes if isinstance(each, ResolveError)), key=has_failed):
        raise error
    types = " nor ".join(_RECORD_TYPES[family] for family in families)
    none = "neither" if len(families) > 1 else "no"
    ttl = shortest(answer.ttl for answer in answers)
    raise NotFound(f"{shown(name)} has no address: {none} {types} records", ttl=ttl)
