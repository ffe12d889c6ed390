from __future__ import annotations

import os
import subprocess
import sys
from time import perf_counter_ns
from typing import TYPE_CHECKING

from benchmarks.race import OURS, ratio, shown
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.timing import measure
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from benchmarks.session import Session

_ANCHOR = "hyperlink"
_LIMIT = 0.75
NOTHING = "pass"


class Imports(Workload):
    name = "import"
    title = "Import"

    def measure(self, session: Session) -> Report:
        codes = {name: f"import {contender.module}" for name, contender in session.installed.items()}
        processes = [Process(code) for code in (NOTHING, *codes.values())]
        for process in processes:
            process.lap()  # writes the bytecode
            process.cpu.clear()
        timings = measure([process.lap for process in processes], session.rounds)
        nothing, *times = timings
        idle, *busy = processes
        wall = {name: (timing.minimum - nothing.minimum) / 1e6 for name, timing in zip(codes, times, strict=True)}
        median = {name: (timing.median - nothing.median) / 1e6 for name, timing in zip(codes, times, strict=True)}
        cpu = {name: (min(process.cpu) - min(idle.cpu)) * 1000 for name, process in zip(codes, busy, strict=True)}
        order = sorted(wall, key=wall.__getitem__)
        return Report(
            introduction=[
                "`python -I -c 'import …'` in a process of its own, its bytecode written before, less what "
                f"`python -I -c pass` takes ({nothing.minimum / 1e6:.1f} ms).",
                f"Milliseconds over {session.rounds} rounds; in each, every contender is imported once, in an order "
                "drawn anew. *CPU* is user and system time together. The ratio is of the minima.",
            ],
            tables=[
                Table(
                    ["contender", "version", "minimum ms", "median ms", "CPU ms", f"× {_ANCHOR}", "imported"],
                    [
                        [
                            name,
                            session.installed[name].version,
                            f"{wall[name]:.1f}",
                            f"{median[name]:.1f}",
                            f"{cpu[name]:.1f}",
                            shown(ratio(wall, name, _ANCHOR)),
                            f"`{codes[name]}`",
                        ]
                        for name in order
                    ],
                    words=(0, 1, 6),
                )
            ],
            panels=[Panel("Import", [Bar(name, wall[name]) for name in order], unit="ms")],
            goals=[Goal(f"Import, × {_ANCHOR}", ratio(wall, OURS, _ANCHOR), _LIMIT)],
            notes=session.skipped,
        )


class Process:
    """Python on a line of code, in a process of its own, time after time."""

    def __init__(self, code: str) -> None:
        self._command = [sys.executable, "-I", "-c", code]
        # The seconds of CPU that each run took.
        self.cpu: list[float] = []

    def lap(self) -> int:
        start = perf_counter_ns()
        process = subprocess.Popen(self._command)
        # wait(), and what the process took.
        _, status, usage = os.wait4(process.pid, 0)
        wall = perf_counter_ns() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, self._command)
        self.cpu.append(usage.ru_utime + usage.ru_stime)
        return wall
