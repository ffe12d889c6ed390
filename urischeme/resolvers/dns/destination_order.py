"""RFC 6724 section 6: in which order to try the addresses of a name. It sorts; it never drops one.

Rules 3, 4 and 7 (deprecated, home and tunnelled source addresses) ask for what a program cannot see. Rule 9 (the
longest prefix in common with the source) is for IPv6 alone, and looks at no more than a subnet's 64 bits: beyond that,
and for IPv4, it would only undo the turns that DNS servers put into their answers.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import attrs

from urischeme.errors import ResolveError
from urischeme.routing.endpoint import TCPAddress

SourceOf: TypeAlias = Callable[[str], str | None]

_IP: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_ANY_PORT: Final = 9  # no datagram is sent to it
_SUBNET_BITS: Final = 64
_MAPPED_IPV4: Final = int(ipaddress.IPv6Address("::ffff:0:0"))

_LINK_LOCAL_SCOPE: Final = 0x2
_SITE_LOCAL_SCOPE: Final = 0x5
_GLOBAL_SCOPE: Final = 0xE


@attrs.frozen
class _Policy:
    network: ipaddress.IPv6Network
    precedence: int
    label: int


# Section 2.1, the longest prefix first.
_POLICIES: Final = tuple(
    _Policy(ipaddress.IPv6Network(prefix), precedence, label)
    for prefix, precedence, label in (
        ("::1/128", 50, 0),
        ("::ffff:0:0/96", 35, 4),
        ("::/96", 1, 3),
        ("2001::/32", 5, 5),
        ("2002::/16", 30, 2),
        ("3ffe::/16", 1, 12),
        ("fec0::/10", 1, 11),
        ("fc00::/7", 3, 13),
        ("::/0", 40, 1),
    )
)


def source_address(destination: str) -> str | None:
    """The address that the system would connect from, or None where it has no way there. Nothing is sent."""
    try:
        to = TCPAddress(destination, _ANY_PORT)
        with socket.socket(to.family, socket.SOCK_DGRAM) as probe:
            # Of a UDP socket this looks up the route, and neither sends nor waits.
            probe.connect(to.sockaddr)
            source: str = probe.getsockname()[0]
            return source
    except (OSError, ResolveError):
        return None


def in_order(destinations: Iterable[str], source_of: SourceOf = source_address) -> list[str]:
    """The same addresses, the best first; those that are equally good stay in their order.

    Args:
        destinations: IPv4 and IPv6 addresses.
        source_of: the address that a connection to one would come from, or None where there is no way to it.

    >>> sources = {"2001:db8::1": None, "192.0.2.1": "192.0.2.9"}
    >>> in_order(["2001:db8::1", "192.0.2.1"], sources.get)
    ['192.0.2.1', '2001:db8::1']
    """
    several = list(destinations)
    return several if len(several) < 2 else sorted(several, key=lambda destination: _rank(destination, source_of))


def _rank(destination: str, source_of: SourceOf) -> tuple[bool, bool, bool, int, int, int]:
    """What the rules compare, rule by rule: the smaller goes first."""
    to = ipaddress.ip_address(destination)
    scope, policy = _scope(to), _policy(to)
    source = source_of(destination)
    come_from = None if source is None else ipaddress.ip_address(source)
    return (
        come_from is None,  # rule 1: avoid unusable destinations
        come_from is None or _scope(come_from) != scope,  # rule 2: prefer matching scope
        come_from is None or _policy(come_from).label != policy.label,  # rule 5: prefer matching label
        -policy.precedence,  # rule 6: prefer higher precedence
        scope,  # rule 8: prefer smaller scope
        -_common_bits(to, come_from),  # rule 9: use longest matching prefix
    )


def _policy(address: _IP) -> _Policy:
    number = int(address) if address.version == 6 else _MAPPED_IPV4 + int(address)
    plain = ipaddress.IPv6Address(number)  # without its zone, which no network has
    return next(policy for policy in _POLICIES if plain in policy.network)


def _scope(address: _IP) -> int:
    """Section 3.1; private IPv4 addresses are of global scope (section 3.2)."""
    if address.is_multicast:
        return (int(address) >> 112) & 0xF if address.version == 6 else _GLOBAL_SCOPE
    if address.is_loopback or address.is_link_local:
        return _LINK_LOCAL_SCOPE
    if isinstance(address, ipaddress.IPv6Address) and address.is_site_local:
        return _SITE_LOCAL_SCOPE
    return _GLOBAL_SCOPE


def _common_bits(to: _IP, come_from: _IP | None) -> int:
    if to.version != 6 or come_from is None or come_from.version != 6:
        return 0
    return min(_SUBNET_BITS, 128 - (int(to) ^ int(come_from)).bit_length())
