"""A stranger's text in a cell of a Markdown table."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_WIDTH = 64


def code(text: str) -> str:
    r"""The text as a code span, written as in a Python string, and cut in the middle where it is long.

    >>> print(code("a|b"), code("a\tb"), code("\\"), code("`"))
    `a\|b` `a\tb` `\\` `` ` ``
    """
    if not text:
        return "*empty*"
    shown = text.encode("unicode_escape").decode("ascii")
    if len(shown) > _WIDTH:
        shown = f"{shown[: _WIDTH // 2]}…{shown[-_WIDTH // 3 :]}"
    # A code span would lose the spaces at its ends.
    if shown != shown.strip(" "):
        shown = shown.replace(" ", r"\x20")
    shown = shown.replace("|", r"\|")
    return f"`` {shown} ``" if "`" in shown else f"`{shown}`"


def row(cells: Iterable[str]) -> str:
    """One row of a table.

    >>> row(["a", "b"])
    '| a | b |'
    """
    return f"| {' | '.join(cells)} |"
