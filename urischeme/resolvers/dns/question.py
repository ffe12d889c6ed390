"""What a `dns` target asks for: read from its text, and refused where it makes no sense, before anybody is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import attrs

from urischeme.display import shorten
from urischeme.resolvers.dns.host_name import checked_length, family_of, host_name, is_address, is_localhost
from urischeme.resolvers.dns.service_port import service_port
from urischeme.resolvers.options import FAMILIES, chosen
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.options import Option, words
from urischeme.routing.target import Target

DEFAULT_PORT: Final = 443
"""gRPC's doc/naming.md: the port of a `dns` target that names none."""

SERVER_PORT: Final = 53

_YES_OR_NO: Final[Mapping[str, bool]] = {"true": True, "false": False}
# RFC 2782: the symbolic names of service and protocol, each with an underscore before it.
_is_srv = re.compile(r"_[A-Za-z0-9_\-]{1,62}\._[A-Za-z0-9_\-]{1,62}").fullmatch

OPTIONS: Final = (
    Option("family", words(FAMILIES), "dual"),
    Option("service_config", words(_YES_OR_NO), "false"),
    Option("srv", "_service._proto", None),
)

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
        host: an address or a name; its final dot kept, `_service._proto` not part of it.
        port: the port to connect to; without meaning where SRV records give it.
        srv: `_service._proto`, or None where A and AAAA records are asked for.
        families: the families of addresses that are wanted.
        service_config: whether gRPC's service config is wanted.
        server: the server to be asked alone, or None.
    """

    host: str
    port: int
    srv: str | None
    families: tuple[str, ...]
    service_config: bool
    server: Place | None

    @classmethod
    def of(cls, target: Target) -> Question:
        """What a target asks for. Raises TargetError."""
        families = chosen(target, "family", FAMILIES, FAMILIES["dual"])
        service_config = chosen(target, "service_config", _YES_OR_NO, False)
        server = _place(target, target.authority, SERVER_PORT, port_number) if target.authority else None
        srv = _srv_option(target)
        default_port = DEFAULT_PORT if target.default_port is None else target.default_port
        place = _place(target, target.endpoint, default_port, service_port)
        if place.is_address:
            _check_address(target, place.host, srv, families)
            return cls(place.host, place.port, None, families, False, server)
        srv, host = _split_srv(target, srv, place.host)
        if srv is not None:
            _check_srv(target, host, server)
        return cls(host, place.port, srv, families, service_config, server)

    @property
    def is_address(self) -> bool:
        """Whether the host is an address, so that nobody has to be asked for it."""
        return is_address(self.host)

    @property
    def name(self) -> str:
        """The name whose records are asked for."""
        return self.host if self.srv is None else f"{self.srv}.{self.host}"


def _srv_option(target: Target) -> str | None:
    srv = target.options.get("srv")
    if srv is not None and not _is_srv(srv):
        raise target.error(f"srv is _service._proto, as in srv=_grpc._tcp, not {shorten(srv)!r}")
    return srv


def _split_srv(target: Target, srv: str | None, host: str) -> tuple[str | None, str]:
    """`_service._proto`, by the option or as the name begins, and the name without it."""
    labels = host.split(".", 2)
    begins_so = len(labels) == 3 and labels[2] != "" and _is_srv(".".join(labels[:2])) is not None
    if srv is None:
        return (".".join(labels[:2]), labels[2]) if begins_so else (None, host)
    if begins_so:
        raise target.error("the name begins with _service._proto already; leave the option srv out")
    _ = _explained(target, lambda: checked_length(f"{srv}.{host}"))
    return srv, host


def _check_srv(target: Target, host: str, server: Place | None) -> None:
    if split_host_port(target.endpoint)[1] is not None:
        raise target.error("SRV records say which port; leave it out")
    if server is None and is_localhost(host):
        raise target.error("localhost has no SRV records; write a port")


def _check_address(target: Target, host: str, srv: str | None, families: tuple[str, ...]) -> None:
    if srv is not None:
        raise target.error("an address has no SRV records; write a name")
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
