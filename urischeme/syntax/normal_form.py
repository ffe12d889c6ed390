"""The normal form of any text, rule by rule: the plain path of `normalize`, which is for what `fast` does not know."""

from __future__ import annotations

import re
from string import hexdigits
from typing import TYPE_CHECKING, TypeAlias, cast

from urischeme.syntax import abnf, fast
from urischeme.syntax.ipv6 import rfc5952
from urischeme.syntax.reference import compose, remove_dot_segments
from urischeme.syntax.scheme_rules import NO_RULES, SchemeRules, rules_of
from urischeme.syntax.uri import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from urischeme.syntax.normalize import Level


def normal_form(text: str, level: Level, zone_ids: bool) -> str:
    """What `normalize` gives. Raises ParseError for what is no reference."""
    scheme, userinfo, host, port_text, path, query, fragment = _components(text, zone_ids)
    if scheme is not None:
        scheme = scheme.lower()
    rules = rules_of(scheme) if level == "scheme" else NO_RULES
    if "%" in text:
        escapes = decoded if rules.decode else _upper
        path = escapes(path)
        userinfo, query, fragment = [part and escapes(part) for part in (userinfo, query, fragment)]
    if ("/." in path or path[:1] == ".") and not rules.opaque:
        path = _relative_path(path) if scheme is None and host is None else remove_dot_segments(path)
    authority = None
    if host is not None:
        authority = _normal_literal(host, level) if host[:1] == "[" else normal_name(host)
        if userinfo is not None:
            authority = f"{userinfo}@{authority}"
        if port_text is not None:
            authority += f":{port_text}" if level == "syntax" else _normal_port(port_text, rules)
    if rules is not NO_RULES:
        if rules.local_authority and path[:1] == "/" and authority in {None, "localhost"}:
            authority = ""
        if rules.lower_prefix:
            path = _lower_prefix(path)
        if authority and not path:
            path = rules.empty_path
    return compose(scheme, authority, path, query, fragment)


_Components: TypeAlias = "tuple[str | None, str | None, str | None, str | None, str, str | None, str | None]"


def _components(text: str, zone_ids: bool) -> _Components:
    match = fast.match_common(text)
    if match is not None:
        scheme, host, port_text, path, query, fragment = match.groups()
        return scheme, None, host, port_text, path, query, fragment
    match = fast.match_any[zone_ids](text)
    if match is None or ("%" in text and fast.find_bad_pct_encoded(text)):
        raise refusal(text, need_scheme=False, zone_ids=zone_ids)
    return cast("_Components", match.groups())


_is_normal_ipv6 = re.compile(fast.IPV6_NORMAL).fullmatch


def normal_name(host: str) -> str:
    """A host that is a name: in lower case, with the escapes it needs."""
    return _with_escapes(host.lower(), _NORMAL_IN_NAME)


def _normal_literal(host: str, level: Level) -> str:
    """A host in brackets: in lower case; at level "scheme", as RFC 5952 writes it."""
    address, percent, zone = host[1:-1].partition("%")
    address = address.lower()
    if level == "scheme" and address[0] != "v" and not _is_normal_ipv6(address):
        address = rfc5952(address)
    return f"[{address}{percent}{zone}]"


def _normal_port(port_text: str, rules: SchemeRules) -> str:
    """The port with its colon: none where it is empty or the default, and no leading zeros."""
    digits = port_text.lstrip("0") or port_text[:1]
    return f":{digits}" if digits and digits != str(rules.default_port) else ""


def _lower_prefix(path: str) -> str:
    prefix, colon, rest = path.partition(":")
    return _upper(prefix.lower()) + colon + rest


def _relative_path(path: str) -> str:
    """A path whose base is not known: leading `..` stay, and it stays relative (section 4.2)."""
    if path.startswith("/"):
        return remove_dot_segments(path)
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


def decoded(text: str) -> str:
    """Sections 6.2.2.1 and 6.2.2.2: escapes in upper case, and none of an unreserved character.

    Raises KeyError for a `%` without two hexadecimal digits after it.
    """
    return _with_escapes(text, _NORMAL)


def _with_escapes(text: str, normal: Mapping[str, str]) -> str:
    if "%" not in text:
        return text
    parts = text.split("%")
    for index in range(1, len(parts)):
        part = parts[index]
        # Where escapes stand one beside the other, two digits are all that is between two of the signs.
        parts[index] = normal[part] if len(part) == 2 else normal[part[:2]] + part[2:]
    return "".join(parts)


def _normal_escapes() -> dict[str, str]:
    is_unreserved = re.compile(f"[{abnf.UNRESERVED}]").match
    octets = {first + second: chr(int(first + second, 16)) for first in hexdigits for second in hexdigits}
    return {digits: char if is_unreserved(char) else f"%{digits.upper()}" for digits, char in octets.items()}


_NORMAL = _normal_escapes()
_NORMAL_IN_NAME = {digits: its.lower() if len(its) == 1 else its for digits, its in _NORMAL.items()}


def _upper(text: str) -> str:
    """Section 6.2.2.1 alone."""
    if "%" not in text:
        return text
    head, *rest = text.split("%")
    return head + "".join([f"%{part[:2].upper()}{part[2:]}" for part in rest])
