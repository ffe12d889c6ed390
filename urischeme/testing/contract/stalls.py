"""Whether a callback keeps the event loop from all others, and where."""

from __future__ import annotations

import asyncio
import sys
import threading
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Final

_TICK: Final = 0.005  # seconds
_TURN: Final[CodeType] = asyncio.Handle._run.__code__  # pyright: ignore
_PACKAGE: Final = str(Path(__file__).parents[2])


class Stall:
    """The longest time that the loop stood still.

    Attributes:
        seconds: of the ticks of another thread, not of the clock: where the whole machine stands still, it does too.
        place: where it stood, as `module.py, line 7, in resolve`; `""` where that is not known.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.place = ""


@contextmanager
def longest_stall() -> Generator[Stall]:
    """Watch this thread's event loop, from another thread, while the block lasts."""
    stall, over = Stall(), threading.Event()
    watcher = threading.Thread(target=_watch, args=(threading.get_ident(), stall, over), daemon=True)
    watcher.start()
    try:
        yield stall
    finally:
        over.set()
        watcher.join()


def _watch(thread: int, stall: Stall, over: threading.Event) -> None:
    turn: FrameType | None = None
    ticks = 0
    while not over.wait(_TICK):
        frames = list(traceback.walk_stack(sys._current_frames().get(thread)))  # pyright: ignore[reportPrivateUsage]
        # Each callback has a frame of its own; the one that is held here cannot come again for another.
        now = next((frame for frame, _ in frames if frame.f_code is _TURN), None)
        ticks = ticks + 1 if now is not None and now is turn else 0
        turn = now
        if ticks * _TICK > stall.seconds:
            stall.seconds = ticks * _TICK
            stall.place = _place(frames)


def _place(frames: list[tuple[FrameType, int]]) -> str:
    """The innermost line that is neither of the standard library nor of this package."""
    library = str(Path(asyncio.__file__).parents[1])
    for frame, line in frames:
        file = frame.f_code.co_filename
        installed = "site-packages" in file
        if not file.startswith(_PACKAGE) and (installed or not file.startswith(library)) and "<" not in file:
            return f"{Path(file).name}, line {line}, in {frame.f_code.co_name}"
    return ""
