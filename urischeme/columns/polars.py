"""Series and expressions of polars: a compiled expression over all rows, and Python for the few that it leaves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from urischeme.columns import patterns
from urischeme.columns.operation import PARTS, REFUSAL, Join, Normalize, Parse, Valid, refusal
from urischeme.errors import MissingExtra, ParseError

try:
    import polars as pl
except ModuleNotFoundError as error:
    raise MissingExtra("polars", missing="polars") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from urischeme.columns.operation import Operation, TextOperation

# What a series is called while it is worked on: its own name may be one that polars reads as a pattern of names.
_NAME: Final = "text"

# So many rows are worth a query of their own, which takes all cores.
_MANY_ROWS: Final = 1 << 16

_TYPES: Final = {name: pl.Int64 if name == "position" else pl.String for name in (*PARTS, *REFUSAL)}
_REFUSAL_TYPE: Final = pl.Struct({name: _TYPES[name] for name in REFUSAL})
_PARTS_TYPE: Final = pl.Struct({**{name: _TYPES[name] for name in PARTS}, "error": _REFUSAL_TYPE})


def run(operation: Operation, series: pl.Series) -> pl.Series:
    """What the operation gives for each row. Of a Categorical or an Enum it is text, too.

    Raises:
        ParseError: of the first refused row, where the operation has it so.
        TypeError: for a column that is not text.
    """
    column = series.alias(_NAME)
    answers = _on_all_cores(operation, column) if len(column) > _MANY_ROWS else _on_one_core(operation, column)
    _raise_first(operation, column, answers, say_row=True)
    return answers.alias(series.name)


def expression(operation: Operation, expr: pl.Expr) -> pl.Expr:
    """The same for an expression, whose rows may come some at a time: so an error does not say which row it is."""
    return expr.map_batches(partial(_run_batch, operation), return_dtype=_type(operation), is_elementwise=True)


def _type(operation: Operation) -> pl.DataType | type[pl.DataType]:
    match operation:
        case Valid():
            return pl.Boolean
        case Parse():
            return _PARTS_TYPE
        case Normalize() | Join():
            return pl.String


def _run_batch(operation: Operation, series: pl.Series) -> pl.Series:
    column = series.alias(_NAME)
    answers = _on_one_core(operation, column)
    try:
        _raise_first(operation, column, answers, say_row=False)
    except ParseError as error:
        raise _made_of_a_message(error) from None
    return answers.alias(series.name)


def _made_of_a_message(error: ParseError) -> ParseError:
    """An error that polars can make again: it calls the class of what an expression raised with a longer message."""

    class Again(ParseError):
        def __init__(self, _: str = "") -> None:
            super().__init__(error.text, error.position, error.component, error.reason)

        def __reduce__(self) -> tuple[object, ...]:
            return error.__reduce__()

    Again.__name__ = Again.__qualname__ = ParseError.__name__
    Again.__module__ = ParseError.__module__
    return Again()


def _raise_first(operation: Operation, column: pl.Series, answers: pl.Series, *, say_row: bool) -> None:
    if not isinstance(operation, (Normalize, Join)) or operation.errors != "raise":
        return
    refused = (answers.is_null() & column.is_not_null()).arg_true()
    if len(refused):
        raise refusal(operation, column[refused[0]], refused[0] if say_row else None)


def _on_all_cores(operation: Operation, column: pl.Series) -> pl.Series:
    """The kernels let go of Python's lock, and polars gives each core its rows."""
    answers = pl.col(_NAME).map_batches(
        partial(_on_one_core, operation), return_dtype=_type(operation), is_elementwise=True
    )
    return column.to_frame().lazy().select(answers).collect().to_series()


def _on_one_core(operation: Operation, column: pl.Series) -> pl.Series:
    work = _once_a_value if isinstance(column.dtype, (pl.Categorical, pl.Enum)) else _once_a_row
    return work(operation, column)


def _once_a_value(operation: Operation, column: pl.Series) -> pl.Series:
    values = column.unique()
    answers = _once_a_row(operation, values.cast(pl.String))
    places = pl.int_range(len(values), eager=True)
    return answers.gather(column.to_physical().replace_strict(values.to_physical(), places))


