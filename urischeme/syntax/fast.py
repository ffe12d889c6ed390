r"""The fast path: what nearly every text is, recognised by one match.

Nothing here decides anything. `abnf.uri_reference` says what a URI is, and `normal_form` what its normal form is. A
text that no expression here takes goes to those two, and `tests/properties/test_fast_path.py` holds the two ways
against each other.

What a trick gains is a share of the time of `parse` or `normalize` on the real URLs of `python -m benchmarks`:

* One flat match takes apart a URI that has no userinfo, no IP literal and few escapes, as 99 of 100 have not. It is the
  grammar's own expression without these: 0.1 of a parse.
* An escape that is met is a branch, in which the next one is a branch again: 0.4 of the parse of such a URI. A group
  that is repeated would cost all others 0.05.
* An object is filled while it is plain, and becomes a read-only one when its class is changed (`uri._Parts`). A class
  that stores its parts in spite of a `__setattr__` of its own would take twice the time.
* `parse` and `normalize` take their options by position too: CPython 3.11 and 3.12 call a function with keyword-only
  ones in a slower way: 0.07 of a parse. A level that was left out is None: to compare it with a name would be 0.02 of a
  normalise.
* A normal text is one where `(?!normal\Z)` does *not* match, so that no match object is made: 0.04 of a normalise. The
  very text that came in is the answer.
* The commonest of these, of a web scheme and without a port, is looked for by itself, where no branch has to be left:
  0.02 of a normalise.
* A dot segment begins with a dot after a slash, so each dot of a path looks at what stands before it, in flat branches.
  To look for `/.` in each text would be 0.15 of a normalise.
* The empty path of a web scheme, the commonest thing that is not normal, gets its `/` where the match has no groups.
  That it may stand behind a port is 0.02 of a normalise.
* What is not of the common kind the same match tries as the rarer kinds, one after the other, and hands out the parts
  of what may be mended: half of the normalise of such a text, beside a match for each kind.
* A port of a web scheme is held against the default ports of these alone: 0.1 of the normalise of a text with a port.
* An IP literal is first read group by group, in hexadecimal, then held against the nine forms of the grammar: 0.5 of
  the parse of one. That one of a web scheme which is not normal is mended before other kinds are tried is 0.2 of its
  normalise.
"""

from __future__ import annotations

import re

from urischeme.syntax import abnf

TYPE_CHECKING = False  # `typing` is a fifth of the import
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import TypeAlias

    from urischeme.syntax.scheme_rules import SchemeRules

Match: TypeAlias = "Callable[[str], re.Match[str] | None]"


def without_escapes(expression: str) -> str:
    """The same for texts that have none."""
    return expression.replace(abnf.PCT_ENCODED, "")


def _with_escapes(run: str, most: int) -> str:
    """A run of characters with at most so many escapes in it."""
    return f"{run}(?:{_ESCAPE}{_with_escapes(run, most - 1)}|)" if most else run


_ESCAPE = f"%[{abnf.HEXDIG}][{abnf.HEXDIG}]"

# A path or query with more of them goes the plain way.
_MOST_ESCAPES = 16

# Six groups: scheme, host, port, path, query, fragment.
match_common: Match = re.compile(
    f"({abnf.SCHEME}):"
    f"(?://({without_escapes(abnf.REG_NAME)})(?::({abnf.PORT})|){abnf.AFTER_AUTHORITY}|{abnf.WITHOUT_AUTHORITY})"
    f"({_with_escapes(without_escapes(abnf.PATH), _MOST_ESCAPES)})"
    rf"(?:\?({_with_escapes(without_escapes(abnf.QUERY), _MOST_ESCAPES)})|)"
    f"(?:#({without_escapes(abnf.FRAGMENT)})|)"
).fullmatch


