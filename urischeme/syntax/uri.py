"""`Reference` and `URI`: a text, and its components as exact substrings of it (RFC 3986 sections 3 and 4)."""

from __future__ import annotations

import re
from functools import total_ordering
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias, cast

from urischeme import display
from urischeme.errors import PortError
from urischeme.syntax import abnf

if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address

    from urischeme.syntax.normalize import Level

__all__ = ["URI", "HostKind", "Reference", "parse", "parse_reference"]

HostKind: TypeAlias = Literal["reg-name", "ipv4", "ipv6", "ipvfuture"]

_MAX_PORT = 65535

# Most URIs in the world: a scheme, an authority that is nothing but a registered name, and no escape anywhere. One
# match over single classes takes them apart; all the others match the whole grammar.
_PLAIN = str.maketrans("", "", abnf.PCT_ENCODED)
_match_common = re.compile(
    f"({abnf.SCHEME})://({abnf.REG_NAME.translate(_PLAIN)})((?:/{abnf.PATH.translate(_PLAIN)}|))"
    rf"(?:\?({abnf.QUERY.translate(_PLAIN)})|)(?:#({abnf.FRAGMENT.translate(_PLAIN)})|)"
).fullmatch

_find_bad_pct_encoded = re.compile(abnf.BAD_PCT_ENCODED).search

_Match: TypeAlias = "Callable[[str], re.Match[str] | None]"
_grammars: dict[bool, _Match] = {}


class _Parts:
    """The storage of a Reference while it can still be written: see `_freeze`."""

    __slots__ = ("_text", "authority", "fragment", "host", "path", "port_text", "query", "scheme", "userinfo")

    _text: str
    scheme: str | None
    authority: str | None
    userinfo: str | None
    host: str | None
    port_text: str | None
    path: str
    query: str | None
    fragment: str | None


