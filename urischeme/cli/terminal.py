"""What standard output can show: colours on a terminal, and letters that its encoding has."""

from __future__ import annotations

import sys
from functools import cache
from typing import Final

from rich.console import Console, RenderableType
from rich.text import Text

_ASCII: Final[dict[str, str | int | None]] = {"╰": "`", "─": "-", "┬": "+", "╯": "'", "├": "|", "│": "|", "→": ">"}


@cache
def console() -> Console:
    """Standard output, as wide as its terminal; 80 columns where it is none."""
    return Console(highlight=False, markup=False, emoji=False)


def painted(shown: RenderableType) -> str:
    """What to write for it: coloured on a terminal, plain text elsewhere; without a final newline."""
    screen = console()
    if isinstance(shown, Text) and screen.color_system is None:
        return _encodable(shown.plain)
    with screen.capture() as captured:
        screen.print(shown, soft_wrap=isinstance(shown, Text))
    # A table is padded to its columns' widths.
    return _encodable("\n".join(line.rstrip() for line in captured.get().removesuffix("\n").split("\n")))


def _encodable(text: str) -> str:
    try:
        "".join(_ASCII).encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return text.translate(str.maketrans(_ASCII))
    return text
