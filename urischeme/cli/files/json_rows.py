"""JSON Lines: an object a line (RFC 8259)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final, cast

import attrs

from urischeme.cli.files.columns import choose
from urischeme.cli.files.failures import Unfit
from urischeme.cli.files.normal import Refusal
from urischeme.cli.files.streams import Stream
from urischeme.cli.files.text_rows import Read, TextRows, TextSource, lines_of
from urischeme.cli.inputs import shown
from urischeme.display import shorten

_LOOKED_AT: Final = 1000
"""Rows that say which columns there are: the first of them. No row need have all."""

_KINDS: Final[dict[type, str]] = {
    bool: "true or false",
    float: "a number",
    list: "a list",
    dict: "an object",
    str: "text",
}

# An integer of any length is read, and in linear time.
_decoder = json.JSONDecoder(parse_int=float)
_space = re.compile(r"[ \t\r\n]*+").match
_surrogate = re.compile("[\ud800-\udfff]").search


class _BadRow(Exception):
    """A line that is no object with text in the column."""

    def __init__(self, reason: str, position: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position


@attrs.frozen
class JsonLines(TextRows):
    """Rows of JSON Lines.

    Attributes:
        column: the member that has the URI. Where it is null or not there, the row has none.
    """

    column: str

    def read(self, data: bytes) -> Read:
        """The rows of a part."""
        read = Read(lines_of(data), [], [])
        for index, line in enumerate(read.records):
            try:
                read.uris.append(self._uri(line))
            except _BadRow as bad:
                read.uris.append(None)
                read.refused.append(Refusal(index, line.rstrip("\r\n"), bad.position, None, bad.reason))
        return read

    def _uri(self, line: str) -> str | None:
        value = _object(line).get(self.column)
        if value is None:
            return None
        if not isinstance(value, str):
            raise _BadRow(f"{shorten(self.column)} is {_KINDS[type(value)]}, not text")
        if not value.isascii() and (half := _surrogate(value)):
            raise _BadRow(f"{shorten(self.column)} has \\u{ord(half[0]):04x} in it, half of a surrogate pair")
        return value

    def replaced(self, record: str, uri: str) -> str:
        """The object with another URI."""
        start, end = _span(record, self.column)
        return f"{record[:start]}{json.dumps(uri)}{record[end:]}"


def open_json_lines(path: Path, stream: Stream, size: int, column: str | None) -> TextSource:
    """Open a file of JSON Lines. Raises Unfit: the first rows have no such column, or there is no text in it."""
    block = stream.read(size)
    objects = list(_objects(islice(lines_of(block), _LOOKED_AT)))
    names = list(dict.fromkeys(name for row in objects for name in row))
    name = choose(names, column, path) if names else column or ""
    values = [value for row in objects if (value := row.get(name)) is not None]
    if values and not any(isinstance(value, str) for value in values):
        raise Unfit(f"{shown(str(path))}: the column {shorten(name)} is not text but {_KINDS[type(values[0])]}")
    return TextSource(path, stream, size, JsonLines(name), name, b"", block)


def _objects(lines: Iterator[str]) -> Iterator[dict[str, object]]:
    for line in lines:
        try:
            yield _object(line)
        except _BadRow:
            continue  # it is refused when its turn comes


def _object(line: str) -> dict[str, object]:
    """The object of a line, an empty one for an empty line."""
    if line.isspace():
        return {}
    if not line.isascii() and (byte := _surrogate(line)):
        # Of the bytes that are no UTF-8, each stands in the line as one of these.
        raise _BadRow(f"the byte 0x{ord(byte[0]) - 0xDC00:02X} is not UTF-8", byte.start())
    try:
        value: object = _decoder.decode(line)
    except json.JSONDecodeError as error:
        raise _BadRow(f"no JSON: {error.msg.removesuffix(' at')}", error.pos) from None
    except RecursionError:
        raise _BadRow("lists and objects are too deep in each other") from None
    if not isinstance(value, dict):
        raise _BadRow(f"it is {_KINDS.get(type(value), 'null')}, not an object")
    return cast("dict[str, object]", value)


def _span(line: str, column: str) -> tuple[int, int]:
    """Where the value of a member stands in an object that has it; the last one, as JSON readers take it."""
    span = (0, 0)
    place = _after_space(line, line.index("{") + 1)
    while line[place] != "}":
        name, end = _decoder.raw_decode(line, place)
        start = _after_space(line, _after_space(line, end) + len(":"))
        end = _decoder.raw_decode(line, start)[1]
        if name == column:
            span = (start, end)
        place = _after_space(line, end)
        if line[place] == ",":
            place = _after_space(line, place + 1)
    return span


def _after_space(line: str, place: int) -> int:
    space = _space(line, place)
    return space.end() if space else place
