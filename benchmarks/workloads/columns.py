from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import CAN_ADA, URISCHEME
from benchmarks.inputs import multiplied
from benchmarks.proof import prove
from benchmarks.race import mistakes, ratio, shown
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.timing import lap_of, measure
from benchmarks.workload import Workload
from benchmarks.workloads.normalize import Normalize
from benchmarks.workloads.read import Read

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from benchmarks.contender import Run
    from benchmarks.proof import Proof
    from benchmarks.race import Race
    from benchmarks.session import Session
    from benchmarks.timing import Lap, Timing

_ROOT = Path(__file__).parents[2]
_THREADS = (1, 2)
_LOOP = "can_ada, a loop"

_NORMALIZE_LIMITS = {"polars": 0.2, "pyarrow": 0.3}
_PARSE_LIMITS = {"polars": 0.5, "pyarrow": 0.5}
# "Scaling with cores", as a number.
_THREADS_LIMIT = 0.75

_PARTS = ("scheme", "userinfo", "host", "port_text", "path", "query", "fragment")


@dataclass(frozen=True)
class _Engine:
    """A library of columns: how one is made of texts, and made a list of again."""

    name: str
    column: Callable[[Sequence[str]], Any]
    rows: Callable[[Any], list[Any]]


@dataclass(frozen=True)
class _Way:
    """One way to do a job for a whole column."""

    name: str
    distribution: str
    lap: Lap
    proof: Proof


class Columns(Workload):
    name = "columns"
    title = "Whole columns"

    def measure(self, session: Session) -> Report:
        texts = multiplied(session.real.valid, session.size(full=200_000, quick=1000))
        engines, missing = _engines()
        normalizing = _standings(_normalizing(engines, texts, session), session.rounds)
        parsing = _standings(_parsing(engines, texts, session), session.rounds)
        threads = _threads(texts, session) if any(engine.name == "polars" for engine in engines) else {}
        return Report(
            introduction=[
                f"`urischeme.columns` on {len(texts):,} distinct URLs in one column (those that people wrote, and the "
                "same with other letters at their ends), beside a loop in Python that gives the same texts to can_ada "
                "one by one and keeps its answers in a list.",
                "*Wrong* and *accepts* are counted on the URLs that people wrote, as in [normalising](normalize.md) "
                "and [reading](read.md).",
                f"Milliseconds for the whole column over {session.rounds} rounds, in an order drawn anew each time. "
                f"The engines take as many threads as they take by themselves, of {os.cpu_count()} cores; the loop is "
                "on one.",
            ],
            tables=[
                _table("Normalise:", normalizing),
                _table("Parse, to a column of all parts; can_ada's are read too:", parsing),
                _threads_table(threads),
                mistakes({way.name: way.proof for way, _ in normalizing}),
                mistakes({way.name: way.proof for way, _ in parsing}),
            ],
            panels=[
                _panel(f"Normalise a column, × {_LOOP}", normalizing, _NORMALIZE_LIMITS),
                _panel(f"Parse a column, × {_LOOP}", parsing, _PARSE_LIMITS),
            ],
            goals=[
                *_goals("columns.normalize", normalizing, _NORMALIZE_LIMITS),
                *_goals("columns.parse", parsing, _PARSE_LIMITS),
                Goal(
                    "columns.normalize in a lazy frame of polars, 2 threads × 1 thread",
                    ratio(threads, "2", "1"),
                    _THREADS_LIMIT,
                ),
            ],
            notes=[*missing, *([] if CAN_ADA.name in session.installed else session.skipped)],
        )


def _engines() -> tuple[list[_Engine], list[str]]:
    """Those that are installed, and a sentence on each that isn't."""
    engines: list[_Engine] = []
    missing: list[str] = []
    for engine in (_polars, _pyarrow):
        try:
            engines.append(engine())
        except ImportError as error:
            missing.append(f"Skipped: {engine.__name__.removeprefix('_')} ({error}).")
    return engines, missing


def _polars() -> _Engine:
    import polars as pl

    return _Engine("polars", pl.Series, pl.Series.to_list)


def _pyarrow() -> _Engine:
    import pyarrow as pa

    return _Engine("pyarrow", pa.array, pa.Array.to_pylist)


