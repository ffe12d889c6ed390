"""What the functions for one text say of the rows of a column, and columns of texts for them to say it of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from hypothesis import strategies as st

import urischeme
from urischeme.testing import strategies

Row: TypeAlias = str | None

# The parts that columns make a difference between, put together in any way.
_PIECES = st.builds(
    "{}{}{}{}{}{}".format,
    st.sampled_from(
        ["", "http:", "https:", "HTTP:", "httpss:", "file:", "fil:", "urn:", "data:", "ftp:", "coap:", "x:"]
    ),
    st.sampled_from(
        ["", "//", "//h", "//H", "//localhost", "//ada:s3cret@h", "//[::1]", "//[1:0:0:2::]", "//h%C3", "//h%41"]
    ),
    st.sampled_from(["", "", ":", ":0", ":21", ":80", ":443", ":8080", ":080", ":5683", ":5", ":x"]),
    st.sampled_from(
        [
            "",
            "",
            "/",
            "//",
            "/a",
            "a",
            "A:b",
            "a%3a:B",
            "/.",
            "/..",
            "..",
            "/.a",
            "/...",
            "/..a",
            "/a/./b",
            "/a.b/c.",
            "/%2E/%2f",
        ]
    ),
    st.sampled_from(["", "", "?", "?q", "?/../a", "?%3f", "?%41"]),
    st.sampled_from(["", "", "#", "#f", "#/.", "##", "\n", " "]),
)
TEXTS = st.one_of(
    _PIECES,
    strategies.uris(),
    strategies.references(),
    strategies.near_misses(),
    st.text(alphabet="aA0/.:?#[]@%4e12fhtpsurnl-\n\0é", max_size=40),
).map(lambda text: text.encode(errors="replace").decode())  # no engine holds a surrogate
ROWS = st.lists(st.none() | TEXTS, max_size=12)
# Some of them may stand in one row only: these have many of few.
FEW_VALUES = st.lists(TEXTS, min_size=1, max_size=4).flatmap(
    lambda texts: st.lists(st.sampled_from([None, *texts]), max_size=12)
)

BASES = st.one_of(
    strategies.uris(),
    st.sampled_from(["http://a/b/c/d;p?q", "http://h", "s:a/..//b", "s:/..//", "s:../a", "s:", "x://u@h:1?q#f"]),
)

PARTS = ("scheme", "authority", "userinfo", "host", "port_text", "path", "query", "fragment")


def answers(function: Callable[[str], str], rows: Sequence[Row]) -> list[Row]:
    """The answer for each row; None for null, and for what is refused."""

    def answer(row: Row) -> Row:
        try:
            return None if row is None else function(row)
        except urischeme.ParseError:
            return None

    return [answer(row) for row in rows]


def parts(rows: Sequence[Row], *, zone_ids: bool = False) -> list[dict[str, Any] | None]:
    """What `urischeme.parse` says of each row, in the form of a struct."""

    def struct(row: Row) -> dict[str, Any] | None:
        if row is None:
            return None
        try:
            uri = urischeme.parse(row, zone_ids=zone_ids)
        except urischeme.ParseError as error:
            refusal = {"position": error.position, "component": error.component, "reason": error.reason}
            return {**dict.fromkeys(PARTS), "error": refusal}
        return {**{name: getattr(uri, name) for name in PARTS}, "error": None}

    return [struct(row) for row in rows]


def verdicts(rows: Sequence[Row], *, zone_ids: bool = False) -> list[bool | None]:
    """Whether `urischeme.parse` takes each row."""
    return [None if struct is None else struct["error"] is None for struct in parts(rows, zone_ids=zone_ids)]


def first_refused(function: Callable[[str], str], rows: Sequence[Row]) -> int | None:
    """The first row that is refused."""
    for place, (row, answer) in enumerate(zip(rows, answers(function, rows), strict=True)):
        if row is not None and answer is None:
            return place
    return None
