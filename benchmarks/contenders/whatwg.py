"""Parsers of the WHATWG URL standard, which repairs and normalises as it parses."""

from __future__ import annotations

from typing import Any

from benchmarks.contender import Components, Contender, unless_default, userinfo


def _ada_components(read: tuple[Any, ...]) -> Components:
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


def _pydantic_components(read: tuple[Any, ...]) -> Components:
    scheme, username, password, host, port, path, query, fragment = read
    return Components(
        scheme, userinfo(username, password), host, unless_default(scheme, port), path or "", query, fragment
    )


_ADA_PARTS = "u.protocol, u.username, u.password, u.hostname, u.port, u.pathname, u.search, u.hash"

CAN_ADA = Contender(
    name="can_ada",
    distribution="can_ada",
    module="can_ada",
    setup="from can_ada import parse",
    parse="parse(text)",
    read=f"u = parse(text); {_ADA_PARTS}",
    normalize="parse(text).href",
    components=_ada_components,
    note="C++. WHATWG: an empty path becomes `/`, a default port goes.",
)

ADA_URL = Contender(
    name="ada-url",
    distribution="ada-url",
    module="ada_url",
    setup="from ada_url import URL, join_url, normalize_url",
    parse="URL(text)",
    read=f"u = URL(text); {_ADA_PARTS}",
    normalize="normalize_url(text)",
    join="join_url(base, text)",
    components=_ada_components,
    note="The same C++ through cffi.",
)

PYDANTIC_CORE = Contender(
    name="pydantic-core",
    distribution="pydantic-core",
    module="pydantic_core",
    setup="from pydantic_core import Url",
    parse="Url(text)",
    read="u = Url(text); u.scheme, u.username, u.password, u.host, u.port, u.path, u.query, u.fragment",
    normalize="str(Url(text))",
    components=_pydantic_components,
    note="Rust. WHATWG too. A port it gives that is the scheme's default is taken to be absent.",
)
