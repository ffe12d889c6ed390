"""The page of a workload, in Markdown: what the command prints, and what it writes to `docs/benchmarks/`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.contender import Contender
    from benchmarks.inputs import Inputs
    from benchmarks.proof import Proof
    from benchmarks.timing import Timing
    from benchmarks.workload import Workload


@dataclass(frozen=True)
class Result:
    contender: Contender
    proof: Proof
    timing: Timing


@dataclass(frozen=True)
class Page:
    workload: Workload
    inputs: Inputs
    # One each, of the same number of rounds.
    results: Sequence[Result]
    # The contender that the ratios are to, if it is there.
    anchor: str
    # Lines on what holds for the whole run: the machine, the inputs, who is missing.
    remarks: Sequence[str]

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"# {self.workload.title}"
        yield ""
        yield f"Written by `python -m benchmarks --only {self.workload.name}`."
        yield ""
        yield from self._introduction()
        yield ""
        yield from self._table()
        yield ""
        yield "What was wrong, by kind, with the shortest example of each:"
        yield ""
        yield from self._mistakes()
        yield ""
        yield "How they were used:"
        yield ""
        yield from (f"- **{r.contender.name}**: {r.contender.note}" for r in self.results if r.contender.note)
        yield ""
        yield from (f"- {remark}" for remark in self.remarks)

    def _introduction(self) -> Iterator[str]:
        yield self.workload.description
        yield ""
        valid, invalid = len(self.inputs.valid), len(self.inputs.invalid)
        about = self.workload.about(self.inputs.valid)
        yield f"{valid:,} distinct URLs that people wrote, all of them RFC 3986.{about}"
        yield f"*Accepts* is how many it also takes of {invalid:,} that aren't: speed at refusing nothing is no merit."
        yield ""
        rounds = len(self.results[0].timing.rounds)
        yield (
            f"Microseconds a URL over {rounds} rounds: in each, every contender goes once over all URLs, in an order "
            "drawn anew, the garbage collected before and not during. The loop is in every number alike; nothing is "
            "kept. The ratio is of the minima."
        )

    def _table(self) -> Iterator[str]:
        anchor = next((r.timing.minimum for r in self.results if r.contender.name == self.anchor), None)
        yield f"| contender | version | minimum µs | median µs | × {self.anchor} | wrong | accepts |"
        yield "|---|---|--:|--:|--:|--:|--:|"
        for result in sorted(self.results, key=lambda result: result.timing.minimum):
            timing, proof = result.timing, result.proof
            ratio = "–" if anchor is None else f"{timing.minimum / anchor:.2f}"
            yield (
                f"| {result.contender.name} | {result.contender.version} | {timing.minimum:.3f} | {timing.median:.3f} "
                f"| {ratio} | {proof.wrong:,} | {proof.accepted:,} |"
            )

    def _mistakes(self) -> Iterator[str]:
        yield "| contender | kind | URLs | example |"
        yield "|---|---|--:|---|"
        for result in self.results:
            for kind, count in result.proof.mistakes.most_common():
                example = result.proof.examples[kind].replace("|", r"\|")
                yield f"| {result.contender.name} | {kind} | {count:,} | {example} |"
