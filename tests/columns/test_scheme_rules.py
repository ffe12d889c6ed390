"""What is normal is what the rules of the schemes say, those that were added too."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import polars as pl
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from tests.columns.scalar import answers
from urischeme import SchemeRules, columns
from urischeme.syntax.normalize import Level
from urischeme.syntax.scheme_rules import RULES

SCHEME_RULES = st.builds(
    SchemeRules,
    default_port=st.sampled_from([None, 7000, 9000]),
    empty_path=st.sampled_from(["", "/", "/x", "/%7e"]),
    opaque=st.booleans(),
    decode=st.booleans(),
    local_authority=st.booleans(),
    lower_prefix=st.booleans(),
)
TEXTS = st.builds(
    "{}:{}{}{}".format,
    st.sampled_from(["x", "X", "xx", "y", "http"]),
    st.sampled_from(
        ["", "//", "//h", "//H", "//localhost", "//local", "//u@h", "//h:7000", "//:9000", "//h:70", "//h%C3"]
    ),
    st.sampled_from(["", "/", "a", "/a", "/A:b", "A:b", "a:B", "/a/../b", "/..", "a/..", "/a%2F", "/A%41:%3a"]),
    st.sampled_from(["", "?q", "#f", "?%41"]),
)


@contextmanager
def taught(scheme: str, rules: SchemeRules) -> Iterator[None]:
    urischeme.add_scheme_rules(scheme, rules)
    try:
        yield
    finally:
        del RULES[scheme]
        urischeme.add_scheme_rules("http", RULES["http"])  # so that nothing is remembered of the other


@given(SCHEME_RULES, st.lists(TEXTS, min_size=1), st.sampled_from(["scheme", "syntax"]))
def test_added_rules(rules: SchemeRules, texts: list[str], level: Level) -> None:
    one, whole = partial(urischeme.normalize, level=level), partial(columns.normalize, level=level, errors="null")
    before = whole(pa.array(texts)).to_pylist()
    with taught("x", rules):
        expected = answers(one, texts)
        assert whole(pa.array(texts)).to_pylist() == expected
        assert whole(pl.Series(texts)).to_list() == expected
    assert whole(pa.array(texts)).to_pylist() == before


def test_a_default_port_for_every_first_digit() -> None:
    with taught("x", SchemeRules(default_port=9000)):
        column = pa.array(["x://h:9000", "x://h:9001", "y://h:9000"])
        assert columns.normalize(column).to_pylist() == ["x://h", "x://h:9001", "y://h:9000"]
