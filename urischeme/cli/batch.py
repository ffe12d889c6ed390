"""Inputs in, answers out: what every command does, whatever it does with one of them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from typing import TypeVar

import attrs
import click

from urischeme.cli import refusal
from urischeme.cli.inputs import Inputs
from urischeme.cli.passwords import hide_password
from urischeme.display import mask_refused
from urischeme.errors import Error

T = TypeVar("T")


@attrs.frozen
class Batch:
    """The inputs of one command, and how their answers are to be printed.

    Attributes:
        inputs: where the texts come from.
        as_json: one object a line, refusals among them, in place of text.
        show_password: print passwords as they are.
    """

    inputs: Inputs
    as_json: bool = False
    show_password: bool = False

    def run(
        self,
        answer: Callable[[str], T],
        *,
        plain: Callable[[T], str],
        fields: Callable[[T], Mapping[str, object]],
        between: str = "",
    ) -> int:
        """Answer every input and print what came of it; a refused one does not stop the rest.

        Args:
            answer: the work on one text; an Error that it raises is the refusal of this text.
            plain: an answer as lines of text.
            fields: an answer as the members of its JSON object, beside "text".
            between: a line to print between two plain answers.

        Returns:
            The exit code.
        """
        write = sys.stdout.write
        status = 0
        gap = ""
        for number, text in enumerate(self.inputs.texts, 1):
            try:
                result = answer(text)
            except Error as error:
                status = max(status, self.refuse(text, error, number))
                continue
            if self.as_json:
                write(json_line({"text": self.shown(text), **fields(result)}))
            else:
                write(f"{gap}{plain(result)}\n")
                gap = between
        return status

    def refuse(self, text: str, error: Error, number: int = 1) -> int:
        """Print a refusal: in JSON in the place of the answer, else as a message. Gives its exit code."""
        error = refusal.explained(error)
        if self.as_json:
            shown = refusal.readable(text if self.show_password else mask_refused(text))
            sys.stdout.write(json_line({"text": shown, "error": refusal.record(error)}))
        else:
            # What was answered before this one stands before it, where both go to the same place.
            sys.stdout.flush()
            click.echo(f"{self.inputs.place(number)}: {refusal.message(error)}", err=True)
        return refusal.exit_code(error)

    def shown(self, text: str) -> str:
        """An accepted text as it may be printed."""
        return text if self.show_password else hide_password(text)


def json_line(value: Mapping[str, object]) -> str:
    """One JSON object on one line, in ASCII."""
    return json.dumps(value, default=_plain_value) + "\n"


def _plain_value(value: object) -> object:
    """What a resolver's attributes may hold that JSON has no form for."""
    return dict(value) if isinstance(value, Mapping) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
