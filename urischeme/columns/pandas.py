"""Series of pandas, by way of Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from urischeme.errors import MissingExtra

try:
    import pandas as pd
    import pyarrow as pa
except ModuleNotFoundError as error:
    raise MissingExtra("pandas", missing=error.name or "pandas") from error

from urischeme.columns import arrow
from urischeme.columns.operation import Parse, Valid

if TYPE_CHECKING:
    from urischeme.columns.operation import Operation


def run(operation: Operation, series: pd.Series) -> pd.Series:
    """What the operation gives for each row, under the same index and name.

    Text is of the type that it was, truth of a nullable one, and the parts are a struct of Arrow.

    Raises:
        ParseError: of the first refused row, where the operation has it so.
        TypeError: for a column that is not text.
    """
    answers = arrow.run(operation, _to_arrow(series))
    if isinstance(operation, Parse) or isinstance(series.dtype, pd.ArrowDtype):
        column = pd.Series(pd.arrays.ArrowExtensionArray(answers))
    elif isinstance(operation, Valid):
        column = pd.Series(pd.arrays.ArrowExtensionArray(answers)).astype("boolean")
    elif isinstance(series.dtype, pd.CategoricalDtype):
        column = answers.to_pandas()
    else:
        column = answers.to_pandas().astype(series.dtype)
    # The type again: of an array of objects pandas would find one.
    return pd.Series(column.array, index=series.index, name=series.name, dtype=column.dtype)


def _to_arrow(series: pd.Series) -> pa.Array | pa.ChunkedArray:
    if isinstance(series.dtype, pd.CategoricalDtype) and series.cat.categories.empty:
        # Nothing but nulls: what they would be of, pandas makes up, and says numbers.
        return pa.nulls(len(series), pa.dictionary(pa.int8(), pa.string()))
    try:
        return pa.array(series, from_pandas=True)
    except (pa.ArrowException, UnicodeEncodeError) as error:
        raise TypeError(f"a column of text is wanted; Arrow does not take this one for text: {error}") from error
