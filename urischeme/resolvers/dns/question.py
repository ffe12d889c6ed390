"""What a `dns` target asks for: read from its text, and refused where it makes no sense, before anybody is asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import attrs

from urischeme.display import shorten
from urischeme.resolvers.dns.host_name import family_of, host_name, is_address
from urischeme.resolvers.dns.service_port import service_port
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.target import Target

DEFAULT_PORT: Final = 443
"""gRPC's doc/naming.md: the port of a `dns` target that names none."""

SERVER_PORT: Final = 53

_FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "dual": ("ipv4", "ipv6"),
    "ipv4": ("ipv4",),
    "ipv6": ("ipv6",),
}

OPTIONS: Final = ("family",)

T = TypeVar("T")


@attrs.frozen
class Place:
    """A host and a port; the host is an IP address or a name that DNS can be asked for."""

    host: str
    port: int

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, so that nobody has to be asked for it."""
        return is_address(self.host)

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


@attrs.frozen
class Question:
    """What is asked for, and where.

    Attributes:
        host: an address or a name; its final dot kept.
        port: the port to connect to.
        families: the families of addresses that are wanted.
        server: the server to be asked alone, or None.
    """

    host: str
    port: int
    families: tuple[str, ...]
    server: Place | None

    @classmethod
    def of(cls, target: Target) -> Question:
        """What a target asks for. Raises TargetError."""
        families = _option(target, "family", _FAMILIES, "dual")
        server = _place(target, target.authority, SERVER_PORT, port_number) if target.authority else None
        default_port = DEFAULT_PORT if target.default_port is None else target.default_port
        place = _place(target, target.endpoint, default_port, service_port)
        if place.is_address:
            _check_address(target, place.host, families)
            return cls(place.host, place.port, families, server)
        return cls(place.host, place.port, families, server)

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, so that nobody has to be asked for it."""
        return is_address(self.host)


def _option(target: Target, option: str, meanings: Mapping[str, T], default: str) -> T:
    written = target.options.get(option, default)
    if written not in meanings:
        *others, last = sorted(meanings)
        raise target.error(f"{option} is {', '.join(others)} or {last}, not {shorten(written)!r}")
    return meanings[written]


def _check_address(target: Target, host: str, families: tuple[str, ...]) -> None:
    if family_of(host) not in families:
        raise target.error(f"the address is of the other family than family={families[0]}")


def _place(target: Target, text: str, default_port: int, read_port: Callable[[str], int]) -> Place:
    def read() -> Place:
        host, port = split_host_port(text)
        return Place(
            host if is_address(host) else host_name(host),
            default_port if port is None else read_port(port),
        )

    return _explained(target, read)


def _explained(target: Target, read: Callable[[], T]) -> T:
    try:
        return read()
    except ValueError as error:
        raise target.error(str(error)) from None
