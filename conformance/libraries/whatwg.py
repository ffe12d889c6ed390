"""Libraries of the WHATWG URL standard, which repairs and normalises as it parses."""

from __future__ import annotations

from typing import ClassVar

from conformance.case import Components
from conformance.library import Library, userinfo


class Pydantic(Library):
    name = "pydantic"
    distribution = "pydantic-core"
    how = (
        "`pydantic_core.Url`, and `str` for the normal form. It gives a scheme's default port where there is none: "
        "that port is taken to be absent."
    )
    takes_references = False
    joins = False

    _default_ports: ClassVar = {"ftp": 21, "http": 80, "https": 443, "ws": 80, "wss": 443}

    def __init__(self) -> None:
        import pydantic_core

        self._parse = pydantic_core.Url

    def components(self, text: str) -> Components:
        url = self._parse(text)
        port = None if url.port is None or url.port == self._default_ports.get(url.scheme) else str(url.port)
        return Components(
            url.scheme, userinfo(url.username, url.password), url.host, port, url.path or "", url.query, url.fragment
        )

    def normalize(self, text: str) -> str:
        return str(self._parse(text))


class CanAda(Library):
    name = "can_ada"
    distribution = "can_ada"
    how = "`parse`, and `href` for the normal form. An empty component it does not tell from an absent one."
    takes_references = False
    joins = False

    def __init__(self) -> None:
        import can_ada

        self._parse = can_ada.parse

    def components(self, text: str) -> Components:
        url = self._parse(text)
        return Components(
            url.protocol.removesuffix(":"),
            userinfo(url.username or None, url.password or None),
            url.hostname or None,
            url.port or None,
            url.pathname,
            url.search.removeprefix("?") or None,
            url.hash.removeprefix("#") or None,
        )

    def normalize(self, text: str) -> str:
        return self._parse(text).href
