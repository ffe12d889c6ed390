"""Each case's answer is right by a reading that is not urischeme's, and urischeme gives it."""

import re

import pytest

import urischeme
from conformance import case
from conformance.case import Case, Components, NormalForm, Parts, Resolution, Verdict
from conformance.cut import cut
from conformance.libraries.strict import Urischeme
from conformance.page import Kind, kinds
from tests.automaton import automaton
from tests.conformance import section_5

# Bases that tell relative references apart.
BASES = ["s://h/a/b/c/d", "s://h", "s:/a/b"]

IDS = re.compile(r"[^ -~]|\s").sub


def short(each: Case) -> str:
    text = each.reference if isinstance(each, Resolution) else getattr(each, "text", "")
    return IDS("_", str(text))[:40] or "empty"


@pytest.mark.parametrize(("count", "least"), [(len(case.verdicts()), 150), (len(case.resolutions()), 200)])
def test_there_are_many(count: int, least: int) -> None:
    assert count >= least
    assert len(case.normal_forms()) >= 60


def test_no_case_stands_twice_and_each_names_its_section() -> None:
    asked = [
        *((each.rule, each.text) for each in case.verdicts()),
        *(("components", each.text) for each in case.parts()),
        *((each.base, each.reference) for each in case.resolutions()),
        *(("normal", each.text) for each in case.normal_forms()),
    ]
    assert len(asked) == len(set(asked))
    cases: list[Case] = [*case.verdicts(), *case.parts(), *case.resolutions(), *case.normal_forms()]
    assert [each for each in cases if not re.fullmatch(r"[1-7](\.[0-9]+)*", each.section) or not each.why] == []


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.name)
def test_urischeme_is_right_on_every_case(kind: Kind) -> None:
    library = Urischeme()
    answers = [(each, kind.judge(library, each)) for each in kind.cases]
    assert [(each, answer) for each, answer in answers if answer is not None and not answer.right] == []


@pytest.mark.parametrize("each", case.verdicts(), ids=short)
def test_verdicts_are_those_of_the_automaton(each: Verdict) -> None:
    assert automaton(each.rule).accepts(each.text) == each.valid
    # And urischeme's own two functions, asked directly.
    read = urischeme.parse if each.rule == "URI" else urischeme.parse_reference
    try:
        read(each.text)
    except urischeme.ParseError:
        assert not each.valid
    else:
        assert each.valid


@pytest.mark.parametrize("each", case.parts(), ids=short)
def test_components_are_those_of_appendix_b(each: Parts) -> None:
    assert automaton("URI-reference").accepts(each.text)
    assert each.components == cut(each.text)
    for rule, part in zip(Components._fields, each.components, strict=True):
        assert part is None or rule == "path" or automaton(rule).accepts(part)


@pytest.mark.parametrize("each", case.resolutions(), ids=short)
def test_targets_are_those_of_the_pseudo_code(each: Resolution) -> None:
    assert section_5.resolve(each.base, each.reference) == each.target
    assert automaton("URI").accepts(each.target)
    assert urischeme.join(each.base, each.reference) == each.target


@pytest.mark.parametrize("each", case.normal_forms(), ids=short)
def test_normal_forms_by_syntax_are_those_of_the_oracle(each: NormalForm) -> None:
    assert automaton("URI-reference").accepts(each.syntax)
    parts = section_5.parse(each.text)
    if parts.scheme is None and parts.authority is None and not parts.path.startswith("/"):
        # What a relative reference becomes, section 6.2.2 does not say: it has to mean the same at every base.
        for base in BASES:
            meant, found = section_5.resolve(base, each.text), section_5.resolve(base, each.syntax)
            assert section_5.normalize(meant) == section_5.normalize(found)
    else:
        assert section_5.normalize(each.text) == each.syntax
    assert urischeme.normalize(each.text, level="syntax") == each.syntax


@pytest.mark.parametrize("each", case.normal_forms(), ids=short)
def test_normal_forms_stay_what_they_are(each: NormalForm) -> None:
    assert automaton("URI-reference").accepts(each.scheme)
    for level, form in (("syntax", each.syntax), ("scheme", each.scheme)):
        assert urischeme.normalize(form, level="syntax" if level == "syntax" else "scheme") == form
