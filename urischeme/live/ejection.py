"""Endpoints that fail are put aside for a while, so that nobody picks them."""

from __future__ import annotations

import math
from collections.abc import Callable, Set
from typing import Final

import attrs

from urischeme.live.policies import Addresses
from urischeme.routing.endpoint import Endpoint

FAILURES: Final = 5
"""So many in a row put an endpoint aside."""

FIRST_EJECTION: Final = 30.0
"""Seconds that the first ejection lasts; the second lasts twice as long, and so on."""

LONGEST_EJECTION: Final = 300.0
"""Seconds that an ejection lasts at most. Who was good for as long afterwards begins anew."""


@attrs.define
class _Record:
    failures: int = 0
    ejections: int = 0
    until: float = -math.inf


class Ejection:
    """Which endpoints are put aside: those that failed over and over, and never more than half of all.

    An endpoint is known by its addresses, so that it keeps its record when its attributes change. Not for several
    threads at once.

    Args:
        clock: seconds, from any start, that never go back.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._known: Set[Addresses] = frozenset()
        self._records: dict[Addresses, _Record] = {}

    def update(self, known: Set[Addresses]) -> None:
        """These are all there are now: forget the others."""
        self._known = known
        self._records = {known: record for known, record in self._records.items() if known in self._known}

    def report(self, endpoint: Endpoint, error: BaseException | None) -> bool:
        """Count a failure, or forget them after a success.

        Returns:
            Whether the endpoint was put aside for it.
        """
        if error is None:
            if self._records:  # hashing addresses takes longer than picking one
                self._succeeded(endpoint.addresses)
            return False
        return endpoint.addresses in self._known and self._failed(endpoint.addresses)

    def _succeeded(self, addresses: Addresses) -> None:
        record = self._records.get(addresses)
        if record is not None and record.ejections:
            record.failures = 0
        elif record is not None:
            del self._records[addresses]

    def _failed(self, addresses: Addresses) -> bool:
        record = self._records.setdefault(addresses, _Record())
        now = self._clock()
        if record.until > now:
            return False  # begun before it was put aside
        record.failures += 1
        if record.failures < FAILURES or len(self._aside(now)) >= self._most():
            return False
        if now - record.until > LONGEST_EJECTION:
            record.ejections = 0
        record.failures = 0
        record.ejections += 1
        record.until = now + min(FIRST_EJECTION * record.ejections, LONGEST_EJECTION)
        return True

    def aside(self) -> dict[Addresses, float]:
        """Those that are put aside now, and when each comes back."""
        return self._aside(self._clock())

    def _aside(self, now: float) -> dict[Addresses, float]:
        until = {addresses: record.until for addresses, record in self._records.items() if record.until > now}
        # Of a set that shrank, those that would be back first are.
        longest = sorted(until, key=until.__getitem__, reverse=True)[: self._most()]
        return {addresses: until[addresses] for addresses in longest}

    def _most(self) -> int:
        return len(self._known) // 2
