"""Rounds, in each of which every contender does the whole work once."""

from __future__ import annotations

import gc
from collections import deque
from dataclasses import dataclass, field
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contender import Contender
    from benchmarks.workload import Workload


@dataclass
class Timing:
    """The nanoseconds of each round."""

    urls: int
    rounds: list[int] = field(default_factory=list)

    @property
    def minimum(self) -> float:
        """Microseconds a URL in the quickest round."""
        return min(self.rounds) / self.urls / 1000

    @property
    def median(self) -> float:
        """Microseconds a URL in the middle one."""
        return median(self.rounds) / self.urls / 1000


def measure(workload: Workload, contenders: Sequence[Contender], urls: Sequence[str], rounds: int) -> list[Timing]:
    """The timings of the contenders, in their order.

    Round by round, so that whatever else the machine does meets them all; in another order each time, so that none
    always follows the same other. The seed is fixed: two runs take the same orders.
    """
    timings = [Timing(len(urls)) for _ in contenders]
    order = list(zip(contenders, timings, strict=True))
    random = Random(3986)
    for _ in range(rounds):
        random.shuffle(order)
        for contender, timing in order:
            timing.rounds.append(_once(workload, contender, urls))
    return timings


def _once(workload: Workload, contender: Contender, urls: Sequence[str]) -> int:
    contender.clear_caches()
    # The garbage of one is never collected on the time of another.
    gc.collect()
    gc.disable()
    try:
        start = perf_counter_ns()
        # The quickest way to run a generator to its end and keep nothing.
        deque(workload.run(contender, urls), maxlen=0)
        return perf_counter_ns() - start
    finally:
        gc.enable()
