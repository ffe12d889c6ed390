"""The refused rows as a file of their own: where each stood, its text, and why it was refused."""

# pyarrow has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import BinaryIO, Final

import attrs
import pyarrow as pa

from urischeme.cli import refusal
from urischeme.cli.batch import json_line
from urischeme.cli.files.file_types import FileType
from urischeme.cli.files.normal import Refusal
from urischeme.cli.files.parquet_rows import ParquetAssembly, stream_of
from urischeme.cli.files.rows import Assembly
from urischeme.cli.files.streams import Concatenation, compressed
from urischeme.display import mask_refused

_SCHEMA: Final = pa.schema(
    {
        "row": pa.int64(),
        "text": pa.string(),
        "position": pa.int64(),
        "component": pa.string(),
        "reason": pa.string(),
    }
)


@attrs.frozen
class Rejects:
    """How they are written.

    Attributes:
        type: of the file; not text, which has no columns.
        show_password: write the texts as they are.
    """

    type: FileType
    show_password: bool

    def encoded(self, refused: Sequence[Refusal], first_row: int) -> bytes:
        """Those of one part.

        Args:
            refused: the rows.
            first_row: the number that the first row of the part has in the input.
        """
        rows = [self._row(row, first_row) for row in refused]
        if self.type.format == "parquet":
            return stream_of(_SCHEMA, pa.Table.from_pylist(rows, _SCHEMA).to_batches(), "zstd")
        if not rows:
            return b""
        csv_file = self.type.format == "csv"
        text = _csv(row.values() for row in rows) if csv_file else "".join(map(json_line, rows))
        return compressed(text.encode(), self.type.codec)

    def assembly(self, file: BinaryIO) -> Assembly:
        """The file of those of all parts."""
        if self.type.format == "parquet":
            return ParquetAssembly(file, _SCHEMA, "ZSTD")
        head = _csv([_SCHEMA.names]) if self.type.format == "csv" else ""
        return Concatenation(file, compressed(head.encode(), self.type.codec))

    def _row(self, row: Refusal, first_row: int) -> dict[str, object]:
        text = row.text if self.show_password else mask_refused(row.text)
        return {
            "row": first_row + row.index,
            "text": refusal.readable(text),
            "position": row.position,
            "component": row.component,
            "reason": row.reason,
        }


def _csv(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO(newline="")
    # All text in quotes: before Python 3.13 a lone \r had none.
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_NONNUMERIC).writerows(rows)
    return text.getvalue()
