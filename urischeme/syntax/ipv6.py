"""IPv6 addresses as RFC 5952 writes them."""

from __future__ import annotations


def rfc5952(address: str) -> str:
    """The one text of an address: lower case, no leading zeros, `::` for the first of the longest runs of zeros.

    An IPv4-mapped one is dotted (section 5). `ipaddress` would take three times as long, and whether it dots differs
    between versions of Python.

    Args:
        address: any text that RFC 3986 calls an `IPv6address`: no brackets and no zone.

    >>> rfc5952("2001:DB8:0:0:1:0:0:0001"), rfc5952("::FFFF:7f00:1"), rfc5952("0:0:0:0:0:0:0:0")
    ('2001:db8::1:0:0:1', '::ffff:127.0.0.1', '::')
    """
    # A colon before and after each group, and nothing for one that is zero.
    text = f":{_all_groups(address.lower())}:"
    while ":0" in text:
        text = text.replace(":0", ":")
    if text.startswith(_IPV4_MAPPED):
        high, low = (int(group or "0", 16) for group in text.removeprefix(_IPV4_MAPPED)[:-1].split(":"))
        return f"::ffff:{high >> 8}.{high & 255}.{low >> 8}.{low & 255}"
    for zeros in _RUNS_OF_ZEROS:
        if zeros in text:
            before, _, after = text.partition(zeros)
            return f"{_with_zeros(before)[1:]}::{_with_zeros(after)[:-1]}"
    return _with_zeros(text)[1:-1]


# From eight to two.
_RUNS_OF_ZEROS = tuple(":" * colons for colons in range(9, 2, -1))
_IPV4_MAPPED = "::::::ffff:"


def _with_zeros(text: str) -> str:
    while "::" in text:
        text = text.replace("::", ":0:")
    return text


def _all_groups(address: str) -> str:
    """All eight groups, in hexadecimal."""
    if "." in address:
        address, _, ipv4 = address.rpartition(":")
        octets = bytes(map(int, ipv4.split("."))).hex()
        address = f"{address}:{octets[:4]}:{octets[4:]}"
    left, compressed, right = address.partition("::")
    if not compressed:
        return address
    groups = [left] if left else []
    groups += ["0"] * (8 - _count(left) - _count(right))
    if right:
        groups.append(right)
    return ":".join(groups)


def _count(groups: str) -> int:
    return groups.count(":") + 1 if groups else 0
