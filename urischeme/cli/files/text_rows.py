"""Rows that are text: each a line, or in CSV a few. All of a row but its URI stays as it is, to the byte."""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import attrs

from urischeme.cli.files.failures import Unfit
from urischeme.cli.files.file_types import Codec
from urischeme.cli.files.normal import Refusal, Rules, changed_texts
from urischeme.cli.files.rows import MOST_ROWS, Normalized, Part
from urischeme.cli.files.streams import Concatenation, Stream, compressed
from urischeme.cli.inputs import UnreadableFile, shown


@attrs.frozen
class Read:
    """The rows of a part.

    Attributes:
        records: each row as it stands in the file, with the end of its line.
        uris: the URI of each, or None.
        refused: the rows that cannot be read.
    """

    records: list[str]
    uris: list[str | None]
    refused: list[Refusal]


class TextRows(ABC):
    """How the rows of a format are told apart; one that has no quotes for line ends."""

    def whole(self, block: bytes, *, final: bool) -> tuple[int, int]:
        """How far the whole rows at the beginning of a block reach, and how many they are; no more than MOST_ROWS.

        Args:
            block: from the beginning of a row on.
            final: nothing follows it in the file.
        """
        end = len(block) if final else block.rfind(b"\n") + 1
        rows = block.count(b"\n", 0, end) + (final and block[-1:] not in {b"", b"\n"})
        if rows > MOST_ROWS:
            return sum(map(len, islice(io.BytesIO(block), MOST_ROWS))), MOST_ROWS
        return end, rows

    def too_long(self, row: int, size: int) -> str:
        """What is said of a row that no part has room for."""
        return f"row {row} is longer than a part of {size} bytes; give a larger --part-size"

    @abstractmethod
    def read(self, data: bytes) -> Read:
        """The rows of a part; bytes that are no UTF-8 stand in them as surrogate escapes."""

    @abstractmethod
    def replaced(self, record: str, uri: str) -> str:
        """A row with another URI, which is a normal form."""

    def normalized(self, data: bytes, rules: Rules) -> Normalized:
        """The rows of a part with their URIs normalised."""
        rows = self.read(data)
        changed, refused = changed_texts(rows.uris, rules)
        refused = sorted([*rows.refused, *refused], key=lambda row: row.index)
        records = rows.records
        for index, uri in changed.items():
            records[index] = self.replaced(records[index], uri)
        for row in refused:
            records[row.index] = ""
        return Normalized("".join(records).encode("utf-8", "surrogateescape"), refused)


def lines_of(data: bytes) -> list[str]:
    r"""Lines with their ends; `\n` ends one, and nothing else does. Bytes that are no UTF-8 are surrogate escapes.

    >>> lines_of(b"a\r\n\v\rb\n\xff")
    ['a\r\n', '\x0b\rb\n', '\udcff']
    """
    return [line.decode("utf-8", "surrogateescape") for line in io.BytesIO(data)]


class Text(TextRows):
    r"""A URI a line, as where there is no `--out`: read up to `\r\n` or `\n`, written with `\n`."""

    def read(self, data: bytes) -> Read:
        """The rows of a part."""
        lines = lines_of(data.replace(b"\r\n", b"\n"))
        if lines and not lines[-1].endswith("\n"):
            lines[-1] += "\n"
        return Read(lines, [line[:-1] for line in lines], [])

    def replaced(self, record: str, uri: str) -> str:
        """The line of another URI."""
        return f"{uri}\n"


class TextSource:
    """An input whose rows are text.

    Attributes:
        rows: how they are told apart.
        column: where their URIs are, or None.
    """

    def __init__(
        self, path: Path, stream: Stream, size: int, rows: TextRows, column: str | None, head: bytes, begun: bytes
    ) -> None:
        """Where the reading has begun already, to learn the columns.

        Args:
            path: for messages.
            stream: what is left of its bytes.
            size: bytes of a part, at most.
            rows: how they are told apart.
            column: where their URIs are.
            head: what stands before the first row.
            begun: what was read after that.
        """
        self._path = path
        self._stream = stream
        self._size = size
        self._head = head
        self._begun = begun
        self.rows = rows
        self.column = column

    def parts(self) -> Iterator[Part]:
        """All the rows, once. Raises UnreadableFile."""
        number, row, rest, final = 0, 1, self._begun, False
        while rest or not final:
            room = self._size - len(rest)
            more = self._stream.read(room)
            final = len(more) < room
            block = rest + more
            end, rows = self.rows.whole(block, final=final)
            if block and not end:
                raise UnreadableFile(str(self._path), self.rows.too_long(row, self._size))
            if end or not number:
                yield Part(number, row, rows, block[:end], self._stream.tell())
            number, row, rest = number + 1, row + rows, block[end:]

    def assembly(self, file: BinaryIO, codec: Codec | None) -> Concatenation:
        """For an output of the same format."""
        return Concatenation(file, compressed(self._head, codec) if self._head else b"")

    def close(self) -> None:
        """Nothing more is read."""
        self._stream.close()


def open_text(path: Path, stream: Stream, size: int, column: str | None) -> TextSource:
    """Open a file of lines. Raises Unfit: it has no columns."""
    if column is not None:
        raise Unfit(f"{shown(str(path))} is text, a URI a line: leave out --column")
    return TextSource(path, stream, size, Text(), None, b"", b"")
