"""Strict RFC 3986 URIs: parsed, joined and normalised with nothing but `re`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from urischeme.errors import (
    BrokenPlugin,
    Error,
    MissingExtra,
    NotFound,
    ParseError,
    PortError,
    RegistrationError,
    ResolveError,
    TargetError,
    UnknownScheme,
)
from urischeme.syntax.normalize import normalize
from urischeme.syntax.reference import join
from urischeme.syntax.uri import URI, Reference, parse, parse_reference

if TYPE_CHECKING:
    __version__: str

__all__ = [
    "URI",
    "BrokenPlugin",
    "Error",
    "MissingExtra",
    "NotFound",
    "ParseError",
    "PortError",
    "Reference",
    "RegistrationError",
    "ResolveError",
    "TargetError",
    "UnknownScheme",
    "__version__",
    "join",
    "normalize",
    "parse",
    "parse_reference",
]


def __getattr__(name: str) -> object:
    if name == "__version__":
        from importlib.metadata import version

        return version("urischeme")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
