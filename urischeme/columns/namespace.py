"""The namespace `uri` of polars' expressions and Series: `pl.col("url").uri.normalize()`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Generic, TypeVar

import polars as pl

from urischeme.columns import functions

if TYPE_CHECKING:
    from urischeme.columns.operation import Errors
    from urischeme.syntax.normalize import Level

_Column = TypeVar("_Column", pl.Expr, pl.Series)


class _Namespace(Generic[_Column]):
    _column: _Column

    def __init__(self, column: _Column) -> None:
        self._column = column

    def parse(self, *, zone_ids: bool = False) -> _Column:
        """See `urischeme.columns.parse`."""
        return functions.parse(self._column, zone_ids=zone_ids)

    def normalize(self, *, level: Level = "scheme", zone_ids: bool = False, errors: Errors = "raise") -> _Column:
        """See `urischeme.columns.normalize`."""
        return functions.normalize(self._column, level=level, zone_ids=zone_ids, errors=errors)

    def valid(self, *, zone_ids: bool = False) -> _Column:
        """See `urischeme.columns.valid`."""
        return functions.valid(self._column, zone_ids=zone_ids)

    def join(self, base: str, *, zone_ids: bool = False, errors: Errors = "raise") -> _Column:
        """See `urischeme.columns.join`."""
        return functions.join(base, self._column, zone_ids=zone_ids, errors=errors)


class ExprNamespace(_Namespace[pl.Expr]):
    """What an expression is asked for each row.

    >>> import polars as pl
    >>> import urischeme.columns
    >>> pl.LazyFrame({"url": ["HTTP://h:80"]}).select(pl.col("url").uri.normalize()).collect().item()
    'http://h/'
    """


class SeriesNamespace(_Namespace[pl.Series]):
    """What a Series is asked for each row.

    >>> import polars as pl
    >>> import urischeme.columns
    >>> pl.Series(["c", "?q"]).uri.join("http://h/a/b").to_list()
    ['http://h/a/c', 'http://h/a/b?q']
    """


def register() -> None:
    """Make them known to polars."""
    pl.api.register_expr_namespace("uri")(ExprNamespace)
    pl.api.register_series_namespace("uri")(SeriesNamespace)
