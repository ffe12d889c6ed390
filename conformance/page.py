"""`docs/conformance.md`: who says what, case by case."""

from __future__ import annotations

import warnings
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from conformance import case, judgement
from conformance.differential import READINGS
from conformance.libraries import LIBRARIES
from conformance.libraries.strict import Urischeme
from conformance.markdown import code, row

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from conformance.case import Case
    from conformance.judgement import Answer
    from conformance.library import Library

_C = TypeVar("_C", bound="Case")

_INTRODUCTION = """\
# Who follows RFC 3986, and where not

Written by `python -m conformance`.

Each case is a text and what RFC 3986 makes of it, worked out by hand from the section named. The tests hold each
against a reading that is not urischeme's: verdicts against an automaton made of the RFC's own ABNF, components against
its Appendix B, targets and normal forms by syntax against its pseudo-code of section 5.2, copied out line by line.
Urischeme is asked like all the others: where it differs, it is named like them.

No library is blamed for what it does not set out to do. Several are made to take what the web sends, and two follow the
WHATWG URL standard, which repairs where the RFC refuses. What a reader finds here is where they part from the RFC.

Texts are shown as in a Python string, without its quotes.
"""

_KINDS_EXPLAINED = """\
- **verdict**: does it take exactly the texts of the rule `URI`, or of `URI-reference`? Every component has to be read
  without an error; for the rule `URI` it has to find a scheme too.
- **components**: does it find what stands there? The case of scheme and host, brackets, zeros in front of a port and an
  empty port are notation, and not counted.
- **resolution**: does it come to the target of section 5.2, read strictly? The normal form of the target will do.
- **6.2.2** and **6.2.3**: does it come to the normal form by syntax, and to that by scheme where it is another? The
  second is a further rung of the same ladder: who stops before it is not wrong, only finds fewer equals.
"""


@dataclass(frozen=True)
class Kind:
    """One kind of question: its cases, how an answer is judged, and the table of those that differ."""

    name: str
    cases: Sequence[Case]
    judge: Callable[[Library, Any], Answer | None]
    columns: tuple[str, ...]
    cells: Callable[[Any], tuple[str, ...]]


def _kind(
    name: str,
    cases: Sequence[_C],
    judge: Callable[[Library, _C], Answer | None],
    columns: tuple[str, ...],
    cells: Callable[[_C], tuple[str, ...]],
) -> Kind:
    return Kind(name, cases, judge, columns, cells)


def kinds() -> tuple[Kind, ...]:
    """The kinds, in the order of the page."""
    forms = case.normal_forms()
    return (
        _kind("verdict", case.verdicts(), judgement.judge_verdict, ("text", "rule", "RFC 3986"), _verdict_cells),
        _kind("components", case.parts(), judgement.judge_parts, ("text", "RFC 3986"), _parts_cells),
        _kind(
            "resolution",
            case.resolutions(),
            judgement.judge_resolution,
            ("base", "reference", "RFC 3986"),
            lambda each: (code(each.base), code(each.reference), code(each.target)),
        ),
        _kind(
            "6.2.2",
            forms,
            judgement.judge_syntax_form,
            ("text", "RFC 3986"),
            lambda each: (code(each.text), code(each.syntax)),
        ),
        _kind(
            "6.2.3",
            [each for each in forms if each.syntax != each.scheme],
            judgement.judge_scheme_form,
            ("text", "RFC 3986"),
            lambda each: (code(each.text), code(each.scheme)),
        ),
    )


def _verdict_cells(each: case.Verdict) -> tuple[str, ...]:
    return code(each.text), f"`{each.rule}`", "accepts" if each.valid else "refuses"


def _parts_cells(each: case.Parts) -> tuple[str, ...]:
    shown = (f"{name} {code(part)}" for name, part in each.components._asdict().items() if part is not None)
    return code(each.text), ", ".join(shown)


class Difference(NamedTuple):
    """A case on which some libraries differ from the RFC: their answers by name."""

    case: Case
    answers: dict[str, str]


@dataclass(frozen=True)
class Result:
    """What all libraries said to the cases of a kind."""

    kind: Kind
    # By the name of the library.
    asked: Counter[str]
    wrong: Counter[str]
    differences: list[Difference]


