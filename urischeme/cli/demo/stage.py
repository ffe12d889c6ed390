"""Where the demo's scenes are played: a target comes apart, resolves, and somebody answers, or it was not so."""

from __future__ import annotations

import sys
import textwrap
import time
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager
from typing import Final

import attrs
from rich.text import Text

from urischeme import aio
from urischeme.cli.demo.servers import Unsupported, greeting
from urischeme.cli.drawing import Part, draw, parts
from urischeme.cli.terminal import console, painted
from urischeme.errors import Error, NotFound, ParseError
from urischeme.routing.endpoint import Address, Resolution
from urischeme.syntax.uri import parse

_TIMEOUT: Final = 2.0
_ADDRESS_WIDTH: Final = 45
_INDENT: Final = "   "


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


class Stage:
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

    def open(self, title: str, moral: str, target: str) -> None:
        """Begin a scene: what it is, what is to be learned, and how its target comes apart."""
        self.targets += 1
        self.say(f"{self.targets}. {title}", "bold")
        self._say_wrapped(moral)
        self.say("")
        self._say_drawn(target)

    def tell(self, text: str) -> None:
        """Print a line of a scene."""
        self.say(f"{_INDENT}{text}")

    async def play(self, scene: Scene) -> None:
        """Show one target: how it comes apart, what it resolves to, and who answers there."""
        self.open(scene.title, scene.moral, scene.target)
        try:
            resolution = await aio.resolve(scene.target, timeout=_TIMEOUT)
        except NotFound as error:
            self._say_wrapped(f"NotFound: {error}")
            self.expect(scene.target, not scene.expected, f"nothing was found: {error}")
        except Error as error:
            self.expect(scene.target, False, f"{type(error).__name__}: {error}")
        else:
            await self._meet(scene, resolution)
        self.say("")

    async def _meet(self, scene: Scene, resolution: Resolution) -> None:
        """Connect to every endpoint found, and see that it is who was expected."""
        found = resolution.addresses
        count = len(found)
        lasts = "" if resolution.ttl is None else f", for {resolution.ttl:g} s"
        self.say(f"{_INDENT}resolves to {count} endpoint{'s' if count > 1 else ''}{lasts}:")
        self.expect(
            scene.target, set(resolution.addresses) == set(scene.expected), f"found {_listed(resolution.addresses)}"
        )
        self.expect(scene.target, resolution.ttl == scene.ttl, f"the TTL is {resolution.ttl}")
        for address in found:
            for call in range(scene.calls):
                await self._connect(scene, address, "" if call else str(address))

    async def _connect(self, scene: Scene, address: Address, shown: str) -> None:
        start = time.perf_counter()
        try:
            name = await greeting(address)
        except OSError as error:
            self.expect(scene.target, False, f"no connection to {address}: {error}")
            return
        milliseconds = (time.perf_counter() - start) * 1000
        self.connections += 1
        self.say(f"{_INDENT}  {shown:<{_ADDRESS_WIDTH}} → {name:<15} {milliseconds:5.1f} ms")
        self.expect(scene.target, name in scene.expected.get(address, ()), f"{name or 'nobody'} answers at {address}")

    def expect(self, target: str, so: bool, otherwise: str) -> None:
        """Remember what was not as it should be."""
        if not so:
            self.wrong.append(f"{target}: {otherwise}")

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
