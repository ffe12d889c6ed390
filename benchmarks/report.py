"""What a workload found: tables to read, goals that are held or not, and a chart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence


@dataclass(frozen=True)
class Table:
    """Text in cells."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    # What stands above it, in Markdown.
    title: str = ""
    # Which columns are words; the others are numbers.
    words: Collection[int] = (0,)


@dataclass(frozen=True)
class Goal:
    """A measured number that is to be at most the limit; None where what it takes is not installed."""

    what: str
    measured: float | None
    limit: float

    @property
    def held(self) -> bool | None:
        return None if self.measured is None else self.measured <= self.limit


@dataclass(frozen=True)
class Bar:
    label: str
    value: float
    # Drawn as a mark.
    limit: float | None = None


@dataclass(frozen=True)
class Panel:
    title: str
    bars: Sequence[Bar]
    # Written behind each number.
    unit: str = ""


@dataclass(frozen=True)
class Report:
    # What was timed, and what counts as wrong, in Markdown.
    introduction: Sequence[str]
    tables: Sequence[Table]
    panels: Sequence[Panel]
    goals: Sequence[Goal] = ()
    # What a reader should know besides, a sentence each.
    notes: Sequence[str] = ()
