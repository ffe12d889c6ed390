from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import machine, results
from benchmarks.index import OVERVIEW, index, overview
from benchmarks.page import page
from benchmarks.plot import draw
from benchmarks.results import Result
from benchmarks.session import Session
from benchmarks.workload import Unable
from benchmarks.workloads import WORKLOADS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.report import Panel, Report
    from benchmarks.workload import Workload

_PAGES = Path(__file__).parent.parent / "docs" / "benchmarks"


def main() -> None:
    options = _options()
    session = Session(quick=options.quick)
    # A quick run has too few rounds to be worth keeping, if nobody asks for it.
    folder = options.to or (None if options.quick else _PAGES)
    for workload in WORKLOADS:
        if options.only is None and not options.quick:
            _apart(workload, options.to or _PAGES)
        elif options.only in {None, workload.name}:
            _measure(workload, session, folder)


def _apart(workload: Workload, folder: Path) -> None:
    """In a process of its own: on a heap that the others left behind it would be slower, by a tenth and more."""
    done = subprocess.run([sys.executable, "-m", "benchmarks", "--only", workload.name, "--to", folder], check=False)
    if done.returncode:
        sys.exit(f"{workload.name} failed")


def _measure(workload: Workload, session: Session, folder: Path | None) -> None:
    print(f"{workload.title} …", file=sys.stderr)
    try:
        report = workload.measure(session)
    except Unable as error:
        # Its page stays as it was written where it can be had.
        print(f"Skipped: {workload.name} ({error}).", file=sys.stderr)
        return
    print(page(workload, report, [machine.describe()]), end="\n\n", flush=True)
    if folder is not None:
        _publish(folder, workload, report)


def _publish(folder: Path, workload: Workload, report: Report) -> None:
    """Write the page and its plot, and the summary of this and of all that was measured before."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "results.json"
    known = results.load(file) | {workload.name: Result(machine.describe(), report.goals, report.panels)}
    results.save(file, known)
    _write(folder / f"{workload.name}.md", page(workload, report, [machine.describe()]))
    _draw(folder / f"{workload.name}.svg", report.panels)
    _write(folder / "README.md", index(WORKLOADS, known))
    if panels := overview(known):
        _draw(folder / OVERVIEW, panels)


def _write(file: Path, text: str) -> None:
    file.write_text(f"{text}\n", encoding="utf-8")


def _draw(file: Path, panels: Sequence[Panel]) -> None:
    try:
        svg = draw(panels)
    except ImportError as error:
        print(f"Skipped: {file.name} ({error}).", file=sys.stderr)
    else:
        file.write_text(svg, encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="Measure every contender, print the tables, and write them as pages with plots.",
    )
    parser.add_argument("--only", choices=[workload.name for workload in WORKLOADS], help="only this workload")
    parser.add_argument(
        "--quick", action="store_true", help="few rounds over a sample, to see that all runs; nothing is written"
    )
    parser.add_argument(
        "--to", type=Path, metavar="FOLDER", help=f"write the pages there, those of a quick run too; else to {_PAGES}"
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
