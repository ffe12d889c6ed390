from __future__ import annotations

import math
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final, TypeAlias

from benchmarks.callers import Grpc, Ours
from benchmarks.name_server import HOST, TTL, name_server
from benchmarks.report import Bar, Panel, Report, Table
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.callers import Call, Caller, Stop
    from benchmarks.name_server import NameServer
    from benchmarks.session import Session

_NAME: Final = "orders.shop.svc.cluster.local"
_OLD, _NEW = "127.0.0.2", "127.0.0.3"
_PAUSE: Final = 0.02  # seconds from one call to the next
_PATIENCE: Final = 10.0  # seconds, at most, for what has nothing to wait for

# The seconds that each caller took, each time; infinite where they were not enough.
_Waits: TypeAlias = "Mapping[str, Sequence[float]]"


@dataclass(frozen=True)
class _Change:
    """What becomes of a name that leads to the old address."""

    title: str
    # The addresses that it leads to after it.
    after: Sequence[str]
    old_one_stops: bool


_CHANGES: Final = (
    _Change("Another address comes", (_OLD, _NEW), old_one_stops=False),
    _Change("The only address goes, and another comes", (_NEW,), old_one_stops=True),
)

_WHEN_GRPC_ASKS: Final = (
    "A channel of grpcio's asks DNS again when a connection breaks, but not within 30 s of the last time, or what "
    "`grpc.dns_min_time_between_resolutions_ms` says; so it matters how old it is."
)

# Seconds from the first call to the change, one for each time that all wait for it side by side.
_AGES: Final = (0.3, 32.0)
_QUICK_AGES: Final = (0.3,)
# The same for us alone: every part of the second that an answer holds for.
_AGES_ALONE: Final = tuple(0.1 + eighth / 8 for eighth in range(8))


class Reaction(Workload):
    name = "reaction"
    title = "React to a change in DNS"

    def measure(self, session: Session) -> Report:
        limit = session.size(full=60, quick=3)
        ages, ages_alone = (_QUICK_AGES, ()) if session.quick else (_AGES, _AGES_ALONE)
        callers, notes = _callers()
        with name_server() as server:
            able = [caller for caller in callers if is_able(caller, server)]
            runs = _runs(able, ages, ages_alone)
            waits = {change: _waits(change, server, runs, limit) for change in _CHANGES}
        unable = [caller.name for caller in callers if caller not in able]
        return Report(
            introduction=[
                f"Each client makes a call every {_PAUSE * 1000:g} ms, to the servers in turn that `dns://` and a name "
                "lead to, all on loopback. The zone is changed, and the seconds are counted until the new address "
                "answers its first call. Where the old one goes, its server is stopped as soon as the zone is changed, "
                "and its connections break: there, the seconds are those without an answer.",
                f"The records have a TTL of {TTL} s. The clients wait side by side for the same change of the same "
                f"zone, {limit} s at most. It comes when they are {' or '.join(f'{age:g}' for age in ages)} s *old*, "
                "counted from their first call. *Times* is how often there was one: urischeme, for which nobody waits "
                "long, has more of them. Each client has shown that it calls both addresses where the zone has both "
                "from the beginning.",
            ],
            tables=[*(_table(change, waits[change], able, ages, limit) for change in _CHANGES), _hows(able)],
            panels=[_panel(change, waits[change], limit) for change in _CHANGES],
            notes=[
                f"The zone is that of {server.software}. The clients and whom they call are in one process.",
                *([_WHEN_GRPC_ASKS] if any(isinstance(caller, Grpc) for caller in able) else []),
                *(f"Left out: {name} (it did not call both addresses)." for name in unable),
                *notes,
            ],
        )


def _callers() -> tuple[list[Caller], list[str]]:
    """Those that are installed, and a sentence on each that isn't."""
    try:
        grpc = [
            Grpc("grpcio", {}),
            Grpc("grpcio, a second between questions", {"grpc.dns_min_time_between_resolutions_ms": 1000}),
        ]
    except ImportError as error:
        return [Ours()], [f"Skipped: grpcio ({error})."]
    return [Ours(), *grpc], []


