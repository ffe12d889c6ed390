"""Hypothesis strategies straight from the grammar: every text that a rule allows can come, and they shrink well.

Each gives texts. For values there is `st.from_type(urischeme.URI)`, and the same of `Reference` and `Target`.

>>> from hypothesis import given
>>> import urischeme
>>> @given(uris())
... def test_round_trip(text):
...     assert str(urischeme.parse(text)) == text
>>> test_round_trip()
"""

from __future__ import annotations

from urischeme.errors import MissingExtra

try:
    from hypothesis import strategies as st
except ModuleNotFoundError as error:
    raise MissingExtra("testing", missing="hypothesis") from error

from urischeme.testing import grammar
from urischeme.testing.grammar import RFC3986

__all__ = [
    "authorities",
    "fragments",
    "hosts",
    "idn_hosts",
    "ip_literals",
    "ipv4",
    "ipv6",
    "ipvfuture",
    "iris",
    "near_misses",
    "path_abempty",
    "path_absolute",
    "path_noscheme",
    "path_rootless",
    "paths",
    "ports",
    "queries",
    "references",
    "reg_names",
    "relative_references",
    "schemes",
    "segments",
    "targets",
    "uris",
    "userinfos",
]


def uris() -> st.SearchStrategy[str]:
    """`URI` of RFC 3986: what `urischeme.parse` takes. Half of them have an authority.

    >>> from hypothesis import given
    >>> import urischeme
    >>> @given(uris())
    ... def test_round_trip(text):
    ...     assert str(urischeme.parse(text)) == text
    >>> test_round_trip()
    """
    return RFC3986.uri


def references() -> st.SearchStrategy[str]:
    """`URI-reference`: a URI or a relative reference, what `urischeme.parse_reference` takes."""
    return RFC3986.reference


def relative_references() -> st.SearchStrategy[str]:
    """`relative-ref`: a reference without a scheme; the empty text is one."""
    return RFC3986.relative_ref


def schemes() -> st.SearchStrategy[str]:
    """`scheme`, of any case; `http`, `file`, `urn` and the like come often."""
    return grammar.scheme


def authorities() -> st.SearchStrategy[str]:
    """`authority`: a host, with or without userinfo and port."""
    return RFC3986.authority


def userinfos() -> st.SearchStrategy[str]:
    """`userinfo`, without its `@`; most have a colon in them, and so a password."""
    return RFC3986.userinfo


def hosts() -> st.SearchStrategy[str]:
    """`host`: a registered name, an IPv4 address, or an IP literal in its brackets."""
    return RFC3986.host


def reg_names() -> st.SearchStrategy[str]:
    """`reg-name`: any, the empty one and those with escapes too; few of them are names that DNS could hold."""
    return RFC3986.reg_name


def ip_literals() -> st.SearchStrategy[str]:
    """`IP-literal`: an IPv6 address or an IPvFuture, in its brackets."""
    return grammar.ip_literal


def ipv4() -> st.SearchStrategy[str]:
    """`IPv4address`."""
    return grammar.ipv4


def ipv6() -> st.SearchStrategy[str]:
    """`IPv6address`, in all nine forms, with either kind of last 32 bits; without brackets."""
    return grammar.ipv6


def ipvfuture() -> st.SearchStrategy[str]:
    """`IPvFuture`, without brackets."""
    return grammar.ipvfuture


def ports() -> st.SearchStrategy[str]:
    """`port`, without its colon: any digits, or none; of any length, so that some are above 65535."""
    return grammar.port


def paths() -> st.SearchStrategy[str]:
    """`path`: any of its forms. Which one may stand in a URI depends on what stands before it."""
    return RFC3986.path


def path_abempty() -> st.SearchStrategy[str]:
    """`path-abempty`: what may follow an authority; empty, or it begins with `/`."""
    return RFC3986.path_abempty


def path_absolute() -> st.SearchStrategy[str]:
    """`path-absolute`: it begins with `/`, but not with `//`."""
    return RFC3986.path_absolute


def path_noscheme() -> st.SearchStrategy[str]:
    """`path-noscheme`: what a relative reference may begin with; no colon in the first segment."""
    return RFC3986.path_noscheme


def path_rootless() -> st.SearchStrategy[str]:
    """`path-rootless`: what may follow a scheme; the first segment is not empty."""
    return RFC3986.path_rootless


def segments() -> st.SearchStrategy[str]:
    """`segment` of a path: `""`, `.`, `..` and `%2E` among them."""
    return RFC3986.segment


def queries() -> st.SearchStrategy[str]:
    """`query`, without its `?`."""
    return RFC3986.query


def fragments() -> st.SearchStrategy[str]:
    """`fragment`, without its `#`."""
    return RFC3986.fragment


def near_misses() -> st.SearchStrategy[str]:
    """Not of the grammar, but one edit away from a `URI-reference`: a character put in, taken away or replaced.

    The character is one that the grammar knows, one that people paste, or any other. Nothing is discarded: where an
    edit does no harm, the next place at which it does is taken.

    >>> from hypothesis import given
    >>> import urischeme
    >>> @given(near_misses())
    ... def test_no_value(text):
    ...     try:
    ...         urischeme.parse_reference(text)
    ...     except urischeme.ParseError:
    ...         return
    ...     raise AssertionError(text)
    >>> test_no_value()
    """
    from urischeme.testing.near import near_miss

    return near_miss


def iris() -> st.SearchStrategy[str]:
    """`IRI` of RFC 3987: a URI's shape, with `ucschar` wherever that allows it and `iprivate` in the query.

    Of the hosts, some are those of `idn_hosts`; others are any `ireg-name`, and IDNA refuses most of these.
    """
    from urischeme.testing.iri import RFC3987

    return RFC3987.uri


def idn_hosts() -> st.SearchStrategy[str]:
    """Host names of one to three U-labels that IDNA 2008 takes as they are, in ten scripts; some labels are ASCII."""
    from urischeme.testing.iri import idn_host

    return idn_host


def targets(scheme: str | None = None) -> st.SearchStrategy[str]:
    """Targets that `urischeme.check` takes, in every form that the built-in schemes have; no host need exist.

    Args:
        scheme: the scheme of all of them, or None for any. Those of `dns` may be bare: `host` or `host:port`.

    Raises ValueError for a scheme that is not built in.

    >>> from hypothesis import given
    >>> import urischeme
    >>> @given(targets("ipv6"))
    ... def test_computed(text):
    ...     assert urischeme.resolve(text).endpoints
    >>> test_computed()
    """
    from urischeme.testing.targets import TARGETS

    if scheme is None:
        return st.one_of(*TARGETS.values())
    if scheme not in TARGETS:
        raise ValueError(f"no targets of the scheme {scheme!r}; there are {', '.join(sorted(TARGETS))}")
    return TARGETS[scheme]
