"""`Reference` and `URI`: a text, and its components as exact substrings of it (RFC 3986 sections 3 and 4)."""

from __future__ import annotations

import re
from functools import cache, lru_cache, total_ordering

from urischeme import display
from urischeme.errors import PortError
from urischeme.syntax import abnf
from urischeme.syntax.fast import find_bad_pct_encoded, match_any, match_common

TYPE_CHECKING = False  # `typing` is a fifth of the import
if TYPE_CHECKING:
    from collections.abc import Callable
    from ipaddress import IPv4Address, IPv6Address
    from typing import Literal, NoReturn, TypeAlias, Unpack, overload

    from urischeme.errors import ParseError
    from urischeme.syntax.build import HierarchyParts, Parts
    from urischeme.syntax.normalize import Level

__all__ = ["URI", "HostKind", "Reference", "parse", "parse_cached", "parse_reference"]

HostKind: TypeAlias = "Literal['reg-name', 'ipv4', 'ipv6', 'ipvfuture']"

_MAX_PORT = 65535
_CACHED = 1024


class _Parts:
    """The storage of a Reference while it can still be written.

    An object is made as one of these, filled, and then becomes a URI or a Reference: its own `__setattr__`, which
    refuses, never runs.
    """

    __slots__ = ("_text", "fragment", "host", "path", "port_text", "query", "scheme", "userinfo")

    _text: str
    scheme: str | None
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

    @classmethod
    def build(cls, **parts: Unpack[Parts]) -> Reference:
        """The reference that has these parts: the empty one with `replace(**parts)`.

        A part that is text is URI text: its escapes stay, and what may not stand in it is percent-encoded as UTF-8
        (section 2.5), so that it never ends where another part begins. `segments` and `params` are decoded values: `%`
        is encoded too, and bytes that are no UTF-8 come and go as surrogateescape. None is the same as leaving it out.

        Args:
            scheme: a letter, then letters, digits, `+`, `-` and `.`; nothing is encoded here.
            authority: `[userinfo "@"] host [":" port]`, in place of those three; cut at its last `@`, then at the last
                colon outside brackets, which an IPv6 address must have here.
            userinfo: what stands before the `@`; it wants a host.
            host: a name, which is percent-encoded and not IDNA; an IP literal in its brackets; an IPv6 address with or
                without them; or an `ipaddress` object. Any other text with a colon or a bracket is refused. The empty
                host is one: `file:///`.
            port: a number, or digits as they are to stand there, `""` too; it wants a host.
            path: begins with `/` after an authority. A path that begins with `//` without an authority is written
                `/.//` (section 3.3), and a colon in the first segment of a relative path `./a:b` (section 4.2).
            segments: the path as decoded segments, a `/` before each; in place of `path`. `.` and `..` are refused:
                normalising decodes `%2E` before dot segments go, so no escape makes them mere names.
            query: without its `?`.
            params: the query as decoded pairs, or a mapping, `&` between them and a space as `+`; in place of `query`.
                None at all is no query.
            fragment: without its `#`.
            zone_ids: also take RFC 6874's zone identifiers in a host.

        Returns:
            A URI where there is a scheme, else a Reference. Its parts are those given, encoded.

        Raises:
            ParseError: for a part that cannot stand there; `text` is that part (a userinfo as `//userinfo@`, a host as
                `//host`), and `component` and `position` say where in it.
            PortError: for a number above 65535.
            TypeError: for a part of the wrong type, a part that there is not, and two that say the same thing.

        >>> Reference.build(path="a b/100%25", query="q=#1")
        Reference('a%20b/100%25?q=%231')
        >>> Reference.build(path="a:b"), Reference.build(scheme="s", segments=["", "x/y"])
        (Reference('./a:b'), URI('s:/.//x%2Fy'))
        """
        from urischeme.syntax.build import replace

        return replace(parse_reference(""), parts, zone_ids=False)

    def replace(self, **parts: Unpack[Parts]) -> Reference:
        """This reference with other parts in place of its own; those left out stay as they are.

        None takes a part away. `host=None` takes the whole authority, with userinfo and port. Where the path does not
        begin with `/` and there is no authority, `segments` are written without a first `/` too, and the first of them
        may not be empty. A reference that has a zone identifier may be given another one.

        Args:
            parts: see `build`.

        Returns:
            A URI where there is a scheme, else a Reference.

        Raises:
            ParseError: as `build` does; also where what stays does not go with what is given: a port without a host, or
                an authority before a path that does not begin with `/`.
            PortError: for a number above 65535.
            TypeError: as `build` does.

        >>> Reference("//ada@h:80/a?q").replace(port=None, path="/b c")
        Reference('//ada@h/b%20c?q')
        >>> Reference("//h//a").replace(host=None), Reference("a/b").replace(scheme="s")
        (Reference('/.//a'), URI('s:a/b'))
        """
        from urischeme.syntax.build import replace

        return replace(self, parts, zone_ids=self._has_zone_id)

    @property
    def segments(self) -> tuple[str, ...]:
        """The path as decoded segments, in order, empty ones too (section 3.3).

        A first `/` belongs to no segment: `/a/b` and `a/b` have two each, `/` an empty one, the empty path none. Nor is
        the dot of `/.//x` without an authority one, or that of a relative `./a:b`: it only keeps the path from being
        read as something else. What `build` was given as `segments` reads back the same.

        >>> Reference("/a%2Fb/c%20d/").segments
        ('a/b', 'c d', '')
        """
        from urischeme.syntax.build import read_segments

        return read_segments(self)

    @property
    def params(self) -> tuple[tuple[str, str], ...]:
        """The query as decoded pairs, in order, with duplicates; a `+` is a space.

        What has no `=` has the value `""`; no query and an empty one have no params. What `build` was given as `params`
        reads back the same.

        >>> Reference("?q=a+b%2B&q=%C3%A9&x").params
        (('q', 'a b+'), ('q', 'é'), ('x', ''))
        """
        from urischeme.syntax.build import read_params

        return read_params(self.query)

    @property
    def authority(self) -> str | None:
        """What stands after `//`, `[userinfo "@"] host [":" port]`, or None (section 3.2).

        >>> parse("http://ada@h:80/").authority, parse("mailto:ada@h").authority
        ('ada@h:80', None)
        """
        if self.host is None or (self.userinfo is None and self.port_text is None):
            return self.host
        userinfo = "" if self.userinfo is None else f"{self.userinfo}@"
        return f"{userinfo}{self.host}" if self.port_text is None else f"{userinfo}{self.host}:{self.port_text}"

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
        host, kind = self.host, self.host_kind
        if host is None or kind not in {"ipv4", "ipv6"}:
            return None
        import ipaddress
        from urllib.parse import unquote

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
        from urischeme.syntax.normalize import normalize

        zone_ids = self._has_zone_id
        return parse_reference(normalize(self._text, level=level, zone_ids=zone_ids), zone_ids=zone_ids)

    def to_iri(self) -> str:
        """The IRI that says the same for people to read, as text (RFC 3987 section 3.2): see `urischeme.from_iri`.

        Only what maps back is shown: never a control that would reorder it, nor what looks like nothing.

        >>> Reference("http://xn--bcher-kva.example/%C3%A9%20").to_iri()
        'http://bücher.example/é%20'
        """
        from urischeme.syntax.iri import to_iri

        return to_iri(self)

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

    @classmethod
    def build(cls, *, scheme: str, **parts: Unpack[HierarchyParts]) -> URI:  # type: ignore[override] # pyright: ignore[reportIncompatibleMethodOverride]
        """The URI that has these parts: see `Reference.build`; a URI has a scheme.

        >>> URI.build(scheme="https", host="example.com", segments=["a/b", "c d"], params={"q": "1+1"})
        URI('https://example.com/a%2Fb/c%20d?q=1%2B1')
        >>> URI.build(scheme="http", host="::1", port=8080, path="/")
        URI('http://[::1]:8080/')
        """
        if not isinstance(scheme, str):
            raise TypeError(f"scheme is a str, not {type(scheme).__name__}; Reference.build makes what has none")
        uri = super().build(scheme=scheme, **parts)
        assert isinstance(uri, URI), "it has a scheme"
        return uri

    if TYPE_CHECKING:

        @overload
        def replace(self, *, scheme: str = ..., **parts: Unpack[HierarchyParts]) -> URI: ...
        @overload
        def replace(self, **parts: Unpack[Parts]) -> Reference: ...

    def replace(self, **parts: Unpack[Parts]) -> Reference:
        """This URI with other parts in place of its own: see `Reference.replace`. With `scheme=None`, a Reference.

        >>> URI("http://ada@h:80/a?q#f").replace(scheme="https", port=None, fragment=None)
        URI('https://ada@h/a?q')
        """
        return super().replace(**parts)

    def __truediv__(self, segment: str) -> URI:
        """This URI with one more segment, which is encoded as `segments` are; without its query and fragment.

        An empty last segment is filled. ParseError for `.` and `..`: those are for `join`.

        >>> URI("http://h/a/?q") / "b/c", URI("http://h") / "b"
        (URI('http://h/a/b%2Fc'), URI('http://h/b'))
        """
        from urischeme.syntax.build import append_segment

        return parse(append_segment(self, segment), zone_ids=self._has_zone_id)

    def normalize(self, level: Level = "scheme") -> URI:
        """The normal form: see `urischeme.normalize`.

        >>> str(URI("HTTP://Example.COM:80").normalize())
        'http://example.com/'
        """
        uri = super().normalize(level)
        assert isinstance(uri, URI), "a scheme stays"
        return uri

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


