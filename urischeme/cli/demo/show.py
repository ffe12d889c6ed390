"""What the demo shows."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import click

from urischeme.cli.demo.cluster import FIRST_POD, HEADLESS, NOBODY, SERVICE, Cluster, cluster
from urischeme.cli.demo.dns_server import TTL
from urischeme.cli.demo.scaling import show_scaling
from urischeme.cli.demo.servers import listener, saying, serving
from urischeme.cli.demo.stage import Scene, Stage
from urischeme.routing.endpoint import Address, TCPAddress, UnixAbstractAddress, UnixAddress

_DEADLINE: Final = 12.0
_CALLS_OF_A_VIRTUAL_IP: Final = 4


def run_demo() -> int:
    """Show everything. Gives 0 if it was all so, else 1, having said what was not."""
    start = time.perf_counter()
    stage = Stage()
    try:
        asyncio.run(_within_deadline(stage))
    except TimeoutError:
        stage.wrong.append(f"it took longer than {_DEADLINE:g} s")
    seconds = time.perf_counter() - start
    if stage.wrong:
        sys.stdout.flush()
        for wrong in stage.wrong:
            click.echo(f"urischeme demo: not as it should be: {wrong}", err=True)
        return 1
    stage.say(f"All as expected: {stage.targets} targets, {stage.connections} connections, {seconds:.2f} s.", "bold")
    return 0


async def _within_deadline(stage: Stage) -> None:
    async with asyncio.timeout(_DEADLINE):
        await _show_cluster(stage)
        await _show_sockets(stage)


async def _show_cluster(stage: Stage) -> None:
    with stage.skipping("loopback addresses for a cluster"):
        async with cluster() as running:
            stage.say(
                "A small cluster on loopback: its DNS server, three pods, and a virtual IP.\n"
                f"DNS is at 127.0.0.1:{running.dns_port}; "
                f"the others have port {running.virtual.port}, and an address each.\n"
            )
            for scene in _cluster_scenes(running):
                await stage.play(scene)
        await show_scaling(stage)


def _cluster_scenes(running: Cluster) -> Iterator[Scene]:
    yield Scene(
        "A ClusterIP Service",
        "One virtual IP: iptables picks the pod, and you never know which.",
        running.target(SERVICE),
        {running.virtual: running.pods},
        ttl=TTL,
        calls=_CALLS_OF_A_VIRTUAL_IP,
    )
    yield Scene(
        "A headless Service",
        "Every pod is in the answer, so the client chooses.",
        running.target(HEADLESS),
        {address: [pod] for pod, address in running.pods.items()},
        ttl=TTL,
    )
    yield Scene(
        "A pod of a StatefulSet",
        "One pod by its name, whatever its address is today.",
        running.target(FIRST_POD),
        {running.pods["orders-0"]: ["orders-0"]},
        ttl=TTL,
    )
    yield Scene(
        "A Service that is not there",
        "That is an answer too, and asking again would not help.",
        running.target(NOBODY),
        {},
    )


async def _show_sockets(stage: Stage) -> None:
    with tempfile.TemporaryDirectory(prefix="urischeme-", dir=_short_folder()) as folder:
        path = UnixAddress(str(Path(folder, "orders.sock")))
        async with _one(path, "orders-unix"):
            await stage.play(
                Scene("A Unix socket", "A file, and the right to open it.", str(path), {path: ["orders-unix"]})
            )
    with stage.skipping("abstract Unix sockets"):
        name = UnixAbstractAddress(f"urischeme-{secrets.token_hex(4)}\0orders".encode())
        async with _one(name, "orders-abstract"):
            await stage.play(
                Scene(
                    "An abstract Unix socket",
                    "A name and no file. %00 is a NUL in it.",
                    str(name),
                    {name: ["orders-abstract"]},
                )
            )
    with stage.skipping("IPv6 loopback"):
        async with _one(TCPAddress("::1", 0), "orders-ipv6") as address:
            await stage.play(
                Scene("An IPv6 address", "Nothing to ask: it is all there.", str(address), {address: ["orders-ipv6"]})
            )


def _short_folder() -> str | None:
    """Where a temporary folder leaves room for the short path that a Unix socket may have."""
    return None if len(tempfile.gettempdir()) < 60 else "/tmp"


@asynccontextmanager
async def _one(address: Address, name: str) -> AsyncGenerator[Address]:
    sock = listener(address)
    if isinstance(address, TCPAddress):
        address = TCPAddress(*sock.getsockname()[:2])
    async with serving(sock, saying(name)):
        yield address
