from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("can_ada") is None and os.environ.get("CI") != "true",
    reason="can_ada, which the ratios are to, is not installed",
)

ROOT = Path(__file__).parent.parent

COLUMNS = ["contender", "version", "minimum µs", "median µs", "× can_ada", "wrong", "accepts"]


def quick_run(*command: str) -> str:
    done = subprocess.run(
        [sys.executable, *command, "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def rows(page: str, contender: str) -> list[list[str]]:
    """The contender's rows in the tables of timings."""
    cells = [[cell.strip() for cell in line.split("|")[1:-1]] for line in page.splitlines() if line.startswith("|")]
    return [row for row in cells if row[0] == contender and len(row) == len(COLUMNS)]


def test_every_workload_prints_a_table_in_which_nothing_of_ours_is_wrong() -> None:
    page = quick_run("-m", "benchmarks")

    header, *_ = rows(page, COLUMNS[0])
    assert header == COLUMNS
    assert [row[-2:] for row in rows(page, "urischeme")] == [["0", "0"], ["0", "0"]]
    assert [row[4] for row in rows(page, "can_ada")] == ["1.00", "1.00"]


def test_a_contender_that_is_not_installed_is_skipped_in_a_line() -> None:
    without_yarl = "import runpy, sys; sys.modules['yarl'] = None; runpy.run_module('benchmarks', run_name='__main__')"
    page = quick_run("-c", without_yarl, "--only", "parse")

    assert rows(page, "urischeme")
    assert not rows(page, "yarl")
    assert "Skipped: yarl" in page
