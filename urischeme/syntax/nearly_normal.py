"""The normal form of a text in which little is amiss, mended from the parts that the one match of `normalize` found.

The case of scheme and host, an IPv6 address, the port, the escapes, an empty path. It is as sound as the plain path,
which takes two to four times as long: what the parts are the match has made sure of, but for the two digits of an
escape, for the IPv4 address that an IPv6 address may end with, and for dots that an escape in the path may hide. Where
those or others are amiss, the plain path goes rule by rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from urischeme.syntax.ipv6 import rfc5952
from urischeme.syntax.normal_form import decoded, normal_form, normal_name

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping

    from urischeme.syntax.normalize import Level
    from urischeme.syntax.scheme_rules import SchemeRules


def uncommon(rules_by_scheme: Mapping[str, SchemeRules]) -> Callable[[str, re.Match[str], Level, bool], str]:
    """`normalize` for what is not of the common kind, by the rules of the schemes: given the text and its match."""
    by_scheme = {name: (str(its.default_port), its.empty_path) for name, its in rules_by_scheme.items()}
    no_rules = "", ""

    def normalized(text: str, match: re.Match[str], level: Level, zone_ids: bool) -> str:
        # One by one, as for most texts few of the groups are asked for.
        start = match[6]
        try:
            if start is not None:
                start, port, rest = start.lower(), match[7], match[8]
                if "%" in start:
                    start = normal_name(start)
            elif (address := match[2]) is not None:
                start, port, rest = f"{match[1]}{address.lower()}]", match[4], match[5]
            elif (address := match[3]) is not None and level == "scheme":
                start, port, rest = f"{match[1]}{rfc5952(address)}]", match[4], match[5]
            else:
                return normal_form(text, level, zone_ids)
            if "%" in rest:
                rest = decoded(rest)
        except (KeyError, ValueError):  # not two hexadecimal digits, or no IPv4 address: the plain path says so
            return normal_form(text, level, zone_ids)
        if "/." in rest:
            return normal_form(text, level, zone_ids)
        if level == "syntax":
            return start + rest if port is None else f"{start}:{port}{rest}"
        lacks_path = not rest or rest[0] != "/"
        if port or lacks_path:
            scheme, _, _ = start.partition(":")
            default_port, empty_path = by_scheme.get(scheme, no_rules)
            if port:
                port = port.lstrip("0") or "0"
                if port != default_port:
                    start = f"{start}:{port}"
            if lacks_path and start[-1] != "/":
                return f"{start}{empty_path}{rest}"
        return start + rest

    return normalized
