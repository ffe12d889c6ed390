"""`host[:port]` as gRPC targets write it: a name, an IPv4 address, an IPv6 address bare or in brackets."""

from __future__ import annotations

from typing import Final

MAX_PORT: Final = 65535


def split_host_port(text: str) -> tuple[str, str | None]:
    """The host, out of its brackets, and the text of the port, or None.

    Several colons without brackets are an IPv6 address, all of it. Raises ValueError, whose message says what is wrong.

    >>> split_host_port("orders.internal:50051"), split_host_port("[::1]:443"), split_host_port("2001:db8::1")
    (('orders.internal', '50051'), ('::1', '443'), ('2001:db8::1', None))
    """
    if text.startswith("["):
        return _split_brackets(text)
    if text.count(":") > 1:
        return text, None
    host, colon, port = text.partition(":")
    return host, port if colon else None


def _split_brackets(text: str) -> tuple[str, str | None]:
    host, bracket, rest = text[1:].partition("]")
    if not bracket:
        raise ValueError("the bracket is left open; write ] after the address")
    if ":" not in host:
        raise ValueError("brackets are for IPv6 addresses; write a name or an IPv4 address without them")
    if rest and not rest.startswith(":"):
        raise ValueError("after ] comes a colon and a port, or nothing")
    return host, rest[1:] if rest else None


def port_number(text: str, highest: int = MAX_PORT) -> int:
    """The number that some digits are. Raises ValueError for anything else, and above `highest`.

    >>> port_number("50051")
    50051
    """
    if not text:
        raise ValueError("there is no port after the colon; write one, or leave the colon out")
    if not (text.isascii() and text.isdigit()):
        raise ValueError("a port is digits")
    digits = text.lstrip("0") or "0"
    # The length first: int() takes quadratic time.
    if len(digits) > len(str(highest)) or int(digits) > highest:
        raise ValueError(f"a port is at most {highest}")
    return int(digits)
