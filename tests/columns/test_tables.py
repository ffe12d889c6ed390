"""Tables and RecordBatches: which column is asked, and where the answers go."""

from __future__ import annotations

from functools import partial
from typing import Any

import pyarrow as pa
import pytest

import urischeme
from urischeme import columns

TABLE = pa.table({"id": [1, 2], "url": ["HTTP://h", None], "note": ["a", "b"]})
BOTH = pytest.mark.parametrize("table", [TABLE, TABLE.to_batches()[0]], ids=["Table", "RecordBatch"])


@BOTH
def test_text_takes_the_place_of_text(table: Any) -> None:
    for function in (columns.normalize, partial(columns.join, "x:")):
        answered = function(table, "url")
        assert type(answered) is type(table)
        assert answered.schema == table.schema
    assert columns.normalize(table, "url").to_pydict() == {**table.to_pydict(), "url": ["http://h/", None]}
    assert table.to_pydict()["url"] == ["HTTP://h", None]


@BOTH
def test_other_answers_stand_beside_it(table: Any) -> None:
    assert columns.valid(table, "url").to_pydict() == {**table.to_pydict(), "url_valid": [True, None]}
    parsed = columns.parse(table, "url")
    assert parsed.schema.names == ["id", "url", "note", "url_parts"]
    assert parsed.to_pydict()["url_parts"][0]["host"] == "h"


@BOTH
def test_a_name_for_the_answers(table: Any) -> None:
    answered = columns.normalize(table, "url", into="normal")
    assert answered.to_pydict() == {**table.to_pydict(), "normal": ["http://h/", None]}
    assert columns.valid(table, "url", into="url").to_pydict()["url"] == [True, None]
    assert columns.join("http://b/", table, "note", into="link").to_pydict()["link"] == ["http://b/a", "http://b/b"]


@BOTH
def test_a_column_that_is_not_there(table: Any) -> None:
    with pytest.raises(ValueError, match="no column is called 'ulr'; there are id, url, note"):
        columns.parse(table, "ulr")
    with pytest.raises(TypeError, match=r"parse of a .* wants the name of a column"):
        columns.parse(table)
    with pytest.raises(TypeError, match="a column of text is wanted, not of int64"):
        columns.parse(table, "id")


def test_two_columns_of_one_name() -> None:
    table = pa.table([["http://h"], ["http://i"]], names=["url", "url"])
    with pytest.raises(ValueError, match="more than one column is called 'url'"):
        columns.normalize(table, "url")


@BOTH
def test_no_other_column_is_overwritten(table: Any) -> None:
    with pytest.raises(ValueError, match="there is a column 'note' already; write into= and another name"):
        columns.normalize(table, "url", into="note")
    with pytest.raises(ValueError, match="there is a column 'url_parts' already"):
        columns.parse(columns.parse(table, "url"), "url")


def test_what_the_schema_says_of_a_column_stays() -> None:
    field = pa.field("url", pa.string(), nullable=False, metadata={"from": "a log"})
    table = pa.table([["http://H/", "x y"]], schema=pa.schema([field], metadata={"k": "v"}))
    answered = columns.normalize(table.slice(0, 1), "url")
    assert answered.schema.equals(table.schema, check_metadata=True)
    # But for a null there has to be room.
    answered = columns.normalize(table, "url", errors="null")
    assert answered.schema.field("url").nullable
    answered.validate(full=True)


@BOTH
def test_the_row_that_is_refused(table: Any) -> None:
    with pytest.raises(urischeme.ParseError, match="row 1: path, position 1"):
        columns.normalize(pa.table({"note": ["a", "x y"]}), "note")
