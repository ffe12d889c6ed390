"""RFC 3986 section 6.2.2, syntax-based, and section 6.2.3, scheme-based normalisation."""

from __future__ import annotations

from urischeme.syntax import fast
from urischeme.syntax.uri import not_text

TYPE_CHECKING = False  # `typing` is a fifth of the import
if TYPE_CHECKING:
    import re
    from collections.abc import Callable
    from typing import Literal, TypeAlias

    from urischeme.syntax.fast import Match
    from urischeme.syntax.scheme_rules import SchemeRules

__all__ = ["Level", "add_scheme_rules", "equivalent", "normalize"]

Level: TypeAlias = "Literal['syntax', 'scheme']"


def _learn_rules(text: str) -> re.Match[str] | None:
    """Stands in for `_unless_normal` until it is asked for first."""
    global _unless_normal  # noqa: PLW0603 # to look it up elsewhere would cost every call of normalize
    from urischeme.syntax.scheme_rules import RULES

    _unless_normal = fast.unless_common(RULES)
    return _unless_normal(text)


_unless_normal: Match = _learn_rules


def _learn_uncommon(text: str, match: re.Match[str], level: Level, zone_ids: bool) -> str:
    """Stands in for `_uncommon` until it is asked for first, and then `_unless_normal` is to know more, too."""
    global _unless_normal, _uncommon  # noqa: PLW0603
    from urischeme.syntax.nearly_normal import uncommon
    from urischeme.syntax.scheme_rules import RULES

    _unless_normal = fast.unless_normal(RULES)
    _uncommon = uncommon(RULES)
    return normalize(text, level, zone_ids)


_uncommon: Callable[[str, re.Match[str], Level, bool], str] = _learn_uncommon


def normalize(text: str, level: Level | None = None, zone_ids: bool = False) -> str:
    """The normal form of a URI or reference: idempotent, and never another resource.

    Args:
        text: a URI, or a relative reference.
        level: "syntax" is section 6.2.2 to the letter: the case of scheme, host and escapes, no escape of an unreserved
            character, no dot segments. "scheme", or None, adds section 6.2.3: default, empty and zero-led ports, the
            empty path of a web scheme, IPv6 as RFC 5952 writes it, `file:///`; and leaves the paths of `urn`, `data`,
            `mailto` and `tel` their own rules.
        zone_ids: also take RFC 6874's zone identifiers.

    Raises:
        ParseError: for any text that is no reference.
        TypeError: for anything but a str.
        ValueError: for a level that is none.

    >>> normalize("HTTP://Example.COM:80/%7Eada/./a/../b")
    'http://example.com/~ada/b'
    >>> normalize("HTTP://Example.COM:80", level="syntax")
    'http://example.com:80'
    """
    if level is not None and level != "scheme" and level != "syntax":  # noqa: PLR1714 # half the time of `in`
        raise ValueError(f"level is 'syntax' or 'scheme', not {level!r}")
    try:
        match = _unless_normal(text)
    except TypeError:
        raise not_text("normalize", text) from None
    if match is None:
        return text
    if match.lastindex is None:
        return text if level is not None and level == "syntax" else f"{text}/"
    return _uncommon(text, match, level or "scheme", zone_ids)


def equivalent(one: str, other: str, *, level: Level = "scheme", zone_ids: bool = False) -> bool:
    """Whether two URIs or references mean the same, as far as RFC 3986 and their scheme's own RFC tell.

    No is no proof that they differ: `http://h/` and `http://h/index.html` may well be one resource.

    Args and errors are those of `normalize`.

    >>> equivalent("HTTP://h:80/%7eada", "http://H/~ada")
    True
    """
    return normalize(one, level=level, zone_ids=zone_ids) == normalize(other, level=level, zone_ids=zone_ids)


def add_scheme_rules(scheme: str, rules: SchemeRules) -> None:
    """Teach `normalize` a scheme, for the whole process.

    Args:
        scheme: RFC 3986's `scheme`, of any case.
        rules: what its own specification says.

    Raises:
        RegistrationError: for a scheme that is none, or one that has other rules already.

    >>> from urischeme import SchemeRules
    >>> add_scheme_rules("consul", SchemeRules(default_port=8500))
    >>> normalize("consul://H:8500/x")
    'consul://h/x'
    """
    global _unless_normal, _uncommon  # noqa: PLW0603 # see _learn_rules
    from urischeme.errors import RegistrationError
    from urischeme.syntax.scheme_rules import RULES, checked_scheme

    name = checked_scheme(scheme)
    if RULES.setdefault(name, rules) != rules:
        raise RegistrationError(f"the scheme {name} has other rules already")
    _unless_normal = _learn_rules
    _uncommon = _learn_uncommon
