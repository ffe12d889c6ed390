"""Tables and RecordBatches of pyarrow: one of their columns is asked, and the answers take a place among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pyarrow as pa

from urischeme.columns import arrow
from urischeme.columns.placing import result_name

if TYPE_CHECKING:
    from urischeme.columns.operation import Operation


def run(
    operation: Operation, table: pa.Table | pa.RecordBatch, name: str, into: str | None, *, say_row: bool = True
) -> pa.Table | pa.RecordBatch:
    """The table with the answers for the column `name`; see `result_name` for what they are called.

    Raises:
        ParseError: of the first refused row, where the operation has it so.
        TypeError: for a column that is not text.
        ValueError: for a column that is not there, or a new one that is.
    """
    names = table.schema.names
    into = result_name(operation, names, name, into)
    place = names.index(name)
    answers = arrow.run(operation, table.column(place), say_row=say_row)
    if into == name:
        old = table.schema.field(place)
        field = old.with_type(answers.type).with_nullable(old.nullable or answers.null_count > 0)
        return table.set_column(place, field, answers)
    return table.append_column(pa.field(into, answers.type), answers)
