"""A column of a Spark DataFrame, worked on where its rows are (extra: `spark`).

The executors run the functions of `urischeme.columns` over Arrow batches (`mapInArrow`), so their Python needs
urischeme and pyarrow. Nothing is collected, and the other columns are kept. A row's answer is the same wherever and
however often it is asked for, so nothing changes where Spark asks again because it lost an executor. The scheme rules
of the driver (`urischeme.add_scheme_rules`) go with the question.

`name` is the column of text. `into` is what that of the answers is called; without it, text takes the place of the
text, parts are called `<name>_parts`, and truth `<name>_valid`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from urischeme.columns.operation import PARTS, Join, Normalize, Parse, Valid, joining, normalizing
from urischeme.columns.placing import result_name
from urischeme.errors import MissingExtra

try:
    from pyspark.sql import DataFrame
    from pyspark.sql import types as spark

    from urischeme.columns import tables
except ModuleNotFoundError as error:
    raise MissingExtra("spark", missing=error.name or "pyspark") from error

from urischeme.syntax.normalize import add_scheme_rules
from urischeme.syntax.scheme_rules import RULES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pyarrow as pa

    from urischeme.columns.operation import Errors, Operation
    from urischeme.syntax.normalize import Level
    from urischeme.syntax.scheme_rules import SchemeRules

__all__ = ["join", "normalize", "parse", "valid"]


def parse(frame: DataFrame, name: str, *, into: str | None = None, zone_ids: bool = False) -> DataFrame:
    """The frame with the parts of each URI: see `urischeme.columns.parse`.

    Raises:
        TypeError: for what is no DataFrame, or a column that is not text.
        ValueError: for a column that is not there, or a new one that is.
    """
    return _answered(Parse(zone_ids), frame, name, into)


def normalize(
    frame: DataFrame,
    name: str,
    *,
    into: str | None = None,
    level: Level = "scheme",
    zone_ids: bool = False,
    errors: Errors = "raise",
) -> DataFrame:
    """The frame with the normal form of each URI or reference: see `urischeme.columns.normalize`.

    A refused row fails the job, with Spark's exception and in it the text of the ParseError; `errors="null"` does not.

    Raises:
        TypeError, ValueError: as `parse` does.
        ValueError: for a level that is none.
    """
    return _answered(normalizing(level, zone_ids, errors), frame, name, into)


def valid(frame: DataFrame, name: str, *, into: str | None = None, zone_ids: bool = False) -> DataFrame:
    """The frame with whether `urischeme.parse` takes each text: see `urischeme.columns.valid`.

    Raises:
        TypeError, ValueError: as `parse` does.
    """
    return _answered(Valid(zone_ids), frame, name, into)


def join(
    base: str,
    frame: DataFrame,
    name: str,
    *,
    into: str | None = None,
    zone_ids: bool = False,
    errors: Errors = "raise",
) -> DataFrame:
    """The frame with the URI that each reference means in a document at `base`: see `urischeme.columns.join`.

    A refused row fails the job, as with `normalize`.

    Raises:
        ParseError: for a base that is no URI.
        TypeError, ValueError: as `parse` does.
    """
    return _answered(joining(base, zone_ids, errors), frame, name, into)


_REFUSAL_TYPE = spark.StructType(
    [
        spark.StructField("position", spark.LongType()),
        spark.StructField("component", spark.StringType()),
        spark.StructField("reason", spark.StringType()),
    ]
)


def _answered(operation: Operation, frame: DataFrame, name: str, into: str | None) -> DataFrame:
    if not isinstance(frame, DataFrame):
        raise TypeError(f"a DataFrame of Spark is wanted, not {type(frame).__name__}; others are for urischeme.columns")
    into = result_name(operation, frame.columns, name, into)
    text_type = frame.schema[name].dataType
    if not isinstance(text_type, (spark.StringType, spark.CharType, spark.VarcharType)):
        raise TypeError(f"a column of text is wanted, not of {text_type.simpleString()}")
    answers = spark.StructField(into, _type(operation))
    fields = [answers if field.name == into else field for field in frame.schema.fields]
    if into != name:
        fields.append(answers)
    rules = dict(RULES)

    def answer(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        _learn(rules)
        for batch in batches:
            yield tables.run(operation, batch, name, into, say_row=False)

    return frame.mapInArrow(answer, spark.StructType(fields))


def _learn(rules: Mapping[str, SchemeRules]) -> None:
    for scheme, its in rules.items():
        if RULES.get(scheme) != its:
            add_scheme_rules(scheme, its)


def _type(operation: Operation) -> spark.DataType:
    match operation:
        case Parse():
            parts = [spark.StructField(part, spark.StringType()) for part in PARTS]
            return spark.StructType([*parts, spark.StructField("error", _REFUSAL_TYPE)])
        case Valid():
            return spark.BooleanType()
        case Normalize() | Join():
            return spark.StringType()
