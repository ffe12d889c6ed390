"""`docs/refusals.md` is what the command writes, and leaves no reason out."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance import refusals
from conformance.refusals import CATALOGUE, Mistake, refusal
from tests.automaton import refusal as independent
from urischeme.syntax import diagnose

PAGE = Path(__file__).parents[2] / "docs" / "refusals.md"

MISTAKES = [mistake for chapter in CATALOGUE for mistake in chapter.mistakes]


def test_the_page_is_up_to_date() -> None:
    assert refusals.generate() == PAGE.read_text(encoding="utf-8"), "run python -m conformance"


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.title)
def test_each_is_refused_where_the_grammar_refuses_it(mistake: Mistake) -> None:
    error = refusal(mistake)
    expected = independent(mistake.text, need_scheme=not mistake.reference, zone_ids=mistake.zone_ids)
    assert (error.component, error.position) == expected
    assert "\n".join(refusals.printed(mistake)) in PAGE.read_text(encoding="utf-8")


def test_no_title_and_no_text_stands_twice() -> None:
    assert len({mistake.title for mistake in MISTAKES}) == len(MISTAKES)
    assert len({(mistake.text, mistake.zone_ids) for mistake in MISTAKES}) == len(MISTAKES)


def test_every_reason_of_the_code_is_shown() -> None:
    reasons = "\n".join(refusal(mistake).reason for mistake in MISTAKES)
    pieces = list(_pieces())
    assert len(pieces) > 20
    assert [piece for piece in pieces if piece not in reasons] == []


def _pieces() -> Iterator[str]:
    """What the functions of `diagnose` that give a text are made of, and the tables that they read."""
    for node in ast.parse(inspect.getsource(diagnose)).body:
        if isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name) and node.returns.id == "str":
            yield from _texts(node)
        elif isinstance(node, ast.AnnAssign) and isinstance(node.value, ast.Dict):
            yield from (text for value in node.value.values for text in _texts(value))


def _texts(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        # Names and single characters are no prose.
        if isinstance(each, ast.Constant) and isinstance(each.value, str) and " " in each.value.strip():
            yield each.value


def test_what_is_no_mistake_cannot_be_listed() -> None:
    with pytest.raises(AssertionError, match="is no mistake"):
        refusal(Mistake("", "3", "https://example.com/"))
