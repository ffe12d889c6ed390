"""Texts that are one edit away from a URI reference, and none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hypothesis import strategies as st

from urischeme.errors import ParseError
from urischeme.syntax.uri import parse_reference
from urischeme.testing.grammar import RFC3986


def _insert(text: str, place: int, char: str) -> str:
    return text[:place] + char + text[place:]


def _replace(text: str, place: int, char: str) -> str:
    return text[:place] + char + text[place + 1 :]


def _delete(text: str, place: int, _: str) -> str:
    return text[:place] + text[place + 1 :]


_EDITS: Final[tuple[Callable[[str, int, str], str], ...]] = (_insert, _replace, _delete)

# First what the grammar knows, in the wrong place; then what people paste.
_CHARS: Final = st.one_of(
    st.sampled_from("%[]#:@/?g0v."),
    st.sampled_from(' "<>\\^`{|}\t\n\r\0\x7f\xa0é１。／：\u200b\u202e\ufeff\ud800'),
    st.characters(exclude_categories=()),
)


def _is_reference(text: str) -> bool:
    try:
        parse_reference(text)
    except ParseError:
        return False
    return True


@st.composite
def _near_miss(draw: st.DrawFn) -> str:
    text = draw(RFC3986.reference)
    edit, char = draw(st.sampled_from(_EDITS)), draw(_CHARS)
    first = draw(st.integers(0, len(text)))
    # From the place that was drawn, the next one at which the edit does harm: nothing is thrown away.
    for place in (*range(first, len(text) + 1), *range(first)):
        edited = edit(text, place, char)
        if not _is_reference(edited):
            return edited
    return _insert(text, first, " ")


near_miss: Final = _near_miss()
