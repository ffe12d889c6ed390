"""Rounds, in each of which every contender does the whole work once."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field
from random import Random
from statistics import median
from time import perf_counter_ns
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Does the whole work once, and says how many nanoseconds that took.
Lap: TypeAlias = "Callable[[], int]"


@dataclass
class Timing:
    """The nanoseconds of each round."""

    rounds: list[int] = field(default_factory=list)

    @property
    def minimum(self) -> int:
        return min(self.rounds)

    @property
    def median(self) -> float:
        return median(self.rounds)


def measure(laps: Sequence[Lap], rounds: int) -> list[Timing]:
    """The timings of the laps, in their order.

    Round by round, so that whatever else the machine does meets them all; in another order each time, so that none
    always follows the same other. The seed is fixed: two runs take the same orders.
    """
    timings = [Timing() for _ in laps]
    order = list(zip(laps, timings, strict=True))
    random = Random(3986)
    # What is there already is no garbage: looking through it again and again would take longer than the laps.
    gc.collect()
    gc.freeze()
    try:
        for _ in range(rounds):
            random.shuffle(order)
            for lap, timing in order:
                timing.rounds.append(lap())
    finally:
        gc.unfreeze()
    return timings


def lap_of(work: Callable[[], object]) -> Lap:
    """A lap that calls `work`, and keeps nothing of what it gives."""

    def lap() -> int:
        # The garbage of one is never collected on the time of another.
        gc.collect()
        gc.disable()
        try:
            start = perf_counter_ns()
            work()
            return perf_counter_ns() - start
        finally:
            gc.enable()

    return lap
