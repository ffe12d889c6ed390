"""Series of pandas get the answers of the functions for one text, under their own index."""

from __future__ import annotations

from functools import partial
from typing import Any

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import urischeme
from tests.columns.scalar import ROWS, Row, answers, parts, verdicts
from urischeme import columns

TYPES: list[Any] = [
    "object",
    "str",
    "string",
    "string[python]",
    "string[pyarrow]",
    "category",
    pd.ArrowDtype(pa.string()),
    pd.ArrowDtype(pa.large_string()),
]


@st.composite
def series_of_text(draw: st.DrawFn) -> tuple[list[Row], pd.Series[Any]]:
    rows = draw(ROWS)
    index = draw(st.permutations(range(len(rows))))
    return rows, pd.Series(
        rows, index=index, name=draw(st.sampled_from(["url", None])), dtype=draw(st.sampled_from(TYPES))
    )


def listed(series: pd.Series[Any]) -> list[Any]:
    """The rows, null as None."""
    return [None if missing else row for row, missing in zip(series, series.isna(), strict=True)]


@given(series_of_text())
@example(([None], pd.Series([None], dtype="category")))
@example(([], pd.Series([], dtype="category")))
def test_the_answers(rows_and_series: tuple[list[Row], pd.Series[Any]]) -> None:
    rows, series = rows_and_series
    normal = columns.normalize(series, errors="null")
    joined = columns.join("http://h/a", series, errors="null")
    parsed, valid = columns.parse(series), columns.valid(series)
    assert listed(normal) == answers(urischeme.normalize, rows)
    assert listed(joined) == answers(partial(urischeme.join, "http://h/a"), rows)
    assert listed(parsed) == parts(rows)
    assert listed(valid) == verdicts(rows)
    for answered in (normal, joined, parsed, valid):
        assert answered.index.equals(series.index)
        assert answered.name == series.name
    if isinstance(series.dtype, pd.CategoricalDtype):
        assert isinstance(normal.dtype, pd.CategoricalDtype)
    else:
        assert normal.dtype == joined.dtype == series.dtype


def test_a_field_of_the_parts() -> None:
    parsed = columns.parse(pd.Series(["http://h/", None, "x y"], index=[3, 1, 2]))
    assert listed(parsed.struct.field("host")) == ["h", None, None]
    assert list(parsed.index) == [3, 1, 2]


def test_the_first_refused_row_is_raised() -> None:
    with pytest.raises(urischeme.ParseError, match="row 1: path, position 1"):
        columns.normalize(pd.Series(["http://h/", "x y"], index=[8, 9]))


@pytest.mark.parametrize("rows", [[1, 2], ["http://h/", 1], [b"http://h/"], ["http://h/\ud800"], [1.5, None]])
def test_a_column_that_is_not_text(rows: list[Any]) -> None:
    with pytest.raises(TypeError, match="a column of text is wanted"):
        columns.normalize(pd.Series(rows, dtype="object"))