@total_ordering
class Reference(_Parts):
    """A URI reference (RFC 3986 section 4.1): immutable, hashable, picklable, ordered by its text.

    `Reference(text)` is `parse_reference(text)`. Components are exact substrings of the text, case kept; one that is
    absent is None, one that is empty is `""`. Two references are equal when their texts are (section 6.2.1).

    >>> ref = Reference("../c?x")
    >>> ref.path, ref.query, ref.fragment
    ('../c', 'x', None)

    Attributes:
        scheme: without its colon, or None.
        authority: what stands after `//`, or None; it is `[userinfo "@"] host [":" port]`.
        userinfo: without its `@`, or None.
        host: with the brackets of an IP literal, or None where there is no authority.
        port_text: the digits as written, `""` after a bare colon, or None.
        path: never None; `""` where it is empty.
        query: without its `?`, or None.
        fragment: without its `#`, or None.
    """

    __slots__ = ()

    def __new__(cls, text: str, *, zone_ids: bool = False) -> Reference:
        """Read a text: see `parse_reference`."""
        return parse_reference(text, zone_ids=zone_ids)

    @property
    def hierarchical(self) -> str:
        """What stands between the scheme and the query: `hier-part`, or `relative-part` (section 3).

        >>> parse("https://h/a?q").hierarchical
        '//h/a'
        """
        start = 0 if self.scheme is None else len(self.scheme) + 1
        end = len(self._text)
        for part in (self.query, self.fragment):
            if part is not None:
                end -= len(part) + 1
        return self._text[start:end]

    @property
    def port(self) -> int | None:
        """The port as a number, or None where there is none or it is empty (section 3.2.3).

        Raises PortError, a ValueError, above 65535: the grammar takes any digits, a socket does not.

        >>> parse("http://h:0080/").port
        80
        """
        if not self.port_text:
            return None
        digits = self.port_text.lstrip("0")
        # The length first: int() takes quadratic time.
        if len(digits) > len(str(_MAX_PORT)) or int(digits or "0") > _MAX_PORT:
            raise PortError(self.port_text)
        return int(digits or "0")

    @property
    def host_kind(self) -> HostKind | None:
        """Which rule of section 3.2.2 the host follows, or None where there is no authority.

        >>> parse("http://[::1]/").host_kind, parse("http://127.0.0.1/").host_kind, parse("http://h/").host_kind
        ('ipv6', 'ipv4', 'reg-name')
        """
        if self.host is None:
            return None
        if self.host.startswith("["):
            return "ipvfuture" if self.host[1] in "vV" else "ipv6"
        return "ipv4" if re.fullmatch(abnf.IPV4_ADDRESS, self.host) else "reg-name"

    @property
    def ip(self) -> IPv4Address | IPv6Address | None:
        """The host as an `ipaddress` object, or None where it is a name or an IPvFuture.

        A zone id (RFC 6874) becomes the object's `scope_id`; one that `ipaddress` does not take, with a `/` or `%` in
        it, gives None.

        >>> parse("http://[2001:DB8::1]/").ip
        IPv6Address('2001:db8::1')
        """
        kind = self.host_kind
        if kind not in {"ipv4", "ipv6"}:
            return None
        import ipaddress
        from urllib.parse import unquote

        host = cast("str", self.host)
        if kind == "ipv4":
            return ipaddress.IPv4Address(host)
        try:
            return ipaddress.IPv6Address(unquote(host[1:-1], errors="surrogateescape"))
        except ValueError:
            return None

    @property
    def _has_zone_id(self) -> bool:
        return self.host is not None and self.host.startswith("[") and "%" in self.host

    def normalize(self, level: Level = "scheme") -> Reference:
        """The normal form: see `urischeme.normalize`.

        >>> str(Reference("a/../b:c").normalize())
        './b:c'
        """
        from urischeme.syntax.normalize import normalize_reference

        return parse_reference(normalize_reference(self, level), zone_ids=self._has_zone_id)

    def __str__(self) -> str:
        """The very text that came in, password and all."""
        return self._text

    def __repr__(self) -> str:
        """The text with the password masked (section 7.5).

        >>> parse("ftp://ada:s3cret@h/")
        URI('ftp://ada:***@h/')
        """
        text = self._text
        if self.userinfo is not None:
            text = text.replace(f"//{self.userinfo}@", f"//{display.mask_password(self.userinfo)}@", 1)
        return f"{type(self).__name__}({text!r})"

    def __eq__(self, other: object) -> bool:
        """Equal texts (section 6.2.1); never equal to a str."""
        if isinstance(other, Reference):
            return self._text == other._text
        return NotImplemented

    def __hash__(self) -> int:
        """Equal references have equal hashes."""
        return hash(self._text)

    def __lt__(self, other: Reference) -> bool:
        """By text, code point by code point."""
        if isinstance(other, Reference):
            return self._text < other._text
        return NotImplemented

    def __setattr__(self, name: str, value: object) -> NoReturn:
        """Refused: a reference does not change."""
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be set")

    def __delattr__(self, name: str) -> NoReturn:
        """Refused: a reference does not change."""
        raise AttributeError(f"{type(self).__name__} is immutable: {name} cannot be deleted")

    def __reduce__(self) -> tuple[Callable[[str, bool], Reference], tuple[str, bool]]:
        """Pickled as its text."""
        return _restore, (self._text, self._has_zone_id)

    def __copy__(self) -> Reference:
        """Itself: it does not change."""
        return self

    def __deepcopy__(self, memo: object) -> Reference:
        """Itself: it does not change."""
        return self


class URI(Reference):
    """A URI: a reference with a scheme (RFC 3986 section 3). `URI(text)` is `parse(text)`.

    >>> uri = URI("https://user@Example.COM:8443/a/./b?q=1#top")
    >>> uri.scheme, uri.userinfo, uri.host, uri.port, uri.path, uri.query, uri.fragment
    ('https', 'user', 'Example.COM', 8443, '/a/./b', 'q=1', 'top')
    """

    __slots__ = ()

    scheme: str  # pyright: ignore[reportIncompatibleVariableOverride]

    def __new__(cls, text: str, *, zone_ids: bool = False) -> URI:
        """Read a text: see `parse`."""
        return parse(text, zone_ids=zone_ids)

    def normalize(self, level: Level = "scheme") -> URI:
        """The normal form: see `urischeme.normalize`.

        >>> str(URI("HTTP://Example.COM:80").normalize())
        'http://example.com/'
        """
        return cast("URI", super().normalize(level))

    def join(self, reference: str | Reference) -> URI:
        """The URI that `reference` means where this one is the base: see `urischeme.join`.

        >>> str(URI("http://h/a/b").join("../c"))
        'http://h/c'
        """
        from urischeme.syntax.reference import resolve_reference

        if not isinstance(reference, Reference):
            reference = parse_reference(reference, zone_ids=self._has_zone_id)
        zone_ids = self._has_zone_id or reference._has_zone_id
        return parse(resolve_reference(self, reference), zone_ids=zone_ids)

    def relativize(self, target: str | URI) -> Reference:
        """The shortest reference that leads from this URI to `target`: the inverse of `join`.

        Of equals, a relative path comes before an absolute one, and that before a network path. Where join removes dot
        segments, it leads to `target` without them. There always is one: the whole of `target` at worst.

        >>> str(URI("http://h/a/b").relativize("http://h/a/c?x"))
        'c?x'
        """
        from urischeme.syntax.reference import relative_reference

        if not isinstance(target, URI):
            target = parse(target, zone_ids=self._has_zone_id)
        zone_ids = self._has_zone_id or target._has_zone_id
        return parse_reference(relative_reference(self, target), zone_ids=zone_ids)