def _ipv6(group: str, first_after: str, fewest: int, *, leading: str = "", ipv4: str | None = None) -> str:
    """An IPv6 address in hexadecimal: eight groups, or `::` in the place of so many at least.

    Group by group, and after each of them what is left to come: no look ahead counts them, and no group is repeated. It
    is a choice, and not yet in a group.

    Args:
        group: the expression for `h16`.
        first_after: what the first group after `::` begins with.
        fewest: how many groups `::` stands for at least.
        leading: what is looked at after `::` where no group stands before it.
        ipv4: what may stand in the place of the last two groups.
    """

    def up_to(most: int) -> str:
        if most == 1:
            return group
        groups = f"{group}(?::{up_to(most - 1)}|)"
        return f"(?:{groups}|{ipv4})" if ipv4 else groups

    def compressed(groups: int) -> str:
        """What follows `::` where so many groups stand before it."""
        most = 8 - fewest - groups
        return f"(?:{first_after}{up_to(most)}|)" if most > 0 else ""

    def after(groups: int) -> str:
        if groups == 8:
            return ""
        branches = [f":{compressed(groups)}"] if groups <= 8 - fewest else []
        branches.append(f"{group}{after(groups + 1)}")
        if groups == 6 and ipv4:
            branches.append(ipv4)
        return f":(?:{'|'.join(branches)})"

    return f"{group}{after(1)}|::{leading}{compressed(0)}"


# What follows a group is no hexadecimal digit, so a group never has to give one back.
_H16 = f"{abnf.H16}+"
_IPV6_IN_HEX = _ipv6(_H16, "", 1)


class _Grammars(dict[bool, "Match"]):
    """By whether zone ids are taken; compiled on first use, as the nine forms of IPv6 take longer than the import."""

    def __missing__(self, zone_ids: bool) -> Match:
        literal = abnf.IP_LITERAL_WITH_ZONE if zone_ids else abnf.IP_LITERAL
        self[zone_ids] = match = re.compile(abnf.uri_reference(rf"\[(?:{_IPV6_IN_HEX})\]|{literal}")).fullmatch
        return match


# The match of a whole URI-reference, with the groups of `abnf.uri_reference`; then no escape in it may be a bad one.
match_any = _Grammars()
find_bad_pct_encoded = re.compile(abnf.BAD_PCT_ENCODED).search


# Every character that stands for itself in a normal text.
_LOWER_REG_NAME_CHAR = abnf.REG_NAME_CHAR.replace("A-Z", "")
_PATH_WITHOUT_DOTS = f"[{abnf.PCHAR.replace('.', '')}/]*+"
_QUERY_OR_FRAGMENT = rf"\?{abnf.QUERY}(?:#{abnf.FRAGMENT}|)|#{abnf.FRAGMENT}"
_ANY_REST = f"{abnf.PATH}(?:{_QUERY_OR_FRAGMENT}|)"

# A path with more of them is not of the common kind.
_MAX_DOTS = 8

# What is looked at after a dot: that no segment begins with it; and that the segment, if one does, is not `.` or `..`.
_WITHIN_SEGMENT = r"(?<!/\.)"
_NO_DOT_SEGMENT = r"(?!(?<=/\.)\.?(?:[/?#]|\Z))"


def _rest(after_dot: str) -> str:
    """Path, query and fragment, with at most so many dots in the path, and none of its segments `.` or `..`."""

    def after_path(dots: int) -> str:
        dot = rf"\.{after_dot}{_PATH_WITHOUT_DOTS}{after_path(dots - 1)}|" if dots else ""
        return f"(?:{dot}{_QUERY_OR_FRAGMENT}|)"

    return _PATH_WITHOUT_DOTS + after_path(_MAX_DOTS)


_LOWER_SCHEME = r"[a-z][a-z0-9+\-.]*+"
_LOWER_REG_NAME = f"[{_LOWER_REG_NAME_CHAR}]*+"


def _normal_ipv6(letters: str, f: str) -> str:
    """RFC 5952, of this case: the IPv4-mapped with dots, and all others in hexadecimal.

    No leading zero, "::" for two groups at least, and no zero beside another one or beside "::". An address with two
    runs of zeros is left out.
    """
    group = rf"(?!0(?!:[1-9{letters}]|\]|\Z))[0-9{letters}]{{1,4}}+"
    in_hex = _ipv6(group, r"(?!0[:\]]|0\Z)", 2, leading=f"(?!{f}{{4}}:)")
    # Only one way leads through an address, so to look for another is in vain.
    return f"(?>{in_hex}|::{f}{{4}}:{abnf.IPV4_ADDRESS})"


IPV6_NORMAL = _normal_ipv6("a-f", "f")
_IPV6_NORMAL_BUT_CASE = _normal_ipv6("A-Fa-f", "[Ff]")


