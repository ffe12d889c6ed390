"""Only after a failed match: which character of which component is wrong, and why.

A refused text is cut into components by RFC 3986 Appendix B, whatever stands in them, and the leftmost component that
its rule refuses is reported. The position is the end of the longest prefix of that component that some valid value of
it begins with: the character there cannot stay, or the component is merely unfinished and the position is its end.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, TypeAlias

from urischeme.display import quote, secret_span
from urischeme.errors import ParseError
from urischeme.syntax import abnf

if TYPE_CHECKING:
    from collections.abc import Iterator

# RFC 3986 Appendix B, with possessive repeats (all of them end at a character that they do not take).
_cut = re.compile(r"(?:([^:/?#]++):|)(?://([^/?#]*+)|)([^?#]*+)(?:\?([^#]*+)|)(?:#(.*+)|)", re.DOTALL).fullmatch


# Its name, where it starts, and its text; a plain tuple, as refusing is to be cheap too.
_Component: TypeAlias = tuple[str, int, str]


def diagnose(text: str, *, need_scheme: bool, zone_ids: bool) -> ParseError:
    """Why the grammar refused `text`, which it did."""
    # One after the other: what stands behind the fault is not looked at.
    for component in _components(text):
        name, start, part = component
        if need_scheme:
            if name != "scheme":
                return ParseError(text, 0, "scheme", _no_scheme(text))
            need_scheme = False
        length = _longest_prefix(name, start, part, zone_ids=zone_ids)
        if length is not None:
            return ParseError(text, start + length, name, _reason(text, start + length, component, zone_ids=zone_ids))
    raise AssertionError("the grammar refused what each of its components accepts")


def _components(text: str) -> Iterator[_Component]:
    match = _cut(text)
    assert match is not None, "Appendix B takes any text"
    scheme, authority, path, query, fragment = match.groups()
    if scheme is not None:
        yield "scheme", 0, scheme
    if authority is not None:
        yield from _authority_components(authority, match.start(2))
    yield "path", match.start(3), path
    if query is not None:
        yield "query", match.start(4), query
    if fragment is not None:
        yield "fragment", match.start(5), fragment


def _authority_components(authority: str, start: int) -> Iterator[_Component]:
    userinfo, at, rest = authority.rpartition("@")
    if at:
        yield "userinfo", start, userinfo
        start += len(userinfo) + 1
    colon = -1 if rest[:1] == "[" and "]" not in rest else rest.rfind(":")
    if colon < rest.rfind("]"):
        colon = -1
    yield "host", start, rest if colon < 0 else rest[:colon]
    if colon >= 0:
        yield "port", start + colon + 1, rest[colon + 1 :]


# What a component is a run of. The scheme and the host are more than that: see _longest_prefix.
_RUNS: Final = {
    name: re.compile(rule).match
    for name, rule in {
        "scheme": abnf.SCHEME,
        "userinfo": abnf.USERINFO,
        "host": abnf.REG_NAME,
        "port": abnf.PORT,
        "path": abnf.PATH,
        "query": abnf.QUERY,
        "fragment": abnf.FRAGMENT,
    }.items()
}

_find_bad_pct_encoded = re.compile(abnf.BAD_PCT_ENCODED).search
_HEXDIG: Final = frozenset("0123456789ABCDEFabcdef")


def _longest_prefix(name: str, start: int, text: str, *, zone_ids: bool) -> int | None:
    """How much of a component some valid value of it begins with; None where it is one itself."""
    if name == "host" and text[:1] == "[":
        return _literal_prefix(text, zone_ids=zone_ids)
    if name == "path" and start == 0 and text[:1] == ":":
        return 0  # path-noscheme
    return _run_prefix(name, text)


def _run_prefix(name: str, text: str) -> int | None:
    run = _RUNS[name](text)
    length = 0 if run is None else run.end()
    bad = _find_bad_pct_encoded(text, 0, length) if "%" in text else None
    if bad is not None:
        after = bad.end()
        return after + 1 if text[after : after + 1] in _HEXDIG else after
    return length if length < len(text) else None


# An IPv6 address is short; its rule is nine alternatives. A prefix of one is what some ending makes whole.
_IPV6_ENDINGS: Final = ("", ":", "::", "0", ".0", "0.0", ".0.0", "0.0.0", ".0.0.0")
_IPV6_MAX: Final = len("0000:0000:0000:0000:0000:0000:255.255.255.255")
_before_delimiter = re.compile("[^/?#]*+").match
_is_ipv6 = re.compile(abnf.IPV6_ADDRESS).fullmatch
_ipvfuture_prefix = re.compile(rf"[vV](?:[{abnf.HEXDIG}]++(?:\.[{abnf.UNRESERVED}{abnf.SUB_DELIMS}:]*+)?)?").match
_is_literal = {
    zone_ids: re.compile(rule).fullmatch
    for zone_ids, rule in {False: abnf.IP_LITERAL, True: abnf.IP_LITERAL_WITH_ZONE}.items()
}


def _literal_prefix(host: str, *, zone_ids: bool) -> int | None:
    if _is_literal[zone_ids](host) and not _find_bad_pct_encoded(host):
        return None
    inside = host[1:]
    future = _ipvfuture_prefix(inside)
    length = future.end() if future else _ipv6_prefix(inside)
    whole = _is_literal[False](f"[{inside[:length]}]") is not None
    if zone_ids and whole and not future:
        length += _zone_prefix(inside[length:])
        literal = f"[{inside[:length]}]"
        whole = _is_literal[True](literal) is not None and not _find_bad_pct_encoded(literal)
    if whole and inside[length : length + 1] == "]":
        length += 1
    return 1 + length


def _ipv6_prefix(text: str) -> int:
    length = 0
    while length < min(len(text), _IPV6_MAX) and _begins_ipv6(text[: length + 1]):
        length += 1
    return length


def _begins_ipv6(text: str) -> bool:
    return any(_is_ipv6(text + ending) for ending in _IPV6_ENDINGS)


def _zone_prefix(text: str) -> int:
    separator = "%25"
    for length in range(1, len(separator) + 1):
        if text[:length] != separator[:length]:
            return length - 1
    run = re.match(f"{abnf.ZONE_ID}|", text[len(separator) :])
    assert run is not None, "the second branch takes any text"
    zone = _run_prefix("query", run[0])  # the run holds nothing that a query may not: only its escapes are in question
    return len(separator) + (run.end() if zone is None else zone)


def _no_scheme(text: str) -> str:
    rule = "a URI begins with a scheme, as in https://…"
    if text.startswith("//"):
        return f"{rule}; write one before the //"
    if text.startswith(":"):
        return f"{rule}; write one before the colon"
    return f"{rule}; a relative reference is for parse_reference"


# What people write where RFC 3986 wants an escape, or something else.
_NAMES: Final = {" ": "a space", "\t": "a tab", "\n": "a newline", "\r": "a carriage return", "\0": "a NUL"}
_INSTEAD: Final = {
    "\\": "write /, or %5C for a backslash",
    "\t": "remove it, or write %09",
    "\n": "remove it, or write %0A",
    "\r": "remove it, or write %0D",
}


def _reason(text: str, position: int, component: _Component, *, zone_ids: bool) -> str:
    name, start, part = component
    span = secret_span(text)
    if span is not None and span[0] <= position < span[1]:
        # Naming the character would show a part of what may be a password.
        return _secret_reason(name)
    offset = position - start
    if name == "scheme":
        return _scheme_reason(part, offset)
    if name == "host" and part[:1] == "[":
        return _literal_reason(part, offset, zone_ids=zone_ids)
    if "%" in part[max(0, offset - 2) : offset] and _find_bad_pct_encoded(part, max(0, offset - 2)):
        return "% is not followed by two hexadecimal digits; write %25 for a percent sign"
    char = text[position]
    if name == "port":
        advice = f"; {_instead(char)}" if char.isdecimal() else ""
        return f"a port is digits; {_character(char)} is none{advice}"
    if name == "host" and char == ":":
        return _colon_reason(text[start:])
    if name == "host" and not char.isascii() and char.isprintable():
        return f"{_character(char)} may not stand in a host; read the text with from_iri, which knows such names"
    if name == "path" and position == 0 and char == ":":
        return "a colon may not stand in the first segment of a relative path; write ./: for it"
    return f"{_character(char)} may not stand in a {name}; {_instead(char)}"


def _secret_reason(name: str) -> str:
    if name == "port":
        return "a port is digits; in a password, write / ? # and @ as %2F %3F %23 and %40"
    return f"this character may not stand in a {name}; percent-encode it, or remove it"


def _scheme_reason(scheme: str, offset: int) -> str:
    rule = "a scheme is a letter, then letters, digits, +, - and ."
    char = scheme[offset]
    said = f"{rule}; this one {'begins with' if offset == 0 else 'has'} {_character(char)}"
    if offset == 0 and not char.isalnum():
        return f"{said}; remove it"
    return f"{said}. Write ./ before a relative path that has a colon in its first segment"


def _colon_reason(rest: str) -> str:
    host = _before_delimiter(rest)
    if host is not None and host[0].count(":") > 1 and _begins_ipv6(host[0]):
        return "a colon may not stand in a host; an IPv6 address stands in brackets, as in [::1]"
    return "a colon may not stand in a host; after it comes one port, of digits"


def _literal_reason(host: str, offset: int, *, zone_ids: bool) -> str:
    if offset == len(host) or "]" not in host:
        return "the bracket is left open; write ] after the address"
    inside, _, after = host[1:].partition("]")
    if after and offset > len(inside):
        return f"{_character(host[offset])} may not stand after the closing bracket; a port begins with a colon"
    if "%" in inside and host[offset] == "%" and not zone_ids:
        return "a zone identifier is only taken where it is asked for: zone_ids=True, and %25 before it (RFC 6874)"
    if "%" in inside[:offset] or (zone_ids and host[offset] == "%"):
        return "a zone identifier is %25 and then letters, digits, -, ., _ and ~ (RFC 6874)"
    if inside[:1] in {"v", "V"}:
        return "in brackets after v come hexadecimal digits, a dot and an address of that version"
    if ":" not in inside:
        return "brackets are for IPv6 addresses; write a name or an IPv4 address without them"
    if "." in inside:
        return "the IPv4 address that an IPv6 address may end with is four numbers to 255, without leading zeros"
    return f"not an IPv6 address: {_character(host[offset])} may not come here"


# The same few characters are refused again and again.
_remembered = lru_cache(maxsize=128)


@_remembered
def _character(char: str) -> str:
    return _NAMES.get(char) or quote(char)


@_remembered
def _instead(char: str) -> str:
    if char in _INSTEAD:
        return _INSTEAD[char]
    if char.isascii():
        return f"write %{ord(char):02X}"
    if char.isdecimal():
        import unicodedata

        return f"write the ASCII digit {unicodedata.decimal(char)}"
    try:
        octets = char.encode()
    except UnicodeEncodeError:
        return "it is half of a surrogate pair, which no encoding can write; remove it"
    escapes = "".join(f"%{octet:02X}" for octet in octets)
    return f"write {escapes}, or read the text with from_iri" if char.isprintable() else f"write {escapes}"
