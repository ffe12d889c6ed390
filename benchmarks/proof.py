"""Before it is timed, each contender shows what its answers are worth."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from conformance.markdown import code

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.contender import Run
    from benchmarks.inputs import Inputs


class Mistake(NamedTuple):
    """One wrong answer: its kind, by which they are counted, and what was said instead of what, in Markdown."""

    kind: str
    detail: str = ""


@dataclass
class Proof:
    """What a contender got wrong of the valid inputs, and how many of the invalid ones it took."""

    mistakes: Counter[str] = field(default_factory=Counter)
    # Of each kind of mistake the shortest.
    examples: dict[str, str] = field(default_factory=dict)
    accepted: int = 0

    @property
    def wrong(self) -> int:
        return self.mistakes.total()


def prove(run: Run, inputs: Inputs, judge: Callable[[Any, Any], Mistake | None]) -> Proof:
    """What the answers to the inputs are worth; `judge` is given an input and the answer to it."""
    proof = Proof()
    for asked, answer in zip(inputs.valid, run(inputs.valid), strict=True):
        mistake = Mistake("refused") if answer is None else judge(asked, answer)
        if mistake is not None:
            proof.mistakes[mistake.kind] += 1
            example = ": ".join(filter(None, (_shown(asked), mistake.detail)))
            shortest = proof.examples.setdefault(mistake.kind, example)
            proof.examples[mistake.kind] = min(shortest, example, key=len)
    proof.accepted = sum(answer is not None for answer in run(inputs.invalid))
    return proof


def _shown(asked: str | tuple[str, ...]) -> str:
    return code(asked) if isinstance(asked, str) else " and ".join(map(code, asked))
