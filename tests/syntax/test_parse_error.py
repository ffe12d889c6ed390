"""A refusal says what is wrong, where, and what to write instead."""

import copy
import pickle

import pytest

from tests.automaton import refusal
from urischeme import ParseError, parse, parse_reference


def refused(text: str, **options: bool) -> ParseError:
    with pytest.raises(ParseError) as caught:
        parse(text, **options)
    return caught.value


@pytest.mark.parametrize(
    ("text", "component", "position", "says"),
    [
        ("http://h/a b", "path", 10, "a space may not stand in a path; write %20"),
        ("http://[::1]/a b", "path", 14, "a space may not stand in a path"),
        ("http://h/\t", "path", 9, "a tab may not stand in a path; remove it, or write %09"),
        ("http://h/\n", "path", 9, "a newline may not stand in a path; remove it, or write %0A"),
        ("http:\\\\h", "path", 5, r"'\' may not stand in a path; write /, or %5C for a backslash"),
        ("s:a|b", "path", 3, "'|' may not stand in a path; write %7C"),
        ("s:?{", "query", 3, "'{' may not stand in a query; write %7B"),
        ("s:#a#", "fragment", 4, "'#' may not stand in a fragment; write %23"),
        ("s:a[0]", "path", 3, "'[' may not stand in a path; write %5B"),
        ("s:é", "path", 2, "'é' (U+00E9) may not stand in a path; write %C3%A9"),
        ("s:\ud800", "path", 2, "it is half of a surrogate pair, which no encoding can write; remove it"),
        ("s:100%", "path", 6, "% is not followed by two hexadecimal digits; write %25 for a percent sign"),
        ("s:%zz", "path", 3, "% is not followed by two hexadecimal digits"),
        ("s:%4z", "path", 4, "% is not followed by two hexadecimal digits"),
        ("http://h:8o/", "port", 10, "a port is digits; 'o' is none"),
        ("http://[::1]:8o/", "port", 14, "a port is digits; 'o' is none"),
        ("http://:8o/", "port", 9, "a port is digits; 'o' is none"),
        ("http://[::1]]:8o/", "host", 12, "may not stand after the closing bracket"),
        ("http://h:\N{FULLWIDTH DIGIT EIGHT}/", "port", 9, "write the ASCII digit 8"),
        ("http://::1:80/", "host", 7, "an IPv6 address stands in brackets, as in [::1]"),
        ("http://[::1:80/", "host", 14, "the bracket is left open; write ] after the address"),
        ("http://[::1]a/", "host", 12, "'a' may not stand after the closing bracket"),
        ("http://[1.2.3.4]/", "host", 9, "write a name or an IPv4 address without them"),
        ("http://fe80::1/", "host", 11, "an IPv6 address stands in brackets"),
        ("http://h:80:80/", "host", 8, "after it comes one port, of digits"),
        ("http://bücher.example/", "host", 8, "read the text with from_iri"),
        ("://h/", "scheme", 0, "write one before the colon"),
        ("<http://h>", "scheme", 0, "begins with '<'; remove it"),
        ("http://u:p/w@h/", "port", 9, "in a password, write / ? # and @ as %2F %3F %23 and %40"),
        ("http://[::01.2.3.4]/", "host", 12, "four numbers to 255, without leading zeros"),
        ("http://[::1.2.3.4.5]/", "host", 17, "four numbers to 255, without leading zeros"),
        ("http://[::1%eth0]/", "host", 11, "zone_ids=True, and %25 before it"),
        ("http://[name]/", "host", 8, "brackets are for IPv6 addresses"),
        ("http://[v1]/", "host", 10, "in brackets after v come hexadecimal digits, a dot"),
        ("1s:a", "scheme", 0, "this one begins with '1'"),
        ("my scheme:a", "scheme", 2, "this one has a space"),
        ("//h/", "scheme", 0, "write one before the //"),
        ("a/b", "scheme", 0, "a relative reference is for parse_reference"),
        ("", "scheme", 0, "a URI begins with a scheme"),
        (" http://h/", "scheme", 0, "this one begins with a space"),
    ],
)
def test_what_is_wrong_and_where(text: str, component: str, position: int, says: str) -> None:
    error = refused(text)
    assert (error.text, error.component, error.position) == (text, component, position)
    assert says in error.reason


