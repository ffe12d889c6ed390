r"""RFC 3986 as RE2 (in Arrow) and Rust's `regex` (in Polars) read it: without look-around, in linear time.

The characters are those of `urischeme.syntax.abnf`. What differs is what these engines do not have:

* They cannot look ahead. So a percent-encoded octet is spelt out, `path` has the forms of the ABNF, and "any but these"
  is spelt out letter by letter. In return the form of an expression costs nothing: it becomes a table, and each
  character of a text is one step in it.
* `$` may mean more than the end; `\A` and `\z` are the same in both.
* Groups are found cheaply only where each character leaves one way to go on ("one pass"). So it is with an authority
  that is a registered name and a port; and RE2 does it for four groups at most.
"""

from __future__ import annotations

import re
import string
from functools import cache
from typing import TYPE_CHECKING, Final, TypeAlias

from urischeme.syntax import abnf
from urischeme.syntax.scheme_rules import NO_RULES, RULES, SchemeRules

if TYPE_CHECKING:
    from collections.abc import Iterable

    from urischeme.syntax.normalize import Level

_ESCAPE: Final = f"%[{abnf.HEXDIG}][{abnf.HEXDIG}]"
_PCHAR: Final = abnf.PCHAR.replace(abnf.PCT_ENCODED, "")
_PCHAR_NC: Final = _PCHAR.replace(":", "")
_REG_NAME_CHAR: Final = abnf.REG_NAME_CHAR.replace(abnf.PCT_ENCODED, "")
_USERINFO_CHAR: Final = f"{_REG_NAME_CHAR}:"
_SCHEME: Final = rf"[{abnf.ALPHA}][{abnf.ALPHA}{abnf.DIGIT}+\-.]*"


def _one(chars: str, escape: str = _ESCAPE) -> str:
    return f"(?:[{chars}]|{escape})"


def _run(chars: str, escape: str = _ESCAPE) -> str:
    return f"{_one(chars, escape)}*"


# What is a URI, and what a reference.


def _authority(zone_ids: bool) -> str:
    zone = f"(?:%25{_one(abnf.UNRESERVED)}+)?" if zone_ids else ""
    future = rf"[vV][{abnf.HEXDIG}]+\.[{abnf.UNRESERVED}{abnf.SUB_DELIMS}:]+"
    host = rf"(?:\[(?:{abnf.IPV6_ADDRESS}{zone}|{future})\]|{_run(_REG_NAME_CHAR)})"
    return f"(?:{_run(_USERINFO_CHAR)}@)?{host}(?::[{abnf.DIGIT}]*)?"


def _hierarchy(authority: str, segment_nz: str) -> str:
    """`hier-part`."""
    return f"(?:(?://{authority}|/?{segment_nz}){_next(segment_nz)}*|/?)"


def _uri_reference(authority: str, segment_nz: str, segment_nz_nc: str) -> str:
    """`hier-part` after a scheme, or `relative-part`: of both, what they have in common stands first."""
    either = f"(?:{_SCHEME}:)?(?://{authority}|/{segment_nz})"
    path = f"(?:{either}|{_SCHEME}:{segment_nz}|{segment_nz_nc}){_next(segment_nz)}*"
    return rf"\A(?:{path}|(?:{_SCHEME}:)?/?){_query_and_fragment()}\z"


def _next(segment_nz: str) -> str:
    """One more segment, which may be empty."""
    return f"(?:/(?:{segment_nz})?)"


def _query_and_fragment(escape: str = _ESCAPE) -> str:
    part = _run(f"{_PCHAR}/?", escape)
    return rf"(?:\?{part})?(?:#{part})?"


@cache
def uri(zone_ids: bool) -> str:
    """What `urischeme.parse` takes."""
    return rf"\A{_SCHEME}:{_hierarchy(_authority(zone_ids), f'{_one(_PCHAR)}+')}{_query_and_fragment()}\z"


@cache
def reference(zone_ids: bool) -> str:
    """What `urischeme.parse_reference` takes."""
    return _uri_reference(_authority(zone_ids), f"{_one(_PCHAR)}+", f"{_one(_PCHAR_NC)}+")


# What joining only puts a prefix to.

HAS_SCHEME: Final = rf"\A{_SCHEME}:"
EMPTY_OR_FRAGMENT: Final = r"\A(?:#|\z)"


def _no_dot_segment(chars: str, escape: str = _ESCAPE) -> str:
    """A segment of these characters that is not empty, and neither `.` nor `..`."""
    return rf"(?:\.{{0,2}}{_one(chars.replace('.', ''), escape)}|\.\.\.){_run(chars, escape)}"


@cache
def without_dot_segments(zone_ids: bool) -> str:
    """A reference, none of whose segments is `.` or `..`."""
    return _uri_reference(_authority(zone_ids), _no_dot_segment(_PCHAR), _no_dot_segment(_PCHAR_NC))


# The parts of a URI that has neither userinfo nor an IP literal: with an authority, and without.

_PORT: Final = f"[{abnf.DIGIT}]*"
_ABEMPTY: Final = f"(?:/{_run(f'{_PCHAR}/')})?"
_NO_AUTHORITY: Final = f"/?(?:{_one(_PCHAR)}{_run(f'{_PCHAR}/')})?"
_QUERY: Final = _run(f"{_PCHAR}/?")

# Where a group that takes no part is null.
PARTS: Final = tuple(
    rf"\A(?P<scheme>{_SCHEME}):{hierarchy}(?:\?(?P<query>{_QUERY}))?(?:#(?P<fragment>{_QUERY}))?\z"
    for hierarchy in (
        f"//(?P<authority>(?P<host>{_run(_REG_NAME_CHAR)})(?::(?P<port_text>{_PORT}))?)(?P<path>{_ABEMPTY})",
        f"(?P<path>{_NO_AUTHORITY})",
    )
)

