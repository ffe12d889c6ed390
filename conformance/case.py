"""The cases: texts and what RFC 3986 says of them, as `cases/*.json` has them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeAlias

_CASES = Path(__file__).parent / "cases"

Rule: TypeAlias = Literal["URI", "URI-reference"]


class Components(NamedTuple):
    """A reference taken apart: absent is None, but for the path, which is never absent. A host has its brackets."""

    scheme: str | None
    userinfo: str | None
    host: str | None
    port: str | None
    path: str
    query: str | None
    fragment: str | None


@dataclass(frozen=True, kw_only=True)
class Case:
    """What all cases have: the section of the RFC that decides, and why in a line."""

    section: str
    why: str


@dataclass(frozen=True, kw_only=True)
class Verdict(Case):
    """Whether a text is of a rule."""

    text: str
    rule: Rule
    valid: bool


@dataclass(frozen=True, kw_only=True)
class Parts(Case):
    """The components of a text that is a reference."""

    text: str
    components: Components


@dataclass(frozen=True, kw_only=True)
class Resolution(Case):
    """The URI that a reference means at a base."""

    base: str
    reference: str
    target: str


@dataclass(frozen=True, kw_only=True)
class NormalForm(Case):
    """The normal form of a reference: by section 6.2.2 alone, and by 6.2.3 too."""

    text: str
    syntax: str
    scheme: str


@cache
def verdicts() -> tuple[Verdict, ...]:
    return tuple(Verdict(**each) for each in _read("verdicts"))


@cache
def parts() -> tuple[Parts, ...]:
    return tuple(_parts(**each) for each in _read("components"))


def _parts(text: str, section: str, why: str, **components: Any) -> Parts:
    return Parts(text=text, section=section, why=why, components=Components(**components))


@cache
def resolutions() -> tuple[Resolution, ...]:
    return tuple(Resolution(**each) for each in _read("resolution"))


@cache
def normal_forms() -> tuple[NormalForm, ...]:
    return tuple(NormalForm(**each) for each in _read("normal-forms"))


def _read(name: str) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads((_CASES / f"{name}.json").read_text(encoding="ascii"))
    return cases
