"""How long whoever asks will still wait: a resolver that knows it can give the best answer that it has in time."""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

_deadline: Final[ContextVar[float | None]] = ContextVar("urischeme_deadline", default=None)


@contextmanager
def deadline_at(when: float | None) -> Generator[None]:
    """Within the block, and in the tasks that it starts, the answer has to be there by `when`, in the loop's time."""
    token = _deadline.set(when)
    try:
        yield
    finally:
        _deadline.reset(token)


def seconds_left() -> float | None:
    """The seconds until the answer has to be there, at least 0; None where nobody has said. For a coroutine."""
    when = _deadline.get()
    return None if when is None else max(0.0, when - asyncio.get_running_loop().time())
