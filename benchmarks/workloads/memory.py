from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

from benchmarks.inputs import multiplied
from benchmarks.race import OURS, ratio, shown
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.session import Session

_ROOT = Path(__file__).parents[2]
_ANCHOR = "pydantic-core"
_TRACED_LIMIT = 320
_RESIDENT_LIMIT = 1.5


class Memory(Workload):
    name = "memory"
    title = "Memory"

    def measure(self, session: Session) -> Report:
        texts = multiplied(session.real.valid, session.size(full=100_000, quick=2000))
        few = texts[: session.size(full=20_000, quick=500)]
        contenders = session.able("parse")
        traced = {contender.name: _weigh(contender.name, "traced", few) for contender in contenders}
        weighed = {contender.name: _weigh(contender.name, "resident", texts) for contender in contenders}
        resident = {name: weight for name, weight in weighed.items() if weight is not None}
        order = sorted(traced, key=lambda name: resident.get(name, 0))
        return Report(
            introduction=[
                "What a parsed URL takes beyond the text it was parsed from, in bytes, when nothing has been read from "
                "it yet.",
                f"*Traced* is what Python's `tracemalloc` saw of {len(few):,} of them: it does not see what C++ and "
                f"Rust allocate. *Resident* is how much a fresh process grew that keeps {len(texts):,} of them, or as "
                "many as 512 MiB hold: real URLs, and the same with other letters at their ends.",
            ],
            tables=[
                Table(
                    ["contender", "version", "traced bytes", "resident bytes", f"× {_ANCHOR}"],
                    [
                        [
                            name,
                            session.installed[name].version,
                            f"{traced[name]:,.0f}",
                            f"{resident[name]:,.0f}" if name in resident else "–",
                            shown(ratio(resident, name, _ANCHOR)),
                        ]
                        for name in order
                    ],
                    words=(0, 1),
                )
            ],
            panels=[
                Panel("Resident bytes a parsed URL", [Bar(name, resident[name]) for name in order if name in resident]),
            ],
            goals=[
                Goal("Bytes a parsed URL beyond its text, by tracemalloc", traced.get(OURS), _TRACED_LIMIT),
                Goal(f"Resident memory a parsed URL, × {_ANCHOR}", ratio(resident, OURS, _ANCHOR), _RESIDENT_LIMIT),
            ],
            notes=session.absent("parse"),
        )


def _weigh(name: str, how: Literal["traced", "resident"], texts: Sequence[str]) -> float | None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.weigh", name, how],
        cwd=_ROOT,
        input="\n".join(texts),
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return cast("float | None", json.loads(done.stdout))
