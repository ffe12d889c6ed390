"""Where the answers go in what has columns with names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from urischeme.columns.operation import Parse, Valid

if TYPE_CHECKING:
    from collections.abc import Sequence

    from urischeme.columns.operation import Operation


def result_name(operation: Operation, names: Sequence[str], name: str, into: str | None) -> str:
    """What the column of the answers is called: where it is `name` itself, the answers take its place.

    Args:
        operation: what is asked of the column.
        names: those of all columns.
        name: that of the column that is asked.
        into: what the user wants.

    Raises:
        ValueError: where no column, or more than one, has the name, or the new one is another's.
    """
    if names.count(name) != 1:
        there = ", ".join(names) or "none"
        raise ValueError(f"{'more than one' if name in names else 'no'} column is called {name!r}; there are {there}")
    if into is None:
        into = name + _SUFFIXES.get(type(operation), "")
    if into != name and into in names:
        raise ValueError(f"there is a column {into!r} already; write into= and another name")
    return into


# Text goes in the place of text; what is something else stands beside it.
_SUFFIXES: dict[type, str] = {Parse: "_parts", Valid: "_valid"}
