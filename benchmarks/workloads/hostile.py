from __future__ import annotations

from contextlib import suppress
from time import perf_counter_ns
from typing import TYPE_CHECKING, NamedTuple

import urischeme
from benchmarks.hostile import OPERATIONS, PATTERNS
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.hostile import Pattern
    from benchmarks.session import Session

_LIMIT = 2.3
_TRIES = 5
_TIMES_AS_LONG = 1, 2, 4


class _Reading(NamedTuple):
    """Time(2n)/time(n), the longer time a character, and what took it; the worst is the greatest."""

    ratio: float
    nanoseconds: float
    label: str = ""


class Hostile(Workload):
    name = "hostile"
    title = "Hostile texts"

    def measure(self, session: Session) -> Report:
        length = session.size(full=200_000, quick=2_000)
        worst = {name: max(_readings(operation, length)) for name, operation in OPERATIONS.items()}
        return Report(
            introduction=[
                f"Each operation on {len(PATTERNS):,} texts of {length:,} characters that are one thing over and over, "
                "and on texts half as long. *Ratio* is time(2n)/time(n) where it is worst: 2 is linear, 4 quadratic. "
                f"One above {_LIMIT} is measured again before it is believed, at last with texts twice and four times "
                "as long: a step of an allocator or a cache is met at one length, growth at each. *ns a character* is "
                "that text's time.",
            ],
            tables=[
                Table(
                    ["operation", "worst ratio", "ns a character", "text"],
                    [
                        [name, f"{reading.ratio:.2f}", f"{reading.nanoseconds:.1f}", reading.label]
                        for name, reading in worst.items()
                    ],
                    words=(0, 3),
                )
            ],
            panels=[
                Panel(
                    "Time for twice the text, × time for the text",
                    [Bar(name, reading.ratio, _LIMIT) for name, reading in worst.items()],
                )
            ],
            goals=[Goal("Time for twice the text, × time for the text", max(worst.values()).ratio, _LIMIT)],
        )


def _readings(operation: Callable[[str], object], length: int) -> Iterator[_Reading]:
    for pattern in PATTERNS:
        label = pattern.label(length).replace("|", r"\|")
        yield min(_tries(operation, pattern, length))._replace(label=f"`{label}`")


def _tries(operation: Callable[[str], object], pattern: Pattern, length: int) -> Iterator[_Reading]:
    """Readings until one is within the limit. Machines have moods, and allocators have steps."""
    for times in _TIMES_AS_LONG:
        short, long = pattern.text(length * times // 2), pattern.text(length * times)
        for _ in range(_TRIES):
            reading = _doubling(operation, short, long)
            yield reading
            if reading.ratio <= _LIMIT:
                return


def _doubling(operation: Callable[[str], object], short: str, long: str) -> _Reading:
    # By turns, so that both meet what else the machine does.
    once, twice = zip(*((_time(operation, short), _time(operation, long)) for _ in range(5)), strict=True)
    return _Reading(min(twice) / min(once), min(twice) / len(long))


def _time(operation: Callable[[str], object], text: str) -> int:
    start = perf_counter_ns()
    with suppress(urischeme.Error):
        operation(text)
    return perf_counter_ns() - start
