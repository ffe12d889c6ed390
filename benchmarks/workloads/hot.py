from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from benchmarks.workloads.read import Read

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.inputs import Inputs
    from benchmarks.session import Session

_HOT = 100


class Hot(Read):
    name = "hot"
    title = "A hundred hot URLs"
    job = "hot"
    anchor = "yarl"
    description = (
        f"{_HOT} URLs, evenly spread, are parsed and read over and over, each contender with whatever cache it offers: "
        "urischeme has `parse_cached`, yarl and urllib.parse have one within. The texts are the same objects each "
        "time, so that their hashes are known.\n\n"
        "*Wrong* is the same as in parsing and reading."
    )
    limits: ClassVar = {"yarl": 0.3}

    def inputs(self, session: Session) -> Inputs:
        urls = session.real.valid
        return session.real._replace(valid=urls[:: len(urls) // _HOT][:_HOT])

    def timed(self, its: Inputs, session: Session) -> Sequence[Any]:
        return list(its.valid) * session.size(full=200, quick=5)

    def about(self, inputs: Inputs) -> str:
        return f"{len(inputs.valid)} distinct URLs that people wrote, over and over."
