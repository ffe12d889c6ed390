"""What a library says of a case, held against what the RFC says."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from conformance.markdown import code

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from conformance.case import Components, NormalForm, Parts, Resolution, Verdict
    from conformance.library import Library


class Answer(NamedTuple):
    """Whether it is the RFC's answer, and the answer itself in a few words where it isn't."""

    right: bool
    shown: str = ""


RIGHT = Answer(True)


def _refusal(error: Exception) -> Answer:
    return Answer(False, f"refused ({type(error).__name__})")


def judge_verdict(library: Library, case: Verdict) -> Answer | None:
    """Whether it takes what is of the rule and nothing else; None where it is not asked."""
    if case.rule == "URI-reference" and not library.takes_references:
        return None
    try:
        components = library.components(case.text)
    except Exception as error:  # whatever it raises, it refuses
        return _refusal(error) if case.valid else RIGHT
    # What reads a text as a relative reference has not taken it for a URI.
    accepted = case.rule == "URI-reference" or components.scheme is not None
    if accepted == case.valid:
        return RIGHT
    return Answer(False, "accepted" if accepted else "no URI")


def judge_parts(library: Library, case: Parts) -> Answer | None:
    """Whether it finds the components that stand there; None where it is not asked."""
    if case.components.scheme is None and not library.takes_references:
        return None
    try:
        found = library.components(case.text)
    except Exception as error:  # whatever it raises, it refuses
        return _refusal(error)
    differences = list(_differences(_folded(found), _folded(case.components)))
    return Answer(False, ", ".join(differences)) if differences else RIGHT


def _differences(found: Components, wanted: Components) -> Iterator[str]:
    for name, was, ought in zip(found._fields, found, wanted, strict=True):
        if was != ought:
            yield f"{name} {'absent' if was is None else code(was)}"


def _folded(components: Components) -> Components:
    """The components without what is only notation: the case of scheme and host, and how a number is written."""
    return components._replace(
        scheme=components.scheme and components.scheme.lower(),
        host=components.host and components.host.lower(),
        port=(components.port.lstrip("0") or "0") if components.port else None,
    )


def judge_resolution(library: Library, case: Resolution) -> Answer | None:
    """Whether it comes to the RFC's target, or to the normal form of it; None where it is not asked."""
    if not library.joins:
        return None
    import urischeme

    normal = urischeme.normalize(case.target)
    wanted = {case.target, urischeme.normalize(case.target, level="syntax"), normal}
    return _judge_text(lambda: library.join(case.base, case.reference), wanted)


def judge_syntax_form(library: Library, case: NormalForm) -> Answer | None:
    """Whether it comes to a normal form of section 6.2.2, or goes on to 6.2.3; None where it is not asked."""
    if not _can_normalize(library, case):
        return None
    return _judge_text(lambda: library.normalize(case.text), {case.syntax, case.scheme})


def judge_scheme_form(library: Library, case: NormalForm) -> Answer | None:
    """Whether it comes to the normal form of section 6.2.3, where that is another; None where it is not asked."""
    if case.syntax == case.scheme or not _can_normalize(library, case):
        return None
    return _judge_text(lambda: library.normalize(case.text), {case.scheme})


def _can_normalize(library: Library, case: NormalForm) -> bool:
    return library.normalizes and (library.takes_references or _has_scheme(case.text))


def _has_scheme(text: str) -> bool:
    import urischeme

    return urischeme.parse_reference(text).scheme is not None


def _judge_text(answer: Callable[[], str], wanted: set[str]) -> Answer:
    try:
        found = answer()
    except Exception as error:  # whatever it raises, it refuses
        return _refusal(error)
    return RIGHT if found in wanted else Answer(False, code(found))
