"""What a file's name says: the format of its rows, and how it is compressed."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Literal, TypeAlias, get_args

import attrs

from urischeme.cli.files.failures import Unfit
from urischeme.cli.inputs import shown

Format: TypeAlias = Literal["text", "csv", "jsonl", "parquet"]
Codec: TypeAlias = Literal["gzip", "zstd"]

FORMATS: Final[tuple[Format, ...]] = get_args(Format)

_FORMATS: Final[dict[str, Format]] = {
    ".txt": "text",
    ".csv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
_CODECS: Final[dict[str, Codec]] = {".gz": "gzip", ".zst": "zstd"}


@attrs.frozen
class FileType:
    """The format of a file's rows, and what the file as a whole is compressed with."""

    format: Format
    codec: Codec | None = None


def file_type(path: Path, given: Format | None = None, otherwise: Format | None = None) -> FileType:
    """The type of a file of this name.

    Args:
        path: where the file is or will be.
        given: its format; taken from the name where it is None.
        otherwise: its format if the name does not tell.

    Raises:
        Unfit: the name does not tell, and nobody else does.

    >>> file_type(Path("urls.csv.gz"))
    FileType(format='csv', codec='gzip')
    >>> file_type(Path("part-00000.zst"), "text")
    FileType(format='text', codec='zstd')
    """
    codec = _CODECS.get(path.suffix.lower())
    ending = Path(path.stem).suffix if codec else path.suffix
    rows = given or _FORMATS.get(ending.lower()) or otherwise
    if rows is None:
        endings = ", ".join(_FORMATS)
        raise Unfit(
            f"the name {shown(str(path))} does not tell the format: "
            f"let it end in {endings} (a .gz or .zst may follow), or give --format"
        )
    if rows == "parquet" and codec:
        raise Unfit(f"{shown(str(path))}: Parquet is compressed inside; leave out {path.suffix}")
    return FileType(rows, codec)
