"""`docs/refusals.md`: every mistake that urischeme explains, with the error as it is printed."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import urischeme

if TYPE_CHECKING:
    from collections.abc import Iterator

_INTRODUCTION = """\
# What urischeme refuses, and what it says

Written by `python -m conformance`: the errors are those that the code raises.

A `ParseError` has the text, the component that is wrong, the position up to which it could still have become valid, and
a reason; where the mistake is a known one, the reason says what to write instead. The position is marked by a caret.
The sections are those of RFC 3986.
"""


class Mistake(NamedTuple):
    """A mistake that people make, and a text that has it."""

    title: str
    section: str
    text: str
    # Whether a relative reference would do.
    reference: bool = False
    zone_ids: bool = False


class Chapter(NamedTuple):
    """Mistakes of one part of a URI."""

    title: str
    mistakes: tuple[Mistake, ...]


CATALOGUE: tuple[Chapter, ...] = (
    Chapter(
        "The scheme",
        (
            Mistake("No scheme", "3", "example.com/a"),
            Mistake("Nothing at all", "3", ""),
            Mistake("No scheme before the //", "4.2", "//example.com/a"),
            Mistake("A scheme that begins with a digit", "3.1", "3com://example.com/"),
            Mistake("A scheme with an underscore", "3.1", "my_app://example.com/"),
            Mistake("A space before the scheme", "3.1", " https://example.com/"),
            Mistake("A letter that looks like another", "3.1", "h\N{CYRILLIC SMALL LETTER TE}tps://example.com/"),
            Mistake("An empty scheme", "3.1", "://example.com/"),
            Mistake("A relative reference with a colon in its first segment", "4.2", ":a", reference=True),
            Mistake("A relative reference that looks like a scheme", "4.2", "10:30/notes", reference=True),
        ),
    ),
    Chapter(
        "Characters that no URI has",
        (
            Mistake("A space", "2", "https://example.com/a b"),
            Mistake("A tab", "2", "https://example.com/a\tb"),
            Mistake("A newline at the end", "2", "https://example.com/\n"),
            Mistake("A carriage return", "2", "https://example.com/\r\n"),
            Mistake("A NUL", "2", "https://example.com/\0"),
            Mistake("A terminal's escape", "2", "https://example.com/\x1b[2J"),
            Mistake("A backslash", "2", "https:\\\\example.com\\a"),
            Mistake("A vertical bar", "2", "https://example.com/?a|b"),
            Mistake("A curly bracket", "2", "https://example.com/{id}"),
            Mistake("A quotation mark", "2", 'https://example.com/"a"'),
            Mistake("An angle bracket", "2", "<https://example.com/>"),
            Mistake("A caret", "2", "https://example.com/a^b"),
            Mistake("A backtick", "2", "https://example.com/`a`"),
            Mistake("A letter beyond ASCII", "2", "https://example.com/caf\N{LATIN SMALL LETTER E WITH ACUTE}"),
            Mistake("Half of a surrogate pair", "2", "https://example.com/\ud83d"),
            Mistake("A character that turns the line round", "2", "https://example.com/\N{RIGHT-TO-LEFT OVERRIDE}"),
        ),
    ),
    Chapter(
        "Delimiters out of place",
        (
            Mistake("A square bracket in a path", "3.2.2", "https://example.com/a[0]"),
            Mistake("A square bracket in a query", "3.2.2", "https://example.com/?a[]=1"),
            Mistake("A second #", "3.5", "https://example.com/#a#b"),
            Mistake("A second @", "3.2", "https://ada@home@example.com/"),
            Mistake("A slash in a password", "3.2.1", "https://ada:pa/ss@example.com:x/"),
            Mistake("A space in a password", "3.2.1", "https://ada:pa ss@example.com/"),
            Mistake("A % without two hexadecimal digits", "2.1", "https://example.com/100%"),
            Mistake("A % with one", "2.1", "https://example.com/?%4z"),
        ),
    ),
    Chapter(
        "Host and port",
        (
            Mistake("A name beyond ASCII", "3.2.2", "https://b\N{LATIN SMALL LETTER U WITH DIAERESIS}cher.example/"),
            Mistake("An IPv6 address without its brackets", "3.2.2", "http://::1:80/"),
            Mistake("A bracket left open", "3.2.2", "http://[::1:80/"),
            Mistake("Something after the closing bracket", "3.2.2", "http://[::1]80/"),
            Mistake("A name in brackets", "3.2.2", "http://[example]/"),
            Mistake("An IPv4 address in brackets", "3.2.2", "http://[127.0.0.1]/"),
            Mistake("Five parts in an IPv6 address's tail", "3.2.2", "http://[::1.2.3.4.5]/"),
            Mistake("A leading zero in an IPv6 address's tail", "3.2.2", "http://[::ffff:192.168.0.01]/"),
            Mistake("A group too many", "3.2.2", "http://[1:2:3:4:5:6:7:8:9]/"),
            Mistake("A second ::", "3.2.2", "http://[1::2::3]/"),
            Mistake("An IPvFuture without an address", "3.2.2", "http://[v1]/"),
            Mistake("A zone identifier that was not asked for", "3.2.2", "http://[fe80::1%eth0]/"),
            Mistake("A zone identifier without %25", "3.2.2", "http://[fe80::1%eth0]/", zone_ids=True),
            Mistake("A port with letters", "3.2.3", "http://example.com:8o80/"),
            Mistake("A name for a port", "3.2.3", "k8s://orders.prod:grpc"),
            Mistake("Full-width digits in an address", "3.2.2", "http://\N{FULLWIDTH DIGIT ONE}27.0.0.1/"),
            Mistake("Full-width digits in a port", "3.2.3", "http://example.com:\N{FULLWIDTH DIGIT EIGHT}0/"),
            Mistake("Digits of another script", "3.2.3", "http://example.com:\N{ARABIC-INDIC DIGIT EIGHT}0/"),
            Mistake("A raised digit", "3.2.3", "http://example.com:8\N{SUPERSCRIPT TWO}/"),
            Mistake("A second port", "3.2.2", "http://example.com:80:80/"),
        ),
    ),
)


def refusal(mistake: Mistake) -> urischeme.ParseError:
    """The error that the text of a mistake raises."""
    read = urischeme.parse_reference if mistake.reference else urischeme.parse
    try:
        read(mistake.text, zone_ids=mistake.zone_ids)
    except urischeme.ParseError as error:
        return error
    raise AssertionError(f"{mistake.text!r} is no mistake")


def printed(mistake: Mistake) -> list[str]:
    """The lines of the error, without the spaces at their ends."""
    return [line.rstrip() for line in str(refusal(mistake)).splitlines()]


def generate() -> str:
    """The whole page."""
    return "\n".join(_lines()).strip() + "\n"


def _lines() -> Iterator[str]:
    yield _INTRODUCTION
    for chapter in CATALOGUE:
        yield f"## {chapter.title}"
        yield ""
        for mistake in chapter.mistakes:
            yield from _entry(mistake)


def _entry(mistake: Mistake) -> Iterator[str]:
    yield f"**{mistake.title}** (section {mistake.section}): `{_call(mistake)}`"
    yield ""
    yield "```text"
    yield from printed(mistake)
    yield "```"
    yield ""


def _call(mistake: Mistake) -> str:
    function = "parse_reference" if mistake.reference else "parse"
    options = ", zone_ids=True" if mistake.zone_ids else ""
    return f"{function}({mistake.text!a}{options})"
