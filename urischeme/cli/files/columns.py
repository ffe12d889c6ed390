"""Which column of a file has the URIs."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path

from urischeme.cli.files.failures import Unfit
from urischeme.cli.inputs import shown
from urischeme.display import shorten

_SHOWN = 300


def choose(columns: Sequence[str], wanted: str | None, path: Path) -> str:
    """The column that is wanted, or the only one.

    Raises:
        Unfit: there is none of that name, or more than one; the message lists the columns.

    >>> choose(["id", "url"], "ulr", Path("f.csv"))
    Traceback (most recent call last):
    urischeme.cli.files.failures.Unfit: f.csv has no column ulr, did you mean url? Its columns: id, url
    """
    listed = f"Its columns: {shorten(', '.join(columns), _SHOWN)}"
    name = shown(str(path))
    if wanted is None:
        if len(columns) != 1:
            raise Unfit(f"{name} has {len(columns)} columns: say which has the URIs with --column. {listed}")
        return columns[0]
    if wanted not in columns:
        nearest = difflib.get_close_matches(wanted, columns, 1)
        meant = f", did you mean {shorten(nearest[0])}?" if nearest else "."
        raise Unfit(f"{name} has no column {shorten(wanted)}{meant} {listed}")
    if columns.count(wanted) > 1:
        raise Unfit(f"{name} has more than one column {shorten(wanted)}: give each a name of its own")
    return wanted
