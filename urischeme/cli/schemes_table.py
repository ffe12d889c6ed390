"""The schemes as a table for people."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from urischeme.display import escape
from urischeme.routing.registry import SchemeInfo

_ABSENT = "-"


def table(infos: Iterable[SchemeInfo]) -> Table:
    """One row a scheme."""
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for heading in ("scheme", "origin", "IANA", "error"):
        shown.add_column(heading, overflow="fold")
    for info in infos:
        cells = (info.scheme, info.origin, info.iana or _ABSENT, info.error or _ABSENT)
        # As Text: a str would be read as markup.
        shown.add_row(*(Text(escape(cell)) for cell in cells), style="red" if info.error else "")
    return shown
