"""What is fuzzed: each takes any text, and raises only where the project is wrong."""

from __future__ import annotations

from collections.abc import Callable

import urischeme
from urischeme import ParseError


def parse(text: str) -> None:
    """A value that prints as it came, or one error that points into the text."""
    for function in (urischeme.parse, urischeme.parse_reference):
        try:
            value = function(text)
        except ParseError as error:
            assert 0 <= error.position <= len(text)
            assert str(error).encode("utf-8")
        else:
            assert str(value) == text


def normalize(text: str) -> None:
    """A normal form that is its own."""
    try:
        normal = urischeme.normalize(text)
    except ParseError:
        return
    assert urischeme.normalize(normal) == normal


def join(text: str) -> None:
    """Base and reference with a line between them: a URI, and a way back to it."""
    base, _, reference = text.partition("\n")
    try:
        joined = urischeme.join(base, reference)
    except ParseError:
        return
    way = urischeme.parse(base).relativize(joined)
    assert str(urischeme.parse(base).join(way)) in {joined, urischeme.join(base, joined)}


def from_iri(text: str) -> None:
    """A URI that leads back to itself."""
    try:
        uri = urischeme.from_iri(text)
    except ParseError as error:
        assert 0 <= error.position <= len(text)
        return
    assert urischeme.from_iri(uri.to_iri()).normalize() == uri.normalize()


TARGETS: dict[str, Callable[[str], None]] = {
    "parse": parse,
    "normalize": normalize,
    "join": join,
    "from_iri": from_iri,
}