def _once_a_row(operation: Operation, column: pl.Series) -> pl.Series:
    # A column of nulls may be one of text.
    texts = column.cast(pl.String) if column.dtype == pl.Null else column
    if texts.dtype != pl.String:
        raise TypeError(f"a column of text is wanted, not of {column.dtype}")
    match operation:
        case Normalize():
            return _normalize(operation, texts)
        case Join():
            return _join(operation, texts)
        case Valid():
            return texts.str.contains(patterns.uri(operation.zone_ids))
        case Parse():
            return _parse(operation, texts)


def _normalize(operation: Normalize, texts: pl.Series) -> pl.Series:
    others = ~texts.str.contains(patterns.normal(operation.level))
    return _replace(texts, others, partial(_normalize_others, operation), texts)


def _normalize_others(operation: Normalize, texts: pl.Series) -> pl.Series:
    lacks_slash = patterns.lacks_a_last_slash(operation.level)
    if lacks_slash is None:
        return _one_by_one(operation, texts)
    return _replace(texts + "/", ~texts.str.contains(lacks_slash), partial(_one_by_one, operation), texts)


def _join(operation: Join, texts: pl.Series) -> pl.Series:
    text = pl.col(_NAME)
    kinds = [
        (text.str.contains(patterns.HAS_SCHEME), ""),
        *((text.str.starts_with(start), operation.prefix(start)) for start in ("//", "/", "?")),
        (text.str.contains(patterns.EMPTY_OR_FRAGMENT), operation.prefix("#")),
    ]
    prefix = pl.lit(operation.prefix("x"))
    for is_kind, its_prefix in reversed(kinds):
        prefix = pl.when(is_kind).then(pl.lit(its_prefix)).otherwise(prefix)
    joined = pl.concat_str(prefix, text)
    easy = text.str.contains(patterns.without_dot_segments(operation.zone_ids))
    found = texts.to_frame().select(joined=joined, others=~easy)
    return _replace(found["joined"], found["others"], partial(_one_by_one, operation), texts)


def _replace(
    answers: pl.Series, rows: pl.Series, answer: Callable[[pl.Series], pl.Series], texts: pl.Series
) -> pl.Series:
    """The answers, those of these rows replaced by what `answer` gives for their texts."""
    places = rows.arg_true()
    # What is scattered into changes itself.
    return answers.clone().scatter(places, answer(texts.gather(places))) if len(places) else answers


def _one_by_one(operation: TextOperation, texts: pl.Series) -> pl.Series:
    """Python's answers; what is no reference it is not asked about."""
    good = texts.str.contains(patterns.reference(operation.zone_ids)).arg_true()
    answers = operation.answers(texts.gather(good).to_list())
    return texts.clear(len(texts)).scatter(good, pl.Series(answers, dtype=pl.String))


def _parse(operation: Parse, texts: pl.Series) -> pl.Series:
    error = pl.when(pl.col("position").is_not_null()).then(pl.struct(REFUSAL)).alias("error")
    answer = pl.when(pl.col(_NAME).is_not_null()).then(pl.struct(*PARTS, error)).alias("answer")
    found = pl.DataFrame({_NAME: texts, **_columns(operation, texts, patterns.PARTS)})
    return found.select(answer)["answer"]


def _columns(operation: Parse, texts: pl.Series, expressions: Sequence[str]) -> dict[str, pl.Series]:
    """A column for each part and each attribute of a refusal, by one expression after the other, and then by Python."""
    if not expressions:
        rows = [operation.answer(text) for text in texts]
        return pl.DataFrame(rows, schema=_TYPES, orient="row").to_dict()
    none = texts.clear(len(texts))
    columns = {name: none.cast(its) for name, its in _TYPES.items()}
    columns |= texts.str.extract_groups(expressions[0]).struct.unnest().to_dict()
    others = (columns["scheme"].is_null() & texts.is_not_null()).arg_true()
    if len(others):
        rest = _columns(operation, texts.gather(others), expressions[1:])
        for name, answers in rest.items():
            if answers.null_count() < len(answers):
                columns[name] = columns[name].scatter(others, answers)
    return columns
