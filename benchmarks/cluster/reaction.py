"""How soon a pod that is ready gets its first request: `python -m benchmarks.cluster.reaction SETTINGS`.

Prints, as JSON, for each pod when it became ready, when the API server said so, and when each client reached it.
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from itertools import chain
from typing import TYPE_CHECKING, Final

from benchmarks.cluster.clients import PORTS, service
from benchmarks.cluster.control_plane import running
from benchmarks.cluster.part import Part
from tests.cluster.lookup import wait_for_records

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.namespace import Namespace

_AT_ONCE: Final = 4
# Seconds, at most, until a Service changes again: any part of the time for which an answer of DNS holds.
_PAUSE: Final = 5.0
# Seconds, at most, until it changes for the first time.
_BEGIN: Final = 10.0


@dataclass(frozen=True)
class Settings:
    clients: Sequence[str]
    # The kinds that run in each pod.
    servers: Sequence[str]
    services: int
    # How many pods come to each Service, one after the other.
    pods: int
    # Seconds that each of them is there.
    limit: float


@dataclass(frozen=True)
class Change:
    """A pod that became ready; moments by the machine's monotonic clock."""

    ready: float
    event: float
    # Those of each client that reached it.
    reached: Mapping[str, float]


def main() -> None:
    settings = Settings(**json.loads(sys.argv[1]))
    with running() as (plane, namespace):
        print(json.dumps([asdict(change) for change in _changes(settings, plane, namespace)]))


def _changes(settings: Settings, plane: ControlPlane, namespace: Namespace) -> list[Change]:
    names = [service(number) for number in range(settings.services)]
    with ExitStack() as stack:
        servers = [_started(stack, "pods", kind) for kind in settings.servers]
        some = stack.enter_context(ThreadPoolExecutor(_AT_ONCE))
        pods = list(some.map(lambda name: _make(name, settings.pods, namespace, servers), names))
        witness = _started(stack, "witness", plane.api.host, str(plane.authority), namespace.path("endpointslices"))
        clients = {
            name: stack.enter_context(Part("clients", name, str(settings.services), env=_env(plane)))
            for name in settings.clients
        }
        for client in clients.values():
            client.answer()
        everywhere = stack.enter_context(ThreadPoolExecutor(settings.services))
        ready = list(everywhere.map(lambda its: list(_change(its, namespace, servers, settings.limit)), pods))
        events = witness.ask("")
        reached = {name: client.ask("") for name, client in clients.items()}
    return [
        Change(moment, events[address], {name: at[address] for name, at in reached.items() if address in at})
        for address, moment in chain.from_iterable(ready)
    ]


def _env(plane: ControlPlane) -> dict[str, str]:
    # What grpcio would say of each connection that ends is nothing new.
    return {**os.environ, "KUBECONFIG": str(plane.kubeconfig), "GRPC_VERBOSITY": "NONE"}


def _started(stack: ExitStack, module: str, *arguments: str) -> Part:
    part = stack.enter_context(Part(module, *arguments))
    part.answer()
    return part


def _make(name: str, pods: int, namespace: Namespace, servers: Sequence[Part]) -> list[tuple[str, str]]:
    """A Service with a pod that is ready all the time, and with others, that are not yet; gives their addresses."""
    namespace.service(name, *PORTS, headless=True, families=("IPv4",))
    first, *others = [f"{name}-{number}" for number in range(1 + pods)]
    made = [(pod, _make_pod(pod, name, namespace, servers)) for pod in others]
    address = _make_pod(first, name, namespace, servers)
    namespace.set_ready(first, True)
    namespace.wait_for_ready(name, [address])
    wait_for_records(f"{name}.{namespace.name}.svc", "A", [address])
    return made


def _make_pod(name: str, app: str, namespace: Namespace, servers: Sequence[Part]) -> str:
    address, _ = namespace.pod(name, app=app, ready=False)
    for server in servers:
        server.ask(address)
    return address


def _change(
    pods: Sequence[tuple[str, str]], namespace: Namespace, servers: Sequence[Part], limit: float
) -> Iterator[tuple[str, float]]:
    """Pods become ready, one after the other, and go; gives the address of each, and when that was."""
    time.sleep(random.uniform(0, min(_BEGIN, limit)))
    for name, address in pods:
        time.sleep(random.uniform(0, min(_PAUSE, limit)))
        yield address, time.monotonic()
        namespace.set_ready(name, True)
        time.sleep(limit)
        namespace.stop_pod(name)
        for server in servers:
            server.ask(address)


if __name__ == "__main__":
    main()
