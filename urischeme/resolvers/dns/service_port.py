"""A port as digits, or as the name of a service of this system (services(5))."""

from __future__ import annotations

import re
import socket
import threading
from typing import Final

from urischeme.routing.host_port import port_number

# IANA's names are letters, digits and hyphens (RFC 6335 section 5.1); some systems list others with these too.
_is_service = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+\-]{0,63}").fullmatch

# getservbyname(3) has one buffer for all threads, and Python lets go of its own lock while it is asked.
_services: Final = threading.Lock()


def service_port(text: str) -> int:
    """The number of a port. Raises ValueError, whose message says what is wrong.

    >>> service_port("50051")
    50051
    >>> service_port("no-such-service")
    Traceback (most recent call last):
    ValueError: this system knows no service 'no-such-service'; write the number of the port
    """
    if text.isdigit() or not _is_service(text):
        return port_number(text)
    try:
        with _services:
            return socket.getservbyname(text, "tcp")
    except OSError:
        raise ValueError(f"this system knows no service {text!r}; write the number of the port") from None
