"""The parts that are done, in a folder beside the output: what a run that is killed leaves for `--resume`."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO, Final

import attrs

from urischeme.cli.files.failures import Unavailable, Unfit
from urischeme.cli.inputs import shown
from urischeme.display import shorten

_MANIFEST: Final = "manifest.json"
_PART: Final = ".part"
_UNFINISHED: Final = ".unfinished"


@attrs.frozen
class Done:
    """A part that is done.

    Attributes:
        rows: how many it has, refused ones among them.
        refused: how many of them were refused.
        rejects: these as the rejects file has them.
    """

    rows: int
    refused: int
    rejects: bytes


def write_part(path: Path, done: Done, output: bytes) -> None:
    """One file for all that comes of a part, and it is there whole or not at all. Raises OSError."""
    head = {"rows": done.rows, "refused": done.refused, "rejects": len(done.rejects)}
    unfinished = path.with_name(f"{path.name}.{os.getpid()}{_UNFINISHED}")
    try:
        with unfinished.open("wb") as file:
            file.writelines([json.dumps(head).encode(), b"\n", done.rejects, output])
            sync(file)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


@contextmanager
def open_part(path: Path) -> Generator[tuple[Done, BinaryIO]]:
    """What came of a part, and its output to read. Raises OSError."""
    with path.open("rb") as file:
        head = json.loads(file.readline())
        yield Done(head["rows"], head["refused"], file.read(head["rejects"])), file


def sync(file: BinaryIO) -> None:
    """What is written to the file is on the disk then."""
    file.flush()
    os.fsync(file.fileno())


class PartFiles:
    """The folder of one output, which this process alone works in.

    Attributes:
        overwrite: whether `--force` was given when its first part was begun.
    """

    def __init__(self, folder: Path, *, overwrite: bool) -> None:
        self.overwrite = overwrite
        self._folder = folder

    def path(self, number: int) -> Path:
        """Where a part is, once it is done."""
        return self._folder / f"{number:08}{_PART}"

    def remove(self) -> None:
        """Remove the folder; its manifest last, so that what a kill leaves can still be resumed."""
        for file in sorted(self._folder.iterdir(), key=lambda file: file.name == _MANIFEST):
            file.unlink()
        self._folder.rmdir()


@contextmanager
def part_files(folder: Path, settings: Mapping[str, object], *, resume: bool, force: bool) -> Generator[PartFiles]:
    """The folder for the parts of one run, made if need be.

    Args:
        folder: where it is or will be.
        settings: all that its parts depend on, by name.
        resume: take the parts that are there; they have to be of the same settings.
        force: throw them away.

    Raises:
        Unfit: there are parts that are neither to be taken nor thrown away, or are of other settings; or another
            process works there.
        Unavailable: the folder cannot be made.
    """
    try:
        folder.mkdir(exist_ok=resume or force)
    except FileExistsError:
        raise leftover(folder) from None
    except OSError as error:
        raise Unavailable(f"cannot make {shown(str(folder))}: {error.strerror}") from None
    with _locked(folder):
        overwrite = force
        begun = None if force else _manifest(folder)
        if begun is None:
            _clear(folder)
            _write_manifest(folder, {"overwrite": force, "settings": settings})
        else:
            _compare(folder, begun["settings"], settings)
            overwrite = begun["overwrite"]
            for unfinished in folder.glob(f"*{_UNFINISHED}"):
                unfinished.unlink()
        yield PartFiles(folder, overwrite=overwrite)


def leftover(folder: Path) -> Unfit:
    """What is said of parts of which nobody has said what to do with them."""
    return Unfit(
        f"{shown(str(folder))} has what an earlier run finished: --resume goes on from there, --force begins anew"
    )


@contextmanager
def _locked(folder: Path) -> Generator[None]:
    # A process that is killed holds no lock: nothing has to be cleaned up after it.
    try:
        lock = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except NotADirectoryError:
        raise Unfit(f"{shown(str(folder))} is in the way: it is no folder") from None
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unfit(f"another run is at work in {shown(str(folder))}") from None
        yield
    finally:
        os.close(lock)


def _manifest(folder: Path) -> dict[str, Any] | None:
    """What the folder says of its parts; None where no part was begun."""
    try:
        manifest: dict[str, Any] = json.loads((folder / _MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    return manifest


def _write_manifest(folder: Path, manifest: Mapping[str, object]) -> None:
    unfinished = folder / f"{_MANIFEST}{_UNFINISHED}"
    with unfinished.open("wb") as file:
        file.write(json.dumps(manifest, indent=2).encode())
        sync(file)
    unfinished.replace(folder / _MANIFEST)


def _clear(folder: Path) -> None:
    """Throw the parts away; their manifest first, so that they are never taken for parts of other settings."""
    files = sorted(folder.iterdir(), key=lambda file: file.name != _MANIFEST)
    if strange := [file for file in files if file.name != _MANIFEST and file.suffix not in {_PART, _UNFINISHED}]:
        raise Unfit(f"{shown(str(strange[0]))} is in the way: it is no part of ours")
    for file in files:
        file.unlink()


def _compare(folder: Path, before: Mapping[str, object], now: Mapping[str, object]) -> None:
    different = [name for name in {**before, **now} if before.get(name) != now.get(name)]
    if different:
        listed = "; ".join(f"{name} was {_said(before.get(name))}, now {_said(now.get(name))}" for name in different)
        raise Unfit(f"{shown(str(folder))} has parts of another run ({listed}): --force begins anew")


def _said(value: object) -> str:
    return shorten(value if isinstance(value, str) else json.dumps(value))
