"""Bytes in and out, compressed or not."""

# pyarrow has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

import pyarrow as pa

from urischeme.cli.files.file_types import Codec
from urischeme.cli.inputs import UnreadableFile
from urischeme.display import shorten

ArrowError: Final[type[Exception]] = pa.ArrowException


def compressed(data: bytes, codec: Codec | None) -> bytes:
    """A gzip member or a zstd frame, and several in a row are a file again; the same bytes for the same data."""
    return data if codec is None else pa.Codec(codec).compress(data, asbytes=True)


@contextmanager
def reading(path: Path) -> Generator[None]:
    """Whatever fails while a file is read is that it cannot be read. Raises UnreadableFile."""
    try:
        yield
    except (OSError, ArrowError) as error:
        reason = getattr(error, "strerror", None) or shorten(str(error).partition("\n")[0], 200)
        raise UnreadableFile(str(path), reason) from None


class Stream:
    """The bytes of a file, decompressed."""

    def __init__(self, path: Path, codec: Codec | None) -> None:
        self._path = path
        with reading(path):
            if codec and not path.stat().st_size:
                raise UnreadableFile(str(path), f"it is empty, which no {codec} file is")
            self._file = path.open("rb")
            self._bytes = pa.CompressedInputStream(self._file, codec) if codec else self._file

    def read(self, size: int) -> bytes:
        """As many bytes; fewer at the end alone. Raises UnreadableFile."""
        blocks: list[bytes] = []
        with reading(self._path):
            while size > 0 and (block := self._bytes.read(size)):
                blocks.append(block)
                size -= len(block)
        return b"".join(blocks)

    def tell(self) -> int:
        """How many bytes of the file itself are read."""
        return self._file.tell()

    def close(self) -> None:
        """Nothing more is read."""
        self._bytes.close()
        self._file.close()


class Concatenation:
    """An output that is the outputs of its parts, one after another."""

    def __init__(self, file: BinaryIO, head: bytes) -> None:
        self._file = file
        file.write(head)

    def append(self, output: BinaryIO) -> None:
        """Add that of the next part: what is left to read."""
        shutil.copyfileobj(output, self._file)

    def close(self) -> None:
        """Nothing comes last."""

    def abandon(self) -> None:
        """Nothing is held back either."""
