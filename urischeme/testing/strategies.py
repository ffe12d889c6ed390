"""Hypothesis strategies straight from RFC 3986 Appendix A: every text that a rule allows can come, and they shrink.

>>> from hypothesis import given
>>> import urischeme
>>> @given(uris())
... def test_round_trip(text):
...     assert str(urischeme.parse(text)) == text
>>> test_round_trip()
"""

from __future__ import annotations

import string
from typing import Final

from urischeme.errors import MissingExtra

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise MissingExtra("testing", missing="hypothesis") from error

__all__ = [
    "authorities",
    "hosts",
    "ipv4",
    "ipv6",
    "ipvfuture",
    "paths",
    "queries",
    "references",
    "schemes",
    "uris",
    "userinfos",
]

_SUB_DELIMS: Final = "!$&'()*+,;="
_UNRESERVED: Final = string.ascii_letters + string.digits + "-._~"
_HEXDIG: Final = "0123456789abcdefABCDEF"

_pct_encoded = st.tuples(st.sampled_from(_HEXDIG), st.sampled_from(_HEXDIG)).map(lambda digits: "%" + "".join(digits))


def _run(chars: str, *, min_size: int = 0, max_size: int | None = None) -> st.SearchStrategy[str]:
    """`*( chars / pct-encoded )`."""
    pieces = st.text(chars, min_size=1, max_size=8) | _pct_encoded
    return st.lists(pieces, min_size=min_size, max_size=max_size).map("".join)


def _optional(prefix: str, part: st.SearchStrategy[str], suffix: str = "") -> st.SearchStrategy[str]:
    """`[ prefix part suffix ]`."""
    return st.just("") | part.map(lambda text: prefix + text + suffix)


def schemes() -> st.SearchStrategy[str]:
    """`scheme`; well-known ones come often."""
    first, rest = st.sampled_from(string.ascii_letters), st.text(string.ascii_letters + string.digits + "+-.")
    return st.sampled_from(["http", "https", "file", "urn", "s"]) | st.tuples(first, rest).map("".join)


def userinfos() -> st.SearchStrategy[str]:
    """`userinfo`."""
    return _run(_UNRESERVED + _SUB_DELIMS + ":")


def ipv4() -> st.SearchStrategy[str]:
    """`IPv4address`."""
    return st.lists(st.integers(0, 255).map(str), min_size=4, max_size=4).map(".".join)


def ipv6() -> st.SearchStrategy[str]:
    """`IPv6address`, in all nine forms, with either kind of last 32 bits; without brackets."""
    return st.one_of(_ipv6_whole(), _ipv6_shortened())


def _h16() -> st.SearchStrategy[str]:
    return st.text(_HEXDIG, min_size=1, max_size=4)


def _ls32() -> st.SearchStrategy[str]:
    return st.tuples(_h16(), _h16()).map(":".join) | ipv4()


def _groups(count: int) -> st.SearchStrategy[list[str]]:
    return st.lists(_h16(), min_size=count, max_size=count)


def _ipv6_whole() -> st.SearchStrategy[str]:
    return st.tuples(_groups(6), _ls32()).map(lambda parts: ":".join([*parts[0], parts[1]]))


@st.composite
def _ipv6_shortened(draw: st.DrawFn) -> str:
    # "::" stands for at least one group of the eight; an IPv4 tail counts as two.
    after = draw(st.integers(0, 7))
    before = draw(st.integers(0, 7 - after))
    right = [*draw(_groups(after - 2)), draw(_ls32())] if after >= 2 else draw(_groups(after))
    return ":".join(draw(_groups(before))) + "::" + ":".join(right)


def ipvfuture() -> st.SearchStrategy[str]:
    """`IPvFuture`, without brackets."""
    version = st.text(_HEXDIG, min_size=1)
    address = st.text(_UNRESERVED + _SUB_DELIMS + ":", min_size=1)
    return st.tuples(st.sampled_from("vV"), version, st.just("."), address).map("".join)


def hosts() -> st.SearchStrategy[str]:
    """`host`: a registered name, an IPv4 address, or an IP literal in its brackets."""
    return st.one_of(
        st.sampled_from(["example.com", "EXAMPLE.com", "localhost", ""]),
        _run(_UNRESERVED + _SUB_DELIMS),
        ipv4(),
        st.one_of(ipv6(), ipvfuture()).map("[{}]".format),
    )


def authorities() -> st.SearchStrategy[str]:
    """`authority`."""
    ports = st.sampled_from(["", "0", "80", "0080", "443", "65535", "65536"]) | st.text(string.digits)
    return st.tuples(_optional("", userinfos(), "@"), hosts(), _optional(":", ports)).map("".join)


def _segments(*, first: str = "") -> st.SearchStrategy[str]:
    """Segments with slashes between them; dots come often."""
    segment = st.sampled_from(["", ".", "..", "%2E", "a"]) | _run(_UNRESERVED + _SUB_DELIMS + ":@")
    return st.lists(segment).map(lambda segments: "/".join([first, *segments]) if segments else first)


def paths() -> st.SearchStrategy[str]:
    """`path-abempty`: what may follow an authority."""
    return _segments()


def _path_absolute() -> st.SearchStrategy[str]:
    return paths().filter(lambda path: path.startswith("/") and not path.startswith("//"))


def _path_rootless(first: str) -> st.SearchStrategy[str]:
    return _run(first, min_size=1).flatmap(lambda segment: _segments(first=segment))


def _hierarchical(first: str) -> st.SearchStrategy[str]:
    """`hier-part` or `relative-part`, whose rootless paths begin with a segment of `first`."""
    return st.one_of(
        st.tuples(st.just("//"), authorities(), paths()).map("".join),
        _path_absolute(),
        _path_rootless(first),
        st.sampled_from(["", ".", "..", "./", "../", "./a:b"]),
    )


def queries() -> st.SearchStrategy[str]:
    """`query`; `fragment` is the same rule."""
    return _run(_UNRESERVED + _SUB_DELIMS + ":@/?")


def _with_tail(head: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(head, _optional("?", queries()), _optional("#", queries())).map("".join)


def uris() -> st.SearchStrategy[str]:
    """`URI`."""
    return _with_tail(st.tuples(schemes(), st.just(":"), _hierarchical(_UNRESERVED + _SUB_DELIMS + ":@")).map("".join))


def references() -> st.SearchStrategy[str]:
    """`URI-reference`: a URI or a relative reference."""
    return st.one_of(uris(), _with_tail(_hierarchical(_UNRESERVED + _SUB_DELIMS + "@")))
