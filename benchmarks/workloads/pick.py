from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from time import perf_counter_ns
from timeit import Timer
from typing import TYPE_CHECKING, Any

import urischeme
from benchmarks.race import ratio, shown
from benchmarks.report import Bar, Panel, Report, Table
from benchmarks.timing import measure
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from benchmarks.session import Session
    from benchmarks.timing import Timing

_SIZES = (3, 100)
# In turn, as SRV records might have them.
_WEIGHTS = (1, 2, 5)
_ANCHOR = "itertools.cycle"
# So many that chance passes nobody by.
_PROVING_TURNS = 100

_PICK = "endpoint = balancer.pick()"
_USING = "with balancer.using() as endpoint: pass"


@dataclass(frozen=True)
class _Way:
    """One way to get one of several endpoints."""

    name: str
    # A statement that puts the endpoint into `endpoint`.
    code: str
    names: Mapping[str, Any]
    # How often each endpoint is due in a turn.
    turn: Mapping[str, int]
    by_chance: bool = False

    def wrong(self) -> int:
        """How many picks were not due; where chance decides, how many endpoints were never picked."""
        due = Counter({endpoint: _PROVING_TURNS * times for endpoint, times in self.turn.items()})
        picked = Counter(self._picks(due.total()))
        return len(due.keys() ^ picked.keys()) if self.by_chance else (picked - due).total()

    def _picks(self, count: int) -> Iterator[str]:
        code = compile(self.code, self.name, "exec")
        names = dict(self.names)
        for _ in range(count):
            exec(code, names)
            yield str(names["endpoint"])


@dataclass(frozen=True)
class _Standing:
    way: _Way
    wrong: int
    timing: Timing
    # How many a round has.
    picks: int

    @property
    def minimum(self) -> float:
        """Nanoseconds a pick in the quickest round."""
        return self.timing.minimum / self.picks

    @property
    def median(self) -> float:
        """Nanoseconds a pick in the middle one."""
        return self.timing.median / self.picks


class Pick(Workload):
    name = "pick"
    title = "Pick an endpoint"

    def measure(self, session: Session) -> Report:
        picks = session.size(full=20_000, quick=500)
        found = {size: _standings(size, picks, session.rounds) for size in _SIZES}
        return Report(
            introduction=[
                "`Balancer.pick()` by each policy, and `using()`, which also reports how it went, beside the least "
                f"that Python itself takes to give one of several. The weights are {_WEIGHTS} over and over.",
                "*Wrong* are picks of an endpoint that had had its due. Where chance decides, they are endpoints that "
                "were never picked.",
                f"Nanoseconds a pick, {picks:,} of them in each of {session.rounds} rounds; in each, every way has one "
                "turn, in an order drawn anew. The loop is in every number alike. The ratio is of the minima.",
            ],
            tables=[
                *(_times(size, standings) for size, standings in found.items()),
                _ways([standing.way for standing in found[_SIZES[0]]]),
            ],
            panels=[
                Panel(f"Pick one of {size}", [Bar(each.way.name, each.minimum) for each in standings], unit="ns")
                for size, standings in found.items()
            ],
        )


def _standings(size: int, picks: int, rounds: int) -> list[_Standing]:
    """The quickest first."""
    with ExitStack() as stack:
        ways = list(_open_ways(_endpoints(size), stack))
        wrong = [way.wrong() for way in ways]
        timers = [Timer(way.code, timer=perf_counter_ns, globals=dict(way.names)) for way in ways]
        timings = measure([partial(_lap, timer, picks) for timer in timers], rounds)
        standings = [_Standing(*result, picks) for result in zip(ways, wrong, timings, strict=True)]
    return sorted(standings, key=lambda standing: standing.minimum)


def _lap(timer: Timer, picks: int) -> int:
    # The timer is one of whole numbers, and stops the collection of garbage.
    return int(timer.timeit(picks))


def _endpoints(size: int) -> list[urischeme.Endpoint]:
    return [
        urischeme.Endpoint(urischeme.TCPAddress(f"10.0.0.{number}", 80), {"weight": weight})
        for number, weight in zip(range(size), itertools.cycle(_WEIGHTS), strict=False)
    ]


def _open_ways(endpoints: Sequence[urischeme.Endpoint], stack: ExitStack) -> Iterator[_Way]:
    """The ways, with balancers that are open for as long as the stack is."""
    equal = dict.fromkeys(map(str, endpoints), 1)
    weighted = {str(endpoint): weight for endpoint, weight in zip(endpoints, itertools.cycle(_WEIGHTS), strict=False)}
    turns: dict[str, Mapping[str, int]] = {
        "pick_first": {str(endpoints[0]): len(endpoints)},
        "round_robin": equal,
        "weighted_round_robin": weighted,
        "random": equal,
    }
    registry = urischeme.Registry()
    registry.register("fleet", lambda _: endpoints)

    for policy, turn in turns.items():
        balancer = stack.enter_context(urischeme.Balancer("fleet:all", policy=policy, registry=registry))
        balancer.ready()
        yield _Way(f"urischeme, {policy}", _PICK, {"balancer": balancer}, turn, by_chance=policy == "random")
        if policy == "round_robin":
            yield _Way(f"urischeme, {policy}, using()", _USING, {"balancer": balancer}, turn)

    loop = stack.enter_context(asyncio.Runner())
    async_balancer = urischeme.aio.Balancer("fleet:all", policy="round_robin", registry=registry)
    stack.callback(lambda: loop.run(async_balancer.aclose()))
    loop.run(async_balancer.ready())
    yield _Way("urischeme.aio, round_robin", _PICK, {"balancer": async_balancer}, equal)
    yield _Way("urischeme.aio, round_robin, using()", _USING, {"balancer": async_balancer}, equal)

    yield _Way(_ANCHOR, "endpoint = next(turns)", {"turns": itertools.cycle(endpoints)}, equal)
    choosing = {"random": random, "endpoints": endpoints}
    yield _Way("random.choice", "endpoint = random.choice(endpoints)", choosing, equal, by_chance=True)


def _times(size: int, standings: Sequence[_Standing]) -> Table:
    minima = {standing.way.name: standing.minimum for standing in standings}
    return Table(
        ["picked by", "minimum ns", "median ns", f"× {_ANCHOR}", "wrong"],
        [
            [
                standing.way.name,
                f"{standing.minimum:.0f}",
                f"{standing.median:.0f}",
                shown(ratio(minima, standing.way.name, _ANCHOR)),
                f"{standing.wrong:,}",
            ]
            for standing in standings
        ],
        title=f"One of {size} endpoints:",
    )


def _ways(ways: Sequence[_Way]) -> Table:
    return Table(
        ["picked by", "what is timed"],
        [[way.name, f"`{way.code}`"] for way in ways],
        title="What was timed, word for word:",
        words=(0, 1),
    )
