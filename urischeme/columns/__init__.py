"""Whole columns of URLs, of polars, pyarrow and pandas: column in, same kind of column out.

A column is a `Series` or `Expr` of polars (extra: `polars`), an `Array` or `ChunkedArray` of pyarrow (`arrow`), or a
`Series` of pandas (`pandas`); or a `Table` or `RecordBatch` of pyarrow with the name of its column. Its text may be of
any string type, or dictionary-encoded: then each value is looked at once. For Spark there is `urischeme.columns.spark`.

The answers are those of `urischeme.parse`, `normalize` and `join`. Expressions that the engine compiles itself do the
bulk of the work, on all cores; what they leave goes through Python. Scheme rules are those of the process: see
`urischeme.add_scheme_rules`.

Importing this registers `pl.col(…).uri` and `Series.uri` with polars, whichever of the two is imported first. None of
these libraries is loaded before a column of it comes.

>>> import polars as pl
>>> import urischeme.columns
>>> urls = pl.Series("url", ["HTTP://Example.COM:80/%7Eada", "http://h/a b", None])
>>> urls.uri.normalize(errors="null").to_list()
['http://example.com/~ada', None, None]
>>> pl.DataFrame(urls).select(pl.col("url").uri.parse().struct.field("host"))["host"].to_list()
['Example.COM', None, None]
"""

from urischeme.columns.functions import join, normalize, parse, valid
from urischeme.columns.on_import import when_imported

__all__ = ["join", "normalize", "parse", "valid"]


def _register_namespace() -> None:
    from urischeme.columns.namespace import register

    register()


when_imported("polars", _register_namespace)
