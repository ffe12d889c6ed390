"""Columns of pyarrow get the answers of the functions for one text, whatever they are made of."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from tests.columns.scalar import BASES, FEW_VALUES, ROWS, Row, answers, first_refused, parts, verdicts
from urischeme import columns
from urischeme.syntax.normalize import Level

TYPES = [pa.string(), pa.large_string(), pa.string_view()]
DICTIONARIES = [pa.dictionary(pa.int8(), its) for its in TYPES] + [
    pa.dictionary(pa.uint32(), pa.string(), ordered=True)
]


def array(rows: list[Row], its: pa.DataType) -> pa.Array:
    if not pa.types.is_dictionary(its):
        return pa.array(rows, its)
    # Values that no row has, and null as a value.
    values = ["unused\n", *dict.fromkeys(rows)]
    places = [None if row is None and place % 2 else values.index(row) for place, row in enumerate(rows)]
    return pa.DictionaryArray.from_arrays(
        pa.array(places, its.index_type), pa.array(values, its.value_type), ordered=its.ordered
    )


@st.composite
def columns_of_text(draw: st.DrawFn) -> tuple[list[Row], Any]:
    """Rows, and an array of them: of any type, a slice of a longer one or not, in chunks or not."""
    its = draw(st.sampled_from(TYPES + DICTIONARIES))
    rows = draw(FEW_VALUES if pa.types.is_dictionary(its) else ROWS)
    before, after = draw(st.tuples(ROWS, ROWS) | st.just(([], [])))
    column = array([*before, *rows, *after], its).slice(len(before), len(rows))
    in_chunks, of_their_own, some = draw(st.tuples(st.booleans(), st.booleans(), st.booleans()))
    if in_chunks:
        cuts = sorted(draw(st.lists(st.integers(0, len(rows)), max_size=3)))
        pairs = zip([0, *cuts], [*cuts, len(rows)], strict=True)
        chunks = [column.slice(start, end - start) for start, end in pairs]
        # Chunks may have a dictionary each.
        if of_their_own:
            chunks = [array(chunk.to_pylist(), its) for chunk in chunks]
        column = pa.chunked_array(chunks if rows or some else [], its)
    return rows, column


def text_type(column: Any) -> pa.DataType:
    return column.type.value_type if pa.types.is_dictionary(column.type) else column.type


def check(answered: Any, column: Any, expected: list[Any], its: pa.DataType) -> None:
    answered.validate(full=True)
    assert answered.type == its
    assert isinstance(answered, pa.ChunkedArray) == isinstance(column, pa.ChunkedArray)
    assert answered.to_pylist() == expected


@given(columns_of_text(), st.sampled_from(["scheme", "syntax"]), st.booleans())
def test_normalize(rows_and_column: tuple[list[Row], Any], level: Level, zone_ids: bool) -> None:
    rows, column = rows_and_column
    one = partial(urischeme.normalize, level=level, zone_ids=zone_ids)
    answered = columns.normalize(column, level=level, zone_ids=zone_ids, errors="null")
    check(answered, column, answers(one, rows), column.type)


@given(BASES, columns_of_text(), st.booleans())
def test_join(base: str, rows_and_column: tuple[list[Row], Any], zone_ids: bool) -> None:
    rows, column = rows_and_column
    one = partial(urischeme.join, base, zone_ids=zone_ids)
    answered = columns.join(base, column, zone_ids=zone_ids, errors="null")
    check(answered, column, answers(one, rows), column.type)


@given(columns_of_text(), st.booleans())
def test_parse(rows_and_column: tuple[list[Row], Any], zone_ids: bool) -> None:
    rows, column = rows_and_column
    its = text_type(column)
    error = pa.struct([("position", pa.int64()), ("component", its), ("reason", its)])
    names = "scheme", "authority", "userinfo", "host", "port_text", "path", "query", "fragment"
    answered = columns.parse(column, zone_ids=zone_ids)
    wanted = pa.struct([*((name, its) for name in names), ("error", error)])
    check(answered, column, parts(rows, zone_ids=zone_ids), wanted)


@given(columns_of_text(), st.booleans())
def test_valid(rows_and_column: tuple[list[Row], Any], zone_ids: bool) -> None:
    rows, column = rows_and_column
    check(columns.valid(column, zone_ids=zone_ids), column, verdicts(rows, zone_ids=zone_ids), pa.bool_())


@given(columns_of_text())
def test_the_first_refused_row_is_raised(rows_and_column: tuple[list[Row], Any]) -> None:
    rows, column = rows_and_column
    first = first_refused(urischeme.normalize, rows)
    if first is None:
        assert columns.normalize(column).to_pylist() == answers(urischeme.normalize, rows)
        return
    for function in (columns.normalize, partial(columns.join, "http://h/")):
        with pytest.raises(urischeme.ParseError) as caught:
            function(column)
        assert caught.value.row == first
        assert caught.value.text == rows[first]
        assert str(caught.value).startswith(f"row {first}: {caught.value.component}, position ")


def test_values_that_are_normal_in_the_same_form_are_one_value() -> None:
    column = pa.array(["HTTP://h", "http://h/", "http://h"]).dictionary_encode()
    assert columns.normalize(column).dictionary.to_pylist() == ["http://h/"]


def test_a_value_that_no_row_has_is_not_refused() -> None:
    column = pa.DictionaryArray.from_arrays(pa.array([1, None]), pa.array(["x y", "HTTP://h"]))
    assert columns.normalize(column).to_pylist() == ["http://h/", None]


def test_a_normal_column_is_not_copied() -> None:
    column = pa.array(["http://h/", None, "urn:a:b", "ftp://h"])
    assert columns.normalize(column).buffers()[2].address == column.buffers()[2].address


@pytest.mark.parametrize("processors", [1, 3])
def test_many_rows(processors: int) -> None:
    texts = ["http://h/{}", "HTTP://h/{}", "http://h/{}?q=a b", None, "http://u@h:{}/%7E#f"]
    rows = [text and text.format(number) for number in range(50_000) for text in texts]
    before = pa.cpu_count()
    pa.set_cpu_count(processors)
    try:
        column = pa.chunked_array([pa.array(rows[:200_000]), pa.array(rows[200_000:])])
        assert columns.normalize(column, errors="null").to_pylist() == answers(urischeme.normalize, rows)
        assert columns.parse(pa.array(rows)).to_pylist() == parts(rows)
        with pytest.raises(urischeme.ParseError) as caught:
            columns.normalize(pa.array(rows[3:]))
        assert caught.value.row == 4
    finally:
        pa.set_cpu_count(before)


def test_octets_that_are_no_utf8_are_refused() -> None:
    buffers = [None, pa.py_buffer(b"\0\0\0\0\x0b\0\0\0"), pa.py_buffer(b"http://h/\xff\xfe")]
    column = pa.Array.from_buffers(pa.string(), 1, buffers)
    assert columns.valid(column).to_pylist() == [False]
    assert columns.normalize(column, errors="null").to_pylist() == [None]
    assert columns.parse(column).to_pylist()[0]["error"]["position"] == 9
    with pytest.raises(urischeme.ParseError, match="row 0: path, position 9"):
        columns.normalize(column)


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1]),
        pa.array([b"http://h/"]),
        pa.array([["http://h/"]]),
        pa.array([1]).dictionary_encode(),
        pa.chunked_array([], pa.float64()),
    ],
    ids=lambda column: str(column.type),
)
def test_a_column_that_is_not_text(column: Any) -> None:
    for function in (columns.parse, columns.normalize, columns.valid, partial(columns.join, "http://h/")):
        with pytest.raises(TypeError, match="a column of text is wanted, not of "):
            function(column)


def test_a_column_of_nulls_may_be_one_of_text() -> None:
    assert columns.normalize(pa.nulls(2)).to_pylist() == [None, None]
    assert columns.valid(pa.nulls(2)).to_pylist() == [None, None]
    assert columns.parse(pa.chunked_array([pa.nulls(2)])).to_pylist() == [None, None]
