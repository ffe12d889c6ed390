"""The normal form of a text that is not of the common kind, but is normal all the same, or nearly so.

Between the one match of `normalize` and the plain path. What has an escape, an IP literal or userinfo is looked at once
more. Then what mostly is amiss is mended: the case of scheme and host, an IPv6 address, the port, the escapes, an empty
path. If that is normal, it is the normal form. It is as sound as the plain path, which takes twice the time: mending
makes no URI of what is none, and no expression takes for normal what is not.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from urischeme.syntax import abnf, fast
from urischeme.syntax.normal_form import decoded, normal_form, normal_host, normal_port
from urischeme.syntax.scheme_rules import NO_RULES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from urischeme.syntax.normalize import Level
    from urischeme.syntax.scheme_rules import SchemeRules

_HOST = rf"{fast.without_escapes(abnf.REG_NAME)}(?!\[)|\[{fast.IPV6_IN_HEX}\]"
_match_authority = re.compile(f"({abnf.SCHEME})://({_HOST})(?::({abnf.PORT})|){abnf.AFTER_AUTHORITY}").match


def uncommon(rules_by_scheme: Mapping[str, SchemeRules]) -> Callable[[str, Level, bool], str]:
    """`normalize` for what is not of the common kind, by the rules of the schemes."""
    unless_normal = fast.unless_normal_but_for_escapes(rules_by_scheme)

    def normalized(text: str, level: Level, zone_ids: bool) -> str:
        if "%" in text:
            if not fast.find_escape_not_normal(text) and unless_normal(text) is None:
                return text
        elif ("[" in text or "@" in text) and unless_normal(text) is None:
            return text
        nearly = _mended(text, level, rules_by_scheme)
        if nearly is not None and unless_normal(nearly) is None:
            return nearly
        return normal_form(text, level, zone_ids)

    return normalized


def _mended(text: str, level: Level, rules_by_scheme: Mapping[str, SchemeRules]) -> str | None:
    """The text with what mostly is amiss mended; None where more than that may be, or it is another kind of text."""
    start = _match_authority(text)
    if start is None:
        return None
    scheme, host, port_text = start.groups()
    scheme = scheme.lower()
    rest = text[start.end() :]
    rules = rules_by_scheme.get(scheme, NO_RULES)
    if "%" in rest:
        if not rules.decode:
            return None
        try:
            rest = decoded(rest)
        except KeyError:  # not two hexadecimal digits: the plain path says so
            return None
    port = ""
    if port_text is not None:
        port = normal_port(port_text, rules) if level == "scheme" else f":{port_text}"
    if level == "scheme" and rest[:1] != "/" and (host or port):
        rest = rules.empty_path + rest
    host = normal_host(host, level) if host[:1] == "[" else host.lower()
    return f"{scheme}://{host}{port}{rest}"
