"""Texts made to be slow, and every operation that is to take no longer for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import urischeme

_RUNS = ["a", "1", "%41", "%C3%A9", "é", "./", "../", "a/", "/", ":", "::", "@", "[", "]", "a.", "?", "#", "%", "\\"]
_PLACES = ["{}", "{}:", "s:{}", "http://{}", "http://u@{}", "http://[{}]", "http://h:{}", "http://h/{}", "http://h?{}"]
_BASE = urischeme.parse("http://h/a/b/c?d")


def _refuse(text: str) -> None:
    try:
        urischeme.parse_reference(text + "\n")
    except urischeme.ParseError as error:
        str(error)


OPERATIONS: dict[str, Callable[[str], object]] = {
    "parse": urischeme.parse_reference,
    "refuse": _refuse,
    "normalize": urischeme.normalize,
    "join to": lambda text: urischeme.join("http://h/a/b", text),
    "join from": lambda text: urischeme.join(text, "../../b"),
    "relativize to": _BASE.relativize,
    "relativize from": lambda text: urischeme.parse(text).relativize(_BASE),
    "from_iri": lambda text: urischeme.from_iri(text + "é"),
    "to_iri": lambda text: urischeme.parse_reference(text).to_iri(),
    "replace": lambda text: _BASE.replace(path="/" + text.replace("%", "%25")),
    "segments": lambda text: _BASE.replace(segments=urischeme.parse_reference(text).segments),
    "params": lambda text: _BASE.replace(params=urischeme.parse_reference(text).params),
    "Target.parse": urischeme.Target.parse,
}


class Pattern(NamedTuple):
    """What a text is made of: one thing over and over, and where it stands."""

    run: str
    place: str

    def text(self, length: int) -> str:
        """The text of about that length."""
        return self.place.format(self.run * (length // len(self.run)))

    def label(self, length: int) -> str:
        """That text, in short."""
        return self.place.format(f"{self.run} × {length // len(self.run):,}")


PATTERNS = [Pattern(run, place) for place in _PLACES for run in _RUNS]
