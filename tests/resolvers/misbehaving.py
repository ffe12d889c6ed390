"""A DNS server that does what no good server does: whatever a test says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import dns.message

Reply = Callable[[dns.message.Message], dns.message.Message | bytes | None]


@contextmanager
def server(reply: Reply) -> Iterator[str]:
    """Answers each UDP query with what `reply` makes of it, or not at all; gives `address:port`."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_serve, args=(sock, reply))
        thread.start()
        host, port = sock.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            # An empty datagram from the socket to itself ends the loop.
            sock.sendto(b"", (host, port))
            thread.join()


def _serve(sock: socket.socket, reply: Reply) -> None:
    while True:
        data, client = sock.recvfrom(65535)
        if not data:
            return
        answer = reply(dns.message.from_wire(data))
        if answer is not None:
            sock.sendto(answer if isinstance(answer, bytes) else answer.to_wire(), client)