def parse(text: str, *, zone_ids: bool = False) -> URI:
    """Read a URI: exactly the rule `URI` of RFC 3986 Appendix A, with nothing repaired.

    Args:
        text: the whole URI; leading or trailing space is an error like any other.
        zone_ids: also take RFC 6874's zone identifiers, as in `http://[fe80::1%25eth0]/`.

    Raises:
        ParseError: for any text that is not a URI, with the place and the reason.
        TypeError: for anything but a str.

    >>> uri = parse("http://h?")
    >>> uri.query, uri.fragment, uri.port
    ('', None, None)
    """
    try:
        match = _match_common(text)
    except TypeError:
        raise _not_text("parse", text) from None
    if match is None:
        return _parse_rare(text, zone_ids)
    parts = _new_parts(_Parts)
    parts._text = text  # pyright: ignore[reportPrivateUsage]
    parts.scheme, parts.host, parts.path, parts.query, parts.fragment = match.groups()
    parts.authority = parts.host
    parts.userinfo = parts.port_text = None
    parts.__class__ = URI  # see _freeze
    return parts  # type: ignore[return-value] # pyright: ignore[reportReturnType]


def parse_reference(text: str, *, zone_ids: bool = False) -> Reference:
    """Read a URI or a relative reference: exactly the rule `URI-reference` of RFC 3986 Appendix A.

    Args:
        text: the whole reference; the empty text is one.
        zone_ids: also take RFC 6874's zone identifiers.

    Returns:
        A URI where there is a scheme, else a Reference.

    Raises:
        ParseError: for any text that is no reference, with the place and the reason.
        TypeError: for anything but a str.

    >>> parse_reference("//h/a"), parse_reference("s:a")
    (Reference('//h/a'), URI('s:a'))
    """
    try:
        parts = _match_whole(text, zone_ids)
    except TypeError:
        raise _not_text("parse_reference", text) from None
    if parts is None:
        from urischeme.syntax.diagnose import diagnose

        raise diagnose(text, need_scheme=False, zone_ids=zone_ids)
    return _freeze(parts)


def _parse_rare(text: str, zone_ids: bool) -> URI:
    parts = _match_whole(text, zone_ids)
    if parts is None or parts.scheme is None:
        from urischeme.syntax.diagnose import diagnose

        raise diagnose(text, need_scheme=True, zone_ids=zone_ids)
    return cast("URI", _freeze(parts))


def _match_whole(text: str, zone_ids: bool) -> _Parts | None:
    match = _grammar(zone_ids)(text)
    if match is None or ("%" in text and _find_bad_pct_encoded(text)):
        return None
    parts = _new_parts(_Parts)
    parts._text = text  # pyright: ignore[reportPrivateUsage]
    (
        parts.scheme,
        parts.authority,
        parts.userinfo,
        parts.host,
        parts.port_text,
        parts.path,
        parts.query,
        parts.fragment,
    ) = match.groups()
    return parts


def _grammar(zone_ids: bool) -> _Match:
    # Compiled on first use: the nine forms of IPv6 take longer than all the rest of the import.
    match = _grammars.get(zone_ids)
    if match is None:
        literal = abnf.IP_LITERAL_WITH_ZONE if zone_ids else abnf.IP_LITERAL
        match = _grammars[zone_ids] = re.compile(abnf.uri_reference(literal)).fullmatch
    return match


_new_parts: Callable[[type[_Parts]], _Parts] = object.__new__


def _freeze(parts: _Parts) -> Reference:
    # Filling a plain object and then changing its class is the cheapest way to a read-only one: its own __setattr__
    # never runs.
    parts.__class__ = Reference if parts.scheme is None else URI
    return cast("Reference", parts)


def _restore(text: str, zone_ids: bool) -> Reference:
    return parse_reference(text, zone_ids=zone_ids)


def _not_text(function: str, value: object) -> TypeError:
    kind = type(value).__name__
    advice = "; decode it first: text.decode('ascii')" if isinstance(value, (bytes, bytearray, memoryview)) else ""
    return TypeError(f"{function} takes a str, not {kind}{advice}")
