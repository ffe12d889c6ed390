"""One run, from the first check to the last rename."""

from __future__ import annotations

import io
import os
import platform
import stat
from collections.abc import Callable, Generator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Final

import attrs
import click

from urischeme.cli import refusal
from urischeme.cli.files.csv_rows import open_csv
from urischeme.cli.files.failures import Unavailable, Unfit
from urischeme.cli.files.file_types import FileType, Format, file_type
from urischeme.cli.files.json_rows import open_json_lines
from urischeme.cli.files.normal import Rules
from urischeme.cli.files.outputs import Output
from urischeme.cli.files.parquet_rows import ParquetSource
from urischeme.cli.files.part_files import PartFiles, leftover, open_part, part_files
from urischeme.cli.files.progress import shown_progress
from urischeme.cli.files.rejects import Rejects
from urischeme.cli.files.rows import Source
from urischeme.cli.files.streams import ArrowError, Stream, reading
from urischeme.cli.files.text_rows import open_text
from urischeme.cli.files.workers import Recipe, WorkerKilled, finished
from urischeme.cli.inputs import UnreadableFile, shown
from urischeme.display import shorten

_KEPT: Final = "what is finished is kept: run the same with --resume"

_OPEN: Final[dict[Format, Callable[[Path, Stream, int, str | None], Source]]] = {
    "text": open_text,
    "csv": open_csv,
    "jsonl": open_json_lines,
}


@attrs.frozen
class Job:
    """What the command line asks for.

    Attributes:
        source: the input.
        out: the output.
        rejects: the file for the refused rows, or None for one beside the output, if there are any.
        column: where the URIs are, or None for the only one.
        format: of input and output, or None where their names tell.
        rules: how to normalise.
        show_password: write passwords in the rejects.
        part_size: bytes of a part, at most.
        jobs: how many workers.
        resume: go on from the parts that are there.
        force: overwrite what is there.
    """

    source: Path
    out: Path
    rejects: Path | None
    column: str | None
    format: Format | None
    rules: Rules
    show_password: bool
    part_size: int
    jobs: int
    resume: bool
    force: bool


def run(job: Job) -> int:
    """Normalise a file.

    Returns:
        The exit code: 1 where a row was refused.

    Raises:
        UnreadableFile: the input cannot be read, or not to its end.
        Unfit: files and options do not fit together.
        Unavailable: something else was in the way; the finished parts are kept.
    """
    source_type, out_type, rejects_type = _types(job)
    out, rejected = Output(job.out), Output(_rejects_path(job))
    folder = job.out.with_name(f"{job.out.name}.parts")
    identity = _identity(job.source)
    _check_places(job, [out, rejected], folder)
    with closing(_open(job, source_type)) as source:
        settings = {**_settings(job, source, out_type), **identity}
        recipe = Recipe(source.rows, job.rules, out_type.codec, Rejects(rejects_type, job.show_password))
        with _failures(), part_files(folder, settings, resume=job.resume, force=job.force) as files:
            rows, refused = _assemble(job, source, recipe, files, out, rejected)
            if _identity(job.source) != identity:
                raise Unfit(f"{shown(str(job.source))} was written to while it was read: --force begins anew")
            if refused or job.rejects:
                rejected.publish(overwrite=files.overwrite)
            else:
                rejected.retract(overwrite=files.overwrite)
            out.publish(overwrite=files.overwrite)
            files.remove()
    said = f"{refused:,} refused: {shown(str(rejected.path))}" if refused else "none refused"
    click.echo(f"{shown(str(job.out))}: {rows:,} rows, {said}", err=True)
    return refusal.REFUSED if refused else 0


