"""How a stranger's text is shown: no password, no control character, a caret under the place.

Everything the project prints about a text it did not write goes through here: error messages, reprs and the command
line. The raw text stays where a program can reach it; it is never what a person or a log sees.
"""

from __future__ import annotations

import unicodedata

MASK = "***"

WIDTH = 80
_INDENT = "    "
_CUT = "…"


def mask_password(userinfo: str) -> str:
    """The userinfo with what follows its first colon masked (RFC 3986 section 7.5).

    >>> mask_password("ada:s3cret")
    'ada:***'
    >>> mask_password("ada")
    'ada'
    """
    user, colon, password = userinfo.partition(":")
    return f"{user}:{MASK}" if password else user + colon


def secret_span(text: str) -> tuple[int, int] | None:
    """Where a password may stand in a text that no parser took apart, or None.

    A refused text has no userinfo to go by, and yet it may hold a password (`http://user:pa/ss@host/`): everything
    between the first colon after the first `//` and the last `@` counts as one.
    """
    start = text.find("//")
    end = text.rfind("@")
    if start < 0 or end < start:
        return None
    colon = text.find(":", start, end)
    return (colon + 1, end) if 0 <= colon < end - 1 else None


def mask_refused(text: str) -> str:
    """The text with what may be a password in it masked.

    >>> mask_refused("http://user:pa/ss@host/")
    'http://user:***@host/'
    """
    span = secret_span(text)
    return text if span is None else text[: span[0]] + MASK + text[span[1] :]


def escape(text: str) -> str:
    r"""The text with what a terminal would act on, hide or reorder written as an escape.

    >>> escape("a\tb\x1b[2J")
    'a\\tb\\x1b[2J'
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_escape_char, text))


def quote(char: str) -> str:
    """One character as a message names it.

    >>> quote("|"), quote("é")
    ("'|'", "'é' (U+00E9)")
    """
    shown = f"'{_escape_char(char)}'"
    return shown if char.isascii() else f"{shown} (U+{ord(char):04X})"


def shorten(text: str, width: int = WIDTH) -> str:
    """The text as one line fit for a message: masked, escaped and cut at `width` columns."""
    shown = escape(mask_refused(text)[: width + 1])
    return shown if len(shown) <= width else shown[: width - 1] + _CUT


def quote_host(host: str) -> str:
    """A host, or what somebody wrote in the place of one, as a message quotes it: before an @ there may be a password.

    >>> quote_host("ada:s3cret@h")
    "'ada:***@h'"
    """
    return repr(shorten(f"//{host}").removeprefix("//"))


def excerpt(text: str, position: int, width: int = WIDTH) -> str:
    """Two lines: the text round `position`, at most `width` columns of it, and a caret below the place.

    >>> print(excerpt("http://h/a b", 10))
        http://h/a b
                  ^
    """
    span = secret_span(text)
    if span is not None:
        start, end = span
        text = text[:start] + MASK + text[end:]
        if position > start:
            position = start if position < end else position - (end - start) + len(MASK)
    # One column for the caret after the last character, one for each cut mark.
    room = width - len(_INDENT) - 3
    before = [_escape_char(char) for char in text[max(0, position - room) : position]]
    after = [_escape_char(char) for char in text[position : position + room]]
    right = _fitting(after, max(room // 2, room - _columns(before)))
    left = _fitting(before[::-1], room - _columns(right))[::-1]
    head = _CUT if len(left) < position else ""
    tail = _CUT if position + len(right) < len(text) else ""
    column = len(_INDENT) + len(head) + _columns(left)
    return f"{_INDENT}{head}{''.join(left)}{''.join(right)}{tail}\n{' ' * column}^"


def _escape_char(char: str) -> str:
    if char.isascii() or char == "�":
        return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")
    # Letters written from right to left move the columns of a terminal line, and marks have none of their own.
    moves = unicodedata.bidirectional(char) in {"R", "AL", "AN"} or unicodedata.category(char)[0] == "M"
    if char.isprintable() and not moves:
        return char
    return char.encode("unicode_escape").decode("ascii")


def _columns(cells: list[str]) -> int:
    return sum(_width(cell) for cell in cells)


def _width(cell: str) -> int:
    return 2 if unicodedata.east_asian_width(cell[0]) in {"W", "F"} else len(cell)


def _fitting(cells: list[str], room: int) -> list[str]:
    for count, cell in enumerate(cells):
        room -= _width(cell)
        if room < 0:
            return cells[:count]
    return cells
