"""What the demo shows, and whether it was so."""

from __future__ import annotations

import asyncio
import secrets
import sys
import tempfile
import textwrap
import time
from collections.abc import AsyncGenerator, Collection, Generator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Final

import attrs
import click
from rich.text import Text

from urischeme import aio
from urischeme.cli.demo.cluster import FIRST_POD, HEADLESS, NOBODY, SERVICE, Cluster, cluster
from urischeme.cli.demo.dns_server import TTL
from urischeme.cli.demo.servers import Unsupported, greeting, listener, saying, serving
from urischeme.cli.drawing import Part, draw, parts
from urischeme.cli.terminal import console, painted
from urischeme.errors import Error, NotFound, ParseError
from urischeme.routing.endpoint import Address, Resolution, TCPAddress, UnixAbstractAddress, UnixAddress
from urischeme.syntax.uri import parse

_DEADLINE: Final = 8.0
_TIMEOUT: Final = 2.0
_ADDRESS_WIDTH: Final = 45
_INDENT: Final = "   "
_CALLS_OF_A_VIRTUAL_IP: Final = 4


@attrs.frozen
class Scene:
    """One target, and what has to come of it.

    Attributes:
        title: what it is.
        moral: what is to be learned from it.
        target: the string.
        expected: who may answer at each address; empty where the answer has to be that nothing is there.
        ttl: seconds for which the answer has to hold.
        calls: how many connections to make to each address.
    """

    title: str
    moral: str
    target: str
    expected: Mapping[Address, Collection[str]]
    ttl: int | None = None
    calls: int = 1


def run_demo() -> int:
    """Show everything. Gives 0 if it was all so, else 1, having said what was not."""
    start = time.perf_counter()
    stage = _Stage()
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


async def _within_deadline(stage: _Stage) -> None:
    async with asyncio.timeout(_DEADLINE):
        await _show_cluster(stage)
        await _show_sockets(stage)


async def _show_cluster(stage: _Stage) -> None:
    with stage.skipping("loopback addresses for a cluster"):
        async with cluster() as running:
            stage.say(
                "A small cluster on loopback: its DNS server, three pods, and a virtual IP.\n"
                f"DNS is at 127.0.0.1:{running.dns_port}; "
                f"the others have port {running.virtual.port}, and an address each.\n"
            )
            for scene in _cluster_scenes(running):
                await stage.play(scene)


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


async def _show_sockets(stage: _Stage) -> None:
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


class _Stage:
    """Where scenes are played, and what was seen there."""

    def __init__(self) -> None:
        self.wrong: list[str] = []
        self.targets = 0
        self.connections = 0

    def say(self, text: str, style: str = "") -> None:
        """Print lines of text."""
        sys.stdout.write(painted(Text(text, style)) + "\n")

    @contextmanager
    def skipping(self, what: str) -> Generator[None]:
        """Say that something is left out where the machine doesn't have it, and go on."""
        try:
            yield
        except Unsupported as reason:
            self.say(f"Skipped: this machine has no {what} ({reason}).\n", "yellow")

    async def play(self, scene: Scene) -> None:
        """Show one target: how it comes apart, what it resolves to, and who answers there."""
        self.targets += 1
        self.say(f"{self.targets}. {scene.title}", "bold")
        self._say_wrapped(scene.moral)
        self.say("")
        self._say_drawn(scene.target)
        try:
            resolution = await aio.resolve(scene.target, timeout=_TIMEOUT)
        except NotFound as error:
            self._say_wrapped(f"NotFound: {error}")
            self._expect(scene, not scene.expected, f"nothing was found: {error}")
        except Error as error:
            self._expect(scene, False, f"{type(error).__name__}: {error}")
        else:
            await self._meet(scene, resolution)
        self.say("")

    async def _meet(self, scene: Scene, resolution: Resolution) -> None:
        """Connect to every endpoint found, and see that it is who was expected."""
        count = len(resolution.addresses)
        lasts = "" if resolution.ttl is None else f", for {resolution.ttl:g} s"
        self.say(f"{_INDENT}resolves to {count} endpoint{'s' if count > 1 else ''}{lasts}:")
        self._expect(scene, set(resolution.addresses) == set(scene.expected), f"found {_listed(resolution.addresses)}")
        self._expect(scene, resolution.ttl == scene.ttl, f"the TTL is {resolution.ttl}")
        for address in resolution.addresses:
            for call in range(scene.calls):
                await self._connect(scene, address, "" if call else str(address))

    async def _connect(self, scene: Scene, address: Address, shown: str) -> None:
        start = time.perf_counter()
        try:
            name = await greeting(address)
        except OSError as error:
            self._expect(scene, False, f"no connection to {address}: {error}")
            return
        milliseconds = (time.perf_counter() - start) * 1000
        self.connections += 1
        self.say(f"{_INDENT}  {shown:<{_ADDRESS_WIDTH}} → {name:<15} {milliseconds:5.1f} ms")
        self._expect(scene, name in scene.expected.get(address, ()), f"{name or 'nobody'} answers at {address}")

    def _expect(self, scene: Scene, so: bool, otherwise: str) -> None:
        if not so:
            self.wrong.append(f"{scene.target}: {otherwise}")

    def _say_wrapped(self, text: str) -> None:
        width = console().width
        lines = textwrap.wrap(text, width, initial_indent=_INDENT, subsequent_indent=_INDENT, break_on_hyphens=False)
        self.say("\n".join(lines))

    def _say_drawn(self, target: str) -> None:
        drawing = draw(target, _parts(target), console().width - len(_INDENT))
        for line in drawing.split("\n", allow_blank=True):
            sys.stdout.write(painted(Text(_INDENT) + line) + "\n")
        self.say("")


def _parts(target: str) -> list[Part]:
    try:
        return parts(parse(target))
    except ParseError:  # brackets in a path are the target layer's own allowance
        scheme, _, path = target.partition(":")
        return [Part("scheme", 0, scheme), Part("path", len(scheme) + 1, path)]


def _listed(addresses: Collection[Address]) -> str:
    return ", ".join(map(str, addresses)) or "no address"
