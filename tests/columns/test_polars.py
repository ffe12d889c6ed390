"""Series and expressions of polars get the answers of the functions for one text, whatever they are made of."""

from __future__ import annotations

import pickle
from functools import partial
from typing import Literal

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from tests.columns.scalar import BASES, FEW_VALUES, ROWS, Row, answers, first_refused, parts, verdicts
from urischeme import columns
from urischeme.syntax.normalize import Level

# A name that polars would take for a pattern of names, and none.
NAMES = st.sampled_from(["url", "^u.*$", "*", ""])


@st.composite
def series_of_text(draw: st.DrawFn) -> tuple[list[Row], pl.Series]:
    """Rows, and a Series of them: of text or of an enumeration, a slice of a longer one or not, in chunks or not."""
    kind = draw(st.sampled_from(["text", "categorical", "enum"]))
    rows = draw(ROWS if kind == "text" else FEW_VALUES)
    before, after = draw(st.tuples(ROWS, ROWS) | st.just(([], [])))
    every = [*before, *rows, *after]
    its: pl.DataType = pl.String()
    if kind == "categorical":
        its = pl.Categorical()
    elif kind == "enum":
        its = pl.Enum(["unused\n", *dict.fromkeys(row for row in every if row is not None)])
    cut = draw(st.integers(0, len(every)))
    name = draw(NAMES)
    chunks = [pl.Series(name, every[:cut], dtype=its), pl.Series(name, every[cut:], dtype=its)]
    return rows, pl.concat(chunks, rechunk=draw(st.booleans())).slice(len(before), len(rows))


@given(series_of_text(), st.sampled_from(["scheme", "syntax"]), st.booleans())
def test_normalize(rows_and_series: tuple[list[Row], pl.Series], level: Level, zone_ids: bool) -> None:
    rows, series = rows_and_series
    one = partial(urischeme.normalize, level=level, zone_ids=zone_ids)
    answered = columns.normalize(series, level=level, zone_ids=zone_ids, errors="null")
    assert (answered.name, answered.dtype) == (series.name, pl.String())
    assert answered.to_list() == answers(one, rows)


@given(BASES, series_of_text(), st.booleans())
def test_join(base: str, rows_and_series: tuple[list[Row], pl.Series], zone_ids: bool) -> None:
    rows, series = rows_and_series
    answered = columns.join(base, series, zone_ids=zone_ids, errors="null")
    assert (answered.name, answered.dtype) == (series.name, pl.String())
    assert answered.to_list() == answers(partial(urischeme.join, base, zone_ids=zone_ids), rows)


@given(series_of_text(), st.booleans())
def test_parse(rows_and_series: tuple[list[Row], pl.Series], zone_ids: bool) -> None:
    rows, series = rows_and_series
    answered = columns.parse(series, zone_ids=zone_ids)
    assert answered.name == series.name
    assert answered.to_list() == parts(rows, zone_ids=zone_ids)
    assert answered.null_count() == rows.count(None)
    types = answered.struct.schema
    assert types.pop("error") == pl.Struct({"position": pl.Int64, "component": pl.String, "reason": pl.String})
    assert set(types.values()) == {pl.String}


@given(series_of_text(), st.booleans())
def test_valid(rows_and_series: tuple[list[Row], pl.Series], zone_ids: bool) -> None:
    rows, series = rows_and_series
    assert columns.valid(series, zone_ids=zone_ids).to_list() == verdicts(rows, zone_ids=zone_ids)


@given(series_of_text())
def test_the_first_refused_row_is_raised(rows_and_series: tuple[list[Row], pl.Series]) -> None:
    rows, series = rows_and_series
    first = first_refused(urischeme.normalize, rows)
    if first is None:
        assert columns.normalize(series).to_list() == answers(urischeme.normalize, rows)
        return
    for function in (columns.normalize, partial(columns.join, "http://h/")):
        with pytest.raises(urischeme.ParseError) as caught:
            function(series)
        assert (caught.value.row, caught.value.text) == (first, rows[first])


