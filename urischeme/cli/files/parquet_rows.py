"""Parquet: batches of columns, which go to the workers and come back as Arrow IPC streams."""

# pyarrow has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from urischeme.cli.files.columns import choose
from urischeme.cli.files.failures import Unfit
from urischeme.cli.files.file_types import Codec
from urischeme.cli.files.normal import Rules, normal_column
from urischeme.cli.files.rows import MOST_ROWS, Normalized, Part
from urischeme.cli.files.streams import reading
from urischeme.cli.inputs import shown
from urischeme.display import shorten

_READ_AHEAD: Final = 1 << 20  # bytes of each column that are in memory before they are decoded
_STEP: Final = 4096  # rows that are decoded at a time, where they are short
_ROW_GROUP: Final = 16 << 20  # bytes in memory: the footer says something of each, and is there from first to last

# What pyarrow calls these when it reads is not what it takes when it writes.
_COMPRESSIONS: Final = {"UNCOMPRESSED": "NONE", "LZ4_RAW": "LZ4"}


@attrs.frozen
class Parquet:
    """Rows of Parquet.

    Attributes:
        column: where the URIs are.
    """

    column: str

    def normalized(self, data: bytes, rules: Rules) -> Normalized:
        """The rows of a part with their URIs normalised."""
        table = pa.ipc.open_stream(data).read_all()
        place = table.schema.get_field_index(self.column)
        field = table.schema.field(place)
        forms, refused = normal_column(table.column(place), rules)
        table = table.set_column(place, field, forms)
        if refused:
            table = _without(table, [row.index for row in refused])
        return Normalized(stream_of(table.schema, table.to_batches(), "zstd"), refused)


class ParquetSource:
    """An input in Parquet.

    Attributes:
        rows: what the workers know of it.
        column: where its URIs are.
    """

    def __init__(self, path: Path, size: int, column: str | None) -> None:
        """Open it.

        Args:
            path: where it is.
            size: bytes of a part in memory; one may exceed it by what is decoded at a time.
            column: where the URIs are; the only one where it is None.

        Raises:
            UnreadableFile: it is no Parquet, or not all of it.
            Unfit: there is no such column, or it is not text.
        """
        self._path = path
        self._size = size
        with reading(path):
            self._file = pq.ParquetFile(path, buffer_size=_READ_AHEAD, page_checksum_verification=True)
            self._schema = self._file.schema_arrow
        self.column = choose(self._schema.names, column, path)
        self.rows = Parquet(self.column)
        given = self._schema.field(self.column).type
        if not _is_text(given):
            raise Unfit(
                f"{shown(str(path))}: the column {shorten(self.column)} is {given}, not text; make it a string first"
            )

    def parts(self) -> Iterator[Part]:
        """All the rows, once. Raises UnreadableFile."""
        number, row = 0, 1
        held: list[pa.RecordBatch] = []
        for batch in self._batches():
            held.append(batch)
            if sum(each.nbytes for each in held) >= self._size or sum(map(len, held)) >= MOST_ROWS:
                yield (part := self._part(number, row, held))
                number, row, held = number + 1, row + part.rows, []
        if held or not number:
            yield self._part(number, row, held)

    def assembly(self, file: BinaryIO, codec: Codec | None) -> ParquetAssembly:
        """For an output of the same format, compressed inside as the input is."""
        used = self._file.metadata.row_group(0).column(0).compression if self._file.num_row_groups else "ZSTD"
        return ParquetAssembly(file, self._schema, _COMPRESSIONS.get(used, used))

    def close(self) -> None:
        """Nothing more is read."""
        self._file.close()

    def _part(self, number: int, row: int, batches: list[pa.RecordBatch]) -> Part:
        rows = sum(map(len, batches))
        read = self._path.stat().st_size * (row - 1 + rows) // max(self._file.metadata.num_rows, 1)
        return Part(number, row, rows, stream_of(self._schema, batches), read)

    def _batches(self) -> Iterator[pa.RecordBatch]:
        """A few rows at a time: how large a row is in memory is known when it is there, and not before."""
        for group in range(self._file.num_row_groups):
            known = self._file.metadata.row_group(group)
            average = known.total_byte_size // max(known.num_rows, 1) + 1
            step = max(1, min(_STEP, self._size // average))
            # Threads would each keep memory of their own, and the cores have workers to do.
            batches = self._file.iter_batches(step, row_groups=[group], use_threads=False)
            while True:
                with reading(self._path):
                    batch = next(batches, None)
                if batch is None:
                    break
                yield batch


class ParquetAssembly:
    """An output in Parquet: so many parts are a row group as fill it."""

    def __init__(self, file: BinaryIO, schema: pa.Schema, compression: str) -> None:
        self._writer = pq.ParquetWriter(file, schema, compression=compression)
        self._held: list[pa.Table] = []

    def append(self, output: BinaryIO) -> None:
        """Add the output of the next part."""
        self._held.append(pa.ipc.open_stream(output).read_all())
        if sum(table.nbytes for table in self._held) >= _ROW_GROUP:
            self._write_held()

    def close(self) -> None:
        """Write what is held, and the footer."""
        self._write_held()
        self._writer.close()

    def abandon(self) -> None:
        """Write nothing more."""
        self._writer.is_open = False  # or it would try to when it is collected

    def _write_held(self) -> None:
        held, self._held = self._held, []
        rows = sum(table.num_rows for table in held)
        if rows:
            self._writer.write_table(pa.concat_tables(held).unify_dictionaries(), row_group_size=rows)


def _is_text(given: pa.DataType) -> bool:
    if pa.types.is_dictionary(given):
        given = given.value_type
    return given in {pa.string(), pa.large_string(), pa.string_view()}


def _without(table: pa.Table, refused: list[int]) -> pa.Table:
    # Slices, as a filter has no kernel for every type that a column may have.
    starts = [0, *(index + 1 for index in refused)]
    ends = [*refused, table.num_rows]
    kept = [table.slice(start, end - start) for start, end in zip(starts, ends, strict=True) if end > start]
    return pa.concat_tables([table.slice(0, 0), *kept]).combine_chunks()


def stream_of(schema: pa.Schema, batches: Iterable[pa.RecordBatch], compression: str | None = None) -> bytes:
    """An Arrow IPC stream: what a part is sent and kept as."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, schema, options=pa.ipc.IpcWriteOptions(compression=compression)) as stream:
        for batch in batches:
            stream.write_batch(batch)
    stream_bytes: bytes = sink.getvalue().to_pybytes()
    return stream_bytes
