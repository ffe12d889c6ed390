"""Other libraries read the grammar as urischeme does, but for what is listed and explained."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import urischeme
from conformance.differential import READINGS, Defect, Reading
from conformance.differential import Rfc3986Reading as Rfc3986
from conformance.differential import Rfc3987SyntaxReading as Rfc3987Syntax
from conformance.differential import UritoolsReading as Uritools
from urischeme.testing import strategies as uri_st

_EDITS = st.sampled_from([*':/?#[]@%.;+a0 |\\\n"{', "é", "::", "%4", "//", "V", "256", ""])


def _edited(text: str) -> st.SearchStrategy[str]:
    """The text with a piece put in, or one character replaced."""
    places = st.tuples(st.integers(0, len(text)), _EDITS, st.booleans())
    return places.map(lambda edit: text[: edit[0]] + edit[1] + text[edit[0] + edit[2] :])


_authorities = st.one_of(uri_st.authorities(), uri_st.ipv6().map("[{}]".format), uri_st.ipv4()).map("//{}".format)
_valid = st.one_of(uri_st.references(), _authorities)
_pieces = st.sampled_from([*":/?#[]@%a0 ", "http:", "//", "[::1]", "1.2.3.4", "%41", "..", "\n", "256", "v1.a"])
texts = st.one_of(_valid, _valid.flatmap(_edited), st.lists(_pieces, max_size=10).map("".join))


@cache
def reading(kind: type[Reading]) -> Reading:
    pytest.importorskip(kind.distribution.replace("-", "_"))
    return kind()


def _ours(text: str) -> bool:
    try:
        urischeme.parse_reference(text)
    except urischeme.ParseError:
        return False
    return True


def explained(kind: type[Reading], text: str) -> bool:
    """Whether the verdicts are the same, or a defect of that direction applies."""
    takes = reading(kind).accepts(text)
    if takes == _ours(text):
        return True
    return any(defect.takes == takes and defect.applies(text) for defect in kind.defects)


@given(texts)
def test_rfc3986_agrees(text: str) -> None:
    assert explained(Rfc3986, text)


@given(texts)
def test_uritools_agrees(text: str) -> None:
    assert explained(Uritools, text)


# Its parser is of Earley's kind, and takes milliseconds a character.
@settings(max_examples=60, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
@given(texts.filter(lambda text: text.isascii() and len(text) <= 24))
def test_rfc3987_syntax_agrees(text: str) -> None:
    assert explained(Rfc3987Syntax, text)


@pytest.mark.parametrize(
    ("kind", "defect"),
    [(kind, defect) for kind in READINGS for defect in kind.defects],
    ids=lambda value: value.name,
)
def test_every_defect_is_still_there(kind: type[Reading], defect: Defect) -> None:
    text = defect.example
    assert (_ours(text), reading(kind).accepts(text)) == (not defect.takes, defect.takes)
    # And it alone explains the text.
    assert [other for other in kind.defects if other.takes == defect.takes and other.applies(text)] == [defect]
