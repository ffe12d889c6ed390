"""Before it is timed, each contender shows what its answers are worth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.workload import Mistake

if TYPE_CHECKING:
    from benchmarks.contender import Contender
    from benchmarks.inputs import Inputs
    from benchmarks.workload import Workload


@dataclass
class Proof:
    """What a contender got wrong of the valid URLs, and how many of the invalid texts it took for URLs."""

    mistakes: Counter[str] = field(default_factory=Counter)
    # Of each kind of mistake the shortest.
    examples: dict[str, str] = field(default_factory=dict)
    accepted: int = 0

    @property
    def wrong(self) -> int:
        return self.mistakes.total()


def prove(workload: Workload, contender: Contender, inputs: Inputs) -> Proof:
    proof = Proof()
    for url, answer in zip(inputs.valid, workload.run(contender, inputs.valid), strict=True):
        mistake = Mistake("refused") if answer is None else workload.mistake(contender, url, answer)
        if mistake is not None:
            proof.mistakes[mistake.kind] += 1
            example = f"`{url}`: {mistake.detail}" if mistake.detail else f"`{url}`"
            shortest = proof.examples.setdefault(mistake.kind, example)
            proof.examples[mistake.kind] = min(shortest, example, key=len)
    proof.accepted = sum(answer is not None for answer in workload.run(contender, inputs.invalid))
    return proof