def unless_common(rules: Mapping[str, SchemeRules]) -> Match:
    """What matches no text that is of the common kind and normal, at either level, and all others.

    Where nothing is amiss but the empty path of a web scheme, none of its groups is there; else one is. Who reads a
    match of `unless_normal` can read this one too: in another thread it may have just taken the place of this.
    """
    return re.compile(rf"{_unless_web(rules)}(?:{_lacks_path(rules)}|{_unless_other(rules)}{_NO_PARTS})").match


def unless_normal(rules: Mapping[str, SchemeRules]) -> Match:
    """The same, and what also matches no text that is surely normal, of whatever kind.

    Where little may be amiss, the text is in these groups, if it has an IP literal and is of the first web scheme:

    1. what stands before the address;
    2. the address, which may have upper case, or else
    3. the address, which is not as RFC 5952 writes it, or has dots at its end that are no IPv4 address;
    4. the port;
    5. the rest, which may have escapes, dot segments, or no path;

    and if not, in these:

    6. scheme and host, which may have upper case and escapes;
    7. the port;
    8. the rest.

    Apart from `unless_common`, as it takes five times as long to compile.
    """
    return re.compile(
        rf"{_unless_web(rules)}(?:{_lacks_path(rules)}|{_literal(rules, _unless_normal_literal(rules))}|"
        rf"{_unless_other(rules, or_literal=True)}(?!{_rare(rules)}\Z)(?:{_mendable(rules)}\Z|()))"
    ).match


def mendable(rules: Mapping[str, SchemeRules]) -> Callable[[str], re.Match[str]]:
    """What matches any text, with the groups of `unless_normal`: for texts of which it is known that they need it."""
    return re.compile(rf"{_literal(rules)}|{_mendable(rules)}\Z|()").match  # type: ignore[return-value] # pyright: ignore[reportReturnType]


# The groups of `unless_normal`, of which only the last is there.
_NO_PARTS = "(?:|(?!)()()()()()()()())()"


def _unless_web(rules: Mapping[str, SchemeRules]) -> str:
    """The commonest of all: of a web scheme, and without a port."""
    return without_escapes(rf"(?!{_web(rules)[0]}://{_LOWER_REG_NAME}/{_rest(_WITHIN_SEGMENT)}\Z)")


def _lacks_path(rules: Mapping[str, SchemeRules]) -> str:
    """What has the empty path of a web scheme, and ends with it."""
    authority = _authority(_web_rules(rules), f"[{_LOWER_REG_NAME_CHAR}]++")
    # Each scheme with an authority of its own: no branch is entered by a text of another scheme.
    return without_escapes("|".join(rf"{name}://{authority}\Z" for name in _web(rules)))


def _literal(rules: Mapping[str, SchemeRules], unless: str = "") -> str:
    """What is of the first web scheme and has a bracket for its host: in groups 1 to 5, or else in 1 alone.

    Args:
        rules: of all schemes.
        unless: what is looked at where the address begins.
    """
    # Whether the dots at its end are IPv4, `rfc5952` will find out.
    in_hex = _ipv6(_H16, "", 1, ipv4=rf"[{abnf.DIGIT}]++\.[{abnf.DIGIT}.]++")
    return (
        rf"({_web(rules)[0]}://\[){unless}(?:(?:({_IPV6_NORMAL_BUT_CASE})|({in_hex}))\]"
        rf"(?::({abnf.PORT})|){abnf.AFTER_AUTHORITY}({_ANY_REST})\Z|)"
    )


def _unless_normal_literal(rules: Mapping[str, SchemeRules]) -> str:
    """Looks at an address and what comes after it."""
    rest_of_authority = _authority(_web_rules(rules), rf"{IPV6_NORMAL}\]")
    return without_escapes(rf"(?!{rest_of_authority}/{_rest(_WITHIN_SEGMENT)}\Z)")