def ask(kind: Kind, libraries: Sequence[Library]) -> Result:
    """Ask every library about every case of a kind."""
    result = Result(kind, Counter(), Counter(), [])
    for each in kind.cases:
        answers = _answers(kind, each, libraries)
        wrong = {name: answer.shown for name, answer in answers.items() if answer is not None and not answer.right}
        result.asked.update(name for name, answer in answers.items() if answer is not None)
        result.wrong.update(wrong.keys())
        if wrong:
            result.differences.append(Difference(each, wrong))
    return result


def _answers(kind: Kind, each: Case, libraries: Sequence[Library]) -> dict[str, Answer | None]:
    with warnings.catch_warnings():
        # A warning is no answer, not even where it is made an error.
        warnings.simplefilter("ignore")
        return {library.name: kind.judge(library, each) for library in libraries}


def installed() -> tuple[list[Library], list[str]]:
    """The libraries that are there, and the names of those that are not."""
    found: list[Library] = []
    missing: list[str] = []
    for library in LIBRARIES:
        try:
            found.append(library())
        except ImportError:
            missing.append(library.name)
    return found, missing


def version_lines(libraries: Sequence[Library]) -> list[str]:
    """A line on each library: its version, and how it is asked."""
    return [
        f"- **{each.name}**, {'this checkout' if isinstance(each, Urischeme) else each.version()}: {each.how}"
        for each in libraries
    ]


def generate() -> str:
    """The whole page."""
    libraries, missing = installed()
    results = [ask(kind, libraries) for kind in kinds()]
    return "\n".join(_lines(libraries, missing, results)) + "\n"


def _lines(libraries: Sequence[Library], missing: Sequence[str], results: Sequence[Result]) -> Iterator[str]:
    yield _INTRODUCTION
    yield "## In short"
    yield ""
    yield "How many answers differ from the RFC's, of how many asked; – where the library does not offer it."
    yield ""
    yield from _summary(libraries, results)
    yield ""
    yield _KINDS_EXPLAINED
    yield "## How they were asked"
    yield ""
    yield from version_lines(libraries)
    yield from (f"- **{name}** is not installed, and so was not asked." for name in missing)
    for result in results:
        yield ""
        yield from _details(result)
    yield ""
    yield from _defects()


def _summary(libraries: Sequence[Library], results: Sequence[Result]) -> Iterator[str]:
    yield row(["library", *(result.kind.name for result in results)])
    yield row(["---", *("--:" for _ in results)])
    for library in libraries:
        yield row([library.name, *(_ratio(result, library.name) for result in results)])


def _ratio(result: Result, name: str) -> str:
    return f"{result.wrong[name]}/{result.asked[name]}" if result.asked[name] else "–"


def _details(result: Result) -> Iterator[str]:
    kind = result.kind
    yield f"## {kind.name.capitalize()}: {len(result.differences)} of {len(kind.cases)} cases in dispute"
    yield ""
    yield row([*kind.columns, "section", "because", "who differs"])
    yield row(["---"] * (len(kind.columns) + 3))
    for each, answers in result.differences:
        yield row([*kind.cells(each), each.section, each.why, _who(answers)])


def _who(answers: dict[str, str]) -> str:
    """The answers, each with the names of those who gave it."""
    by_answer: dict[str, list[str]] = {}
    for name, answer in answers.items():
        by_answer.setdefault(answer, []).append(name)
    return "; ".join(f"{', '.join(names)}: {answer}" for answer, names in by_answer.items())


def _defects() -> Iterator[str]:
    yield "## Three more readings of the grammar"
    yield ""
    yield (
        "A property test asks these about texts that Hypothesis makes, of the grammar and one step beside it, and "
        "holds their verdict on `URI-reference` against urischeme's. They differ in these ways, and in no other that "
        "it has found; where one of them is gone, a test says so."
    )
    for reading in READINGS:
        yield ""
        yield f"### {reading.name}: {reading.__doc__}"
        yield ""
        yield row(["defect", "example", "it", "section", "because"])
        yield row(["---"] * 5)
        for defect in reading.defects:
            verdict = "takes it" if defect.takes else "refuses it"
            yield row([defect.name, code(defect.example), verdict, defect.section, defect.why.replace("|", r"\|")])
