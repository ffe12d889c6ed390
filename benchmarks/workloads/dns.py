from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.island import ON_THE_ISLAND, ROOT, why_there_is_none
from benchmarks.race import ratio, shown
from benchmarks.report import Bar, Panel, Report, Table
from benchmarks.resolving import SYSTEM_PORT, Finding
from benchmarks.timing import Timing
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.session import Session

_ANCHOR = "socket.getaddrinfo"


@dataclass(frozen=True)
class _Standing:
    finding: Finding
    # How many a round has.
    calls: int

    @property
    def minimum(self) -> float:
        """Microseconds a call in the quickest round."""
        return Timing(self.finding.rounds).minimum / self.calls / 1000

    @property
    def median(self) -> float:
        """Microseconds a call in the middle one."""
        return Timing(self.finding.rounds).median / self.calls / 1000


class Dns(Workload):
    name = "dns"
    title = "Resolve a name by DNS"

    def measure(self, session: Session) -> Report:
        calls = session.size(full=50, quick=5)
        obstacle = why_there_is_none()
        server, findings = _found(obstacle is None, calls, session.rounds)
        timed = [_Standing(finding, calls) for finding in findings if finding.mistake is None]
        standings = sorted(timed, key=lambda standing: standing.minimum)
        return Report(
            introduction=[
                f"A name with A and AAAA records, asked of {server} on loopback, over and over; nothing is cached. "
                "Whoever did not give all of the addresses was not timed.",
                f"Microseconds a call, {calls} of them in each of {session.rounds} rounds; in each, every way has one "
                "turn, in an order drawn anew. What is awaited is so in a loop that runs already. The ratio is of the "
                "minima.",
                "`socket.getaddrinfo` and urischeme ask for A and AAAA at once. For `dns:///` they look into the hosts "
                "file first, and whether `resolv.conf` is still the same; dnspython alone never does the first, and "
                "the second only where it is configured anew.",
            ],
            tables=[_times(standings), _codes(standings)],
            panels=[_panel(standings)],
            notes=[
                _where(obstacle),
                *(f"Left out: {finding.name} ({finding.mistake})." for finding in findings if finding.mistake),
            ],
        )


def _found(on_the_island: bool, calls: int, rounds: int) -> tuple[str, list[Finding]]:
    """What answered, and what was found."""
    island, port = (ON_THE_ISLAND, SYSTEM_PORT) if on_the_island else ((), 0)
    done = subprocess.run(
        [*island, sys.executable, "-m", "benchmarks.resolving", str(port), str(calls), str(rounds)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    said = json.loads(done.stdout)
    return said["server"], [Finding(**finding) for finding in said["findings"]]


def _times(standings: Sequence[_Standing]) -> Table:
    minima = {standing.finding.name: standing.minimum for standing in standings}
    return Table(
        ["resolved by", "version", "minimum µs", "median µs", f"× {_ANCHOR}"],
        [
            [
                standing.finding.name,
                standing.finding.version,
                f"{standing.minimum:,.0f}",
                f"{standing.median:,.0f}",
                shown(ratio(minima, standing.finding.name, _ANCHOR)),
            ]
            for standing in standings
        ],
        words=(0, 1),
    )


def _codes(standings: Sequence[_Standing]) -> Table:
    return Table(
        ["resolved by", "what is timed"],
        [[standing.finding.name, f"`{standing.finding.code}`"] for standing in standings],
        title="What was timed, word for word:",
        words=(0, 1),
    )


def _panel(standings: Sequence[_Standing]) -> Panel:
    bars = [Bar(standing.finding.name, standing.minimum) for standing in standings]
    return Panel("Resolve a name on loopback", bars, unit="µs")


def _where(obstacle: str | None) -> str:
    if obstacle is None:
        return f"`{_ANCHOR}` asks the system's server alone: in a network of its own (`unshare`) that one is ours."
    return (
        f"Left out: `{_ANCHOR}` and all else that asks the system's server. For that to be ours it takes a network of "
        f"its own, which can't be had here ({obstacle})."
    )
