"""RFC 3986 section 6.2.2, syntax-based, and section 6.2.3, scheme-based normalisation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, TypeAlias, get_args

from urischeme.syntax import abnf
from urischeme.syntax.ipv6 import rfc5952
from urischeme.syntax.reference import compose, remove_dot_segments
from urischeme.syntax.scheme_rules import NO_RULES, SchemeRules, rules_of
from urischeme.syntax.uri import parse_reference

if TYPE_CHECKING:
    from urischeme.syntax.uri import Reference

__all__ = ["Level", "equivalent", "normalize"]

Level: TypeAlias = Literal["syntax", "scheme"]
_LEVELS: Final = frozenset(get_args(Level))

# Nearly every web URL is normal as it stands: a lower-case registered name with no port, a path, no escape and, as the
# caller has looked, no segment that begins with a dot. Such a text goes back untouched.
_is_normal_web = re.compile(
    rf"(?:https?|wss?)://[a-z{abnf.DIGIT}\-._~{abnf.SUB_DELIMS}]*+/[{abnf.UNRESERVED}{abnf.SUB_DELIMS}:@/]*+"
    rf"(?:\?[{abnf.UNRESERVED}{abnf.SUB_DELIMS}:@/?]*+|)(?:#[{abnf.UNRESERVED}{abnf.SUB_DELIMS}:@/?]*+|)"
).fullmatch

_DOT_SEGMENT = "/."


def normalize(text: str, *, level: Level = "scheme", zone_ids: bool = False) -> str:
    """The normal form of a URI or reference: idempotent, and never another resource.

    Args:
        text: a URI, or a relative reference.
        level: "syntax" is section 6.2.2 to the letter: the case of scheme, host and escapes, no escape of an unreserved
            character, no dot segments. "scheme" adds section 6.2.3: default, empty and zero-led ports, the empty path
            of a web scheme, IPv6 as RFC 5952 writes it, `file:///`; and leaves the paths of `urn`, `data`, `mailto` and
            `tel` their own rules.
        zone_ids: also take RFC 6874's zone identifiers.

    Raises:
        ParseError: for any text that is no reference.
        TypeError: for anything but a str.
        ValueError: for a level that is none.

    >>> normalize("HTTP://Example.COM:80/%7Eada/./a/../b")
    'http://example.com/~ada/b'
    >>> normalize("HTTP://Example.COM:80", level="syntax")
    'http://example.com:80'
    """
    if level not in _LEVELS:
        raise ValueError(f"level is 'syntax' or 'scheme', not {level!r}")
    try:
        if _is_normal_web(text) and _DOT_SEGMENT not in text:
            return text
    except TypeError:
        pass  # parse_reference says what to pass instead
    return _normal_form(parse_reference(text, zone_ids=zone_ids), level)


def equivalent(one: str, other: str, *, level: Level = "scheme", zone_ids: bool = False) -> bool:
    """Whether two URIs or references mean the same, as far as RFC 3986 and their scheme's own RFC tell.

    No is no proof that they differ: `http://h/` and `http://h/index.html` may well be one resource.

    Args and errors are those of `normalize`.

    >>> equivalent("HTTP://h:80/%7eada", "http://H/~ada")
    True
    """
    return normalize(one, level=level, zone_ids=zone_ids) == normalize(other, level=level, zone_ids=zone_ids)


def _normal_form(ref: Reference, level: Level) -> str:
    """The normal form of a reference, as text."""
    scheme = None if ref.scheme is None else ref.scheme.lower()
    by_scheme = level == "scheme"
    rules = rules_of(scheme or "") if by_scheme else NO_RULES

    authority = _authority(ref, rules if by_scheme else None)
    path = _escapes(ref.path, rules)
    if rules.lower_prefix:
        path = _lower_prefix(path)
    if not rules.opaque:
        path = remove_dot_segments(path) if scheme or authority is not None else _relative_path(path)
    if rules.local_authority and path.startswith("/") and authority in {None, "localhost"}:
        authority = ""
    if authority and not path:
        path = rules.empty_path
    return compose(scheme, authority, path, _escapes_or_none(ref.query, rules), _escapes_or_none(ref.fragment, rules))


def _authority(ref: Reference, rules: SchemeRules | None) -> str | None:
    if ref.authority is None:
        return None
    host = _host(ref, compress=rules is not None)
    userinfo = "" if ref.userinfo is None else _escapes(ref.userinfo, rules or NO_RULES) + "@"
    if ref.port_text is None:
        return userinfo + host
    if rules is None:
        return f"{userinfo}{host}:{ref.port_text}"
    digits = ref.port_text.lstrip("0") or ref.port_text[:1]
    if not digits or digits == str(rules.default_port):
        return userinfo + host
    return f"{userinfo}{host}:{digits}"


def _host(ref: Reference, *, compress: bool) -> str:
    host = ref.host or ""
    if not host.startswith("["):
        return _upper_escapes(_escapes(host, NO_RULES).lower())
    address, percent, zone = host.partition("%")
    if compress and ref.host_kind == "ipv6":
        from ipaddress import IPv6Address

        return f"[{rfc5952(IPv6Address(address.strip('[]')))}{percent}{zone or ']'}"
    return address.lower() + percent + zone


def _lower_prefix(path: str) -> str:
    prefix, colon, rest = path.partition(":")
    return _upper_escapes(prefix.lower()) + colon + rest


def _relative_path(path: str) -> str:
    """A path whose base is not known: leading `..` stay, and it stays relative (section 4.2)."""
    if path.startswith("/"):
        return remove_dot_segments(path)
    if not path:
        return path
    output: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == ".." and output and output[-1] != "..":
            output.pop()
        elif segment != ".":
            output.append(segment)
    if segments[-1] in {".", ".."}:
        output.append("")
    relative = "/".join(output)
    # What would read as the empty path, an absolute one or a scheme needs its dot.
    if not output[0] or ":" in output[0]:
        return "./" + relative
    return relative


_sub_escapes = re.compile(f"%[{abnf.HEXDIG}][{abnf.HEXDIG}]").sub
_is_unreserved = re.compile(f"[{abnf.UNRESERVED}]").fullmatch


def _escapes(text: str, rules: SchemeRules) -> str:
    """Sections 6.2.2.1 and 6.2.2.2: escapes in upper case, and none of an unreserved character."""
    if "%" not in text:
        return text
    return _sub_escapes(_decoded, text) if rules.decode else _upper_escapes(text)


def _escapes_or_none(text: str | None, rules: SchemeRules) -> str | None:
    return None if text is None else _escapes(text, rules)


def _upper_escapes(text: str) -> str:
    return _sub_escapes(_upper, text) if "%" in text else text


def _upper(match: re.Match[str]) -> str:
    return match[0].upper()


def _decoded(match: re.Match[str]) -> str:
    char = chr(int(match[0][1:], 16))
    return char if _is_unreserved(char) else match[0].upper()
