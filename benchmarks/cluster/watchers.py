"""Who watches Services, and what it takes of the machine: `python -m benchmarks.cluster.watchers NAME [traced]`.

It takes four commands. `watch N NAME` watches N Services and waits for an answer for each, `answers N` waits for so
many more, `seconds N` so long; all say how many seconds of CPU that took. `memory` says what the process has then.
"""

from __future__ import annotations

import asyncio
import gc
import sys
import time
import tracemalloc
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

import urischeme
from benchmarks.cluster.control_plane import NAMESPACE
from benchmarks.cluster.talk import lines, say
from benchmarks.weigh import resident

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kubernetes_asyncio.client import ApiClient

WARM: Final = "warm"
"""A Service that is watched before anything is measured: what is loaded on first use is no part of it."""


class Watcher(ABC):
    name: ClassVar[str]
    distribution: ClassVar[str] = "urischeme"
    # How it watches; in Markdown.
    how: ClassVar[str]

    def __init__(self) -> None:
        self._answers = asyncio.Semaphore(0)

    @abstractmethod
    async def follow(self, service: str) -> None:
        """Watch a Service, for as long as this is not cancelled."""

    async def aclose(self) -> None:  # noqa: B027  most have nothing open
        """Let go of what is left."""

    def answered(self) -> None:
        """There was another answer."""
        self._answers.release()

    async def answers(self, number: int) -> None:
        """Wait until there have been so many more."""
        for _ in range(number):
            await self._answers.acquire()


class Watch(Watcher):
    name = "urischeme"
    how = '`urischeme.aio.watch("k8s:orders-0.benchmarks:http")`'

    async def follow(self, service: str) -> None:
        async with urischeme.aio.watch(_target(service)) as resolutions:
            async for _ in resolutions:
                self.answered()


class Balanced(Watcher):
    name = "urischeme, and a Balancer"
    how = 'the same beside `urischeme.aio.Balancer("k8s:orders-0.benchmarks:http", policy="round_robin")`'

    async def follow(self, service: str) -> None:
        async with (
            urischeme.aio.Balancer(_target(service), policy="round_robin") as balancer,
            urischeme.aio.watch(_target(service)) as resolutions,
        ):
            async for resolution in resolutions:
                while balancer.resolution is not resolution:  # noqa: ASYNC110  it has the same news, in its next step
                    await asyncio.sleep(0)
                self.answered()


class Models(Watcher):
    name = "kubernetes_asyncio"
    distribution = "kubernetes_asyncio"
    how = (
        "`DiscoveryV1Api.list_namespaced_endpoint_slice`, then `watch.Watch().stream` of the same from there on; each "
        "slice is kept as the model that it gives, and nothing is made of them"
    )

    def __init__(self) -> None:
        super().__init__()
        self._api: ApiClient | None = None

    async def _client(self) -> ApiClient:
        from kubernetes_asyncio import client, config

        if self._api is None:
            settings = client.Configuration()
            await config.load_kube_config(client_configuration=settings)
            # Each watch holds its connection.
            settings.connection_pool_maxsize = 0
            self._api = client.ApiClient(settings)
        return self._api

    async def aclose(self) -> None:
        if self._api is not None:
            await self._api.close()

    async def follow(self, service: str) -> None:
        from kubernetes_asyncio import client, watch

        ask = client.DiscoveryV1Api(await self._client()).list_namespaced_endpoint_slice
        async with watch.Watch() as events:
            found = await ask(NAMESPACE, label_selector=_selector(service))
            slices = {each.metadata.name: each for each in found.items}
            self.answered()
            version = found.metadata.resource_version
            async for event in events.stream(
                ask, NAMESPACE, label_selector=_selector(service), resource_version=version
            ):
                slices[event["object"].metadata.name] = event["object"]
                self.answered()


def _target(service: str) -> str:
    return f"k8s:{service}.{NAMESPACE}:http"


def _selector(service: str) -> str:
    return f"kubernetes.io/service-name={service}"


WATCHERS: Final[tuple[type[Watcher], ...]] = (Watch, Balanced, Models)


async def main() -> None:
    name, *how = sys.argv[1:]
    watcher = next(kind for kind in WATCHERS if kind.name == name)()
    await _warm_up(watcher)
    say("ready")
    if how == ["traced"]:
        tracemalloc.start()
    tasks: list[asyncio.Task[None]] = []
    async with asyncio.TaskGroup() as following:
        async for line in lines():
            match line.split():
                case ["watch", number, name]:
                    services = [f"{name}-{each}" for each in range(int(number))]
                    begun = time.process_time()
                    tasks += [following.create_task(watcher.follow(service)) for service in services]
                    await watcher.answers(int(number))
                    say(time.process_time() - begun)
                case ["answers", number]:
                    begun = time.process_time()
                    await watcher.answers(int(number))
                    say(time.process_time() - begun)
                case ["seconds", number]:
                    begun = time.process_time()
                    await asyncio.sleep(float(number))
                    say(time.process_time() - begun)
                case ["memory"]:
                    gc.collect()
                    say({"resident": resident(), "traced": tracemalloc.get_traced_memory()[0], "sockets": _sockets()})
                case _:
                    raise ValueError(line)
        _cancel(tasks)
    await watcher.aclose()


async def _warm_up(watcher: Watcher) -> None:
    async with asyncio.TaskGroup() as following:
        warm = following.create_task(watcher.follow(WARM))
        await watcher.answers(1)
        _cancel([warm])


def _cancel(tasks: Sequence[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()


def _sockets() -> int:
    return sum(_is_socket(file) for file in Path("/proc/self/fd").iterdir())


def _is_socket(file: Path) -> bool:
    try:
        return str(file.readlink()).startswith("socket:")
    except FileNotFoundError:  # that by which the folder was read
        return False


if __name__ == "__main__":
    asyncio.run(main())
