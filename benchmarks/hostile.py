"""Texts made to be slow: every operation on ever longer runs of one thing, and how much longer twice the run takes.

Linear time doubles with the text: a ratio of about 2. Quadratic time would give 4.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from time import perf_counter_ns

import urischeme

NAME = "hostile"

LENGTH = 200_000
_QUICK_LENGTH = 20_000
LIMIT = 2.3
_TRIES = 6

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


def page(*, quick: bool, remarks: list[str]) -> str:
    """The worst ratio of each operation, in Markdown."""
    length = _QUICK_LENGTH if quick else LENGTH
    lines = [
        "# Hostile texts",
        "",
        f"Written by `python -m benchmarks --only {NAME}`.",
        "",
        f"Each operation on {len(_RUNS) * len(_PLACES)} texts of {length:,} characters that are one thing over and",
        "over, and on texts half as long. *Ratio* is time(2n)/time(n) where it is worst: 2 is linear, 4 quadratic.",
        f"One above {LIMIT} is measured again before it is believed. *ns a character* is that text's time.",
        "",
        "| operation | worst ratio | ns a character | text |",
        "|---|--:|--:|---|",
        *(_row(name, function, length) for name, function in OPERATIONS.items()),
        "",
        *(f"- {remark}" for remark in remarks),
    ]
    return "\n".join(lines)


def texts(length: int) -> dict[str, str]:
    """The texts of about that length, by what they are made of."""
    return {
        place.format(f"{run} × {length // len(run):,}"): place.format(run * (length // len(run)))
        for place in _PLACES
        for run in _RUNS
    }


def _row(name: str, function: Callable[[str], object], length: int) -> str:
    ratio, nanoseconds, label = max(_readings(function, length))
    return f"| {name} | {ratio:.2f} | {nanoseconds / length:.1f} | `{label}` |"


def _readings(function: Callable[[str], object], length: int) -> Iterator[tuple[float, int, str]]:
    pairs = zip(texts(length // 2).values(), texts(length).items(), strict=True)
    for short, (label, long) in pairs:
        reading = _doubling(function, short, long)
        tries = 1
        # Allocators have steps, and machines have moods.
        while reading[0] > LIMIT and tries < _TRIES:
            reading = min(reading, _doubling(function, short, long))
            tries += 1
        yield *reading, label.replace("|", r"\|")


def _doubling(function: Callable[[str], object], short: str, long: str) -> tuple[float, int]:
    once, twice = _fastest(function, short), _fastest(function, long)
    return twice / once, twice


def _fastest(function: Callable[[str], object], text: str) -> int:
    return min(_time(function, text) for _ in range(5))


def _time(function: Callable[[str], object], text: str) -> int:
    start = perf_counter_ns()
    with suppress(urischeme.Error):
        function(text)
    return perf_counter_ns() - start
