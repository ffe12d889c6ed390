"""Options of a target, read into the types that its resolver's own annotations name.

An option is a keyword-only parameter of a resolver's function, or of its `resolve`, `watch` and `check`:

    def consul(target: Target, *, dc: str = "dc1", passing: bool = True): ...
"""

from __future__ import annotations

import inspect
import math
import re
import types
import typing
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, Literal

import attrs

from urischeme.display import shorten
from urischeme.errors import RegistrationError
from urischeme.routing.frozen import EMPTY
from urischeme.routing.target import Target

_BOOLS: Final = {"true": True, "1": True, "false": False, "0": False}
# Within 40 digits, for int() takes quadratic time.
_is_int = re.compile(r"-?[0-9]{1,40}").fullmatch
_is_float = re.compile(r"-?[0-9]{1,40}(?:\.[0-9]{1,40})?(?:[eE][+\-]?[0-9]{1,3})?").fullmatch


@attrs.frozen
class Option:
    """One option that a resolver takes.

    Attributes:
        name: as it stands in the query.
        type: for people: what may be written, as in "a whole number".
        default: its value where it is not written.
        read: makes the value of what is written, decoded; raises ValueError for what it cannot be.
    """

    name: str
    type: str
    default: object
    read: Callable[[str], object] = attrs.field(default=str, eq=False, repr=False)


def options_of(function: Callable[..., object]) -> Mapping[str, Option]:
    """The options that a function of a Target takes, by name.

    Raises RegistrationError for a function that cannot be called with a Target alone, for an annotation that no option
    can have, and for one that has no default.
    """
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return EMPTY  # compiled code does not say
    _check_target(function, parameters)
    named = [each for each in parameters if each.kind is each.KEYWORD_ONLY]
    if not named:
        return EMPTY
    annotations = _annotations(function, named)
    return {each.name: _option(function, each, annotations) for each in named}


def given(target: Target, options: Mapping[str, Option]) -> dict[str, object]:
    """The keyword arguments that a target's options are. Raises TargetError for a value that an option cannot have."""
    return {name: _value(target, options[name], text) for name, text in target.options.items() if name in options}


def _value(target: Target, option: Option, text: str) -> object:
    try:
        return option.read(text)
    except ValueError:
        raise target.error(f"{option.name} is {option.type}, not {shorten(text)!r}") from None


def _check_target(function: Callable[..., object], parameters: list[inspect.Parameter]) -> None:
    positional = [each for each in parameters if each.kind in {each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD}]
    takes_any = any(each.kind is each.VAR_POSITIONAL for each in parameters)
    if not positional and not takes_any:
        raise _unfit(function, "takes no Target; its first parameter is what it is asked for")
    if len(positional) > 1:
        raise _unfit(
            function, f"takes more than a Target; write * before {positional[1].name}, which makes it an option"
        )


def _annotations(function: Callable[..., object], parameters: Iterable[inspect.Parameter]) -> Mapping[str, Any]:
    # Those of the options alone: what the others are named by may be imported for a type checker only.
    written = {each.name: each.annotation for each in parameters if each.annotation is not each.empty}
    names = getattr(inspect.unwrap(function), "__globals__", {})
    try:
        return typing.get_type_hints(types.SimpleNamespace(__annotations__=written), globalns=names)
    # An annotation may be any text.
    except Exception as error:
        raise _unfit(function, f"has annotations that name nothing: {error}") from error


def _option(function: Callable[..., object], parameter: inspect.Parameter, annotations: Mapping[str, Any]) -> Option:
    name = parameter.name
    if parameter.default is parameter.empty:
        raise _unfit(
            function, f"has an option without a default, {name}; write {name}=…, for a target may leave it out"
        )
    if name not in annotations:
        raise _unfit(function, f"says no type for its option {name}; write {name}: str, int, bool, float or a Literal")
    kind = _kind(annotations[name])
    if kind is None:
        raise _unfit(
            function,
            f"has an option {name} of the type {_shown(annotations[name])}; an option is a str, int, float, bool, "
            "a Literal of texts, an Enum of texts, or one of them or None",
        )
    described, read = kind
    return Option(name, described, parameter.default, read)


def _kind(annotation: Any) -> tuple[str, Callable[[str], object]] | None:
    """What may be written for a type, and how it is read; None for a type that no text in a query is."""
    if isinstance(annotation, type) and annotation in _KINDS:
        return _KINDS[annotation]
    if typing.get_origin(annotation) is Literal:
        return _one_of({text: text for text in typing.get_args(annotation)})
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return _one_of({member.value: member for member in annotation})
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        inner = [each for each in typing.get_args(annotation) if each is not type(None)]
        return _kind(inner[0]) if len(inner) == 1 else None
    return None


def _one_of(meanings: Mapping[Any, object]) -> tuple[str, Callable[[str], object]] | None:
    if not meanings or not all(isinstance(text, str) for text in meanings):
        return None
    return words(meanings), lambda text: _looked_up(text, meanings)


def words(meanings: Iterable[str]) -> str:
    """What may be written, as a sentence has it.

    >>> words({"ipv6": 6, "dual": 0, "ipv4": 4})
    'dual, ipv4 or ipv6'
    """
    *others, last = sorted(meanings)
    return f"{', '.join(others)} or {last}" if others else last


def _looked_up(text: str, meanings: Mapping[str, object]) -> object:
    if text not in meanings:
        raise ValueError(text)
    return meanings[text]


def _int(text: str) -> int:
    if not _is_int(text):
        raise ValueError(text)
    return int(text)


def _float(text: str) -> float:
    if not _is_float(text) or math.isinf(number := float(text)):
        raise ValueError(text)
    return number


_KINDS: Final[Mapping[Any, tuple[str, Callable[[str], object]]]] = {
    str: ("a text", str),
    int: ("a whole number", _int),
    float: ("a number", _float),
    bool: ("true or false, 1 or 0", lambda text: _looked_up(text, _BOOLS)),
}


def _shown(annotation: object) -> str:
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def _unfit(function: Callable[..., object], reason: str) -> RegistrationError:
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return RegistrationError(f"the resolver {name} {reason}")
