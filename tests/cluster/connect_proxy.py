"""A proxy as companies have it before the rest of the world: CONNECT (RFC 9110 section 9.3.6), at a pod's address."""

from __future__ import annotations

import selectors
import socket
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class ConnectProxy(socketserver.ThreadingTCPServer):
    """Lets whoever asks connect to anywhere.

    Attributes:
        asked: where to, and the Proxy-Authorization, of each who asked.
        is_closed: whether it refuses all of them, for want of a password.
    """

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, address: str) -> None:
        super().__init__((address, 3128), _Handler)
        self.asked: list[tuple[str, str | None]] = []
        self.is_closed = False

    @property
    def host(self) -> str:
        """Host and port."""
        host, port = self.server_address[:2]
        return f"{host!s}:{port}"


class _Handler(socketserver.StreamRequestHandler):
    server: ConnectProxy

    def handle(self) -> None:
        method, place, _ = self.rfile.readline().decode().split()
        assert method == "CONNECT"
        headers = dict(line.decode().strip().split(": ", 1) for line in iter(self.rfile.readline, b"\r\n"))
        self.server.asked.append((place, headers.get("Proxy-Authorization")))
        if self.server.is_closed:
            self.wfile.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            return
        host, _, port = place.rpartition(":")
        with socket.create_connection((host, int(port))) as server:
            self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _pass_on(self.connection, server)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    """What either says to the other, until one of them ends."""
    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select():
                ready = key.fileobj
                assert isinstance(ready, socket.socket)
                try:
                    data = ready.recv(65536)
                    key.data.sendall(data)
                except OSError:
                    return
                if not data:
                    return


@contextmanager
def running(address: str) -> Iterator[ConnectProxy]:
    """One at an address, while the block lasts."""
    with ConnectProxy(address) as proxy:
        thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield proxy
        finally:
            proxy.shutdown()
            thread.join()
