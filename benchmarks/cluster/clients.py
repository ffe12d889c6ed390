"""Who calls the pods behind headless Services: `python -m benchmarks.cluster.clients NAME SERVICES`.

Says so when it has reached a pod of each Service. Asked, it says for every address when it was first reached, by the
machine's monotonic clock.
"""

from __future__ import annotations

import asyncio
import sys
import time
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, Final

import urischeme
from benchmarks.callers import GRPC_OPTIONS
from benchmarks.cluster.control_plane import NAMESPACE
from benchmarks.cluster.pods import AGE, AGED_GRPC_PORT, GRPC_PORT, TCP_PORT
from benchmarks.cluster.talk import lines, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.cluster.namespace import Port

# gRPC wants a port there.
_NAME_SERVER: Final = "10.96.0.10:53"
_ZONE: Final = "cluster.local"

_PATIENCE: Final = 30.0  # seconds until each Service has been reached
PAUSE: Final = 0.15  # seconds from one call of a channel to the next

PORTS: Final[tuple[Port, ...]] = (("tcp", TCP_PORT), ("grpc", GRPC_PORT), ("aged", AGED_GRPC_PORT))
"""Those of each Service."""


def service(number: int) -> str:
    """The name of one of the Services."""
    return f"orders-{number}"


class Client(ABC):
    name: ClassVar[str]
    distribution: ClassVar[str] = "urischeme"
    # The packages that it takes besides urischeme.
    needs: ClassVar[Sequence[str]] = ()
    # How it comes to know of a pod, and calls it; in Markdown.
    how: ClassVar[str]

    def __init__(self, services: int) -> None:
        self.reached: dict[str, float] = {}
        # Whether a pod of each has been: as long as nothing changes, each has one.
        self.all_reached = asyncio.Event()
        self._services = services

    @abstractmethod
    async def follow(self, service: str) -> None:
        """Call whoever is behind a Service, for as long as this is not cancelled."""

    def note(self, address: str) -> None:
        """It has answered."""
        self.reached.setdefault(address, time.monotonic())
        if len(self.reached) == self._services:
            self.all_reached.set()


class _Watch(Client):
    async def watch(self, target: str) -> None:
        async with urischeme.aio.watch(target) as resolutions:
            async for resolution in resolutions:
                for address in resolution.addresses:
                    assert isinstance(address, urischeme.TCPAddress)
                    if address.host not in self.reached:
                        with suppress(OSError):  # of a pod that has gone
                            self.note(await _call(address))


async def _call(address: urischeme.TCPAddress) -> str:
    reader, writer = await asyncio.open_connection(address.host, address.port)
    try:
        return (await reader.read()).decode()
    finally:
        writer.close()


class K8s(_Watch):
    name = "urischeme, k8s:"
    needs = ("kubernetes_asyncio",)
    how = '`urischeme.aio.watch("k8s:orders-0.benchmarks:tcp")`, and a connection to each new address at once'

    async def follow(self, service: str) -> None:
        await self.watch(f"k8s:{service}.{NAMESPACE}:tcp")


class Dns(_Watch):
    name = "urischeme, dns:"
    how = (
        f'`urischeme.aio.watch("dns://{_NAME_SERVER}/orders-0.benchmarks.svc.{_ZONE}:{TCP_PORT}")`, and a connection '
        "to each new address at once"
    )

    async def follow(self, service: str) -> None:
        await self.watch(f"dns://{_NAME_SERVER}/{_host(service)}:{TCP_PORT}")


class Grpc(Client):
    name = "grpcio"
    distribution = "grpcio"
    needs = ("grpc",)
    options: ClassVar[dict[str, int]] = {}
    port = GRPC_PORT
    how = (
        f'`grpc.aio.insecure_channel("dns://{_NAME_SERVER}/orders-0.benchmarks.svc.{_ZONE}:{GRPC_PORT}")`, '
        f"`round_robin` in its service config, and a call every {PAUSE * 1000:g} ms"
    )

    async def follow(self, service: str) -> None:
        import grpc

        target = f"dns://{_NAME_SERVER}/{_host(service)}:{self.port}"
        async with grpc.aio.insecure_channel(target, options=[*GRPC_OPTIONS.items(), *self.options.items()]) as channel:
            ask = channel.unary_unary("/Who/AreYou")
            while True:
                with suppress(grpc.RpcError):  # of a pod that has gone
                    self.note(bytes(await ask(b"", timeout=1.0)).decode())
                await asyncio.sleep(PAUSE)


class TunedGrpc(Grpc):
    name = "grpcio, told to look often"
    options: ClassVar[dict[str, int]] = {"grpc.dns_min_time_between_resolutions_ms": 1000}
    port = AGED_GRPC_PORT
    how = (
        "the same with "
        + ", ".join(f"`{name}={value}`" for name, value in options.items())
        + "; its servers with "
        + ", ".join(f"`{name}={value}`" for name, value in AGE.items())
    )


def _host(service: str) -> str:
    return f"{service}.{NAMESPACE}.svc.{_ZONE}"


CLIENTS: Final[tuple[type[Client], ...]] = (K8s, Dns, Grpc, TunedGrpc)


async def main() -> None:
    name, services = sys.argv[1], int(sys.argv[2])
    client = next(kind for kind in CLIENTS if kind.name == name)(services)
    async with asyncio.TaskGroup() as following:
        tasks = [following.create_task(client.follow(service(number))) for number in range(services)]
        async with asyncio.timeout(_PATIENCE):
            await client.all_reached.wait()
        say("ready")
        async for _ in lines():
            say(client.reached)
        for task in tasks:
            task.cancel()


if __name__ == "__main__":
    asyncio.run(main())
