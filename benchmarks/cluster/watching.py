"""What it takes to watch Services: `python -m benchmarks.cluster.watching SETTINGS`.

Prints, as JSON, what each watcher took of one large Service, and of many small ones.
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from functools import partial
from statistics import fmean
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from benchmarks.cluster.control_plane import NAMESPACE, running
from benchmarks.cluster.part import Part
from benchmarks.cluster.watchers import WARM

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.namespace import Namespace

_AT_ONCE: Final = 4


@dataclass(frozen=True)
class Settings:
    # What the Services are called.
    name: str
    watchers: Sequence[str]
    # How many Services, of how many slices, of how many endpoints.
    services: int
    slices: int
    endpoints: int
    # Whether to have each watch in another process too, under `tracemalloc`.
    is_traced: bool
    # How many changes, and how many seconds without any, where that is to be known.
    changes: int
    idle: float | None


@dataclass(frozen=True)
class Cost:
    """What a watcher took, beyond what its process had before."""

    # Bytes, in a process that traces nothing else, and as Python's `tracemalloc` counts them in another.
    resident: int
    traced: int | None
    sockets: int
    # Seconds of CPU: until there was an answer for each Service, for each change, and for each second without any.
    first: float
    change: float
    idle: float | None


def main() -> None:
    several = [Settings(**each) for each in json.loads(sys.argv[1])["all"]]
    with running() as (plane, namespace):
        _make(WARM, 1, 1, namespace)
        found = [_costs(settings, plane, namespace) for settings in several]
    print(json.dumps([{name: asdict(cost) for name, cost in costs.items()} for costs in found]))


def _costs(settings: Settings, plane: ControlPlane, namespace: Namespace) -> dict[str, Cost]:
    services = [f"{settings.name}-{number}" for number in range(settings.services)]
    with ThreadPoolExecutor(_AT_ONCE) as some:
        for _ in some.map(lambda name: _make(name, settings.slices, settings.endpoints, namespace), services):
            pass
    env = {**os.environ, "KUBECONFIG": str(plane.kubeconfig)}
    traced = {name: _traced(name, settings, env) for name in settings.watchers} if settings.is_traced else {}
    with ExitStack() as stack:
        parts = {name: stack.enter_context(Part("watchers", name, env=env)) for name in settings.watchers}
        begun = {name: _begin(part, settings) for name, part in parts.items()}
        changes = [
            _all_say(parts, "answers 1", partial(_change, number, settings, namespace))
            for number in range(settings.changes)
        ]
        idle = _all_say(parts, f"seconds {settings.idle}") if settings.idle is not None else None
    return {
        name: Cost(
            growth["resident"],
            traced.get(name),
            growth["sockets"],
            first,
            fmean(change[name] for change in changes),
            idle[name] / settings.idle if idle is not None and settings.idle is not None else None,
        )
        for name, (first, growth) in begun.items()
    }


def _traced(name: str, settings: Settings, env: Mapping[str, str]) -> int:
    with Part("watchers", name, "traced", env=env) as part:
        return _begin(part, settings)[1]["traced"]


def _all_say(parts: Mapping[str, Part], line: str, meanwhile: Callable[[], object] = lambda: None) -> dict[str, float]:
    """What all answer to a line; something is done when all have got it."""
    for part in parts.values():
        part.say(line)
    meanwhile()
    return {name: part.answer() for name, part in parts.items()}


def _begin(part: Part, settings: Settings) -> tuple[float, Mapping[str, int]]:
    """What the first answers took, and what there is more of after them."""
    assert part.answer() == "ready"
    before = part.ask("memory")
    first = part.ask(f"watch {settings.services} {settings.name}")
    after = part.ask("memory")
    return first, {what: after[what] - before[what] for what in before}


def _make(service: str, slices: int, endpoints: int, namespace: Namespace) -> None:
    """A Service without a selector, its slices written by hand: no controller changes them."""
    namespace.service(service, ("http", 80), selector={}, headless=True, families=("IPv4",))
    for number in range(slices):
        namespace.slice(f"{service}-{number}", service, {"http": 8080}, *_endpoints(number, endpoints))


def _change(number: int, settings: Settings, namespace: Namespace) -> None:
    """One endpoint goes, or comes back: in another Service each time and, when all have had it, in another slice."""
    turn, place = divmod(number, settings.services * settings.slices)
    slice_, service = divmod(place, settings.services)
    endpoints = _endpoints(slice_, settings.endpoints)
    endpoints[0]["conditions"]["ready"] = bool(turn % 2)
    namespace.patch("endpointslices", f"{settings.name}-{service}-{slice_}", endpoints=endpoints)


def _endpoints(slice_: int, number: int) -> list[dict[str, Any]]:
    """As the controller of EndpointSlices writes those of pods."""
    return [
        {
            "addresses": [f"10.244.{slice_}.{1 + each}"],
            "conditions": {"ready": True, "serving": True, "terminating": False},
            "nodeName": "node-a",
            "zone": "zone-a",
            "targetRef": {
                "kind": "Pod",
                "name": f"orders-5d69f7c9c6-{slice_:02x}{each:03x}",
                "namespace": NAMESPACE,
                "uid": str(UUID(int=slice_ << 64 | each)),
            },
        }
        for each in range(number)
    ]


if __name__ == "__main__":
    main()
