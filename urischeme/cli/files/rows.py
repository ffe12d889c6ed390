"""What every format has: rows that one process reads, a part at a time, and others normalise."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, Protocol

import attrs

from urischeme.cli.files.file_types import Codec
from urischeme.cli.files.normal import Refusal, Rules

MOST_ROWS: Final = 1 << 16
"""Rows of a part, however short they are: each costs memory beside its bytes."""


@attrs.frozen
class Part:
    """Some rows of the input.

    Which rows it has depends on the input and the size of a part, and on nothing else: so it is the same in each run.

    Attributes:
        number: counted from 0.
        first_row: the number of its first row in the input, counted from 1.
        rows: how many.
        data: the rows, as their format sends them to a worker.
        read: how many bytes of the input are read up to its end.
    """

    number: int
    first_row: int
    rows: int
    data: bytes
    read: int


@attrs.frozen
class Normalized:
    """The rows of a part with their URIs normalised: those that were accepted, as the output has them, and the rest."""

    output: bytes
    refused: Sequence[Refusal]


class Rows(Protocol):
    """What a worker knows of the format. It pickles."""

    def normalized(self, data: bytes, rules: Rules) -> Normalized:
        """The rows of a part with their URIs normalised."""
        ...


class Assembly(Protocol):
    """An output that is put together from the outputs of the parts, in their order."""

    def append(self, output: BinaryIO) -> None:
        """Add that of the next part: what is left to read."""
        ...

    def close(self) -> None:
        """Write what comes last."""
        ...

    def abandon(self) -> None:
        """Write nothing more: it failed."""
        ...


class Source(Protocol):
    """An input that is open."""

    @property
    def column(self) -> str | None:
        """Where its URIs are; None in a format without columns."""
        ...

    @property
    def rows(self) -> Rows:
        """For the workers."""
        ...

    def parts(self) -> Iterator[Part]:
        """All the rows, once. There is always a first part, if only an empty one. Raises UnreadableFile."""
        ...

    def assembly(self, file: BinaryIO, codec: Codec | None) -> Assembly:
        """For an output of the same format."""
        ...

    def close(self) -> None:
        """Nothing more is read."""
        ...
