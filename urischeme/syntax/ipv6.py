"""IPv6 addresses as RFC 5952 writes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ipaddress import IPv6Address


def rfc5952(ip: IPv6Address) -> str:
    """The text of an address, without its zone: an IPv4-mapped one dotted (section 5), others as `ipaddress` has them.

    Which of the two `str` gives for an IPv4-mapped one differs between versions of Python.

    >>> from ipaddress import IPv6Address
    >>> rfc5952(IPv6Address("::FFFF:7f00:1")), rfc5952(IPv6Address("fe80:0::1%eth0"))
    ('::ffff:127.0.0.1', 'fe80::1')
    """
    return str(ip).partition("%")[0] if ip.ipv4_mapped is None else f"::ffff:{ip.ipv4_mapped}"
