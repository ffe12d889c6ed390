"""The options for whole files, and where they lead."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

import click

from urischeme.cli.files.failures import Unavailable
from urischeme.cli.files.file_types import FORMATS
from urischeme.cli.inputs import STDIN
from urischeme.errors import MissingExtra

Command: TypeAlias = Callable[..., int]

_PART_SIZE: Final = 4 << 20

_FILE: Final = click.Path(path_type=Path)
_ONLY_WITH_OUT: Final[dict[str, Callable[[Command], Command]]] = {
    "column": click.option("--column", metavar="NAME", help="Where the URIs are, if there is more than one column."),
    "rejects": click.option("--rejects", type=_FILE, metavar="F", help="Where the refused rows go."),
    "resume": click.option("--resume", is_flag=True, help="Go on from what a run that was stopped had finished."),
    "force": click.option("--force", is_flag=True, help="Overwrite what is there."),
    "jobs": click.option("--jobs", type=click.IntRange(1, 256), metavar="N", help="Worker processes; else one a core."),
    "format": click.option("--format", type=click.Choice(FORMATS), help="Of both files, if their names do not tell."),
    "part_size": click.option(
        "--part-size",
        type=click.IntRange(1 << 10, 1 << 30),
        metavar="BYTES",
        help=f"The most that is worked on at a time; else {_PART_SIZE}.",
    ),
}


def file_options(command: Command) -> Command:
    """Give a command the options for whole files."""
    for option in reversed(_ONLY_WITH_OUT.values()):
        command = option(command)
    return click.option("--out", "-o", type=_FILE, metavar="F", help="Write a whole file, from --file.")(command)


def or_whole_file(command: Command) -> Command:
    """Where there is `--out`, run on a whole file in place of the command."""

    @functools.wraps(command)
    def wrapped(out: Path | None, **options: Any) -> int:
        if out is not None:
            return _run(out, options)
        for name in _ONLY_WITH_OUT:
            if options.pop(name):
                raise click.UsageError(f"--{name.replace('_', '-')} goes with --out")
        return command(**options)

    return wrapped


def _run(out: Path, options: Mapping[str, Any]) -> int:
    if options["texts"] or options["file"] in {None, STDIN}:
        raise click.UsageError("--out takes its input from one file: name it with --file")
    if options["as_json"]:
        raise click.UsageError("--json is for what is printed; with --out the output has the format of the input")
    if options["resume"] and options["force"]:
        raise click.UsageError("--resume goes on from what is there, --force throws it away: give one of them")
    try:
        from urischeme.cli.files.job import Job, run
        from urischeme.cli.files.normal import Rules
        from urischeme.cli.files.workers import available
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library != "pyarrow":
            raise
        raise Unavailable(str(MissingExtra("arrow", missing=library))) from None
    return run(
        Job(
            source=Path(options["file"]),
            out=out,
            rejects=options["rejects"],
            column=options["column"],
            format=options["format"],
            rules=Rules(options["level"], options["zone_ids"]),
            show_password=options["show_password"],
            part_size=options["part_size"] or _PART_SIZE,
            jobs=options["jobs"] or available(),
            resume=options["resume"],
            force=options["force"],
        )
    )
