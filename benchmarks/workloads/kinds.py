from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import urischeme
from benchmarks import inputs
from benchmarks.inputs import Inputs
from benchmarks.kinds import KINDS, Kind
from benchmarks.proof import prove
from benchmarks.race import OURS, Race, ratio, rounds, shown, ways
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.timing import lap_of, measure
from benchmarks.workload import Workload
from benchmarks.workloads.normalize import Normalize
from benchmarks.workloads.read import Read

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.contender import Contender
    from benchmarks.session import Session

_ANCHOR = "can_ada"
_COMPILED = (_ANCHOR, "pydantic-core")


@dataclass(frozen=True)
class _Line:
    """One kind of URI, and what each contender did with it."""

    kind: Kind
    found: Sequence[str]
    # Those that all contenders accept.
    timed: Sequence[str]
    # Microseconds a URI.
    minima: Mapping[str, float]
    wrong: Mapping[str, int]


class Kinds(Workload):
    name = "kinds"
    title = "Kind by kind"

    def measure(self, session: Session) -> Report:
        contenders = [session.installed[name] for name in (OURS, *_COMPILED) if name in session.installed]
        # All of them, in a quick run too: a sample may have none of a kind.
        real = [urischeme.parse(text) for text in inputs.real().valid]
        found = [kind.texts(real, session.size(full=2000, quick=60)) for kind in KINDS]
        reading = _lines(Read(), contenders, found, session)
        normalizing = _lines(Normalize(), contenders, found, session)
        read_limits = {line.kind.name: line.kind.read_limit for line in reading}
        normalize_limits = {line.kind.name: line.kind.normalize_limit for line in normalizing}
        return Report(
            introduction=[
                "The rarer kinds of URI one by one, beside the compiled parsers: those that people wrote and the same "
                "with other letters at their ends, five of each at most; and *made* ones, with a part from the "
                "strategies of `urischeme.testing`, from a fixed seed, which know every corner of the grammar and "
                "prefer none. *Normal* are in normal form already. *Refused* are those that not all contenders accept: "
                "they are not timed. *Wrong* is counted as in [reading](read.md) and [normalising](normalize.md).",
                f"Microseconds a URI in the quickest of {_rounds(session)} rounds, in an order drawn anew each time.",
            ],
            tables=[
                _table("Parse and read every component:", contenders, reading),
                _table("Normalise:", contenders, normalizing),
                ways("read", contenders),
                ways("normalize", contenders),
            ],
            panels=[
                _panel(f"Parse and read, × {_ANCHOR}", reading, read_limits),
                _panel(f"Normalise, × {_ANCHOR}", normalizing, normalize_limits),
            ],
            goals=[
                *_goals("Parse and read", reading, read_limits),
                *_goals("Normalise", normalizing, normalize_limits),
            ],
            notes=session.skipped,
        )


def _rounds(session: Session) -> int:
    # They are short ones.
    return 4 * rounds(session)


def _lines(
    race: Race, contenders: Sequence[Contender], found: Sequence[Sequence[str]], session: Session
) -> list[_Line]:
    loops = {contender.name: contender.loop(race.job) for contender in contenders}
    timed = [_accepted_by_all(contenders, texts) for texts in found]
    laps = [lap_of(partial(loop, texts)) for texts in timed for loop in loops.values()]
    timings = iter(measure(laps, _rounds(session)))
    return [
        _Line(
            kind,
            texts,
            accepted,
            {name: next(timings).minimum / len(accepted) / 1000 for name in loops},
            {contender.name: _wrong(race, contender, accepted) for contender in contenders},
        )
        for kind, texts, accepted in zip(KINDS, found, timed, strict=True)
    ]


def _accepted_by_all(contenders: Sequence[Contender], texts: Sequence[str]) -> list[str]:
    answers = zip(*(contender.run("read")(texts) for contender in contenders), strict=True)
    return [text for text, given in zip(texts, answers, strict=True) if None not in given]


def _wrong(race: Race, contender: Contender, texts: Sequence[str]) -> int:
    judge = partial(race.judge, contender)
    return prove(race.proof_run(contender), Inputs(texts, []), judge).wrong


def _table(title: str, contenders: Sequence[Contender], lines: Sequence[_Line]) -> Table:
    names = [contender.name for contender in contenders]
    rivals = [name for name in names if name != OURS]
    return Table(
        [
            "kind",
            "URIs",
            "normal",
            "refused",
            *(f"{name} µs" for name in names),
            *(f"× {name}" for name in rivals),
            *(f"{name} wrong" for name in names),
        ],
        [
            [
                line.kind.name,
                f"{len(line.found):,}",
                f"{sum(urischeme.normalize(text) == text for text in line.found) / len(line.found):.0%}",
                f"{len(line.found) - len(line.timed):,}",
                *(f"{line.minima[name]:.3f}" for name in names),
                *(shown(ratio(line.minima, OURS, name)) for name in rivals),
                *(f"{line.wrong[name]:,}" for name in names),
            ]
            for line in lines
        ],
        title=title,
    )


def _panel(title: str, lines: Sequence[_Line], limits: Mapping[str, float | None]) -> Panel:
    ratios = {line.kind.name: ratio(line.minima, OURS, _ANCHOR) for line in lines}
    return Panel(
        title,
        [Bar(name.replace("`", ""), value, limits[name]) for name, value in ratios.items() if value is not None],
    )


def _goals(what: str, lines: Sequence[_Line], limits: Mapping[str, float | None]) -> list[Goal]:
    return [
        Goal(f"{what}, {line.kind.name}, × {_ANCHOR}", ratio(line.minima, OURS, _ANCHOR), limit)
        for line in lines
        if (limit := limits[line.kind.name]) is not None
    ]
