from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from benchmarks.workloads.read import Read

if TYPE_CHECKING:
    from benchmarks.contender import Contender, Run


class Parse(Read):
    name = "parse"
    title = "Parse"
    job = "parse"
    description = (
        "Each URL is parsed, and nothing is read: some have all components then, and some look for them only when they "
        "are asked.\n\n"
        "*Wrong* and *accepts* are those of parsing and reading every component."
    )
    limits: ClassVar = {}

    def proof_run(self, contender: Contender) -> Run:
        return contender.run("read")
