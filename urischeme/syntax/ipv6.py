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
    groups = [group.lstrip("0") or "0" for group in _groups(address.lower())]
    if groups[:6] == _IPV4_MAPPED:
        high, low = (int(group, 16) for group in groups[6:])
        return f"::ffff:{high >> 8}.{high & 255}.{low >> 8}.{low & 255}"
    text = f":{':'.join(groups)}:"
    for length in range(groups.count("0"), 1, -1):
        before, run, after = text.partition(f":{'0:' * length}")
        if run:
            return f"{before[1:]}::{after[:-1]}"
    return text[1:-1]


_IPV4_MAPPED = ["0", "0", "0", "0", "0", "ffff"]


def _groups(address: str) -> list[str]:
    """All eight groups."""
    if "." in address:
        address, _, ipv4 = address.rpartition(":")
        first, second, third, fourth = map(int, ipv4.split("."))
        address += f":{first << 8 | second:x}:{third << 8 | fourth:x}"
    left, compressed, right = address.partition("::")
    if not compressed:
        return left.split(":")
    before, after = left.split(":") if left else [], right.split(":") if right else []
    return before + ["0"] * (8 - len(before) - len(after)) + after
