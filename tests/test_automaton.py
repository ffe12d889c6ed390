"""The independent reading is itself right on what nobody doubts."""

import json
from pathlib import Path

import pytest
from abnf.grammars import rfc3986
from abnf.parser import ParseError

from tests.automaton import automaton, refusal

VERDICTS = Path(__file__).parents[1] / "conformance" / "cases" / "verdicts.json"


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        ("dec-octet", ["0", "9", "10", "99", "100", "199", "249", "255"], ["", "00", "256", "260", "1000"]),
        (
            "IPv6address",
            ["::", "1::", "::1.2.3.4", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::"],
            [":", "1::2::3", "1:2:3:4:5:6:7:8::"],
        ),
        ("scheme", ["a", "A+b-c.1"], ["", "1", "+a"]),
        ("path-empty", [""], ["/"]),
        ("path-noscheme", ["a", "a/b:c"], ["", "a:b", "/a"]),
        ("IPvFuture", ["v1.a", "VF.:"], ["v.a", "v1."]),
        ("URI", ["a:", "http://[::1]:80/?#"], ["a", "http://[", "a:#a#b"]),
    ],
)
def test_rules(rule: str, good: list[str], bad: list[str]) -> None:
    reader = automaton(rule)
    assert [text for text in good if not reader.accepts(text)] == []
    assert [text for text in bad if reader.accepts(text)] == []


def test_how_far_a_text_could_have_become_valid() -> None:
    assert refusal("http://h/a%4", need_scheme=True) == ("path", 12)
    assert refusal("http://[::1%25e]/", need_scheme=True) == ("host", 11)
    assert refusal("http://[::1%25e]/", need_scheme=True, zone_ids=True) is None


def short_texts() -> list[str]:
    """Short, because a parser that tries every way takes its time."""
    return sorted({case["text"] for case in json.loads(VERDICTS.read_text()) if len(case["text"]) < 30})


@pytest.mark.parametrize("rule", ["URI", "URI-reference"])
def test_a_parser_made_from_the_same_grammar_agrees(rule: str) -> None:
    for text in short_texts():
        try:
            rfc3986.Rule(rule).parse_all(text)
        except ParseError:
            theirs = False
        else:
            theirs = True
        assert automaton(rule).accepts(text) == theirs, text