def is_able(caller: Caller, server: NameServer, patience: float = _PATIENCE) -> bool:
    """Whether it calls both addresses, where there are two from the beginning."""
    server.put(_NAME, (_OLD, _NEW))
    with ExitStack() as stack:
        call, _ = _dialled(caller, server, stack)
        end = time.perf_counter() + patience
        return all(_answered(call, host, end) < math.inf for host in (_OLD, _NEW))


def _dialled(caller: Caller, server: NameServer, stack: ExitStack) -> tuple[Call, Mapping[str, Stop]]:
    """Its servers run and it may call them, for as long as the stack is open."""
    port, stops = stack.enter_context(caller.serving((_OLD, _NEW)))
    return stack.enter_context(caller.dial(f"dns://{HOST}:{server.port}/{_NAME}:{port}")), stops


def _answered(call: Call, host: str, end: float) -> float:
    """When the host first answered a call; infinite where that would be after the end."""
    while time.perf_counter() < end:
        if call() == host:
            return time.perf_counter()
        time.sleep(_PAUSE)
    return math.inf


def _runs(
    callers: Sequence[Caller], ages: Sequence[float], ages_alone: Sequence[float]
) -> list[tuple[Sequence[Caller], float]]:
    """Who waits side by side, and the seconds from their first call to the change."""
    ours = [caller for caller in callers if isinstance(caller, Ours)]
    return [*((callers, age) for age in ages), *((ours, age) for age in ages_alone)]


def _waits(change: _Change, server: NameServer, runs: Sequence[tuple[Sequence[Caller], float]], limit: float) -> _Waits:
    waits = defaultdict[str, list[float]](list)
    for callers, age in runs:
        for caller, seconds in zip(callers, _side_by_side(change, server, callers, age, limit), strict=True):
            waits[caller.name].append(seconds)
    return waits


def _side_by_side(
    change: _Change, server: NameServer, callers: Sequence[Caller], age: float, limit: float
) -> list[float]:
    """The seconds that each caller takes to hear of a change, one that comes when it is so many seconds old."""
    server.put(_NAME, [_OLD])
    with ExitStack() as stack:
        lines = [_dialled(caller, server, stack) for caller in callers]
        for call, _ in lines:
            if _answered(call, _OLD, time.perf_counter() + _PATIENCE) == math.inf:
                raise RuntimeError(f"{_OLD} did not answer within {_PATIENCE:g} s")
        pool = stack.enter_context(ThreadPoolExecutor(len(callers)))
        due = time.perf_counter() + age
        moments = [pool.submit(_answered, call, _NEW, due + limit) for call, _ in lines]
        time.sleep(due - time.perf_counter())
        start = time.perf_counter()
        server.put(_NAME, change.after)
        if change.old_one_stops:
            for _, stops in lines:
                stops[_OLD]()
        return [moment.result() - start for moment in moments]


def _table(change: _Change, waits: _Waits, callers: Sequence[Caller], ages: Sequence[float], limit: float) -> Table:
    return Table(
        ["client", "version", *(f"{age:g} s old" for age in ages), "median s", "slowest s", "times"],
        [
            [
                caller.name,
                caller.version,
                *(_shown(seconds, limit) for seconds in its[: len(ages)]),
                # Of two it would be what never happened.
                _shown(median(its), limit) if len(its) > 2 else "–",
                _shown(max(its), limit),
                str(len(its)),
            ]
            for caller in callers
            if (its := waits[caller.name])
        ],
        title=f"{change.title}:",
        words=(0, 1),
    )


def _shown(seconds: float, limit: float) -> str:
    return f"{seconds:.2f}" if seconds < math.inf else f"not within {limit:g}"


def _hows(callers: Sequence[Caller]) -> Table:
    return Table(
        ["client", "how it balances"],
        [[caller.name, caller.how] for caller in callers],
        title="The clients:",
        words=(0, 1),
    )


def _panel(change: _Change, waits: _Waits, limit: float) -> Panel:
    """The slowest of each: what one has to be ready for."""
    slowest = {name: max(its) for name, its in waits.items()}
    return Panel(
        f"{change.title}: the slowest",
        [
            Bar(name, seconds) if seconds < math.inf else Bar(f"{name} (not within)", limit)
            for name, seconds in slowest.items()
        ],
        unit="s",
    )
