"""The page that sums the others up."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.page import goal_cells, table_lines
from benchmarks.report import Table

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.report import Panel
    from benchmarks.results import Result
    from benchmarks.workload import Workload

OVERVIEW = "overview.svg"
_OVERVIEW_OF = ("read", "normalize")


def index(workloads: Sequence[Workload], results: Mapping[str, Result]) -> str:
    """The page, in Markdown; a workload that has no result yet is left out."""
    return "\n".join(_lines([workload for workload in workloads if workload.name in results], results))


def overview(results: Mapping[str, Result]) -> list[Panel]:
    """The panels that stand for all."""
    return [panel for name in _OVERVIEW_OF if name in results for panel in results[name].panels]


def _lines(workloads: Sequence[Workload], results: Mapping[str, Result]) -> Iterator[str]:
    yield "# Benchmarks"
    yield ""
    yield "Written by `python -m benchmarks`, which measures all of this anew on your machine."
    yield ""
    if any(name in results for name in _OVERVIEW_OF):
        yield f"![Parsing and normalising beside the peers]({OVERVIEW})"
        yield ""
    goals = [(workload, goal) for workload in workloads for goal in results[workload.name].goals]
    held = sum(goal.held is True for _, goal in goals)
    yield f"Held are {held} of the {len(goals)} goals that the project set itself:"
    yield ""
    yield from table_lines(
        Table(
            ["goal", "at most", "measured", "held", "page"],
            [[*goal_cells(goal), _link(workload)] for workload, goal in goals],
            words=(0, 3, 4),
        )
    )
    without = [_link(workload) for workload in workloads if not results[workload.name].goals]
    if without:
        yield ""
        yield f"Measured too, without a goal: {', '.join(without)}."
    yield ""
    for machine in dict.fromkeys(results[workload.name].machine for workload in workloads):
        pages = ", ".join(workload.name for workload in workloads if results[workload.name].machine == machine)
        yield f"- {machine}: {pages}."


def _link(workload: Workload) -> str:
    return f"[{workload.name}]({workload.name}.md)"
