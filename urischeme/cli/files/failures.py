"""How a whole run fails: one line, and an exit code."""

from __future__ import annotations

import click

from urischeme.cli import refusal


class Unfit(click.ClickException):
    """The files or options do not fit together: a mistake of usage."""

    exit_code = 2


class Unavailable(click.ClickException):
    """Something was in the way that has nothing to do with the input; what was finished is kept."""

    exit_code = refusal.UNAVAILABLE
