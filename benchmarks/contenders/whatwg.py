"""Parsers of the WHATWG URL standard, which repairs and normalises as it parses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from benchmarks.contender import Components, Contender, Read, userinfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class CanAda(Contender):
    name = "can_ada"
    distribution = "can_ada"
    note = "C++. WHATWG: an empty path becomes `/`, a default port goes."

    def __init__(self) -> None:
        import can_ada

        self._parse = can_ada.parse

    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        parse = self._parse
        read: Read
        for url in urls:
            try:
                u = parse(url)
                read = u.protocol, u.username, u.password, u.hostname, u.port, u.pathname, u.search, u.hash
            except ValueError:
                read = None
            yield read

    def components(self, read: tuple[Any, ...]) -> Components:
        protocol, username, password, host, port, path, search, hash_ = read
        return Components(
            protocol.removesuffix(":"),
            userinfo(username, password),
            host or None,
            int(port) if port else None,
            path,
            search.removeprefix("?") or None,
            hash_.removeprefix("#") or None,
        )

    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        parse = self._parse
        normal: str | None
        for url in urls:
            try:
                normal = parse(url).href
            except ValueError:
                normal = None
            yield normal


class PydanticCore(Contender):
    name = "pydantic-core"
    distribution = "pydantic-core"
    note = "Rust, `Url`. WHATWG too. A port it gives that is the scheme's default is taken to be absent."

    _default_ports: ClassVar = {"ftp": 21, "http": 80, "https": 443, "ws": 80, "wss": 443}

    def __init__(self) -> None:
        import pydantic_core

        self._parse = pydantic_core.Url

    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        parse = self._parse
        read: Read
        for url in urls:
            try:
                u = parse(url)
                read = u.scheme, u.username, u.password, u.host, u.port, u.path, u.query, u.fragment
            except ValueError:
                read = None
            yield read

    def components(self, read: tuple[Any, ...]) -> Components:
        scheme, username, password, host, port, path, query, fragment = read
        if port == self._default_ports.get(scheme):
            port = None
        return Components(scheme, userinfo(username, password), host, port, path or "", query, fragment)

    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        parse = self._parse
        normal: str | None
        for url in urls:
            try:
                normal = str(parse(url))
            except ValueError:
                normal = None
            yield normal
