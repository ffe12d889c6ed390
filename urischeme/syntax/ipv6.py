"""IPv6 addresses as RFC 5952 writes them."""

from __future__ import annotations


def rfc5952(address: str) -> str:
    """The one text of an address: lower case, no leading zeros, `::` for the first of the longest runs of zeros.

    An IPv4-mapped one is dotted (section 5). `ipaddress` would take three times as long, and whether it dots differs
    between versions of Python.

    Args:
        address: any text that RFC 3986 calls an `IPv6address`: no brackets and no zone.

    Raises:
        KeyError, ValueError: where all is right but the dots at its end, which are no IPv4 address.

    >>> rfc5952("2001:DB8:0:0:1:0:0:0001"), rfc5952("::FFFF:7f00:1"), rfc5952("0:0:0:0:0:0:0:0")
    ('2001:db8::1:0:0:1', '::ffff:127.0.0.1', '::')
    """
    text = address.lower()
    if "." in text:
        text = _in_hex(text)
    if "::" in text:
        text = text.replace("::", ":" * (9 - text.count(":")))
    text = f":{text}:"
    # Nothing is left of a group that is zero.
    if ":00" in text:
        text = text.replace(":000", ":").replace(":00", ":")
    text = text.replace(":0", ":")
    if _FEWEST_ZEROS in text:
        if text.startswith(_IPV4_MAPPED):
            return _dotted(text)
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


def _in_hex(address: str) -> str:
    """Without dots at its end."""
    before, _, ipv4 = address.rpartition(":")
    one, two, three, four = ipv4.split(".")
    return f"{before}:{_IN_HEX[one]}{_IN_HEX[two]}:{_IN_HEX[three]}{_IN_HEX[four]}"


def _dotted(text: str) -> str:
    """An IPv4-mapped one, given with a colon after it, and nothing for a group that is zero."""
    high, low = (int(group or "0", 16) for group in text.removeprefix(_IPV4_MAPPED)[:-1].split(":"))
    return f"::ffff:{high >> 8}.{high & 255}.{low >> 8}.{low & 255}"