# Where a group that takes no part is empty, and groups are dear beyond four.
COARSE_PARTS: Final = tuple(
    rf"\A(?P<scheme>{_SCHEME}):{hierarchy}(?P<tail>{_query_and_fragment()})\z"
    for hierarchy in (
        f"//(?P<authority>{_run(_REG_NAME_CHAR)}(?::{_PORT})?)(?P<path>{_ABEMPTY})",
        f"(?P<path>{_NO_AUTHORITY})",
    )
)
TAIL: Final = r"\A(?P<question_mark>\??)(?P<query>[^#]*)(?P<hash>#?)(?P<fragment>[^#]*)\z"
HOST_AND_PORT: Final = r"\A(?P<host>[^:]*):(?P<port_text>[^:]*)\z"


# What is normal already. No expression takes a text that is not; of those that are, the rarer are left to Python:
# relative references, IP literals, the default port of a like scheme, escapes that only `urn` keeps.

# In upper case, and of no unreserved character: for those no escape is needed.
_NEEDED_ESCAPE: Final = "%(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|[46]0|5[B-E]|7[BCDF])"
_LOWER_NAME_CHARS: Final = _REG_NAME_CHAR.replace("A-Z", "")
_LOWER_NAME_CHAR: Final = _one(_LOWER_NAME_CHARS, _NEEDED_ESCAPE)
_LOWER: Final = "a-z"
_WEB_RULES: Final = SchemeRules(empty_path="/")

_Rules: TypeAlias = frozenset[tuple[str, SchemeRules]]
_NONE: Final[_Rules] = frozenset()


def normal(level: Level) -> str:
    """What `urischeme.normalize` gives back untouched, by the rules of the schemes as they are now."""
    return _normal(frozenset(RULES.items())) if level == "scheme" else _normal(_NONE)


def lacks_a_last_slash(level: Level) -> str | None:
    """What would be normal with a slash after it; None where nothing is."""
    return _lacks_a_last_slash(frozenset(RULES.items())) if level == "scheme" else None


@cache
def _normal(rules: _Rules) -> str:
    # The schemes that differ in their default port alone are one group; those without rules are with the unknown.
    groups: dict[SchemeRules, dict[str, int | None]] = {NO_RULES: {}}
    for scheme, its in rules:
        groups.setdefault(its._replace(default_port=None), {})[scheme] = its.default_port
    ruled = [scheme for its, schemes in groups.items() for scheme in schemes if its != NO_RULES]
    hierarchies: list[str] = []
    for its, schemes in groups.items():
        if its.opaque or not its.lower_prefix:
            names = _any_of(schemes) if its != NO_RULES else _other_than(ruled, f"{_LOWER}{abnf.DIGIT}+\\-.", _LOWER)
            hierarchies.append(f"{names}:{_normal_hierarchy(its, _normal_port(schemes.values()))}")
    return rf"\A(?:{'|'.join(hierarchies)}){_query_and_fragment(_NEEDED_ESCAPE)}\z"


@cache
def _lacks_a_last_slash(rules: _Rules) -> str | None:
    web = {scheme: its.default_port for scheme, its in rules if its._replace(default_port=None) == _WEB_RULES}
    if not web:
        return None
    return rf"\A{_any_of(web)}://{_LOWER_NAME_CHAR}+(?::{_normal_port(web.values())})?\z"


def _normal_port(defaults: Iterable[int | None]) -> str:
    """A port that begins with no zero, and is none of these."""
    return _other_than({str(port) for port in defaults if port is not None}, abnf.DIGIT, "1-9")


def _normal_hierarchy(rules: SchemeRules, port: str) -> str:
    if rules.lower_prefix:
        # A path without a slash before its first colon.
        prefix = _one(_PCHAR_NC.replace("A-Z", ""), _NEEDED_ESCAPE)
        return f"{prefix}+:{_run(f'{_PCHAR}/', _NEEDED_ESCAPE)}"
    segment_nz = f"{_one(_PCHAR, _NEEDED_ESCAPE)}+" if rules.opaque else _no_dot_segment(_PCHAR, _NEEDED_ESCAPE)
    then = _next(segment_nz) if rules.empty_path else ""
    if rules.local_authority:
        # An authority that is a name and not this one, or none before a path without a slash.
        name = _other_than({"localhost"}, _LOWER_NAME_CHARS, _LOWER_NAME_CHARS)
        return f"(?:(?://(?:{name}{then})?|{segment_nz}){_next(segment_nz)}*|)"
    authority = f"(?:{_run(_USERINFO_CHAR, _NEEDED_ESCAPE)}@)?{_LOWER_NAME_CHAR}*(?::{port})?"
    return _hierarchy(authority + then, segment_nz)


def _any_of(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(map(re.escape, sorted(words)))})"


def _other_than(words: Iterable[str], chars: str, first: str) -> str:
    """One of the characters `first` and then any number of `chars`, but none of the words."""
    return _not_ending({"", *words}, chars, first)


def _not_ending(ends: set[str], chars: str, first: str) -> str:
    """None of the ends is to come here."""
    letters = {end[0] for end in ends if end}
    unlike = "".join(char for char in re.findall(f"[{first}]", string.printable) if char not in letters)
    branches = [f"[{re.escape(unlike)}][{chars}]*"] if unlike else []
    for letter in sorted(letters):
        its_ends = {end[1:] for end in ends if end.startswith(letter)}
        branches.append(re.escape(letter) + _not_ending(its_ends, chars, chars))
    if "" not in ends:
        branches.append("")
    return f"(?:{'|'.join(branches)})"
