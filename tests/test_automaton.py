"""The independent reading is itself right on what nobody doubts."""

import pytest

from tests.automaton import automaton, refusal


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
