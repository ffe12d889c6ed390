"""What a watch shows after each answer and each error: no I/O, no clock."""

from __future__ import annotations

import socket
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, cast

import attrs

from urischeme.errors import Error, NotFound, ResolveError
from urischeme.routing.endpoint import Address, Endpoint, Resolution, TCPAddress

FAILED_FAMILIES: Final = "failed_families"
"""The attribute by which a resolver says that a part of its answer is missing: a tuple of "ipv4" and "ipv6"."""

_FAMILIES: Final = {socket.AF_INET: "ipv4", socket.AF_INET6: "ipv6"}


@attrs.frozen
class State:
    """What is known of a target: the last good answer, and what went wrong since.

    Each method gives the state that follows; `resolution` is another object only where the set has changed.

    Attributes:
        resolution: what is shown, or None where there was no answer yet.
        error: what went wrong since the last answer with endpoints, or None.
        stale: whether the latest attempt did not confirm all that is shown.
        absent: whether the last answer was that nothing is there.
        expires: when the TTL of the last good answer is over, by the clock of whoever asked; None without one.
    """

    resolution: Resolution | None = None
    error: Error | None = None
    stale: bool = False
    absent: bool = False
    expires: float | None = None

    @property
    def is_hopeless(self) -> bool:
        """Whether there is neither an answer nor a reason to ask again."""
        return self.resolution is None and self.error is not None and not is_retryable(self.error)

    def answered(self, resolution: Resolution) -> State:
        """After a good answer."""
        whole, kept = _with_failed_families(resolution, self.resolution)
        return State(self._shown(whole), stale=kept)

    def not_found(self, error: NotFound, *, is_certain: bool = False) -> State:
        """After the answer that nothing is there: believed at once where nothing was, else when it comes twice.

        Args:
            error: the answer.
            is_certain: whether to believe it the first time.
        """
        was_there = self.resolution is not None and bool(self.resolution.endpoints)
        if was_there and not self.absent and not is_certain:
            return State(self.resolution, error, stale=True, absent=True)
        return State(self._shown(Resolution(())), error, absent=True)

    def failed(self, error: Error) -> State:
        """After an error, which tells nothing of the target."""
        return attrs.evolve(self, error=error, stale=self.resolution is not None)

    def _shown(self, latest: Resolution) -> Resolution:
        return latest if self.resolution is None or differs(self.resolution, latest) else self.resolution


def is_retryable(error: Error) -> bool:
    """Whether asking again can help."""
    return isinstance(error, ResolveError) and error.retryable


def differs(one: Resolution, other: Resolution) -> bool:
    """Whether two resolutions differ in what counts as a change: the set of endpoints, and the service config.

    Neither the order of endpoints nor that of one's addresses counts: DNS servers rotate both.
    """
    return one.service_config != other.service_config or not _same(one.endpoints, other.endpoints)


def _same(some: Sequence[Endpoint], others: Sequence[Endpoint]) -> bool:
    # Of thousands most are the same objects as before, in which there is nothing to compare.
    stayed = set(map(id, some)).intersection(map(id, others))
    went = _by_addresses(endpoint for endpoint in some if id(endpoint) not in stayed)
    came = _by_addresses(endpoint for endpoint in others if id(endpoint) not in stayed)
    touched = went.keys() | came.keys()
    if touched:
        for endpoint in some:
            addresses = frozenset(endpoint.addresses)
            if addresses in touched and id(endpoint) in stayed:
                went[addresses].append(endpoint.attributes)
                came[addresses].append(endpoint.attributes)
    return all(_covers(went[each], came[each]) and _covers(came[each], went[each]) for each in touched)


def _by_addresses(endpoints: Iterable[Endpoint]) -> defaultdict[frozenset[Address], list[Mapping[str, object]]]:
    # Attributes are compared, not hashed: a resolver may put a list there.
    found = defaultdict[frozenset[Address], list[Mapping[str, object]]](list)
    for endpoint in endpoints:
        found[frozenset(endpoint.addresses)].append(endpoint.attributes)
    return found


def _covers(some: list[Mapping[str, object]], others: list[Mapping[str, object]]) -> bool:
    return all(attributes in some for attributes in others)


def _with_failed_families(latest: Resolution, shown: Resolution | None) -> tuple[Resolution, bool]:
    """The latest answer, with the last good endpoints of the families that failed; and whether there are any."""
    if FAILED_FAMILIES not in latest.attributes:
        return latest, False
    attributes = dict(latest.attributes)
    failed = set(cast("Iterable[object]", attributes.pop(FAILED_FAMILIES)))
    there = {frozenset(endpoint.addresses) for endpoint in latest.endpoints}
    kept = [
        endpoint
        for endpoint in (() if shown is None else shown.endpoints)
        if failed.issuperset(map(_family, endpoint.addresses)) and frozenset(endpoint.addresses) not in there
    ]
    return attrs.evolve(latest, endpoints=(*latest.endpoints, *kept), attributes=attributes), bool(kept)


def _family(address: Address) -> str | None:
    return _FAMILIES.get(address.family) if isinstance(address, TCPAddress) else None
