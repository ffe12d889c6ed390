"""RFC 3986 section 5, and its inverse."""

import json
from itertools import product
from pathlib import Path

import pytest

from urischeme import URI, ParseError, Reference, join, parse, parse_reference

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "rfc3986-resolution.json").read_text())


@pytest.mark.parametrize(("ref", "target"), [(each["reference"], each["target"]) for each in EXAMPLES["examples"]])
def test_every_example_of_section_5_4(ref: str, target: str) -> None:
    assert join(EXAMPLES["base"], ref) == target


def test_there_are_all_42() -> None:
    assert len(EXAMPLES["examples"]) == 42


@pytest.mark.parametrize(
    ("base", "ref", "target"),
    [
        ("s:a", "/.//x", "s:/.//x"),
        ("s:a/b", "..//x", "s:/.//x"),
        ("s:/a/b", "..//x", "s:/.//x"),
        ("s:/a", "/..//x", "s:/.//x"),
        ("s://h/a", "/..//x", "s://h//x"),
        ("s:", "x", "s:x"),
        ("s:a", "", "s:a"),
        ("s:a?q#f", "", "s:a?q"),
        ("s:a?q", "#f", "s:a?q#f"),
        ("s:a?q", "?r", "s:a?r"),
        ("s://h", "x", "s://h/x"),
        ("s://h", "?x", "s://h?x"),
        ("s://h?q", "..", "s://h/"),
        ("s://h/a/b", "//g", "s://g"),
        ("s://h/a/b", "//g/./x/..", "s://g/"),
        ("s://h/a/b?q#f", "//g/x?y#z", "s://g/x?y#z"),
        ("s://h/a/b", "s:./x", "s:x"),
        ("s://h/a/b", "s:../../x", "s:x"),
        ("s://h/a/b", "s:.././x/", "s:x/"),
        ("s://h/a/b", "s:.", "s:"),
        ("s://h/a/b", "s:..", "s:"),
        ("s://h/a/b", "s:./.x", "s:.x"),
        ("s://h/a/b", "s:...", "s:..."),
        ("s://h/a/b", "s:x/..", "s:/"),
        ("s://h/a/b", "s:x/../y", "s:/y"),
        ("s://h/a/b", "../../../c", "s://h/c"),
        ("s://h/a//b", "../c", "s://h/a/c"),
        ("s://h/a/b?q/r", "c", "s://h/a/c"),
        ("s:a/b", "./c:d", "s:a/c:d"),
        ("s://h/a/b", "%2e%2e/c", "s://h/a/%2e%2e/c"),
    ],
)
def test_further_cases(base: str, ref: str, target: str) -> None:
    assert join(base, ref) == target
    assert parse(base).join(ref) == parse(target)


@pytest.mark.parametrize(("base", "ref", "refused"), [("/a", "b", "/a"), ("s:", "a b", "a b"), ("", "", "")])
def test_the_error_is_about_the_text_that_was_refused(base: str, ref: str, refused: str) -> None:
    with pytest.raises(ParseError) as caught:
        join(base, ref)
    assert caught.value.text == refused


@pytest.mark.parametrize(
    ("base", "target", "ref"),
    [
        ("http://h/a/b", "http://h/a/b", ""),
        ("http://h/a/b#f", "http://h/a/b#g", "#g"),
        ("http://h/a/b?q", "http://h/a/b?q#g", "#g"),
        ("http://h/a/b", "http://h/a/b?q", "?q"),
        ("http://h/a/b?q", "http://h/a/b", "b"),
        ("http://h/a/b", "http://h/a/c", "c"),
        ("http://h/a/b", "http://h/a/", "."),
        ("http://h/a/b", "http://h/a/c:d", "./c:d"),
        ("http://h/a/b", "http://h/c", "/c"),
        ("http://h/aaa/b/c", "http://h/aaa/d", "../d"),
        ("http://h/aaa/b/c/d", "http://h/aaa/", "../.."),
        ("http://h/a/b/c/d", "http://h/x", "/x"),
        ("http://h/a/b", "http://h/a//c", ".//c"),
        ("http://h/a", "http://h//c", ".//c"),
        ("http://h/a", "http://h", "//h"),
        ("http://h/a", "http://g/a", "//g/a"),
        ("http://h/a", "https://h/a", "https://h/a"),
        ("s:a/b", "s:a/c", "c"),
        ("s:a/b", "s:c", "s:c"),
        ("s:/a", "s:b", "s:b"),
        ("http://h/a/b", "http://h/a/x/../c", "c"),
    ],
)
def test_relativize(base: str, target: str, ref: str) -> None:
    assert str(URI(base).relativize(target)) == str(URI(base).relativize(URI(target))) == ref
    assert URI(base).join(ref) == URI(base).join(target)


def kind(ref: Reference) -> int:
    """A relative path, an absolute path, a network path, a URI: the order of preference."""
    if ref.scheme is not None:
        return 3
    if ref.authority is not None:
        return 2
    return 1 if ref.path.startswith("/") else 0


SHORT = ["".join(chars) for length in range(5) for chars in product("ab./?#:", repeat=length)]


@pytest.mark.parametrize(
    "base",
    [
        *(
            "a:",
            "a:b",
            "a:b/a",
            "a:/",
            "a:/b/a",
            "a://",
            "a://b",
            "a://b/",
            "a://b/a/b",
            "a://b//a",
            "a:/.//a/",
            "a:?b",
        ),
        *("a:/.//a/", "a://b/a/b?a#b", "a:a/../b", "a:/a/./b/", "a://b/a/../../b/a"),
    ],
)
def test_no_reference_is_shorter(base: str) -> None:
    """Against every reference of up to four characters of a small alphabet."""
    best: dict[str, tuple[int, int]] = {}
    for text in SHORT:
        try:
            ref = parse_reference(text)
        except ParseError:
            continue
        target = join(base, text)
        best[target] = min(best.get(target, (99, 99)), (len(text), kind(ref)))
    for target, expected in best.items():
        way = URI(base).relativize(target)
        assert (len(str(way)), kind(way)) == expected, (target, way)
        assert str(URI(base).join(way)) == target


def test_join_takes_zone_ids_in_both() -> None:
    base, ref = "http://[fe80::1%25a]/x", "//[fe80::2%25b]/y"
    assert join(base, ref, zone_ids=True) == "http://[fe80::2%25b]/y"
    for pair in ((base, "y"), ("http://h/", ref)):
        with pytest.raises(ParseError):
            join(*pair)
