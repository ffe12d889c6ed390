"""Host names as DNS is asked for them: RFC 1035's lengths, and IDNA 2008 for what is beyond ASCII."""

from __future__ import annotations

import ipaddress
import re
from typing import Final

import idna

from urischeme.display import quote_host

_MAX_NAME: Final = 253  # characters, without the final dot (RFC 1035 section 2.3.4)
_is_label = re.compile(r"[A-Za-z0-9_\-]{1,63}").fullmatch
# IDNA2003's other dots, which people type too (UTS 46 section 2.3).
_DOTS: Final = re.compile("[.。．｡]")


def is_address(host: str) -> bool:
    """Whether it is an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def family_of(address: str) -> str:
    """The family of an address: "ipv4" or "ipv6"."""
    return "ipv6" if ":" in address else "ipv4"


def is_localhost(name: str) -> bool:
    """Whether it is `localhost` or below it, which no server is asked for (RFC 6761 section 6.3)."""
    return name.lower().removesuffix(".").split(".")[-1] == "localhost"


def host_name(text: str) -> str:
    """A name in ASCII, its final dot kept. Raises ValueError, whose message says what is wrong.

    >>> host_name("bücher.example.")
    'xn--bcher-kva.example.'
    """
    if not text:
        raise ValueError("there is no host; write dns:///host:port")
    if ":" in text:
        raise ValueError(f"{quote_host(text)} is not an IPv6 address")
    labels = [_to_ascii(label) for label in _DOTS.split(text)]
    *inner, last = labels
    for label in inner if inner and not last else labels:
        if not _is_label(label):
            raise ValueError(f"{quote_host(label)} is no part of a name: 1 to 63 letters, digits, - and _")
    return checked_length(".".join(labels))


def checked_length(name: str) -> str:
    """The same name. Raises ValueError for one that is longer than DNS takes."""
    if len(name.removesuffix(".")) > _MAX_NAME:
        raise ValueError(f"a name has at most {_MAX_NAME} characters")
    return name


def _to_ascii(label: str) -> str:
    if label.isascii():
        return label
    try:
        # Label by label: IDNA refuses the underscore, which others of the same name may have.
        return idna.encode(label, uts46=True).decode("ascii")
    except idna.IDNAError:
        raise ValueError(f"{quote_host(label)} is no internationalised name") from None