def _types(job: Job) -> tuple[FileType, FileType, FileType]:
    source, out = file_type(job.source, job.format), file_type(job.out, job.format)
    if source.format != out.format:
        raise Unfit(
            f"{shown(str(job.source))} is {source.format}, and {shown(str(job.out))} {out.format}: "
            "the output has the format of the input; only its compression may differ"
        )
    rejects = file_type(_rejects_path(job), otherwise="jsonl")
    if rejects.format == "text":
        raise Unfit(
            f"{shown(str(job.rejects))}: refused rows have columns; let the name end in .jsonl, .csv or .parquet"
        )
    return source, out, rejects


def _rejects_path(job: Job) -> Path:
    return job.rejects or job.out.with_name(f"{job.out.name}.rejects.jsonl")


def _identity(path: Path) -> dict[str, object]:
    """What tells whether the input is still the same."""
    with reading(path):
        status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise UnreadableFile(str(path), "with --out it has to be a regular file, which --resume can read again")
    return {"size of the input": status.st_size, "its time of change": status.st_mtime_ns}


def _check_places(job: Job, outputs: Sequence[Output], folder: Path) -> None:
    places = [job.source, *(output.path for output in outputs)]
    if len({os.path.realpath(place) for place in places}) < len(places):
        raise Unfit("--file, --out and --rejects have to be different files")
    for output in outputs:
        if not output.path.parent.is_dir():
            raise Unfit(f"there is no folder {shown(str(output.path.parent))}")
    begun = os.path.lexists(folder)
    if begun and not (job.resume or job.force):
        raise leftover(folder)
    if not (begun and job.resume):  # what is there may be what was finished before a kill; publishing tells
        for output in outputs:
            output.check_vacant(force=job.force)


def _open(job: Job, source_type: FileType) -> Source:
    if source_type.format == "parquet":
        return ParquetSource(job.source, job.part_size, job.column)
    with ExitStack() as unless_open:
        stream = Stream(job.source, source_type.codec)
        unless_open.callback(stream.close)
        source = _OPEN[source_type.format](job.source, stream, job.part_size, job.column)
        unless_open.pop_all()
    return source


def _settings(job: Job, source: Source, out_type: FileType) -> dict[str, object]:
    """What the bytes of the parts depend on; the number of workers is not in it."""
    return {
        "--file": os.path.realpath(job.source),
        "--column": source.column,
        "--format": out_type.format,
        "--level": job.rules.level,
        "--zone-ids": job.rules.zone_ids,
        "--rejects": os.path.realpath(_rejects_path(job)),
        "--show-password": job.show_password,
        "--part-size": job.part_size,
        "compression": out_type.codec,
        "urischeme": version("urischeme"),
        "pyarrow": version("pyarrow"),
        "Python": platform.python_version(),
    }


def _assemble(
    job: Job, source: Source, recipe: Recipe, files: PartFiles, out: Output, rejected: Output
) -> tuple[int, int]:
    """Do all parts and put them together. Gives how many rows there are, and how many were refused."""
    rows = refused = 0
    with (
        out.written(partial(source.assembly, codec=recipe.codec)) as accepted,
        rejected.written(recipe.rejects.assembly) as rejects,
        shown_progress(job.source.stat().st_size) as advance,
        closing(finished(source.parts(), recipe, files.path, job.jobs)) as parts,
    ):
        for part in parts:
            with open_part(part.path) as (done, output):
                accepted.append(output)
                rejects.append(io.BytesIO(done.rejects))
            rows += done.rows
            refused += done.refused
            advance(part.read, rows, refused)
    return rows, refused


@contextmanager
def _failures() -> Generator[None]:
    try:
        yield
    except KeyboardInterrupt:
        click.echo(f"urischeme: interrupted; {_KEPT}", err=True)
        raise
    except WorkerKilled:
        raise Unavailable(f"a worker was killed; {_KEPT}") from None
    except ArrowError as error:
        raise Unfit(f"pyarrow does not take this file: {shorten(str(error), 200)}") from None
    except MemoryError:
        raise Unavailable(f"out of memory; {_KEPT}") from None
    except OSError as error:
        raise Unavailable(f"{error.strerror or shorten(str(error))}; {_KEPT}") from None
