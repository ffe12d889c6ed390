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
    text = _between_colons(address.lower())
    # Nothing is left of a group that is zero.
    if ":00" in text:
        text = text.replace(":000", ":").replace(":00", ":")
    text = text.replace(":0", ":")
    if _FEWEST_ZEROS in text:
        if text.startswith(_IPV4_MAPPED):
            high, low = (int(group or "0", 16) for group in text.removeprefix(_IPV4_MAPPED)[:-1].split(":"))
            return f"::ffff:{high >> 8}.{high & 255}.{low >> 8}.{low & 255}"
        for zeros in _RUNS_OF_ZEROS:
            if zeros in text:
                text = text.replace(zeros, _COMPRESSED, 1)
                break
    while "::" in text:
        text = text.replace("::", ":0:")
    return text.strip(":").replace(_COMPRESSED, "::")


# From eight groups to two.
_RUNS_OF_ZEROS = tuple(":" * colons for colons in range(9, 2, -1))
_FEWEST_ZEROS = _RUNS_OF_ZEROS[-1]
_COMPRESSED = "|"
_IPV4_MAPPED = "::::::ffff:"
_IN_HEX = {str(octet): f"{octet:02x}" for octet in range(256)}


def _between_colons(address: str) -> str:
    """All eight groups in hexadecimal, a colon before and after each, and nothing for one that `::` stands for."""
    if "." in address:
        address, _, ipv4 = address.rpartition(":")
        one, two, three, four = ipv4.split(".")
        address = f"{address}:{_IN_HEX[one]}{_IN_HEX[two]}:{_IN_HEX[three]}{_IN_HEX[four]}"
    if "::" not in address:
        return f":{address}:"
    left, _, right = address.partition("::")
    before = left and f":{left}"
    after = right and f"{right}:"
    return f"{before}{':' * (9 - before.count(':') - after.count(':'))}{after}"
