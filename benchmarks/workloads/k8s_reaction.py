from __future__ import annotations

import math
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from benchmarks.cluster.clients import CLIENTS, PAUSE, Grpc, K8s
from benchmarks.cluster.control_plane import measured
from benchmarks.report import Bar, Goal, Panel, Report, Table
from benchmarks.workload import Workload

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchmarks.cluster.clients import Client
    from benchmarks.session import Session

_GOAL: Final = 20.0  # milliseconds, from the event to the first request

_WHEN_GRPC_LOOKS: Final = (
    "A channel of grpcio's asks DNS again when one of its connections ends, and not within 30 s of the last time, or "
    "what `grpc.dns_min_time_between_resolutions_ms` says. A pod that comes ends none; so gRFC A9 has servers end "
    "theirs by age. That stands here twice: as it is by default, and told to look as often as that way allows. A call "
    f"every {PAUSE * 1000:g} ms to two pods in turn adds as much to its times, at most twice."
)


@dataclass(frozen=True)
class _Waits:
    """How many milliseconds passed until a client reached each pod, infinite where it did not: sorted."""

    since_ready: Sequence[float]
    since_event: Sequence[float]


class K8sReaction(Workload):
    name = "k8s-reaction"
    title = "React to a pod in Kubernetes"

    def measure(self, session: Session) -> Report:
        clients, notes = _installed()
        services, pods, limit = (3, 1, 2.0) if session.quick else (30, 7, 8.0)
        changes = measured(
            "reaction",
            clients=[client.name for client in clients],
            servers=["tcp", *(["grpc"] if any(issubclass(client, Grpc) for client in clients) else [])],
            services=services,
            pods=pods,
            limit=limit,
        )
        waits = {client: _waits(changes, client.name) for client in clients}
        return Report(
            introduction=[
                "A pod of a headless Service becomes Ready, and the milliseconds are counted until it has answered "
                "its first request: from the moment when its status is written, and from the *event* by which the API "
                "server tells a watch of the benchmark's own that the pod is in the Service's EndpointSlice.",
                f"{len(changes)} pods become Ready, {pods} behind each of {services} Services, one after the other; "
                f"each is there for {limit:g} s, beside one that is there all the time, and its servers listen before "
                "it is Ready. When it becomes so is drawn anew each time, so that it falls into any part of the 5 s "
                "that CoreDNS lets an answer hold. All clients wait for the same changes, each in a process of its "
                "own.",
            ],
            tables=[_table(waits, limit), _hows(clients)],
            panels=[_panel(waits, limit)],
            goals=[
                Goal(
                    "From an EndpointSlice's event to the pod's first request, `k8s:`, p99, ms",
                    percentile(waits[K8s].since_event, 99) if K8s in waits else None,
                    _GOAL,
                )
            ],
            notes=[
                "The control plane is real: etcd, kube-apiserver, kube-controller-manager and CoreDNS, each a process, "
                "with no cache between CoreDNS and who asks it. There is no kubelet: the benchmark writes the pods' "
                "statuses.",
                "The benchmark's own watch is a process too: where that is scheduled after a client, the time from the "
                "event is less than it was.",
                *([_WHEN_GRPC_LOOKS] if Grpc in clients else []),
                *notes,
            ],
        )


def _installed() -> tuple[list[type[Client]], list[str]]:
    """The clients whose packages are here, and a sentence on each of the others."""
    clients, notes = [], []
    for client in CLIENTS:
        try:
            for package in client.needs:
                __import__(package)
        except ImportError as error:
            notes.append(f"Skipped: {client.name} ({error}).")
        else:
            clients.append(client)
    return clients, notes


def _waits(changes: Sequence[Mapping[str, Any]], name: str) -> _Waits:
    reached = [change["reached"].get(name, math.inf) for change in changes]
    return _Waits(
        *(
            sorted((moment - change[start]) * 1000 for moment, change in zip(reached, changes, strict=True))
            for start in ("ready", "event")
        )
    )


def percentile(sorted_ones: Sequence[float], percent: int) -> float:
    """The smallest of them that so many per cent are not above."""
    return sorted_ones[math.ceil(len(sorted_ones) * percent / 100) - 1]


def _table(waits: Mapping[type[Client], _Waits], limit: float) -> Table:
    def shown(milliseconds: float) -> str:
        return f"{milliseconds:,.1f}" if milliseconds < math.inf else f"not within {limit * 1000:,.0f}"

    return Table(
        ["client", "version", "p50 ms", "p99 ms", "slowest ms", "from the event: p50 ms", "p99 ms", "reached"],
        [
            [
                client.name,
                metadata.version(client.distribution),
                shown(percentile(its.since_ready, 50)),
                shown(percentile(its.since_ready, 99)),
                shown(its.since_ready[-1]),
                shown(percentile(its.since_event, 50)),
                shown(percentile(its.since_event, 99)),
                f"{sum(wait < math.inf for wait in its.since_ready)} of {len(its.since_ready)}",
            ]
            for client, its in waits.items()
        ],
        words=(0, 1),
    )


def _hows(clients: Sequence[type[Client]]) -> Table:
    return Table(
        ["client", "how it hears of pods and calls them"],
        [[client.name, client.how] for client in clients],
        title="The clients:",
        words=(0, 1),
    )


def _panel(waits: Mapping[type[Client], _Waits], limit: float) -> Panel:
    p99 = {client.name: percentile(its.since_ready, 99) for client, its in waits.items()}
    return Panel(
        "From Ready to the first request, p99",
        [
            Bar(name, wait) if wait < math.inf else Bar(f"{name} (not within)", limit * 1000)
            for name, wait in p99.items()
        ],
        unit="ms",
    )
