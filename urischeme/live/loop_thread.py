"""An event loop on a thread of its own: one for all who block, for as long as one of them is there."""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
from contextlib import suppress
from typing import Final

PATIENCE: Final = 2.0
"""Seconds to wait for what a resolver has to clean up; one that blocks the loop would be waited for in vain."""


class LoopThread:
    """The loop, and how many use it. Raises OSError or RuntimeError where the system has no more of either to give.

    Attributes:
        loop: the loop.
        users: how many have entered and not left.
        was_left_behind: whether this process was forked from the one that the thread is in. Balancers ask at every
            pick, so it is no question of the process's number: that is a system call.
    """

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.users = 0
        self.was_left_behind = False
        self._is_over = False
        # A daemon: no program is kept from its end by what it watches.
        self._thread = threading.Thread(target=self._run, name="urischeme watch", daemon=True)
        try:
            self._thread.start()
        except RuntimeError:
            self.loop.close()
            raise

    @property
    def is_current(self) -> bool:
        """Whether it is the thread that asks."""
        return threading.current_thread() is self._thread

    def stop(self) -> None:
        """End it; what still runs in the loop is cancelled. Called in the loop, by the last to leave and at exit."""
        # Once: a second stop would end the clean-up that the first began.
        if not self._is_over:
            self._is_over = True
            self.loop.stop()

    def end(self) -> None:
        """Stop it from outside, and wait."""
        with suppress(RuntimeError):  # the last to leave has stopped it meanwhile, and the loop is closed
            self.loop.call_soon_threadsafe(self.stop)
        self._thread.join(PATIENCE)

    def wait_if_over(self) -> None:
        """Until nothing is left of it, if it was stopped: but no longer than one has patience."""
        if self._is_over and not self.is_current:
            self._thread.join(PATIENCE)

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self.loop) as runner:
            loop = runner.get_loop()
            while not self._is_over:
                # A resolver that raises these ends its own watches, and nobody else's.
                with suppress(SystemExit, KeyboardInterrupt):
                    loop.run_forever()


_lock = threading.Lock()
_current: LoopThread | None = None
_left_behind: Final[list[LoopThread]] = []


def enter() -> LoopThread:
    """The thread that there is, or a new one; to be left as often as entered."""
    global _current  # noqa: PLW0603 -- the one place where it is kept
    with _lock:
        if _current is None:
            _current = LoopThread()
        _current.users += 1
        return _current


def leave(thread: LoopThread) -> None:
    """The last to leave stops it. Called in the loop."""
    global _current  # noqa: PLW0603
    with _lock:
        thread.users -= 1
        if thread.users:
            return
        if _current is thread:
            _current = None
    thread.stop()


def _after_fork_in_child() -> None:
    global _lock, _current
    # The lock may be held by a thread that is not here. The loop is not closed, nor let go of, which would do the same:
    # it shares with the parent what the kernel watches for it.
    if _current is not None:
        _current.was_left_behind = True
        _left_behind.append(_current)
    _lock, _current = threading.Lock(), None


def _at_exit() -> None:
    # Else a thread could be writing to the log while what it needs for that is taken down.
    global _current
    with _lock:
        thread, _current = _current, None
    if thread is not None:
        thread.end()


os.register_at_fork(after_in_child=_after_fork_in_child)
atexit.register(_at_exit)
