"""Parsers that follow RFC 3986."""

from __future__ import annotations

from typing import Any

from benchmarks.contender import Components, Contender


def _components(read: tuple[Any, ...]) -> Components:
    scheme, userinfo, host, port, path, query, fragment = read
    return Components(scheme or "", userinfo, host, int(port) if port else None, path or "", query, fragment)


URISCHEME = Contender(
    name="urischeme",
    distribution="urischeme",
    module="urischeme",
    setup="from urischeme import join, normalize, parse, parse_cached, resolve",
    parse="parse(text)",
    read="u = parse(text); u.scheme, u.userinfo, u.host, u.port_text, u.path, u.query, u.fragment",
    read_again="u = parse_cached(text); u.scheme, u.userinfo, u.host, u.port_text, u.path, u.query, u.fragment",
    normalize="normalize(text)",
    join="join(base, text)",
    resolve="resolve(text)",
    components=_components,
    note="What the others are compared with, so its 0 wrong proves only the loop; rfc3986 beside it is the check.",
)

_AUTHORITY = 'a = u.authority_info(); u.scheme, a["userinfo"], a["host"], a["port"], u.path, u.query, u.fragment'

RFC3986 = Contender(
    name="rfc3986",
    distribution="rfc3986",
    module="rfc3986",
    setup="from rfc3986 import uri_reference",
    parse="uri_reference(text)",
    # Once for all three: each of its properties takes the authority apart anew.
    read=f"u = uri_reference(text); {_AUTHORITY}",
    normalize="uri_reference(text).normalize().unsplit()",
    join="uri_reference(text).resolve_with(uri_reference(base), strict=True).unsplit()",
    components=_components,
    note="It percent-encodes what may not stand in a component rather than refuse it.",
)

RFC3986_VALIDATED = Contender(
    name="rfc3986, validated",
    distribution="rfc3986",
    module="rfc3986.validators",
    setup=(
        "from rfc3986 import uri_reference\n"
        "from rfc3986.validators import Validator\n"
        'components = "scheme", "userinfo", "host", "port", "path", "query", "fragment"\n'
        'validate = Validator().require_presence_of("scheme").check_validity_of(*components).validate'
    ),
    parse="u = uri_reference(text); validate(u); u",
    read=f"u = uri_reference(text); validate(u); {_AUTHORITY}",
    normalize="u = uri_reference(text); validate(u); u.normalize().unsplit()",
    components=_components,
    note="`validate` is that of a `Validator` asked for a scheme and for every component to be valid.",
)

URITOOLS = Contender(
    name="uritools",
    distribution="uritools",
    module="uritools",
    setup="from uritools import urijoin, urisplit",
    parse="urisplit(text)",
    read="u = urisplit(text); u.scheme, u.userinfo, u.host, u.port, u.path, u.query, u.fragment",
    join="urijoin(base, text, strict=True)",
    components=_components,
    note="It splits, and judges a host or a port only in `gethost()` and `getport()`.",
)
