"""What can be asked of a column: values that travel to other processes, with the answer for one text."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, TypeAlias

from urischeme.errors import ParseError
from urischeme.syntax import fast
from urischeme.syntax.nearly_normal import uncommon
from urischeme.syntax.normalize import normalize
from urischeme.syntax.reference import join
from urischeme.syntax.scheme_rules import RULES
from urischeme.syntax.uri import parse

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

    from urischeme.syntax.normalize import Level
    from urischeme.syntax.scheme_rules import SchemeRules

# What parsing gives of a text that is a URI, attributes of it, and of one that is none, attributes of the ParseError.
PARTS: Final = ("scheme", "authority", "userinfo", "host", "port_text", "path", "query", "fragment")
REFUSAL: Final = ("position", "component", "reason")

Errors: TypeAlias = Literal["raise", "null"]


class Normalize(NamedTuple):
    """Text to text, or to none where it is refused."""

    level: Level
    zone_ids: bool
    errors: Errors

    def answer(self, text: str) -> str:
        """The answer for one text, or its ParseError."""
        return normalize(text, level=self.level, zone_ids=self.zone_ids)

    def answers(self, texts: Iterable[str]) -> list[str]:
        """The answers for texts that the engine found to be references, and not in normal form."""
        mendable, mended = _menders(frozenset(RULES.items()))
        level, zone_ids = self.level, self.zone_ids
        return [mended(text, mendable(text), level, zone_ids) for text in texts]


@cache
def _menders(rules: frozenset[tuple[str, SchemeRules]]) -> tuple[Callable[..., re.Match[str]], Callable[..., str]]:
    """The ways of `normalize`, but for those to what is normal: half of the time here."""
    rules_by_scheme = dict(rules)
    return fast.mendable(rules_by_scheme), uncommon(rules_by_scheme)


class Join(NamedTuple):
    """Text to text, or to none where it is refused."""

    base: str
    zone_ids: bool
    errors: Errors

    def answer(self, text: str) -> str:
        """The answer for one text, or its ParseError."""
        return join(self.base, text, zone_ids=self.zone_ids)

    def answers(self, texts: Iterable[str]) -> list[str]:
        """The answers for texts that the engine found to be references."""
        return [self.answer(text) for text in texts]

    def prefix(self, start: str) -> str:
        """What goes before a reference without dot segments that starts so."""
        return self.answer(start).removesuffix(start)


class Valid(NamedTuple):
    """Text to whether it is a URI."""

    zone_ids: bool


class Parse(NamedTuple):
    """Text to its parts, or to its refusal."""

    zone_ids: bool

    def answer(self, text: str) -> tuple[str | int | None, ...]:
        """For one text the parts, and none of a refusal; or the other way round."""
        try:
            uri = parse(text, zone_ids=self.zone_ids)
        except ParseError as error:
            return *(None for _ in PARTS), *(getattr(error, name) for name in REFUSAL)
        return *(getattr(uri, name) for name in PARTS), *(None for _ in REFUSAL)


TextOperation: TypeAlias = Normalize | Join
Operation: TypeAlias = TextOperation | Valid | Parse


def normalizing(level: Level, zone_ids: bool, errors: Errors) -> Normalize:
    """Raises ValueError for a level or a way with errors that is none."""
    operation = Normalize(level, zone_ids, _checked(errors))
    operation.answer("")
    return operation


def joining(base: str, zone_ids: bool, errors: Errors) -> Join:
    """Raises ParseError or TypeError for a base that is no URI, and ValueError for a way with errors that is none."""
    operation = Join(base, zone_ids, _checked(errors))
    operation.answer("")
    return operation


def _checked(errors: Errors) -> Errors:
    if errors not in {"raise", "null"}:
        raise ValueError(f"errors is 'raise' or 'null', not {errors!r}")
    return errors


def refusal(operation: TextOperation, text: str, row: int | None) -> ParseError:
    """The error of a text that was refused, in this row of a column."""
    try:
        operation.answer(text)
    except ParseError as error:
        error.row = row
        return error
    raise AssertionError("the engine refused what Python takes")
