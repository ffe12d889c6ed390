"""RFC 3986 Appendix A as strategies, each rule under its own ABNF; what RFC 3987 changes is left open."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache, cached_property
from typing import Final

from hypothesis import strategies as st

from urischeme.testing.runs import (
    ALPHA,
    DIGIT,
    HEXDIG,
    SUB_DELIMS,
    UNRESERVED,
    Optional,
    joined,
    run,
)

_Texts = st.SearchStrategy[str]

PCHAR: Final = UNRESERVED + SUB_DELIMS + ":@"

# What normalising and resolving look at comes often.
_SCHEMES: Final = ("http", "https", "ws", "ftp", "file", "urn", "mailto", "data", "HTTP")
_PORTS: Final = ("", "0", "80", "0080", "443", "65535", "65536")
_NAMES: Final = (*"........", "example.com", "EXAMPLE.com", "www.", "localhost", "127.0.0.1", "xn--")
_DOTS: Final = (*"......", "..", "%2E", "%2e")
_SLASHES: Final = (*"//////////", "/.", "/..", "/./", "/../", *_DOTS)

# scheme        = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )
scheme: Final = st.one_of(
    st.sampled_from(("a", *_SCHEMES)),
    st.text(ALPHA + DIGIT + "+-.").map(lambda text: text.lstrip(DIGIT + "+-.") or "a"),
)

# port          = *DIGIT
port: Final = st.one_of(st.sampled_from(_PORTS), st.text(DIGIT))

# IPv4address   = dec-octet "." dec-octet "." dec-octet "." dec-octet
ipv4: Final = st.binary(min_size=4, max_size=4).map(lambda octets: ".".join(map(str, octets)))

# h16           = 1*4HEXDIG
_h16: Final = st.text(HEXDIG, min_size=1, max_size=4)

# ls32          = ( h16 ":" h16 ) / IPv4address
# IPv6address   =                            6( h16 ":" ) ls32
#               /                       "::" 5( h16 ":" ) ls32
#               / [               h16 ] "::" 4( h16 ":" ) ls32
#               / [ *1( h16 ":" ) h16 ] "::" 3( h16 ":" ) ls32
#               / [ *2( h16 ":" ) h16 ] "::" 2( h16 ":" ) ls32
#               / [ *3( h16 ":" ) h16 ] "::"    h16 ":"   ls32
#               / [ *4( h16 ":" ) h16 ] "::"              ls32
#               / [ *5( h16 ":" ) h16 ] "::"              h16
#               / [ *6( h16 ":" ) h16 ] "::"
# That is: eight groups, of which an IPv4 tail counts as two, or fewer, and "::" for at least one that is missing.
# Groups before, what stands in between, groups after, and how many of those an IPv4 address takes the place of.
_IPV6_FORMS: Final = sorted(
    [
        *((before, "::", after, 0) for after in range(8) for before in range(8 - after)),
        *((before, "::", after, 2) for after in range(2, 8) for before in range(8 - after)),
        (0, "", 8, 0),
        (0, "", 8, 2),
    ],
    key=lambda form: form[0] + form[2],  # the simplest first
)


@cache
def _groups(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(_h16, min_size=count, max_size=count)


@st.composite
def _ipv6(draw: st.DrawFn) -> str:
    before, gap, after, tail = draw(st.sampled_from(_IPV6_FORMS))
    last = [draw(ipv4)] if tail else []
    return ":".join(draw(_groups(before))) + gap + ":".join([*draw(_groups(after - tail)), *last])


ipv6: Final = _ipv6()

# IPvFuture     = "v" 1*HEXDIG "." 1*( unreserved / sub-delims / ":" )
ipvfuture: Final = joined(
    st.sampled_from("vV"),
    st.text(HEXDIG, min_size=1),
    ".",
    st.text(UNRESERVED + SUB_DELIMS + ":", min_size=1),
)

# IP-literal    = "[" ( IPv6address / IPvFuture  ) "]"
ip_literal: Final = st.one_of(ipv6, ipvfuture).map("[{}]".format)


# Each of these makes a path of one form of any run of segments, and leaves one of that form as it is: all can come.


def _absolute(segments: str) -> str:
    return "/" + segments.lstrip("/")


def _rootless(segments: str) -> str:
    return segments.lstrip("/") or "a"


def _noscheme(segments: str) -> str:
    first, slash, rest = _rootless(segments).partition("/")
    return (first.replace(":", "") or "a") + slash + rest


class Grammar:
    """The rules that RFC 3986 and RFC 3987 share but for the characters of a run."""

    def run(self, chars: str, *, often: Sequence[str] = (), min_size: int = 0) -> _Texts:
        """`*( chars / pct-encoded )`."""
        return run(chars, often=often, min_size=min_size)

    @cached_property
    def userinfo(self) -> _Texts:
        """`*( unreserved / pct-encoded / sub-delims / ":" )`."""
        return self.run(UNRESERVED + SUB_DELIMS + ":", often=tuple("::::::::"))

    @cached_property
    def reg_name(self) -> _Texts:
        """`*( unreserved / pct-encoded / sub-delims )`."""
        return self.run(UNRESERVED + SUB_DELIMS, often=_NAMES)

    @cached_property
    def host(self) -> _Texts:
        """`IP-literal / IPv4address / reg-name`."""
        return st.one_of(self.reg_name, ipv4, ip_literal)

    @cached_property
    def authority(self) -> _Texts:
        """`[ userinfo "@" ] host [ ":" port ]`."""
        return joined(Optional(self.userinfo, suffix="@"), self.host, Optional(port, prefix=":"))

    @cached_property
    def segment(self) -> _Texts:
        """`*pchar`."""
        return self.run(PCHAR, often=_DOTS)

    @cached_property
    def _segments(self) -> _Texts:
        """`segment *( "/" segment )`."""
        return self.run(PCHAR + "/", often=_SLASHES)

    @cached_property
    def path_abempty(self) -> _Texts:
        """`*( "/" segment )`."""
        return joined(Optional(self._segments, prefix="/"))

    @cached_property
    def path_absolute(self) -> _Texts:
        """`"/" [ segment-nz *( "/" segment ) ]`."""
        return self._segments.map(_absolute)

    @cached_property
    def path_noscheme(self) -> _Texts:
        """`segment-nz-nc *( "/" segment )`."""
        return self._segments.map(_noscheme)

    @cached_property
    def path_rootless(self) -> _Texts:
        """`segment-nz *( "/" segment )`."""
        return self._segments.map(_rootless)

    @cached_property
    def path(self) -> _Texts:
        """`path-abempty / path-absolute / path-noscheme / path-rootless / path-empty`."""
        return st.one_of(self.path_abempty, self.path_absolute, self.path_noscheme, self.path_rootless)

    @cached_property
    def query(self) -> _Texts:
        """`*( pchar / "/" / "?" )`."""
        return self.run(PCHAR + "/?", often=tuple("&&&&&====++/?"))

    @cached_property
    def fragment(self) -> _Texts:
        """`*( pchar / "/" / "?" )`."""
        return self.run(PCHAR + "/?", often=tuple("/?"))

    def _part(self, rootless: _Texts) -> _Texts:
        path = Optional(self._segments, prefix="/")
        return st.one_of(
            st.just(""),
            rootless,
            self.path_absolute,
            # Of the last alternative, what most URIs are.
            joined("//", self.host, path),
            joined("//", Optional(self.userinfo, suffix="@"), self.host, Optional(port, prefix=":"), path),
        )

    @cached_property
    def hier_part(self) -> _Texts:
        """`"//" authority path-abempty / path-absolute / path-rootless / path-empty`."""
        return self._part(self.path_rootless)

    @cached_property
    def relative_part(self) -> _Texts:
        """`"//" authority path-abempty / path-absolute / path-noscheme / path-empty`."""
        return self._part(self.path_noscheme)

    @cached_property
    def _query_and_fragment(self) -> tuple[Optional, Optional]:
        """`[ "?" query ] [ "#" fragment ]`."""
        return Optional(self.query, prefix="?"), Optional(self.fragment, prefix="#")

    @cached_property
    def uri(self) -> _Texts:
        """`scheme ":" hier-part [ "?" query ] [ "#" fragment ]`."""
        return joined(scheme, ":", self.hier_part, *self._query_and_fragment)

    @cached_property
    def relative_ref(self) -> _Texts:
        """`relative-part [ "?" query ] [ "#" fragment ]`."""
        return joined(self.relative_part, *self._query_and_fragment)

    @cached_property
    def reference(self) -> _Texts:
        """`URI / relative-ref`."""
        return st.one_of(self.relative_ref, self.uri)


RFC3986: Final = Grammar()
