"""The page of a report, in Markdown: what the command prints, and what it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.report import Table
from conformance.markdown import row

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.report import Goal, Report
    from benchmarks.workload import Workload


def page(workload: Workload, report: Report, remarks: Sequence[str]) -> str:
    """The whole page; `remarks` hold for all that was measured in this run."""
    return "\n".join(_lines(workload, report, remarks))


def _lines(workload: Workload, report: Report, remarks: Sequence[str]) -> Iterator[str]:
    yield f"# {workload.title}"
    yield ""
    yield f"Written by `python -m benchmarks --only {workload.name}`."
    for paragraph in report.introduction:
        yield ""
        yield paragraph
    yield ""
    yield f"![{workload.title}]({workload.name}.svg)"
    for table in [*report.tables, *goal_tables(report.goals)]:
        if table.rows:
            yield ""
            yield from table_lines(table)
    yield ""
    yield from (f"- {remark}" for remark in [*report.notes, *remarks])


def goal_tables(goals: Sequence[Goal]) -> Iterator[Table]:
    if goals:
        yield Table(["goal", "at most", "measured", "held"], [goal_cells(goal) for goal in goals], words=(0, 3))


def goal_cells(goal: Goal) -> list[str]:
    measured = "–" if goal.measured is None else _number(goal.measured)
    held = {None: "not measured", True: "yes", False: "**no**"}[goal.held]
    return [goal.what, _number(goal.limit), measured, held]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def table_lines(table: Table) -> Iterator[str]:
    if table.title:
        yield table.title
        yield ""
    yield row(table.header)
    yield _rule(table)
    yield from map(row, table.rows)


def _rule(table: Table) -> str:
    return f"|{'|'.join('---' if column in table.words else '--:' for column in range(len(table.header)))}|"
