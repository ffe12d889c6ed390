from __future__ import annotations

from dataclasses import asdict
from importlib import metadata
from typing import TYPE_CHECKING, Final

from benchmarks.cluster.control_plane import measured
from benchmarks.cluster.watchers import WATCHERS, Balanced
from benchmarks.cluster.watching import Cost, Settings
from benchmarks.report import Bar, Panel, Report, Table
from benchmarks.workload import Unable, Workload

if TYPE_CHECKING:
    from benchmarks.session import Session

# As many as the controller of EndpointSlices puts into one.
_PER_SLICE: Final = 100

_NAMES: Final = [watcher.name for watcher in WATCHERS]
_ALONE: Final = [name for name in _NAMES if name != Balanced.name]


class K8sWatch(Workload):
    name = "k8s-watch"
    title = "Watch Services in Kubernetes"

    def measure(self, session: Session) -> Report:
        one = Settings(
            "one",
            _NAMES,
            services=1,
            slices=session.size(full=50, quick=2),
            endpoints=_PER_SLICE,
            is_traced=True,
            changes=session.size(full=100, quick=3),
            idle=None,
        )
        many = Settings(
            "many",
            _ALONE,
            services=session.size(full=500, quick=5),
            slices=1,
            endpoints=3,
            is_traced=False,
            changes=session.size(full=200, quick=3),
            idle=session.size(full=90, quick=1),
        )
        of_one, of_many = _costs(one, many)
        return Report(
            introduction=[
                f"What it takes to watch one Service of {one.slices * one.endpoints:,} endpoints, in {one.slices} "
                f"EndpointSlices, and {many.services} Services of {many.endpoints} endpoints at once. Each watcher has "
                "a process of its own, which has watched another Service before, so that what is loaded on first use "
                "is no part of it.",
                "*Resident* is how much the process grew, and *traced* what `tracemalloc` saw of that in another one. "
                "*First* is the CPU that it took to have an answer for each Service, and *a change* what it took from "
                "the moment before one endpoint of one slice was changed until there was the answer with it; all "
                f"watch the same {one.changes} and {many.changes} changes side by side. *Idle* is what a second takes "
                f"in which nothing changes, over {many.idle} of them.",
            ],
            tables=[_of_one(of_one, one), _of_many(of_many, many), _hows()],
            panels=[
                Panel(
                    f"CPU for one change among {one.slices * one.endpoints:,} endpoints",
                    [Bar(name, cost.change * 1000) for name, cost in of_one.items()],
                    unit="ms",
                ),
                Panel(
                    f"Resident memory for {many.services} Services",
                    [Bar(name, cost.resident / 1e6) for name, cost in of_many.items()],
                    unit="MB",
                ),
            ],
            notes=[
                "The API server is a real one, the slices are written by hand, and no controller changes them.",
                "`kubernetes_asyncio` is asked for the EndpointSlices alone, and makes a model of each; urischeme "
                "watches the Service too, which has its ports, on a connection of its own, joins all slices, and "
                "compares the set with the one before.",
                "Of each connection asyncio's TLS takes 256 KiB for what it reads.",
                "urischeme has each stream end after 60 to 120 s, and asks for another: that is what it does when "
                "idle.",
            ],
        )


def _costs(*settings: Settings) -> list[dict[str, Cost]]:
    try:
        import kubernetes_asyncio  # noqa: F401  both take it
    except ImportError as error:
        raise Unable(str(error)) from error
    found = measured("watching", all=[asdict(each) for each in settings])
    return [{name: Cost(**cost) for name, cost in costs.items()} for costs in found]


def _version(name: str) -> str:
    return metadata.version(next(watcher.distribution for watcher in WATCHERS if watcher.name == name))


def _of_one(costs: dict[str, Cost], settings: Settings) -> Table:
    return Table(
        ["watcher", "version", "resident MB", "traced MB", "first ms", "a change ms"],
        [
            [
                name,
                _version(name),
                f"{cost.resident / 1e6:.1f}",
                "–" if cost.traced is None else f"{cost.traced / 1e6:.1f}",
                f"{cost.first * 1000:,.0f}",
                f"{cost.change * 1000:.2f}",
            ]
            for name, cost in costs.items()
        ],
        title=f"One Service of {settings.slices * settings.endpoints:,} endpoints:",
        words=(0, 1),
    )


def _of_many(costs: dict[str, Cost], settings: Settings) -> Table:
    return Table(
        ["watcher", "version", "resident MB", "sockets", "first ms", "a change ms", "idle ms/s"],
        [
            [
                name,
                _version(name),
                f"{cost.resident / 1e6:.1f}",
                f"{cost.sockets:,}",
                f"{cost.first * 1000:,.0f}",
                f"{cost.change * 1000:.2f}",
                "–" if cost.idle is None else f"{cost.idle * 1000:.2f}",
            ]
            for name, cost in costs.items()
        ],
        title=f"{settings.services} Services of {settings.endpoints} endpoints each:",
        words=(0, 1),
    )


def _hows() -> Table:
    return Table(
        ["watcher", "how it watches"],
        [[watcher.name, watcher.how] for watcher in WATCHERS],
        title="The watchers:",
        words=(0, 1),
    )
