"""Texts made to be slow, and every operation that is to take no longer for it."""

from __future__ import annotations

from collections.abc import Callable

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


def texts(length: int) -> dict[str, str]:
    """The texts of about that length, by what they are made of."""
    return {
        place.format(f"{run} × {length // len(run):,}"): place.format(run * (length // len(run)))
        for place in _PLACES
        for run in _RUNS
    }
