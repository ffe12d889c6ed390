"""Processes that each do a part at a time."""

# pyarrow has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, suppress
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final

import attrs
import pyarrow as pa

from urischeme.cli.files.file_types import Codec
from urischeme.cli.files.normal import Rules
from urischeme.cli.files.part_files import Done, write_part
from urischeme.cli.files.rejects import Rejects
from urischeme.cli.files.rows import Part, Rows
from urischeme.cli.files.streams import compressed

MOST: Final = 16
"""Beyond these the one process that reads is what all wait for, and its memory grows with each part under way."""


def available() -> int:
    """How many processes have a core each."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST)


class WorkerKilled(Exception):
    """A worker ended before its part was done."""


@attrs.frozen
class Recipe:
    """What is to be done with each part; it goes to the workers.

    Attributes:
        rows: how the input has its rows.
        rules: how to normalise their URIs.
        codec: of the output.
        rejects: how the refused rows are written.
    """

    rows: Rows
    rules: Rules
    codec: Codec | None
    rejects: Rejects

    def do(self, part: Part, path: Path) -> None:
        """Do one part, and leave it at `path`. Raises OSError."""
        normalized = self.rows.normalized(part.data, self.rules)
        rejects = self.rejects.encoded(normalized.refused, part.first_row)
        output = compressed(normalized.output, self.codec)
        write_part(path, Done(part.rows, len(normalized.refused), rejects), output)


@attrs.frozen
class Finished:
    """A part that is done.

    Attributes:
        path: where it is.
        read: how many bytes of the input are read up to its end.
    """

    path: Path
    read: int


def finished(parts: Iterable[Part], recipe: Recipe, path_of: Callable[[int], Path], jobs: int) -> Generator[Finished]:
    """Do the parts that are not done yet, and give all of them in their order.

    Args:
        parts: all there are; as many are taken ahead as there are workers, and one.
        recipe: what to do with each.
        path_of: where a part of this number is to be, or is.
        jobs: how many workers there are; each is started when it is needed.

    Raises:
        WorkerKilled: a worker was killed.
        OSError: what a worker met. What is under way when anything is raised is done first.
    """
    ahead: deque[Finished] = deque()
    with closing(_Workers(recipe, jobs)) as workers:
        for part in parts:
            path = path_of(part.number)
            if not path.exists():
                workers.give(part, path)
            ahead.append(Finished(path, part.read))
            if len(ahead) > jobs:
                yield workers.done(ahead.popleft())
        while ahead:
            yield workers.done(ahead.popleft())


class _Workers:
    """Processes, each of which is given a part when it has done the one before.

    Not a ProcessPoolExecutor: before Python 3.11.5 that hangs where a worker is killed while what is large is on its
    way to it (gh-94777).
    """

    def __init__(self, recipe: Recipe, jobs: int) -> None:
        # Not forked: pyarrow has threads by then.
        self._context = multiprocessing.get_context("spawn")
        self._recipe = recipe
        self._jobs = jobs
        self._idle: list[Connection] = []
        self._at_work: dict[Connection, Path] = {}

    def give(self, part: Part, path: Path) -> None:
        """Let the first that is free do a part. Raises as `finished` does."""
        if self._idle:
            worker = self._idle.pop()
        elif len(self._at_work) < self._jobs:
            worker = self._started()
        else:
            worker = self._next_free()
        try:
            worker.send((part, path))
        except ConnectionError:
            raise WorkerKilled from None
        self._at_work[worker] = path

    def done(self, part: Finished) -> Finished:
        """Wait until a part is done. Raises as `finished` does."""
        while part.path in self._at_work.values():
            self._idle.append(self._next_free())
        return part

    def close(self) -> None:
        """Let each do what it has begun, and end."""
        while self._at_work:
            with suppress(Exception):  # one is raised already, or nobody waits for it
                self._next_free()
        for worker in self._idle:
            worker.close()

    def _next_free(self) -> Connection:
        worker = next(its for its in wait(list(self._at_work)) if isinstance(its, Connection))
        del self._at_work[worker]
        try:
            error: Exception | None = worker.recv()
        except (EOFError, ConnectionError):
            raise WorkerKilled from None
        if error is not None:
            self._idle.append(worker)
            raise error
        return worker

    def _started(self) -> Connection:
        ours, theirs = self._context.Pipe()
        process = self._context.Process(target=_work, args=(theirs, self._recipe), daemon=True)
        # It never sees a Ctrl-C, not even as it begins: that is for the process that gives it work.
        # What multiprocessing starts before the first of them would let the signal through again.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            theirs.close()
        return ours


def _work(gives: Connection, recipe: Recipe) -> None:
    """Do one part after another, and say of each how it ended, until there are no more."""
    pa.set_cpu_count(1)  # the cores are taken by the other workers
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Whoever gives the work may be gone, and have left unread what was said last.
    with suppress(EOFError, ConnectionError):
        while True:
            part, path = gives.recv()
            try:
                recipe.do(part, path)
            except Exception as error:
                gives.send(error)
            else:
                gives.send(None)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
