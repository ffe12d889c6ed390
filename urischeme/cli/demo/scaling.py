"""A headless Service is scaled while a client sends requests: by a balancer, which hears of it from DNS."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Collection
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Final

import dns.name

from urischeme import aio
from urischeme.cli.demo.cluster import HEADLESS, POD_IPS, pod_listeners
from urischeme.cli.demo.dns_server import dns_server
from urischeme.cli.demo.servers import name_said, saying, serving
from urischeme.cli.demo.stage import Stage
from urischeme.errors import ResolveError

_TTL: Final = 1
"""Seconds, and the least that a watch waits: CoreDNS' own 5 would be long to look at."""

_IPS: Final = {**POD_IPS, "orders-3": "127.244.4.12"}
_SCALES: Final = (3, 4, 2)
_REQUESTS: Final = 12
_PAUSE: Final = 0.02  # seconds between two requests
_TIMEOUT: Final = 2.0  # seconds that one may take


class _Service:
    """A headless Service: so many of its pods run, and DNS says so."""

    def __init__(self, records: dict[dns.name.Name, list[str]], port: int) -> None:
        self._records = records
        self._port = port
        self._running: dict[str, AsyncExitStack] = {}

    @property
    def pods(self) -> Collection[str]:
        """The pods that run."""
        return list(self._running)

    async def scale(self, replicas: int) -> None:
        """Start pods, or stop those that came last, as a StatefulSet does."""
        wanted = list(_IPS)[:replicas]
        for name in [name for name in self._running if name not in wanted]:
            await self._running.pop(name).aclose()
        for name in wanted:
            if name not in self._running:
                self._running[name] = AsyncExitStack()
                (sock,) = pod_listeners([_IPS[name]], self._port)
                await self._running[name].enter_async_context(serving(sock, saying(name)))
        self._records[dns.name.from_text(HEADLESS)] = [_IPS[name] for name in wanted]


@asynccontextmanager
async def _service() -> AsyncGenerator[tuple[_Service, str]]:
    """The Service with its pods not yet there, and the target that leads to it."""
    records: dict[dns.name.Name, list[str]] = {}
    reserved = pod_listeners(list(_IPS.values()), 0)
    port = reserved[0].getsockname()[1]
    for sock in reserved:
        sock.close()
    async with dns_server(records, _TTL) as dns_port:
        service = _Service(records, port)
        try:
            yield service, f"dns://127.0.0.1:{dns_port}/{HEADLESS}:{port}"
        finally:
            await service.scale(0)


async def show_scaling(stage: Stage) -> None:
    """Scale up and down, and show who answers. Raises Unsupported where the machine has no such addresses."""
    async with _service() as (service, target):
        stage.open(
            "A headless Service that is scaled",
            "A balancer picks a pod for each request. A new one gets its share when DNS says that it is there, "
            "and one that is gone costs no request.",
            target,
        )
        await service.scale(_SCALES[0])
        try:
            async with aio.Balancer(target, policy="round_robin") as balancer:
                for replicas in _SCALES:
                    await service.scale(replicas)
                    start = time.perf_counter()
                    await _until_seen(balancer, service.pods)
                    seconds = time.perf_counter() - start
                    answers = Counter([await _request(balancer) for _ in range(_REQUESTS)])
                    stage.connections += answers.total()
                    stage.expect(target, answers.keys() == set(service.pods), f"{_listed(answers)} of {replicas} pods")
                    stage.tell(f"{replicas} pods, seen after {seconds:.1f} s: {_listed(answers)}")
        except ResolveError as error:
            stage.expect(target, False, f"a request failed: {error}")
    stage.say("")


async def _until_seen(balancer: aio.Balancer, pods: Collection[str]) -> None:
    """Send requests until all of those pods answer, one after the other; the demo's own deadline ends it otherwise."""
    answers: list[str] = []
    while set(answers[-len(pods) :]) != set(pods):
        answers.append(await _request(balancer))
        await asyncio.sleep(_PAUSE)


async def _request(balancer: aio.Balancer) -> str:
    return await name_said(*await balancer.connect(timeout=_TIMEOUT))


def _listed(answers: Counter[str]) -> str:
    return "  ".join(f"{name} ×{answers[name]}" for name in sorted(answers))