def _normalizing(engines: Sequence[_Engine], texts: Sequence[str], session: Session) -> Iterator[_Way]:
    from urischeme import columns

    def run(engine: _Engine, texts: Iterable[str]) -> Iterator[str | None]:
        return iter(engine.rows(columns.normalize(engine.column(list(texts)), errors="null")))

    for engine in engines:
        yield _way(engine, columns.normalize, partial(run, engine), Normalize(), texts, session)
    yield from _loop(Normalize(), texts, session)


def _parsing(engines: Sequence[_Engine], texts: Sequence[str], session: Session) -> Iterator[_Way]:
    from urischeme import columns

    def run(engine: _Engine, texts: Iterable[str]) -> Iterator[tuple[Any, ...] | None]:
        for row in engine.rows(columns.parse(engine.column(list(texts)))):
            yield None if row["error"] else tuple(row[part] for part in _PARTS)

    for engine in engines:
        yield _way(engine, columns.parse, partial(run, engine), Read(), texts, session)
    yield from _loop(Read(), texts, session)


def _way(
    engine: _Engine, work: Callable[[Any], object], run: Run, race: Race, texts: Sequence[str], session: Session
) -> _Way:
    lap = lap_of(partial(work, engine.column(texts)))
    return _Way(engine.name, engine.name, lap, prove(run, session.real, partial(race.judge, URISCHEME)))


def _loop(race: Race, texts: Sequence[str], session: Session) -> Iterator[_Way]:
    if CAN_ADA.name in session.installed:
        proof = prove(CAN_ADA.run(race.job), session.real, partial(race.judge, CAN_ADA))
        # As the columns do, it keeps its answers.
        lap = lap_of(partial(CAN_ADA.loop(race.job, keeps=True), texts))
        yield _Way(_LOOP, CAN_ADA.name, lap, proof)


def _standings(ways: Iterable[_Way], rounds: int) -> list[tuple[_Way, Timing]]:
    those = list(ways)
    timings = measure([way.lap for way in those], rounds)
    return sorted(zip(those, timings, strict=True), key=lambda standing: standing[1].minimum)


def _minima(standings: Iterable[tuple[_Way, Timing]]) -> dict[str, float]:
    return {way.name: timing.minimum for way, timing in standings}


def _table(title: str, standings: Sequence[tuple[_Way, Timing]]) -> Table:
    minima = _minima(standings)
    return Table(
        ["column of", "version", "minimum ms", "median ms", f"× {_LOOP}", "wrong", "accepts"],
        [
            [
                way.name,
                metadata.version(way.distribution),
                f"{timing.minimum / 1e6:.1f}",
                f"{timing.median / 1e6:.1f}",
                shown(ratio(minima, way.name, _LOOP)),
                f"{way.proof.wrong:,}",
                f"{way.proof.accepted:,}",
            ]
            for way, timing in standings
        ],
        title=title,
        words=(0, 1),
    )


def _panel(title: str, standings: Sequence[tuple[_Way, Timing]], limits: Mapping[str, float]) -> Panel:
    minima = _minima(standings)
    ratios = {name: ratio(minima, name, _LOOP) for name in minima}
    return Panel(title, [Bar(name, value, limits.get(name)) for name, value in ratios.items() if value is not None])


def _goals(what: str, standings: Sequence[tuple[_Way, Timing]], limits: Mapping[str, float]) -> list[Goal]:
    minima = _minima(standings)
    return [Goal(f"{what}, {name}, × {_LOOP}", ratio(minima, name, _LOOP), limit) for name, limit in limits.items()]


def _threads(texts: Sequence[str], session: Session) -> dict[str, float]:
    """Nanoseconds for the column in a lazy frame, by the number of threads."""
    stdin = "\n".join(texts)
    laps = [partial(_lazy, threads, stdin) for threads in _THREADS]
    timings = measure(laps, session.size(full=5, quick=1))
    return {str(threads): timing.minimum for threads, timing in zip(_THREADS, timings, strict=True)}


def _lazy(threads: int, stdin: str) -> int:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.lazy"],
        cwd=_ROOT,
        env={**os.environ, "POLARS_MAX_THREADS": str(threads)},
        input=stdin,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return int(done.stdout)


def _threads_table(threads: Mapping[str, float]) -> Table:
    return Table(
        ["threads", "minimum ms", "× 1 thread"],
        [[name, f"{value / 1e6:.1f}", shown(ratio(threads, name, "1"))] for name, value in threads.items()],
        title="Normalise in a lazy frame of polars, a process for each number of threads:",
    )
