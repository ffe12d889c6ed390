"""How far a run is, on a terminal; elsewhere nothing is shown."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TypeAlias

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn

Advance: TypeAlias = Callable[[int, int, int], None]
"""Takes the bytes of the input that are read, the rows, and those of them that were refused: so far, each."""


@contextmanager
def shown_progress(total: int) -> Generator[Advance]:
    """Show a bar with a rate and the time that is left.

    Args:
        total: bytes of the input.
    """
    bar = Progress(
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]:,} rows, {task.fields[refused]:,} refused"),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
        console=Console(stderr=True),
        transient=True,
        disable=not sys.stderr.isatty(),
    )
    with bar:
        task = bar.add_task("", total=total, rows=0, refused=0)
        yield lambda read, rows, refused: bar.update(task, completed=read, rows=rows, refused=refused)