def _unless_other(rules: Mapping[str, SchemeRules], *, or_literal: bool = False) -> str:
    """The other common kinds. Among them may be literals of the first web scheme: those that `_literal` left."""
    first, *others = _web(rules)
    authority = _authority(rules, _LOWER_REG_NAME)
    other = rf"(?!{_beware(rules)}){_LOWER_SCHEME}:(?://{authority}{abnf.AFTER_AUTHORITY}|(?!//|\.))"
    with_port = f"{_LOWER_REG_NAME}{_port(_web_rules(rules))}/"
    if or_literal:
        with_port = rf"(?:\[(?s:.*+)|{with_port})"
    # Each scheme with an authority of its own: a branch in a branch would be 0.03 of a normalise.
    kinds = [f"{first}://{with_port}", *(f"{name}://{authority}/" for name in others), other]
    return without_escapes(rf"(?!(?:{'|'.join(kinds)}){_rest(_WITHIN_SEGMENT)}\Z)")


def _rare(rules: Mapping[str, SchemeRules]) -> str:
    """What is normal, and may have userinfo, escapes, and names that begin with a dot."""
    authority = _authority(rules, rf"(?:{_LOWER_REG_NAME}|{abnf.USERINFO}@{_LOWER_REG_NAME})")
    # After an authority the path is not empty here.
    beware = _beware({name: its._replace(empty_path="") for name, its in rules.items()})
    web = f"{_web(rules)[0]}://{_LOWER_REG_NAME}/"
    other = rf"(?!{beware}){_LOWER_SCHEME}:(?://{authority}(?=/)|(?!//|\.))"
    return f"(?!.*%(?!{_NORMAL_ESCAPE}))(?:{web}|{other}){_rest(_NO_DOT_SEGMENT)}"


# In upper case, and of what is not unreserved.
_NORMAL_ESCAPE = "(?:[0189A-F][0-9A-F]|2[0-9A-CF]|3[A-F]|40|5[B-E]|60|7[BCDF])"


def _mendable(rules: Mapping[str, SchemeRules]) -> str:
    """What has an authority without userinfo, and is of a scheme without special rules, in groups 6 to 8."""
    # A class for the first letter: most texts have another one, and no branch is entered.
    special = "|".join(
        f"[{name[0]}{name[0].upper()}](?i:{re.escape(name[1:])}"
        + ("://localhost)" if its.decode and not its.lower_prefix else ":)")
        for name, its in rules.items()
        if its.local_authority or its.lower_prefix or not its.decode
    )
    return (
        rf"(?!{special})({abnf.SCHEME}://(?:\[{_IPV6_NORMAL_BUT_CASE}\]|{abnf.REG_NAME}))(?::({abnf.PORT})|)"
        rf"{abnf.AFTER_AUTHORITY}({_ANY_REST})"
    )


def _authority(rules: Mapping[str, SchemeRules], userinfo_and_host: str) -> str:
    return f"{userinfo_and_host}(?:{_port(rules)}|)"


def _port(rules: Mapping[str, SchemeRules]) -> str:
    """With its colon, and the default of none of these schemes, as which one it is of would be another look."""
    default_ports = "|".join(sorted({str(its.default_port) for its in rules.values() if its.default_port is not None}))
    return rf":(?!(?:{default_ports})(?![0-9]))[1-9][0-9]*+"


def _web(rules: Mapping[str, SchemeRules]) -> list[str]:
    """The schemes whose empty path is `/`, http and https in one: `https?`. Those that were added stand last."""
    names = _web_rules(rules)
    with_s = {f"{name}s" for name in names}
    return [re.escape(name) + "s?+" * (f"{name}s" in names) for name in names if name not in with_s]


def _web_rules(rules: Mapping[str, SchemeRules]) -> Mapping[str, SchemeRules]:
    return {name: its for name, its in rules.items() if _is_web(its)}


def _is_web(rules: SchemeRules) -> bool:
    return rules.empty_path == "/" and not (rules.local_authority or rules.lower_prefix)


def _beware(rules: Mapping[str, SchemeRules]) -> str:
    """What texts begin with in which the rules of their scheme may change more than a port."""
    return "|".join(pattern for name, its in rules.items() for pattern in _may_change(re.escape(name), its))


def _may_change(name: str, rules: SchemeRules) -> Iterator[str]:
    """Of one scheme."""
    if rules.empty_path:
        yield f"{name}:"
    if rules.local_authority:
        yield rf"{name}:(?!//(?!localhost(?:[/?#]|\Z)))"
    if rules.lower_prefix:
        yield f"{name}:(?!(?!//)[^A-Z:]*+:)"
