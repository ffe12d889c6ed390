"""The normal form of a text in which little is amiss, mended from the parts that the one match of `normalize` found.

The case of scheme and host, an IPv6 address, the port, the escapes, an empty path. It is as sound as the plain path,
which takes two to four times as long: what the parts are the match has made sure of, but for the two digits of an
escape, and for dots that an escape in the path may hide. Where those or others are amiss, the plain path goes
rule by rule.
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
        _, start, ipv6, port, rest = match.groups()
        if start is None:
            return normal_form(text, level, zone_ids)
        start = start.lower()
        if "%" in text:
            try:
                rest = decoded(rest)
                if "%" in start:
                    start = normal_name(start)
            except KeyError:  # not two hexadecimal digits: the plain path says so
                return normal_form(text, level, zone_ids)
        if "/." in rest:
            return normal_form(text, level, zone_ids)
        if level == "syntax":
            return start + rest if port is None else f"{start}:{port}{rest}"
        if ipv6 is not None:
            start = f"{start[: -1 - len(ipv6)]}{rfc5952(ipv6)}]"
        lacks_path = rest[:1] != "/"
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
