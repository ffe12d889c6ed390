"""A file that is written beside its place, and takes it when it is whole."""

from __future__ import annotations

import filecmp
import os
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from urischeme.cli.files.failures import Unfit
from urischeme.cli.files.part_files import sync
from urischeme.cli.files.rows import Assembly
from urischeme.cli.inputs import shown


class Output:
    """A file to be.

    Attributes:
        path: its place.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._partial = path.with_name(f"{path.name}.partial")

    def check_vacant(self, *, force: bool) -> None:
        """See that nothing is lost when it takes its place. Raises Unfit."""
        for path in (self.path, self._partial):
            if not os.path.lexists(path):
                continue
            if not force:
                raise Unfit(f"{shown(str(path))} is there already; --force overwrites it")
            if not path.is_file():
                raise Unfit(f"{shown(str(path))} is no regular file, and so not overwritten")

    @contextmanager
    def written(self, assembly: Callable[[BinaryIO], Assembly]) -> Generator[Assembly]:
        """Write it; after the block it is whole and on the disk, and not yet in its place. Raises OSError."""
        try:
            with self._partial.open("wb") as file:
                assembled = assembly(file)
                try:
                    yield assembled
                    assembled.close()
                except BaseException:
                    assembled.abandon()
                    raise
                sync(file)
        except BaseException:
            self.drop()
            raise

    def publish(self, *, overwrite: bool) -> None:
        """Put it in its place.

        Raises:
            Unfit: there is another file now. The same bytes are no other file: a run that was killed put it there.
            OSError: there is no room, or no right to.
        """
        if not overwrite and os.path.lexists(self.path):
            same = filecmp.cmp(self._partial, self.path, shallow=False)
            self.drop()
            if not same:
                raise Unfit(f"{shown(str(self.path))} is there by now, and another file; move it away, then --resume")
            return
        self._partial.replace(self.path)
        _sync_folder(self.path.parent)

    def retract(self, *, overwrite: bool) -> None:
        """Leave its place empty: there is nothing to put there. Raises OSError."""
        self.drop()
        if overwrite:
            self.path.unlink(missing_ok=True)

    def drop(self) -> None:
        """Remove what was written."""
        with suppress(OSError):
            self._partial.unlink()


def _sync_folder(folder: Path) -> None:
    """A rename is on the disk then, and what it depended on can go."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
