"""One run of the program, and every way for it to end."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from urischeme.cli import refusal
from urischeme.cli.commands import program
from urischeme.display import escape, mask_refused

_BROKEN_PIPE: Final = 141  # 128 + SIGPIPE, as a shell says it


def run(arguments: Sequence[str]) -> int:
    """Run one command line to its end, whatever end that is. Gives the exit code."""
    if sys.stdout is None:
        _say("standard output is closed")
        return refusal.UNAVAILABLE
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="backslashreplace")  # nothing that is printed fails for its letters
    try:
        status = _invoke(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        with suppress(OSError):
            sys.stdout.flush()
        _abandon_output()
        raise
    except BrokenPipeError:
        _abandon_output()
        return _BROKEN_PIPE
    except OSError as error:
        _abandon_output()
        _say(error.strerror or str(error))
        return refusal.UNAVAILABLE
    except MemoryError:
        _say("out of memory")
        return refusal.UNAVAILABLE
    return status


def _invoke(arguments: Sequence[str]) -> int:
    # Not `program.main()`, which has ends of its own for a broken pipe and Ctrl-C.
    try:
        with program.make_context("urischeme", list(arguments)) as context:
            status: int = program.invoke(context)
            return status
    except click.exceptions.Exit as end:
        return end.exit_code
    except click.ClickException as error:
        sys.stdout.flush()
        _show(error)
        return error.exit_code


def _show(error: click.ClickException) -> None:
    if not isinstance(error, click.UsageError):
        _say(error.format_message())
        return
    shown = io.StringIO()
    error.show(shown)
    # It may repeat what was typed: a URI where a command or an option was expected.
    lines = mask_refused(shown.getvalue()).splitlines()
    with suppress(OSError):
        click.echo("\n".join(map(escape, lines)), err=True)


def _say(message: str) -> None:
    with suppress(OSError):
        click.echo(f"urischeme: {message}", err=True)


def _abandon_output() -> None:
    """What is still buffered goes nowhere: writing it at exit would fail again."""
    with suppress(OSError), Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), sys.stdout.fileno())
