"""When to ask again: after an answer by its TTL, after a failure by a backoff."""

from __future__ import annotations

from typing import Final

from urischeme.live.clock import Clock

MIN_INTERVAL: Final = 1.0
"""Seconds that pass at least from an answer to the next question."""

MAX_INTERVAL: Final = 30.0
"""Seconds that pass at most, but for the lateness; and where an answer has no TTL."""

_LATENESS: Final = 0.1

FIRST_BACKOFF: Final = 1.0
"""Seconds from the first failure to the next question, before chance has its part."""

MAX_BACKOFF: Final = 120.0
"""Seconds from any failure to the next question, at most."""

BACKOFF_FACTOR: Final = 1.6
BACKOFF_JITTER: Final = 0.2


def interval(ttl: float | None, clock: Clock) -> float:
    """Seconds from an answer to the next question.

    Up to a tenth late, so that clients do not ask in step; never early, for a recursor would answer from its cache.
    """
    bounded = MAX_INTERVAL if ttl is None else min(MAX_INTERVAL, max(MIN_INTERVAL, ttl))
    return bounded * (1 + _LATENESS * clock.random())


class Backoff:
    """Steps that grow with every failure: gRPC's doc/connection-backoff.md, with its own numbers."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._next = FIRST_BACKOFF

    def step(self) -> float:
        """Seconds from the failure that was just seen to the next question."""
        jitter = 1 + BACKOFF_JITTER * (2 * self._clock.random() - 1)
        step = min(MAX_BACKOFF, self._next * jitter)
        self._next = min(MAX_BACKOFF, self._next * BACKOFF_FACTOR)
        return step

    def reset(self) -> None:
        """Begin anew: there was an answer."""
        self._next = FIRST_BACKOFF