def test_a_relative_reference_that_begins_with_a_colon() -> None:
    with pytest.raises(ParseError) as caught:
        parse_reference(":a")
    assert (caught.value.component, caught.value.position) == ("path", 0)
    assert "write ./:" in caught.value.reason
    with pytest.raises(ParseError) as caught:
        parse_reference("a b")
    assert (caught.value.component, caught.value.position) == ("path", 1)
    with pytest.raises(ParseError) as caught:
        parse_reference("1a:b")
    assert (caught.value.component, caught.value.position) == ("scheme", 0)


def test_the_message_is_the_place_the_reason_and_a_caret() -> None:
    assert str(refused("http://h/a b")).splitlines() == [
        "path, position 10: a space may not stand in a path; write %20",
        "    http://h/a b",
        "              ^",
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s:\x1b[2J |", r"    s:\x1b[2J |"),
        ("s:a\N{RIGHT-TO-LEFT OVERRIDE}", r"    s:a\u202e"),
        ("s:\N{HEBREW LETTER ALEF}", r"    s:\u05d0"),
        ("s:e\N{COMBINING ACUTE ACCENT}", r"    s:e\u0301"),
        ("s:\ud800", r"    s:\ud800"),
        ("s:\N{CJK UNIFIED IDEOGRAPH-4E2D}", "    s:中"),
    ],
)
def test_what_a_terminal_would_act_on_is_escaped(text: str, shown: str) -> None:
    _, line, caret = str(refused(text)).splitlines()
    assert line == shown
    assert caret.index("^") == 4 + refused(text).position


@pytest.mark.parametrize("before", [0, 1, 30, 60, 200, 10**6])
@pytest.mark.parametrize("after", [0, 1, 30, 60, 200, 10**6])
def test_long_texts_are_cut_to_eighty_columns_round_the_caret(before: int, after: int) -> None:
    _, line, caret = str(refused("s:" + "a" * before + "|" + "b" * after)).splitlines()
    assert len(line) <= 80
    assert line[caret.index("^")] == "|"
    assert line.endswith("…") == (after > 70) or after == 60


@pytest.mark.parametrize(
    ("text", "shown", "under"),
    [
        ("http://user:pa/ss@host/", "http://user:***@host/", "*"),
        ("http://u:se cret@h/", "http://u:***@h/", "*"),
        ("http://u:secret@h/a b", "http://u:***@h/a b", " "),
        ("http://u:secret@h:x/", "http://u:***@h:x/", "x"),
        ("ht tp://u:secret@h", "ht tp://u:***@h", " "),
        ("http://h:80/?a b@c", "http://h:***@c", "*"),
    ],
)
def test_no_password_is_shown_and_the_caret_still_points(text: str, shown: str, under: str) -> None:
    error = refused(text)
    _, line, caret = str(error).splitlines()
    assert line == "    " + shown
    assert line[caret.index("^")] == under
    assert "secret" not in repr(error) + str(error) + str(error.args)
    assert error.text == text


def test_errors_travel() -> None:
    error = refused("http://u:secret@h/a b")
    error.add_note("line 7")
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert isinstance(again, ParseError)
        assert (str(again), again.__dict__) == (str(error), error.__dict__)


@pytest.mark.parametrize(
    ("text", "position"),
    [
        ("http://[fe80::1%2x]/", 17),
        ("http://[fe80::1%eth0]/", 16),
        ("http://[fe80::1%25]/", 18),
        ("http://[fe80::1%25a%4]/", 21),
        ("http://[fe80::1%25a!]/", 19),
        ("http://[fe80::1%25a%zz]/", 20),
        ("http://[fe80::1x]/", 15),
        ("http://[fe80::1%25a]x/", 20),
        ("http://[fe80::1%25a", 19),
        ("http://[v1.a%25b]/", 12),
    ],
)
def test_zone_ids_that_are_none(text: str, position: int) -> None:
    error = refused(text, zone_ids=True)
    assert (error.component, error.position) == ("host", position) == refusal(text, need_scheme=True, zone_ids=True)
