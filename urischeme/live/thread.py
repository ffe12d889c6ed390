"""A call in a thread of its own, that nothing waits for at the end of the program."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from threading import Thread
from typing import TypeVar

T = TypeVar("T")


def call_in_thread(function: Callable[[], T]) -> Future[T]:
    """Start `function()`; the future is its outcome.

    An executor's threads are waited for when a loop or the interpreter ends, however long they block; this one is not.
    """
    future: Future[T] = Future()
    # From here on nobody can cancel it, so that the thread may always set the outcome.
    future.set_running_or_notify_cancel()

    def run() -> None:
        try:
            outcome = function()
        except BaseException as error:
            future.set_exception(error)
        else:
            future.set_result(outcome)

    Thread(target=run, name="urischeme", daemon=True).start()
    return future