def parse(text: str, zone_ids: bool = False) -> URI:
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
        match = match_common(text)
    except TypeError:
        raise not_text("parse", text) from None
    parts = _Parts()
    parts._text = text  # pyright: ignore[reportPrivateUsage]
    if match is not None:
        parts.scheme, parts.host, parts.port_text, parts.path, parts.query, parts.fragment = match.groups()
        parts.userinfo = None
    else:
        # As parse_reference does: a function for both would be 0.06 of the time.
        match = match_any[zone_ids](text)
        if match is None or match[1] is None or ("%" in text and find_bad_pct_encoded(text)):
            raise refusal(text, need_scheme=True, zone_ids=zone_ids)
        (
            parts.scheme,
            parts.userinfo,
            parts.host,
            parts.port_text,
            parts.path,
            parts.query,
            parts.fragment,
        ) = match.groups()
    parts.__class__ = URI
    return parts  # type: ignore[return-value] # pyright: ignore[reportReturnType]


def parse_reference(text: str, zone_ids: bool = False) -> Reference:
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
        match = match_any[zone_ids](text)
    except TypeError:
        raise not_text("parse_reference", text) from None
    if match is None or ("%" in text and find_bad_pct_encoded(text)):
        raise refusal(text, need_scheme=False, zone_ids=zone_ids)
    parts = _Parts()
    parts._text = text  # pyright: ignore[reportPrivateUsage]
    (
        parts.scheme,
        parts.userinfo,
        parts.host,
        parts.port_text,
        parts.path,
        parts.query,
        parts.fragment,
    ) = match.groups()
    parts.__class__ = Reference if parts.scheme is None else URI
    return parts  # type: ignore[return-value] # pyright: ignore[reportReturnType]


parse_cached = lru_cache(maxsize=_CACHED)(parse)
"""`parse` with a memory: the same URI, the very object, for a text that was asked for before.

For the few texts that a program meets over and over; a text that is met once costs more than with `parse`. The last
1,024 texts are kept, passwords and all, until `parse_cached.cache_clear()`. What is refused is not kept.

>>> parse_cached("http://h/") is parse_cached("http://h/")
True
"""


def refusal(text: str, *, need_scheme: bool, zone_ids: bool) -> ParseError:
    """Why a text is refused, which it is."""
    return _diagnose()(text, need_scheme=need_scheme, zone_ids=zone_ids)


@cache  # an import statement, even of what is there, would be 0.1 of a refusal
def _diagnose() -> Callable[..., ParseError]:
    from urischeme.syntax.diagnose import diagnose

    return diagnose


def _restore(text: str, zone_ids: bool) -> Reference:
    return parse_reference(text, zone_ids=zone_ids)


def not_text(function: str, value: object) -> TypeError:
    kind = type(value).__name__
    advice = "; decode it first: text.decode('ascii')" if isinstance(value, (bytes, bytearray, memoryview)) else ""
    return TypeError(f"{function} takes a str, not {kind}{advice}")
