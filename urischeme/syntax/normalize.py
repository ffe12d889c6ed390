"""RFC 3986 section 6.2.2, syntax-based, and section 6.2.3, scheme-based normalisation."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from urischeme.syntax import abnf
from urischeme.syntax.reference import compose, remove_dot_segments
from urischeme.syntax.uri import parse_reference

if TYPE_CHECKING:
    from urischeme.syntax.uri import Reference

__all__ = ["Level", "SchemeRules", "normalize"]

Level: TypeAlias = Literal["syntax", "scheme"]


class SchemeRules(NamedTuple):
    """What a scheme's own RFC says of equal URIs (section 6.2.3).

    Attributes:
        default_port: written or not, it is the same; None where the scheme has none.
        empty_path: what an empty path after an authority means.
        opaque: the path is no hierarchy, so dots in it are only dots.
        decode: a percent-encoded unreserved character is the same as the character.
        local_authority: an absent authority and `localhost` are both the empty one (RFC 8089).
        lower_prefix: the path up to and with its first colon is of no case (RFC 8141's NID).
    """

    default_port: int | None = None
    empty_path: str = ""
    opaque: bool = False
    decode: bool = True
    local_authority: bool = False
    lower_prefix: bool = False


_NO_RULES: Final = SchemeRules()

_SCHEME_RULES: Final = {
    "acap": SchemeRules(default_port=674),  # RFC 2244
    "coap": SchemeRules(default_port=5683),  # RFC 7252 section 6.1
    "coaps": SchemeRules(default_port=5684),  # RFC 7252 section 6.2
    "data": SchemeRules(opaque=True),  # RFC 2397
    "dict": SchemeRules(default_port=2628),  # RFC 2229
    "dns": SchemeRules(default_port=53),  # RFC 4501: the port is the name server's
    "file": SchemeRules(local_authority=True),  # RFC 8089
    "ftp": SchemeRules(default_port=21),  # RFC 1738
    "gopher": SchemeRules(default_port=70),  # RFC 4266
    "http": SchemeRules(default_port=80, empty_path="/"),  # RFC 9110 section 4.2.3
    "https": SchemeRules(default_port=443, empty_path="/"),  # RFC 9110 section 4.2.3
    "imap": SchemeRules(default_port=143),  # RFC 5092
    "ipp": SchemeRules(default_port=631),  # RFC 3510
    "ipps": SchemeRules(default_port=631),  # RFC 7472
    "ldap": SchemeRules(default_port=389),  # RFC 4516
    "mailto": SchemeRules(opaque=True),  # RFC 6068
    "nfs": SchemeRules(default_port=2049),  # RFC 2224
    "nntp": SchemeRules(default_port=119),  # RFC 5538
    "pop": SchemeRules(default_port=110),  # RFC 2384
    "rtsp": SchemeRules(default_port=554),  # RFC 7826 section 4.2
    "rtsps": SchemeRules(default_port=322),  # RFC 7826 section 4.2
    "snmp": SchemeRules(default_port=161),  # RFC 4088
    "tel": SchemeRules(opaque=True),  # RFC 3966
    "telnet": SchemeRules(default_port=23),  # RFC 4248
    "tftp": SchemeRules(default_port=69),  # RFC 3617
    "urn": SchemeRules(opaque=True, decode=False, lower_prefix=True),  # RFC 8141 section 3
    "ws": SchemeRules(default_port=80, empty_path="/"),  # RFC 6455 section 3
    "wss": SchemeRules(default_port=443, empty_path="/"),  # RFC 6455 section 3
}

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
    try:
        if _is_normal_web(text) and _DOT_SEGMENT not in text:
            return text
    except TypeError:
        pass  # parse_reference says what to pass instead
    return normalize_reference(parse_reference(text, zone_ids=zone_ids), level)


def normalize_reference(ref: Reference, level: Level) -> str:
    """The normal form of a reference, as text."""
    if level not in {"syntax", "scheme"}:
        raise ValueError(f"level is 'syntax' or 'scheme', not {level!r}")
    scheme = None if ref.scheme is None else ref.scheme.lower()
    by_scheme = level == "scheme"
    rules = _SCHEME_RULES.get(scheme or "", _NO_RULES) if by_scheme else _NO_RULES

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
    userinfo = "" if ref.userinfo is None else _escapes(ref.userinfo, rules or _NO_RULES) + "@"
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
        return _upper_escapes(_escapes(host, _NO_RULES).lower())
    address, percent, zone = host.partition("%")
    if compress and ref.host_kind == "ipv6":
        return f"[{_rfc5952(address.strip('[]'))}{percent}{zone or ']'}"
    return address.lower() + percent + zone


def _rfc5952(address: str) -> str:
    import ipaddress

    ip = ipaddress.IPv6Address(address)
    # Which of the two forms str() gives differs between versions of Python; RFC 5952 section 5 wants the dotted one.
    return str(ip) if ip.ipv4_mapped is None else f"::ffff:{ip.ipv4_mapped}"


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
    if relative in {"", "/"} or not output[0] or ":" in output[0]:
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
