"""A job that every contender able to do it does over the same inputs."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from benchmarks import inputs
from benchmarks.proof import prove
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.timing import lap_of, measure
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.contender import Contender, Job, Run
    from benchmarks.inputs import Inputs
    from benchmarks.proof import Mistake, Proof
    from benchmarks.session import Session
    from benchmarks.timing import Timing

OURS = "urischeme"


@dataclass(frozen=True)
class Standing:
    contender: Contender
    proof: Proof
    timing: Timing
    # How many inputs a round goes over.
    inputs: int

    @property
    def minimum(self) -> float:
        """Microseconds an input in the quickest round."""
        return self.timing.minimum / self.inputs / 1000

    @property
    def median(self) -> float:
        """Microseconds an input in the middle one."""
        return self.timing.median / self.inputs / 1000


class Race(Workload):
    job: ClassVar[Job]
    # What is timed and what counts as wrong, in Markdown.
    description: ClassVar[str]
    # The contender that the ratios are to, if it is there.
    anchor: ClassVar[str] = "can_ada"
    # What our time is to be at most, as a share of theirs.
    limits: ClassVar[Mapping[str, float]] = {}

    def inputs(self, session: Session) -> Inputs:
        return session.real

    def timed(self, its: Inputs, session: Session) -> Sequence[Any]:
        """What a round goes over."""
        return its.valid

    def proof_run(self, contender: Contender) -> Run:
        """The run whose answers are judged: that which is timed."""
        return contender.run(self.job)

    @abstractmethod
    def judge(self, contender: Contender, asked: Any, answer: Any) -> Mistake | None:
        """What is wrong with an answer."""

    def about(self, inputs: Inputs) -> str:
        """What the inputs are, in a sentence or two."""
        return f"{len(inputs.valid):,} distinct URLs that people wrote, all of them RFC 3986."

    def notes(self, session: Session) -> list[str]:
        return [inputs.second_opinion(session.real)]

    def measure(self, session: Session) -> Report:
        its = self.inputs(session)
        standings = sorted(self._standings(session, its), key=lambda standing: standing.minimum)
        minima = {standing.contender.name: standing.minimum for standing in standings}
        return Report(
            introduction=[self.description, self._conditions(its, rounds(session))],
            tables=[
                self._times(standings, minima),
                mistakes({standing.contender.name: standing.proof for standing in standings}),
                ways(self.job, [standing.contender for standing in standings]),
            ],
            panels=[self._panel(minima)],
            goals=[
                Goal(f"{self.title}, × {peer}", ratio(minima, OURS, peer), limit) for peer, limit in self.limits.items()
            ],
            notes=[*session.absent(self.job), *self.notes(session)],
        )

    def _standings(self, session: Session, its: Inputs) -> list[Standing]:
        contenders = session.able(self.job)
        # Which also warms up whatever is made on first use.
        proofs = [prove(self.proof_run(contender), its, partial(self.judge, contender)) for contender in contenders]
        timed = self.timed(its, session)
        timings = measure(
            [lap_of(partial(contender.loop(self.job), timed)) for contender in contenders], rounds(session)
        )
        return [Standing(*result, inputs=len(timed)) for result in zip(contenders, proofs, timings, strict=True)]

    def _conditions(self, inputs: Inputs, rounds: int) -> str:
        return (
            f"{self.about(inputs)} *Accepts* is how many it also takes of {len(inputs.invalid):,} that aren't right: "
            "speed at refusing nothing is no merit.\n\n"
            f"Microseconds each over {rounds} rounds: in each, every contender goes once over all of them, in an order "
            "drawn anew, the garbage collected before and not during. The loop is in every number alike; nothing is "
            "kept. The ratio is of the minima."
        )

    def _times(self, standings: Sequence[Standing], minima: Mapping[str, float]) -> Table:
        return Table(
            ["contender", "version", "minimum µs", "median µs", f"× {self.anchor}", "wrong", "accepts"],
            [
                [
                    standing.contender.name,
                    standing.contender.version,
                    f"{standing.minimum:.3f}",
                    f"{standing.median:.3f}",
                    shown(ratio(minima, standing.contender.name, self.anchor)),
                    f"{standing.proof.wrong:,}",
                    f"{standing.proof.accepted:,}",
                ]
                for standing in standings
            ],
            words=(0, 1),
        )

    def _panel(self, minima: Mapping[str, float]) -> Panel:
        if self.anchor not in minima:
            return Panel(f"{self.title}, µs", [Bar(name, minimum) for name, minimum in minima.items()])
        return Panel(
            f"{self.title}, × {self.anchor}",
            [
                Bar(name, minimum / minima[self.anchor], self.limits.get(self.anchor) if name == OURS else None)
                for name, minimum in minima.items()
            ],
        )


def ratio(values: Mapping[str, float], name: str, anchor: str) -> float | None:
    """One value as a share of the other, None where either is missing."""
    return values[name] / values[anchor] if name in values and anchor in values else None


def shown(ratio: float | None) -> str:
    return "–" if ratio is None else f"{ratio:.2f}"


def mistakes(proofs: Mapping[str, Proof]) -> Table:
    """What each contender got wrong."""
    return Table(
        ["contender", "kind", "count", "example"],
        [
            [name, kind, f"{count:,}", proof.examples[kind]]
            for name, proof in proofs.items()
            for kind, count in proof.mistakes.most_common()
        ],
        title="What was wrong, by kind, with the shortest example of each:",
        words=(0, 1, 3),
    )


def ways(job: Job, contenders: Sequence[Contender]) -> Table:
    """How each contender was asked."""
    return Table(
        ["contender", "what is timed", ""],
        [[contender.name, f"`{contender.code(job)}`", contender.note] for contender in contenders],
        title="What was timed, word for word:",
        words=(0, 1, 2),
    )


def rounds(session: Session) -> int:
    """How often each contender goes over all of the inputs."""
    # After fifteen the quickest of a quick contender that runs in Python is still getting quicker, by a twentieth.
    return 3 * session.rounds
