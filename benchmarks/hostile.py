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


def _row(name: str, function: Callable[[str], object], length: int) -> str:
    ratio, nanoseconds, label = max(_readings(function, length))
    return f"| {name} | {ratio:.2f} | {nanoseconds / length:.1f} | `{label}` |"


def _readings(function: Callable[[str], object], length: int) -> Iterator[tuple[float, int, str]]:
    for place in _PLACES:
        for run in _RUNS:
            reading = _doubling(function, place, run, length)
            tries = 1
            # Allocators have steps, and machines have moods.
            while reading[0] > LIMIT and tries < _TRIES:
                reading = min(reading, _doubling(function, place, run, length))
                tries += 1
            ratio, nanoseconds = reading
            yield ratio, nanoseconds, place.format(f"{run} × {length // len(run):,}").replace("|", r"\|")


def _doubling(function: Callable[[str], object], place: str, run: str, length: int) -> tuple[float, int]:
    short, long = (place.format(run * (size // len(run))) for size in (length // 2, length))
    once, twice = _fastest(function, short), _fastest(function, long)
    return twice / once, twice


def _fastest(function: Callable[[str], object], text: str) -> int:
    return min(_time(function, text) for _ in range(5))


def _time(function: Callable[[str], object], text: str) -> int:
    start = perf_counter_ns()
    with suppress(urischeme.Error):
        function(text)
    return perf_counter_ns() - start
