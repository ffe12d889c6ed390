from __future__ import annotations

import argparse
import sys
from pathlib import Path

from benchmarks import hostile, inputs, machine
from benchmarks.contender import Contender
from benchmarks.contenders import ANCHOR, CONTENDERS
from benchmarks.page import Page, Result
from benchmarks.proof import prove
from benchmarks.timing import measure
from benchmarks.workloads import WORKLOADS

_PAGES = Path(__file__).parent.parent / "docs" / "benchmarks"

_ROUNDS, _QUICK_ROUNDS = 25, 3
_QUICK_URLS = 1000


def main() -> None:
    options = _options()
    real = inputs.real()
    contenders, skipped = _contenders()
    remarks = [machine.describe(), inputs.second_opinion(real), *skipped]
    if options.quick:
        real = real.sample(_QUICK_URLS)
    for workload in WORKLOADS:
        if options.only not in {None, workload.name}:
            continue
        print(f"{workload.title} …", file=sys.stderr)
        # Which also warms up whatever is made on first use.
        proofs = [prove(workload, contender, real) for contender in contenders]
        timings = measure(workload, contenders, real.valid, _QUICK_ROUNDS if options.quick else _ROUNDS)
        results = [Result(*row) for row in zip(contenders, proofs, timings, strict=True)]
        _publish(workload.name, str(Page(workload, real, results, ANCHOR, remarks)), keep=not options.quick)
    if options.only in {None, hostile.NAME}:
        page = hostile.page(quick=options.quick, remarks=[machine.describe()])
        _publish(hostile.NAME, page, keep=not options.quick)


def _publish(name: str, page: str, *, keep: bool) -> None:
    print(page, end="\n\n")
    # A quick run has too few rounds to be worth keeping.
    if keep:
        _PAGES.mkdir(parents=True, exist_ok=True)
        (_PAGES / f"{name}.md").write_text(f"{page}\n", encoding="utf-8")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"Time every contender on real URLs, print the tables and write them to {_PAGES}.",
    )
    parser.add_argument(
        "--only", choices=[*(workload.name for workload in WORKLOADS), hostile.NAME], help="only this workload"
    )
    parser.add_argument(
        "--quick", action="store_true", help="few rounds over a sample, to see that all runs; no page is written"
    )
    return parser.parse_args()


def _contenders() -> tuple[list[Contender], list[str]]:
    """Those that are installed, and a line on each that isn't."""
    installed: list[Contender] = []
    skipped: list[str] = []
    for contender in CONTENDERS:
        try:
            installed.append(contender())
        except ImportError as error:
            skipped.append(f"Skipped: {contender.name} ({error}).")
    return installed, skipped


if __name__ == "__main__":
    main()
