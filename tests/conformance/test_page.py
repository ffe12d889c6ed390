"""`docs/conformance.md` is what the command writes."""

import os
from pathlib import Path

import pytest

from conformance import page
from conformance.markdown import code
from conformance.page import ask, installed, kinds, version_lines

PAGE = Path(__file__).parents[2] / "docs" / "conformance.md"

UP_TO_DATE = "run python -m conformance"


def test_the_page_is_up_to_date() -> None:
    written = PAGE.read_text(encoding="utf-8")
    libraries, missing = installed()
    elsewhere = [line for line in version_lines(libraries) if line not in written.splitlines()]
    if missing or elsewhere:
        pytest.skip(f"written with other versions than are installed here: {missing + elsewhere}")
    assert page.generate() == written, UP_TO_DATE


def test_the_page_has_every_kind_and_all_of_its_cases() -> None:
    written = PAGE.read_text(encoding="utf-8")
    for kind in kinds():
        assert f"of {len(kind.cases)} cases in dispute" in written, UP_TO_DATE


def test_a_library_that_is_not_installed_is_said_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "uritools", None)
    libraries, missing = installed()
    assert "uritools" in missing
    assert "uritools" not in {library.name for library in libraries}
    assert "- **uritools** is not installed, and so was not asked." in page.generate()


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="only where all of them are to be there")
def test_all_libraries_are_installed() -> None:
    assert installed()[1] == []


def test_who_differs_is_named_with_the_answer() -> None:
    libraries, _ = installed()
    by_name = {library.name: library for library in libraries}
    verdict = kinds()[0]
    result = ask(verdict, [by_name["urischeme"], by_name["urllib.parse"]])
    assert result.wrong["urischeme"] == 0
    assert result.asked["urischeme"] == result.asked["urllib.parse"] == len(verdict.cases)
    assert {name for difference in result.differences for name in difference.answers} == {"urllib.parse"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("", "*empty*"),
        ("a|b", r"`a\|b`"),
        ("a`b", "`` a`b ``"),
        (" a", r"`\x20a`"),
        ("a\n", r"`a\n`"),
        ("\\n", r"`\\n`"),
        ("\ud800", r"`\ud800`"),
        ("a" * 100, f"`{'a' * 32}…{'a' * 22}`"),
    ],
)
def test_texts_are_shown_so_that_a_table_keeps_them(text: str, shown: str) -> None:
    assert code(text) == shown
