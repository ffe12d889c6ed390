"""Odd targets, made from a good one: whatever a text can hold, decoded, in the place of its parts.

Nothing that is made here names a machine but the target's own and this one: a resolver that asks is not sent abroad.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import attrs
from hypothesis import strategies as st

from urischeme.routing.target import Target

ODD_TEXTS: Final = (
    "",
    "/",
    "//",
    "\0",
    "orders\0",
    "%",
    "%2F",
    "%00",
    "a%2Fb",
    "..",
    "../../etc/passwd",
    " ",
    "a b",
    "\r\n",
    "a\nb",
    "bücher.localhost",
    "\u202eabc",
    "\udcff",
    "\udc80\udc81",
    "😀",
    "e\u0301",
    "ORDERS",
    ":",
    ":0",
    ":-1",
    ":65536",
    ":99999999999999999999",
    "[",
    "]:80",
    "[::1",
    "a,b",
    ",",
    "{}",
    "{0}",
    "%s",
    "None",
    "0",
    "-1",
    "1e999",
    "9" * 5000,
)
"""What people, and programs, put in the place of a name."""

_ODD_AUTHORITIES: Final = (
    "localhost",
    "127.0.0.1:1",
    "[::1]:1",
    "127.0.0.1:99999",
    "127.0.0.1:",
    ":",
    ":80",
    "@",
    "a b",
    "\0",
    "%",
    "bücher.localhost:1",
    "\udcff",
    "127.0.0.1:1,127.0.0.1:2",
)
"""None of them leads away from this machine."""

UNKNOWN: Final = "no-such-option"

WRONG_VALUES: Final = ("", "\0", "no such value", "-1", "1.5e999", "\udcff", "٣", "x" * 5000)
"""What no option but a text can be."""

_LONGEST: Final = 2**18

_any_text: Final = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("/%:@?#[]\0 .,\udc80\udcff")), max_size=40
)


def odd_paths(target: Target) -> st.SearchStrategy[Target]:
    """The same target with another path, or with something put into its path."""
    inserted = st.tuples(_texts, st.integers(0, len(target.path))).map(
        lambda drawn: target.path[: drawn[1]] + drawn[0] + target.path[drawn[1] :]
    )
    return st.one_of(_texts, inserted).map(lambda path: with_path(target, path))


def plainly_odd(target: Target) -> Iterator[Target]:
    """The same with each of the texts that are known for trouble as its path."""
    return (with_path(target, text) for text in ODD_TEXTS)


def odd_targets(target: Target) -> st.SearchStrategy[Target]:
    """The same with another path, authority or query: to be checked, and not to be asked for."""
    options: st.SearchStrategy[Mapping[str, str]] = st.dictionaries(
        st.sampled_from((*target.options, UNKNOWN, "")), _texts, max_size=2
    )
    authorities = st.one_of(st.just(target.authority), st.sampled_from(_ODD_AUTHORITIES), _any_text)
    return st.builds(_changed, odd_paths(target), authorities, options)


def _changed(target: Target, authority: str, options: Mapping[str, str]) -> Target:
    # The path may have to begin with a slash now.
    other = attrs.evolve(target, authority=authority, path="", options={**target.options, **options})
    return with_path(other, target.path)


_texts: Final = st.one_of(_any_text, st.sampled_from(ODD_TEXTS))


def with_path(target: Target, path: str) -> Target:
    """The same with this path, after a slash where there has to be one."""
    rooted = target.authority or target.path.startswith("/")
    return attrs.evolve(target, path=path if path.startswith("/") or not rooted else f"/{path}")


def with_option(target: Target, name: str, value: str) -> Target:
    """The same with this option."""
    return attrs.evolve(target, options={**target.options, name: value})


def long_targets(target: Target) -> Iterator[list[Target]]:
    """Longer and longer ones: all lengths of one shape, and then of the next.

    At first they grow slowly, so that what takes exponential time is found before it takes for ever.
    """
    for shape in ("a", "1", "/a", "a.", "a,", ":", "é", "="):
        yield [with_path(target, (shape * length)[:length]) for length in _lengths()]


def _lengths() -> Iterator[int]:
    length = 16
    while length <= _LONGEST:
        yield length
        length = length * 5 // 4 if length < 64 else length * 2


def with_password(target: Target, password: str) -> Iterator[Target]:
    """The same, asked for by somebody who gives a password: at its own authority, or at this machine's."""
    path = target.path if target.path.startswith("/") or not target.path else f"/{target.path}"
    for host in dict.fromkeys((target.authority.rpartition("@")[2], "127.0.0.1:1", "")):
        yield attrs.evolve(target, path=path, authority=f"ada:{password}@{host}")
        yield attrs.evolve(target, path=f"{path}-no-such-thing", authority=f"ada:{password}@{host}")
