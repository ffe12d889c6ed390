"""The texts that a command works on: its arguments, or the lines of a file."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import attrs
import click

from urischeme.display import escape, mask_refused

STDIN: Final = "-"


def shown(file: str) -> str:
    """The name of a file as a message shows it."""
    return escape(mask_refused(file))


class UnreadableFile(click.ClickException):
    """A file that cannot be read: the command line named it, so it is a mistake of usage."""

    exit_code = 2

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"cannot read {shown(name)}: {reason}")


@attrs.frozen
class Inputs:
    """Texts, and where they come from.

    Attributes:
        texts: one at a time; bytes that are no UTF-8 stand in them as surrogate escapes, which no grammar accepts.
        file: the name of the file whose lines they are, or None for arguments.
    """

    texts: Iterable[str]
    file: str | None = None

    def place(self, number: int) -> str:
        """What a message about the text of this number begins with, counted from 1."""
        return "urischeme" if self.file is None else f"{shown(self.file)}:{number}"


def inputs(arguments: Sequence[str], file: str | None) -> Inputs:
    """The arguments, or the lines of the file. Raises a usage error where there are both, or neither."""
    if file is not None and arguments:
        raise click.UsageError("give arguments or --file, not both")
    if file is not None:
        return Inputs(_lines_of(file), "<stdin>" if file == STDIN else file)
    if not arguments:
        piped = sys.stdin is not None and not sys.stdin.isatty()
        advice = "to read standard input, use --file -" if piped else "give arguments, or a file with --file"
        raise click.UsageError(f"nothing to work on; {advice}")
    return Inputs(arguments)


def _lines_of(file: str) -> Iterator[str]:
    # Opened here and not at the first line: a file that is not there is refused before anything is printed.
    stream = _open(file)
    return _lines(file, stream)


def _open(file: str) -> BinaryIO:
    if file == STDIN:
        if sys.stdin is None:
            raise UnreadableFile("<stdin>", "it is closed")
        return sys.stdin.buffer
    try:
        return Path(file).open("rb")
    except (OSError, ValueError) as error:
        raise UnreadableFile(file, _reason(error)) from None


def _lines(file: str, stream: BinaryIO) -> Iterator[str]:
    try:
        with stream:
            yield from split_lines(stream)
    except OSError as error:
        raise UnreadableFile("<stdin>" if file == STDIN else file, _reason(error)) from None


def _reason(error: OSError | ValueError) -> str:
    return getattr(error, "strerror", None) or str(error)


def split_lines(stream: Iterable[bytes]) -> Iterator[str]:
    r"""Lines without their ends: `\n` and `\r\n` end one, and nothing else does.

    Args:
        stream: a binary file, or anything else that gives its text up to each `\n`.

    >>> list(split_lines([b"a\r\n", b"b\rc\n", b"\n", b"d\r"]))
    ['a', 'b\rc', '', 'd\r']
    """
    for line in stream:
        end = -2 if line.endswith(b"\r\n") else -1 if line.endswith(b"\n") else None
        yield line[:end].decode("utf-8", "surrogateescape")
