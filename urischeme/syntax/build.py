"""Construction: from parts to the reference that has exactly these parts, or an error (RFC 3986 sections 2, 3, 5.3).

A part that is text is URI text (section 2.4): its escapes stay, what may not stand in it is percent-encoded, and a `%`
that begins no escape is refused, because nobody can tell what it was to mean. Segments and params are decoded values:
all that is not plain in them is encoded, `%` too. Both are encoded as UTF-8, bytes that are none as surrogateescape.

So no part has a delimiter in it that would end it, and what is put together comes apart again at the same places.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final, TypedDict, cast
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from urischeme.errors import ParseError, PortError
from urischeme.syntax import abnf
from urischeme.syntax.ipv6 import rfc5952
from urischeme.syntax.reference import compose
from urischeme.syntax.uri import parse_reference

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

    from urischeme.syntax.uri import Reference

__all__ = ["HierarchyParts", "Parts"]


class HierarchyParts(TypedDict, total=False):
    """What a reference is made of, but for its scheme: see `Reference.build`."""

    authority: str | None
    userinfo: str | None
    host: str | IPv4Address | IPv6Address | None
    port: int | str | None
    path: str | None
    segments: Iterable[str] | None
    query: str | None
    params: Iterable[tuple[str, str]] | Mapping[str, str] | None
    fragment: str | None
    zone_ids: bool


class Parts(HierarchyParts, total=False):
    """What a reference is made of: see `Reference.build`."""

    scheme: str | None


# Keywords that say the same thing, and so are not given together.
_RIVALS: Final = (
    ("authority", "userinfo"),
    ("authority", "host"),
    ("authority", "port"),
    ("path", "segments"),
    ("query", "params"),
)

# What stands in each as it is, beside the unreserved characters, which quote() always leaves alone.
_SAFE: Final = {
    "userinfo": abnf.SUB_DELIMS + ":",
    "host": abnf.SUB_DELIMS,
    "path": abnf.SUB_DELIMS + ":@/",
    "query": abnf.SUB_DELIMS + ":@/?",
    "fragment": abnf.SUB_DELIMS + ":@/?",
}
_SAFE_IN_SEGMENT: Final = abnf.SUB_DELIMS + ":@"
_SAFE_IN_PARAM: Final = "!$'()*,:@/?"  # some servers take a semicolon for an ampersand

_MAX_PORT: Final = 65535

_find_bad_pct_encoded = re.compile(abnf.BAD_PCT_ENCODED).search
_find_literal_char = re.compile(r"[:\[\]]").search
_begin_scheme = re.compile(f"{abnf.SCHEME}|").match
_begin_port = re.compile(abnf.PORT).match


def replace(ref: Reference, parts: Parts, *, zone_ids: bool) -> Reference:
    """`ref` with the given parts in place of its own."""
    _check_keywords(parts)
    zone_ids = zone_ids or bool(parts.get("zone_ids"))
    scheme = _scheme(parts["scheme"]) if "scheme" in parts else ref.scheme
    authority = _authority(ref, parts, zone_ids=zone_ids)
    path = _path(ref, parts, after_authority=authority is not None)
    if scheme is None and authority is None and ":" in path.partition("/")[0]:
        path = "./" + path  # section 4.2
    query = _query(ref, parts)
    fragment = _optional_text("fragment", parts["fragment"]) if "fragment" in parts else ref.fragment
    return parse_reference(compose(scheme, authority, path, query, fragment), zone_ids=zone_ids)


def append_segment(ref: Reference, segment: str) -> str:
    """The text of `ref` with one more segment, or its last one filled where that is empty; no query, no fragment."""
    path = ref.path.removesuffix("/") + "/" + _segment(segment)
    return compose(ref.scheme, ref.authority, path, None, None)


def read_segments(ref: Reference) -> tuple[str, ...]:
    """The decoded segments of the path."""
    path = ref.path[2:] if _has_dot_guard(ref) else ref.path
    if not path:
        return ()
    return tuple(unquote(segment, errors="surrogateescape") for segment in path.removeprefix("/").split("/"))


def _has_dot_guard(ref: Reference) -> bool:
    """Whether the path begins with a dot that only keeps it from being read as something else: `/.//x`, `./a:b`."""
    if ref.authority is not None:
        return False
    if ref.scheme is None and ref.path.startswith("./"):
        return ":" in ref.path.split("/", 2)[1]
    return ref.path.startswith("/.//")


def read_params(query: str | None) -> tuple[tuple[str, str], ...]:
    """The decoded pairs of a query; what stands between two `&` side by side is none."""
    pieces = (query or "").split("&")
    return tuple((_param(name), _param(value)) for name, _, value in (p.partition("=") for p in pieces if p))


def _param(text: str) -> str:
    return unquote_plus(text, errors="surrogateescape")


def _check_keywords(parts: Parts) -> None:
    unknown = parts.keys() - Parts.__optional_keys__
    if unknown:
        raise TypeError(f"no such part: {min(unknown)}=; there are {', '.join(sorted(Parts.__optional_keys__))}")
    for one, other in _RIVALS:
        if one in parts and other in parts:
            raise TypeError(f"{one}= and {other}= are given together; give one of them")


def _scheme(scheme: object) -> str | None:
    if scheme is None:
        return None
    text = _text("scheme", scheme)
    run = _begin_scheme(text)
    assert run is not None, "the second branch takes any text"
    if not text or run.end() < len(text):
        raise _error("scheme", text, run.end(), "a scheme is a letter, then letters, digits, +, - and .")
    return text


def _authority(ref: Reference, parts: Parts, *, zone_ids: bool) -> str | None:
    userinfo: object
    host: object
    port: object
    if "authority" in parts:
        userinfo, host, port = _cut_authority(parts["authority"])
    else:
        host = parts.get("host", ref.host)
        # Without a host there is no authority, and nothing of the old one stays.
        userinfo = parts.get("userinfo", None if host is None else ref.userinfo)
        port = parts.get("port", None if host is None else ref.port_text)
    if host is None:
        _check_nothing_beside_no_host(userinfo, port)
        return None
    before = "" if userinfo is None else _encoded("userinfo", userinfo) + "@"
    after = "" if port is None else ":" + _port(port)
    return before + _host(host, zone_ids=zone_ids) + after


def _check_nothing_beside_no_host(userinfo: object, port: object) -> None:
    reason = "this stands beside a host; give host= too (it may be empty)"
    if userinfo is not None:
        raise _error("userinfo", _text("userinfo", userinfo), 0, reason)
    if port is not None:
        raise _error("port", _port(port), 0, reason)


def _cut_authority(authority: object) -> tuple[str | None, str | None, str | None]:
    """Userinfo, host and port: cut at the last `@`, then at the last colon outside brackets."""
    if authority is None:
        return None, None, None
    userinfo, at, rest = _text("authority", authority).rpartition("@")
    host, colon, port = rest.rpartition(":")
    has_port = bool(colon) and "]" not in port
    if not has_port:
        host = rest
    if not host.startswith("[") and ":" in host:
        raise _no_literal(host)  # without brackets, which colon begins the port is anybody's guess
    return userinfo if at else None, host, port if has_port else None


def _host(host: object, *, zone_ids: bool) -> str:
    text = host if isinstance(host, str) else _ip_text(host)
    return _literal(text, zone_ids=zone_ids) if _find_literal_char(text) else _encoded("host", text)


def _literal(text: str, *, zone_ids: bool) -> str:
    """An IP literal, given with its brackets or, where it is an IPv6 address, without.

    To encode the colons and brackets of a text that is neither would hide a mistake in it.
    """
    bracketed = text.startswith("[")
    literal = text if bracketed else f"[{text}]"
    try:
        ref = parse_reference("//" + literal, zone_ids=zone_ids)
        if ref.host == literal and (bracketed or ref.host_kind == "ipv6"):
            return literal
    except ParseError as error:
        if error.component == "host" and (bracketed or text.count(":") > 1):
            raise
    raise _no_literal(text)


def _no_literal(text: str) -> ParseError:
    found = _find_literal_char(text)
    assert found is not None, "the caller found one"
    reason = "colons and brackets in a host are those of an IP address in brackets, as [::1]; a port goes into port="
    return _error("host", text, found.start(), reason)


def _ip_text(ip: object) -> str:
    from ipaddress import IPv4Address, IPv6Address

    # The exact types: an IPv4Interface is an IPv4Address too, and prints its network.
    if type(ip) is IPv4Address:
        return str(ip)
    if type(ip) is not IPv6Address:
        raise TypeError(f"host= takes a str, an IPv4Address or an IPv6Address, not {type(ip).__name__}")
    address, percent, zone = str(ip).partition("%")
    return f"[{rfc5952(address)}{percent and '%25'}{_quoted('host', zone, safe='')}]"


def _port(port: object) -> str:
    if isinstance(port, int) and not isinstance(port, bool):
        return _port_number(int(port))
    if not isinstance(port, str):
        raise TypeError(f"port= takes an int or a str of digits, not {type(port).__name__}")
    run = _begin_port(port)
    assert run is not None, "a port may be empty"
    if run.end() < len(port):
        raise _error("port", port, run.end(), "a port is digits")
    return port


def _port_number(port: int) -> str:
    # Very long ints have no str() in decimal.
    text = str(port) if port.bit_length() <= 64 else hex(port)
    if port > _MAX_PORT:
        raise PortError(text)
    if port < 0:
        raise _error("port", text, 0, f"a port is a number from 0 to {_MAX_PORT}")
    return text


def _path(ref: Reference, parts: Parts, *, after_authority: bool) -> str:
    segments = parts.get("segments")
    if segments is not None:
        return _path_of_segments(segments, rootless=not after_authority and ref.path[:1] not in {"", "/"})
    given = "path" in parts or "segments" in parts
    path = _optional_text("path", parts.get("path")) or "" if given else ref.path
    if after_authority and path and not path.startswith("/"):
        raise _error("path", path, 0, "after an authority a path is empty or begins with /")
    return path


def _path_of_segments(segments: object, *, rootless: bool) -> str:
    path = "".join("/" + _segment(segment) for segment in _iterable("segments", segments, "path"))
    if not rootless:
        return path
    if path.startswith("//") or path == "/":
        raise _error("path", "", 0, "the first segment may not be empty: this path does not begin with /")
    return path[1:]


def _segment(segment: object) -> str:
    text = _text("a segment", segment)
    if text in {".", ".."}:
        reason = "a segment . or .. is a step in the hierarchy, percent-encoded too; join() takes such steps"
        raise _error("path", text, 0, reason)
    return _quoted("path", text, safe=_SAFE_IN_SEGMENT)


def _query(ref: Reference, parts: Parts) -> str | None:
    params = parts.get("params")
    if params is not None:
        return _query_of_params(params)
    given = "query" in parts or "params" in parts
    return _optional_text("query", parts.get("query")) if given else ref.query


def _query_of_params(params: object) -> str | None:
    pairs = cast("object", params.items()) if isinstance(params, Mapping) else params
    return "&".join(_pair(pair) for pair in _iterable("params", pairs, "query")) or None


def _pair(pair: object) -> str:
    match pair:
        case [str(name), str(value)]:
            return f"{_quoted_param(name)}={_quoted_param(value)}"
        case _:
            kind = type(pair).__name__
            raise TypeError(f"params= takes pairs of str, or a mapping of str to str; this {kind} is no such pair")


def _quoted_param(text: str) -> str:
    return _quoted("query", text, safe=_SAFE_IN_PARAM, plus=True)


def _optional_text(component: str, text: object) -> str | None:
    return None if text is None else _encoded(component, text)


def _encoded(component: str, value: object) -> str:
    """URI text with what may not stand in that component encoded, and its escapes as they are."""
    text = _text(component, value)
    bad = _find_bad_pct_encoded(text)
    if bad is not None:
        reason = "% is not followed by two hexadecimal digits; write %25 for a percent sign"
        raise _error(component, text, bad.start(), reason)
    return _quoted(component, text, safe=_SAFE[component] + abnf.PCT_ENCODED)


def _quoted(component: str, text: str, *, safe: str, plus: bool = False) -> str:
    try:
        return (quote_plus if plus else quote)(text, safe=safe, errors="surrogateescape")
    except UnicodeEncodeError as error:
        reason = "this is half of a surrogate pair, which no encoding can write; remove it"
        raise _error(component, text, error.start, reason) from None


def _text(what: str, value: object) -> str:
    if isinstance(value, str):
        return value
    kind = type(value).__name__
    advice = "; decode it first" if isinstance(value, (bytes, bytearray)) else ""
    raise TypeError(f"{what} is a str, not {kind}{advice}")


def _iterable(keyword: str, values: object, text_keyword: str) -> Iterable[object]:
    if isinstance(values, Iterable) and not isinstance(values, (str, bytes, bytearray)):
        return cast("Iterable[object]", values)
    kind = type(values).__name__
    raise TypeError(f"{keyword}= takes an iterable, not {kind}; {text_keyword}= takes a str")


def _error(component: str, text: str, position: int, reason: str) -> ParseError:
    # Between their delimiters, so that the error sees where a password may stand, and masks it (section 7.5).
    before, after = {"userinfo": ("//", "@"), "host": ("//", "")}.get(component, ("", ""))
    return ParseError(before + text + after, position + len(before), component, reason)
