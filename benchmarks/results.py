"""What is kept of every workload's last run, so that a run of one of them leaves the others' lines as they were."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from benchmarks.report import Bar, Goal, Panel

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Result:
    # Where it was measured.
    machine: str
    goals: Sequence[Goal]
    panels: Sequence[Panel]


def load(file: Path) -> dict[str, Result]:
    """The results in a file by the names of their workloads; none where there is no file."""
    if not file.exists():
        return {}
    return {
        name: Result(
            kept["machine"],
            [Goal(**goal) for goal in kept["goals"]],
            [Panel(panel["title"], [Bar(**bar) for bar in panel["bars"]], panel["unit"]) for panel in kept["panels"]],
        )
        for name, kept in json.loads(file.read_text(encoding="utf-8")).items()
    }


def save(file: Path, results: Mapping[str, Result]) -> None:
    kept = {name: asdict(result) for name, result in sorted(results.items())}
    file.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