@given(series_of_text())
def test_what_is_asked_does_not_change(rows_and_series: tuple[list[Row], pl.Series]) -> None:
    rows, series = rows_and_series
    columns.normalize(series, errors="null")
    columns.join("http://h/", series, errors="null")
    columns.parse(series)
    assert series.to_list() == rows


@given(ROWS, st.sampled_from(["in-memory", "streaming"]))
def test_the_namespace_of_expressions(rows: list[Row], engine: Literal["in-memory", "streaming"]) -> None:
    url = pl.col("url")
    frame = pl.LazyFrame({"url": rows}, schema={"url": pl.String}).select(
        normal=url.uri.normalize(errors="null"),  # type: ignore[attr-defined]
        joined=url.uri.join("http://h/a", errors="null"),  # type: ignore[attr-defined]
        valid=url.uri.valid(),  # type: ignore[attr-defined]
        parts=url.uri.parse(),  # type: ignore[attr-defined]
    )
    found = frame.collect(engine=engine)
    assert found.schema == frame.collect_schema()
    assert found.to_dict(as_series=False) == {
        "normal": answers(urischeme.normalize, rows),
        "joined": answers(partial(urischeme.join, "http://h/a"), rows),
        "valid": verdicts(rows),
        "parts": parts(rows),
    }


@given(ROWS)
def test_the_namespace_of_series(rows: list[Row]) -> None:
    uri = pl.Series(rows, dtype=pl.String).uri  # type: ignore[attr-defined]
    assert uri.normalize(errors="null").to_list() == answers(urischeme.normalize, rows)
    assert uri.join("http://h/a", errors="null").to_list() == answers(partial(urischeme.join, "http://h/a"), rows)
    assert uri.valid().to_list() == verdicts(rows)
    assert uri.parse().to_list() == parts(rows)


@pytest.mark.parametrize("engine", ["in-memory", "streaming"])
def test_an_expression_raises_the_parse_error_of_a_row(engine: Literal["in-memory", "streaming"]) -> None:
    frame = pl.LazyFrame({"url": ["http://h/", "http://ada:s3cret@h/a b"]})
    with pytest.raises(urischeme.ParseError) as caught:
        frame.select(columns.normalize(pl.col("url"))).collect(engine=engine)
    error = caught.value
    assert (error.position, error.component) == (21, "path")
    assert error.text == "http://ada:s3cret@h/a b"
    # polars may hand over the rows a few at a time.
    assert error.row is None
    assert "s3cret" not in str(error) + repr(error)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is urischeme.ParseError
    assert str(again) == str(error)


def test_an_expression_over_groups() -> None:
    frame = pl.DataFrame({"site": ["a", "b", "a"], "url": ["HTTP://h:80", "HTTP://h/%7e", None]})
    found = frame.group_by("site", maintain_order=True).agg(columns.normalize(pl.col("url")))
    assert found["url"].to_list() == [["http://h/", None], ["http://h/~"]]


@pytest.mark.parametrize("series", [pl.Series([1]), pl.Series([b"http://h/"]), pl.Series([["http://h/"]])])
def test_a_column_that_is_not_text(series: pl.Series) -> None:
    for function in (columns.parse, columns.normalize, columns.valid, partial(columns.join, "http://h/")):
        with pytest.raises(TypeError, match="a column of text is wanted, not of "):
            function(series)
        with pytest.raises(TypeError, match="a column of text is wanted, not of "):
            series.to_frame("url").lazy().select(function(pl.col("url"))).collect()


def test_a_column_of_nulls_may_be_one_of_text() -> None:
    assert columns.normalize(pl.Series([None, None])).to_list() == [None, None]
    assert columns.parse(pl.Series([None])).to_list() == [None]


def test_many_rows() -> None:
    texts = ["http://h/{}", "HTTP://h/{}", "http://h/{}?q=a b", None, "http://u@h:{}/%7E#f"]
    rows = [text and text.format(number) for number in range(50_000) for text in texts]
    series = pl.Series("^url$", rows)
    assert columns.normalize(series, errors="null").to_list() == answers(urischeme.normalize, rows)
    assert columns.parse(series).to_list() == parts(rows)
    with pytest.raises(urischeme.ParseError) as caught:
        columns.normalize(series[3:])
    assert caught.value.row == 4
