"""What the schemes' own RFCs say of equal URIs (RFC 3986 section 6.2.3): one table, which a plugin can add to."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from urischeme.errors import RegistrationError
from urischeme.syntax import abnf

__all__ = ["SchemeRules"]


class SchemeRules(NamedTuple):
    """What a scheme's own RFC says of equal URIs (section 6.2.3).

    Attributes:
        default_port: written or not, it is the same; None where the scheme has none.
        empty_path: what an empty path after an authority means.
        opaque: the path is no hierarchy, so dots in it are only dots.
        decode: a percent-encoded unreserved character is the same as the character.
        local_authority: an absent authority and `localhost` are both the empty one (RFC 8089).
        lower_prefix: the path up to and with its first colon is of no case (RFC 8141's NID).
    """

    default_port: int | None = None
    empty_path: str = ""
    opaque: bool = False
    decode: bool = True
    local_authority: bool = False
    lower_prefix: bool = False


NO_RULES: Final = SchemeRules()

RULES: Final = {
    "acap": SchemeRules(default_port=674),  # RFC 2244
    "coap": SchemeRules(default_port=5683),  # RFC 7252 section 6.1
    "coaps": SchemeRules(default_port=5684),  # RFC 7252 section 6.2
    "data": SchemeRules(opaque=True),  # RFC 2397
    "dict": SchemeRules(default_port=2628),  # RFC 2229
    "dns": SchemeRules(default_port=53),  # RFC 4501: the port is the name server's
    "file": SchemeRules(local_authority=True),  # RFC 8089
    "ftp": SchemeRules(default_port=21),  # RFC 1738
    "gopher": SchemeRules(default_port=70),  # RFC 4266
    "http": SchemeRules(default_port=80, empty_path="/"),  # RFC 9110 section 4.2.3
    "https": SchemeRules(default_port=443, empty_path="/"),  # RFC 9110 section 4.2.3
    "imap": SchemeRules(default_port=143),  # RFC 5092
    "ipp": SchemeRules(default_port=631),  # RFC 3510
    "ipps": SchemeRules(default_port=631),  # RFC 7472
    "ldap": SchemeRules(default_port=389),  # RFC 4516
    "mailto": SchemeRules(opaque=True),  # RFC 6068
    "nfs": SchemeRules(default_port=2049),  # RFC 2224
    "nntp": SchemeRules(default_port=119),  # RFC 5538
    "pop": SchemeRules(default_port=110),  # RFC 2384
    "rtsp": SchemeRules(default_port=554),  # RFC 7826 section 4.2
    "rtsps": SchemeRules(default_port=322),  # RFC 7826 section 4.2
    "snmp": SchemeRules(default_port=161),  # RFC 4088
    "tel": SchemeRules(opaque=True),  # RFC 3966
    "telnet": SchemeRules(default_port=23),  # RFC 4248
    "tftp": SchemeRules(default_port=69),  # RFC 3617
    "urn": SchemeRules(opaque=True, decode=False, lower_prefix=True),  # RFC 8141 section 3
    "ws": SchemeRules(default_port=80, empty_path="/"),  # RFC 6455 section 3
    "wss": SchemeRules(default_port=443, empty_path="/"),  # RFC 6455 section 3
}

_is_scheme = re.compile(abnf.SCHEME).fullmatch


def rules_of(scheme: str | None) -> SchemeRules:
    """The rules of a scheme, in lower case; those of one that is not in the table change nothing."""
    return NO_RULES if scheme is None else RULES.get(scheme, NO_RULES)


def checked_scheme(scheme: str) -> str:
    """The scheme in lower case. Raises RegistrationError for what RFC 3986 section 3.1 does not call one."""
    if not _is_scheme(scheme):
        raise RegistrationError(f"{scheme!r} is no scheme: a letter, then letters, digits, +, - and . (RFC 3986 3.1)")
    return scheme.lower()
