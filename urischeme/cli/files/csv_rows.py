"""CSV as RFC 4180 has it: a header, commas, and quotes round what has a comma, a quote or a line end in it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import attrs

from urischeme.cli import refusal
from urischeme.cli.files.columns import choose
from urischeme.cli.files.normal import Refusal
from urischeme.cli.files.rows import MOST_ROWS
from urischeme.cli.files.streams import Stream
from urischeme.cli.files.text_rows import Read, TextRows, TextSource, lines_of
from urischeme.cli.inputs import UnreadableFile

_QUOTE: Final = b'"'
_BOM: Final = "\ufeff"

# csv has one such limit for the whole process; here the size of a part is the limit.
csv.field_size_limit(0x7FFF_FFFF)

_field = re.compile(r'"[^"]*+(?:""[^"]*+)*"|[^,\r\n]*+').match


@attrs.frozen
class Csv(TextRows):
    """Rows of CSV.

    Attributes:
        index: which of the columns has the URIs.
        width: how many columns there are.
    """

    index: int
    width: int

    def whole(self, block: bytes, *, final: bool) -> tuple[int, int]:
        """How far the whole rows at the beginning of a block reach, and how many they are."""
        if _QUOTE not in block:
            return super().whole(block, final=final)
        lines = block if final else block[: block.rfind(b"\n") + 1]
        end = rows = 0
        # Letters play no part in where a record ends, and in Latin-1 each byte is one.
        for record, fields in islice(_records([line.decode("latin-1") for line in io.BytesIO(lines)]), MOST_ROWS):
            end += len(record)
            if isinstance(fields, str) and end == len(lines) and not final:
                return end - len(record), rows  # it may go on in the next block
            rows += 1
        return end, rows

    def too_long(self, row: int, size: int) -> str:
        """What is said of a row that no part has room for."""
        return (
            f"row {row} is longer than a part of {size} bytes, or has a quote that is left open; "
            "close it, or give a larger --part-size"
        )

    def read(self, data: bytes) -> Read:
        """The rows of a part."""
        read = Read([], [], [])
        for index, (record, fields) in enumerate(_records(lines_of(data))):
            uri = None
            if isinstance(fields, str):
                read.refused.append(_refusal(index, record, fields))
            elif len(fields) == self.width:
                uri = fields[self.index]
            elif fields:  # an empty line is no row, and stays
                read.refused.append(
                    _refusal(index, record, f"{len(fields)} columns, where the header has {self.width}")
                )
            read.records.append(record)
            read.uris.append(uri)
        return read

    def replaced(self, record: str, uri: str) -> str:
        """A row with another URI, which is in quotes if the old one was."""
        start = 0
        for _ in range(self.index):
            start = _end_of_field(record, start) + 1
        end = _end_of_field(record, start)
        quote = '"' if record.startswith('"', start) else ""
        return f"{record[:start]}{quote}{uri}{quote}{record[end:]}"


def open_csv(path: Path, stream: Stream, size: int, column: str | None) -> TextSource:
    """Open a CSV file and read its header.

    Raises:
        Unfit: there is no such column.
        UnreadableFile: or no header.
    """
    block = stream.read(size)
    header, fields = next(_records(lines_of(block)), ("", "the file is empty"))
    if not isinstance(fields, str) and not header.endswith("\n") and len(block) == size:
        fields = f"it is longer than a part of {size} bytes"
    if isinstance(fields, str) or not fields:
        raise UnreadableFile(str(path), f"a CSV file begins with a header: {fields or 'the first line is empty'}")
    names = [refusal.readable(name) for name in fields]
    names[0] = names[0].removeprefix(_BOM)
    name = choose(names, column, path)
    head = header.encode("utf-8", "surrogateescape")
    return TextSource(path, stream, size, Csv(names.index(name), len(names)), name, head, block[len(head) :])


def _records(lines: list[str]) -> Iterator[tuple[str, list[str] | str]]:
    """Each record as it stands, and its fields; or what is wrong with it."""
    reader = csv.reader(lines, strict=True)
    start = 0
    while start < len(lines):
        try:
            fields: list[str] | str = next(reader)
        except csv.Error as error:
            fields = f"no CSV: {str(error).partition(' - ')[0]}"
        yield "".join(lines[start : reader.line_num]), fields
        start = reader.line_num


def _end_of_field(record: str, start: int) -> int:
    field = _field(record, start)
    return field.end() if field else start


def _refusal(index: int, record: str, reason: str) -> Refusal:
    return Refusal(index, record.rstrip("\r\n"), None, None, reason)
