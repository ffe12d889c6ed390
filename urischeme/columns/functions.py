"""The four functions, for whatever kind of column they are given."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar, cast

from urischeme.columns.operation import Parse, Valid, joining, normalizing

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from urischeme.columns.operation import Errors, Operation
    from urischeme.syntax.normalize import Level

Column = TypeVar("Column")


def parse(column: Column, name: str | None = None, *, into: str | None = None, zone_ids: bool = False) -> Column:
    """The parts of each URI, as a column of structs. No row raises.

    The fields are those attributes of `urischeme.URI` that are text: `scheme`, `authority`, `userinfo`, `host`,
    `port_text`, `path`, `query` and `fragment`; one that is absent is null, one that is empty is `""`. The last field,
    `error`, is null; in a refused row it is a struct of `position`, `component` and `reason`, as the ParseError has
    them, and all the others are null. Where the text is null, so is the row.

    Args:
        column: see `urischeme.columns`.
        name: which column of a Table or RecordBatch.
        into: what the new column of a Table or RecordBatch is called; without it, `<name>_parts`.
        zone_ids: also take RFC 6874's zone identifiers.

    Raises:
        TypeError: for what is no column, or not one of text.
        ValueError: for a column that a Table does not have, or a new one that it has.
        MissingExtra: for a column of pandas, where pyarrow is not installed.

    >>> import pyarrow as pa
    >>> rows = parse(pa.array(["http://h:80/a?", None, "http://h/a b"])).to_pylist()
    >>> rows[0]["host"], rows[0]["port_text"], rows[0]["query"], rows[0]["fragment"]
    ('h', '80', '', None)
    >>> rows[1]
    >>> rows[2]["host"], rows[2]["error"]["position"], rows[2]["error"]["reason"]
    (None, 10, 'a space may not stand in a path; write %20')
    """
    return _run("parse", Parse(zone_ids), column, name, into)


def normalize(
    column: Column,
    name: str | None = None,
    *,
    into: str | None = None,
    level: Level = "scheme",
    zone_ids: bool = False,
    errors: Errors = "raise",
) -> Column:
    """The normal form of each URI or reference: see `urischeme.normalize`. Null stays null.

    Args:
        column: see `urischeme.columns`.
        name: which column of a Table or RecordBatch.
        into: what the new column of a Table or RecordBatch is called; without it, it takes the place of the old.
        level: "syntax" or "scheme".
        zone_ids: also take RFC 6874's zone identifiers.
        errors: what a refused row does: "raise" its ParseError, or give "null".

    Raises:
        ParseError: for the first refused row; `row` says which. In an expression of polars it does not, for polars
            hands over the rows as it likes.
        TypeError: for what is no column, or not one of text.
        ValueError: for a level that is none, and as `parse` does.
        MissingExtra: as `parse` does.

    >>> import polars as pl
    >>> normalize(pl.Series(["HTTP://Example.COM:80", None])).to_list()
    ['http://example.com/', None]
    >>> normalize(pl.Series(["http://h/", "http://h/a b"]))
    Traceback (most recent call last):
    urischeme.errors.ParseError: row 1: path, position 10: a space may not stand in a path; write %20
        http://h/a b
                  ^
    """
    return _run("normalize", normalizing(level, zone_ids, errors), column, name, into)


def valid(column: Column, name: str | None = None, *, into: str | None = None, zone_ids: bool = False) -> Column:
    """Whether `urischeme.parse` takes each text. Null stays null.

    Args:
        column: see `urischeme.columns`.
        name: which column of a Table or RecordBatch.
        into: what the new column of a Table or RecordBatch is called; without it, `<name>_valid`.
        zone_ids: also take RFC 6874's zone identifiers.

    Raises:
        TypeError, ValueError, MissingExtra: as `parse` does.

    >>> import pyarrow as pa
    >>> valid(pa.array(["http://h/", "//h/", None])).to_pylist()
    [True, False, None]
    """
    return _run("valid", Valid(zone_ids), column, name, into)


def join(
    base: str,
    column: Column,
    name: str | None = None,
    *,
    into: str | None = None,
    zone_ids: bool = False,
    errors: Errors = "raise",
) -> Column:
    """The URI that each reference means in a document at `base`: see `urischeme.join`. Null stays null.

    Args:
        base: a URI.
        column: see `urischeme.columns`.
        name: which column of a Table or RecordBatch.
        into: what the new column of a Table or RecordBatch is called; without it, it takes the place of the old.
        zone_ids: also take RFC 6874's zone identifiers.
        errors: what a refused row does: "raise" its ParseError, or give "null".

    Raises:
        ParseError: for a base that is no URI, and as `normalize` does.
        TypeError: for a base that is no str, and as `parse` does.
        ValueError, MissingExtra: as `parse` does.

    >>> import pyarrow as pa
    >>> join("http://h/a/b", pa.array(["../c", "//other", None])).to_pylist()
    ['http://h/c', 'http://other', None]
    """
    return _run("join", joining(base, zone_ids, errors), column, name, into)


def _run(function: str, operation: Operation, column: Column, name: str | None, into: str | None) -> Column:
    # No library is imported that the column is not of.
    libraries = {cls.__module__.partition(".")[0] for cls in type(column).__mro__}
    if "pyarrow" in libraries and _is_table(column):
        from urischeme.columns import tables

        if name is None:
            raise TypeError(f"{function} of a {type(column).__name__} wants the name of a column after it")
        return cast("Column", tables.run(operation, column, name, into))
    run = _engine(column, libraries)
    if run is None:
        raise TypeError(
            f"{function} takes a Series or an Expr of polars, an Array, ChunkedArray, Table or RecordBatch of pyarrow, "
            f"or a Series of pandas, not {type(column).__name__}; of another frame, give it a column"
        )
    if name is not None or into is not None:
        raise TypeError(f"{function} takes a name for a Table or RecordBatch only; a {type(column).__name__} has none")
    return cast("Column", run(operation, column))


def _is_table(column: object) -> bool:
    import pyarrow as pa

    return isinstance(column, (pa.Table, pa.RecordBatch))


def _engine(column: object, libraries: set[str]) -> Callable[[Operation, Any], object] | None:
    if "polars" in libraries:
        import polars as pl

        from urischeme.columns import polars

        if isinstance(column, pl.Series):
            return polars.run
        if isinstance(column, pl.Expr):
            return polars.expression
    if "pyarrow" in libraries:
        import pyarrow as pa

        from urischeme.columns import arrow

        if isinstance(column, (pa.Array, pa.ChunkedArray)):
            return arrow.run
    if "pandas" in libraries:
        import pandas as pd

        from urischeme.columns import pandas

        if isinstance(column, pd.Series):
            return pandas.run
    return None
