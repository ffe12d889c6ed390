"""The parts of a text, drawn under it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

from rich.text import Text

from urischeme.syntax.uri import Reference

_STYLES: Final = {
    "scheme": "cyan",
    "userinfo": "magenta",
    "host": "green",
    "port": "yellow",
    "path": "bright_blue",
    "query": "bright_magenta",
    "fragment": "red",
}
_INDENT: Final = "  "
_STEM: Final = "│"


class Part(NamedTuple):
    """One component of a text.

    Attributes:
        name: what it is called.
        start: where in the text it begins.
        text: what it is; empty is not absent, and is drawn too.
    """

    name: str
    start: int
    text: str


def parts(reference: Reference) -> list[Part]:
    """The components that a reference has, from left to right. An empty path is as good as none.

    >>> [(part.name, part.start) for part in parts(Reference("http://h?"))]
    [('scheme', 0), ('host', 7), ('query', 9)]
    """
    return list(_parts(reference))


def _parts(ref: Reference) -> Iterator[Part]:
    start = 0
    if ref.scheme is not None:
        yield Part("scheme", start, ref.scheme)
        start += len(ref.scheme) + 1
    if ref.host is not None:
        start += 2
        if ref.userinfo is not None:
            yield Part("userinfo", start, ref.userinfo)
            start += len(ref.userinfo) + 1
        yield Part("host", start, ref.host)
        start += len(ref.host)
        if ref.port_text is not None:
            yield Part("port", start + 1, ref.port_text)
            start += 1 + len(ref.port_text)
    if ref.path:
        yield Part("path", start, ref.path)
    start += len(ref.path)
    for name, text in (("query", ref.query), ("fragment", ref.fragment)):
        if text is not None:
            yield Part(name, start + 1, text)
            start += 1 + len(text)


def draw(text: str, parts: Sequence[Part], width: int) -> Text:
    """The text with each part marked and named under it; as a list where `width` columns are too few for that.

    >>> ref = Reference("https://user@Example.COM:8443/a/./b?q=1#top")
    >>> print(draw(str(ref), parts(ref), 80).plain)
    https://user@Example.COM:8443/a/./b?q=1#top
    ╰─┬─╯   ╰┬─╯ ╰────┬────╯ ╰┬─╯╰─┬──╯ ╰┬╯ ╰┬╯
    scheme userinfo  host    port path query fragment
    """
    if not parts:
        return Text("(empty)")  # the reference to where one is
    lines = [_Line(text, {part: _span(part) for part in parts}), _marks(parts), *_labels(parts)]
    if max(map(len, (line.text for line in lines))) > width:
        return _listed(text, parts)
    return Text("\n").join(line.styled() for line in lines)


def _listed(text: str, parts: Sequence[Part]) -> Text:
    drawn = [_Line(text, {part: _span(part) for part in parts}).styled()]
    margin = max((len(part.name) for part in parts), default=0)
    for part in parts:
        value = part.text or "(empty)"
        drawn.append(Text(f"{_INDENT}{part.name:{margin}}{_INDENT}{value}", _STYLES[part.name]))
    return Text("\n").join(drawn)


class _Line(NamedTuple):
    """One line of a drawing.

    Attributes:
        text: its characters.
        spans: which of them belong to which part.
    """

    text: str
    spans: dict[Part, tuple[int, int]]

    def styled(self) -> Text:
        styled = Text(self.text)
        for part, (start, end) in self.spans.items():
            styled.stylize(_STYLES[part.name], start, end)
        return styled


def _span(part: Part) -> tuple[int, int]:
    return part.start, part.start + len(part.text)


def _column(part: Part) -> int:
    """Where its label hangs. An empty part has no column of its own: it takes that of the delimiter before it."""
    return part.start + (len(part.text) - 1) // 2


def _marks(parts: Sequence[Part]) -> _Line:
    return _line((part, part.start if part.text else _column(part), _mark(len(part.text))) for part in parts)


def _mark(length: int) -> str:
    """A brace as wide as its part, with a stem where the label hangs."""
    if length < 3:
        return "├╯" if length == 2 else "│"
    stem = (length - 1) // 2
    return f"╰{'─' * (stem - 1)}┬{'─' * (length - stem - 2)}╯"


def _labels(parts: Sequence[Part]) -> Iterator[_Line]:
    """Rows of labels, each as high up as it has room; the stems of those further down run through."""
    waiting = list(parts)
    while waiting:
        row = list(_row(waiting))
        yield _line(row)
        waiting = [part for part, _, piece in row if piece == _STEM]


def _row(parts: Sequence[Part]) -> Iterator[tuple[Part, int, str]]:
    free = 0
    for part in parts:
        stem, label = _column(part), part.name if part.text else f"{part.name} (empty)"
        others = {_column(other) for other in parts if other is not part}
        start = max(stem - (len(label) - 1) // 2, free)
        if start > stem or others.intersection(range(start - 1, start + len(label) + 1)):
            # No room round the stem: from the stem on, then. Nothing stands in the way of the last part.
            start, label = stem, f"╰ {label}"
            if others.intersection(range(start, start + len(label) + 1)):
                label = _STEM
        yield part, start, label
        free = start + len(label) + 1


def _line(pieces: Iterable[tuple[Part, int, str]]) -> _Line:
    text = ""
    spans: dict[Part, tuple[int, int]] = {}
    for part, start, piece in pieces:
        text = text.ljust(start) + piece
        spans[part] = (start, start + len(piece))
    return _Line(text, spans)
