"""To wait for what nobody announces."""

from __future__ import annotations

import time
from collections.abc import Callable

DEADLINE = 30.0  # seconds
_PAUSE = 0.02  # seconds, from one look to the next


def wait_until(true: Callable[[], bool], what: str) -> None:
    """Looks again and again.

    Raises:
        TimeoutError: it did not become true; `what` says what.
    """
    deadline = time.monotonic() + DEADLINE
    while not true():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {DEADLINE:.0f} s: {what}")
        time.sleep(_PAUSE)
