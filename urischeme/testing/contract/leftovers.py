"""What is left behind: tasks, threads, descriptors, and what only the garbage collector closed."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final

import attrs

GRACE: Final = 1.0
"""Seconds within which what was cancelled or closed has to be gone: transports close one turn of the loop later."""

_PAUSE: Final = 0.005
_TURNS: Final = 100  # a second
_COLLECTED: Final = 10  # each tenth

_DESCRIPTORS: Final = "/dev/fd"
_LINKS: Final = "/proc/self/fd"
# Those of a loop's own executor are few, and end with the loop.
_EXECUTOR: Final = "asyncio_"


@attrs.frozen
class Held:
    """What a process has at a moment.

    Attributes:
        tasks: those of the running loop, but for the one that looks.
        threads: those of Python.
        descriptors: what each open one is; empty where the system does not say.
    """

    tasks: frozenset[asyncio.Task[object]]
    threads: frozenset[threading.Thread]
    descriptors: dict[int, str]

    @classmethod
    def now(cls) -> Held:
        """At this moment."""
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        threads = {each for each in threading.enumerate() if not each.name.startswith(_EXECUTOR)}
        return cls(frozenset(tasks), frozenset(threads), _descriptors())

    def beyond(self, before: Held) -> list[str]:
        """What has come since: in words, each kind once."""
        tasks = sorted({_task(each) for each in self.tasks - before.tasks})
        threads = sorted({each.name for each in self.threads - before.threads})
        kinds = sorted(_kinds_beyond(self.descriptors, before.descriptors))
        return [
            *(f"a task that runs {name}" for name in tasks),
            *(f"the thread {name}" for name in threads),
            *(f"an open {kind}" for kind in kinds),
        ]


def _descriptors() -> dict[int, str]:
    if not os.path.isdir(_DESCRIPTORS):  # noqa: PTH112
        return {}
    found: dict[int, str] = {}
    for name in os.listdir(_DESCRIPTORS):  # noqa: PTH208
        try:
            found[int(name)] = os.readlink(f"{_LINKS}/{name}")  # noqa: PTH115
        except OSError:
            # The one by which the folder was read; or there are no links here.
            if _is_open(int(name)):
                found[int(name)] = "file or socket"
    return found


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _kinds_beyond(now: dict[int, str], before: dict[int, str]) -> set[str]:
    """Which kinds there are more of."""
    some, others = [_kind(each) for each in now.values()], [_kind(each) for each in before.values()]
    return {kind for kind in some if some.count(kind) > others.count(kind)}


def _kind(link: str) -> str:
    return link.partition(":[")[0] if not link.startswith("/") else "file"


def _task(task: asyncio.Task[object]) -> str:
    coroutine = task.get_coro()
    return getattr(coroutine, "__qualname__", type(coroutine).__name__)


async def left_since(before: Held, seconds: float = GRACE) -> list[str]:
    """What is left after a while, in words: what is going is given so many seconds to go, and turns of the loop.

    A machine that is busy elsewhere has few turns in a second.
    """
    loop = asyncio.get_running_loop()
    end, turns = loop.time() + seconds, int(_TURNS * seconds)
    while left := Held.now().beyond(before):
        if turns <= 0 and loop.time() >= end:
            return left
        if turns % _COLLECTED == 0:
            # In a cycle, as of an exception and its traceback, it is only waiting to be collected.
            _ = gc.collect()
        await asyncio.sleep(_PAUSE)
        turns -= 1
    return []


@contextmanager
def unclosed() -> Generator[list[str]]:
    """What Python warned of within the block: files, sockets and coroutines that nobody closed or awaited."""
    found: list[str] = []
    _ = gc.collect()
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield found
        _ = gc.collect()
    found += sorted(
        {
            _what_was_warned(warning)
            for warning in caught
            if issubclass(warning.category, ResourceWarning) or "never awaited" in str(warning.message)
        }
    )


def _what_was_warned(warning: warnings.WarningMessage) -> str:
    said = str(warning.message)
    if "never awaited" in said:
        return said
    return "a socket that nobody closed" if "socket" in said or "transport" in said else "a file that nobody closed"
