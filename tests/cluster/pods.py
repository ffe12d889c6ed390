"""The programs in pods: TCP servers on pods' addresses, each of which says who it is."""

from __future__ import annotations

import selectors
import socket
import threading
from types import TracebackType


class Programs:
    """Any number of servers on one thread, until the end of the `with` block."""

    def __init__(self) -> None:
        self._listening: dict[tuple[str, int], socket.socket] = {}
        self._selector = selectors.DefaultSelector()
        self._stop, stopped = socket.socketpair()
        self._selector.register(stopped, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._serve)

    def listen(self, name: str, address: str, port: int) -> None:
        """From now on a client that connects there is told the name."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        server = self._listening[address, port] = socket.create_server((address, port), family=family, backlog=128)
        server.setblocking(False)
        self._selector.register(server, selectors.EVENT_READ, name)

    def stop(self, address: str, port: int) -> None:
        """From now on a client that connects there is refused."""
        server = self._listening.pop((address, port))
        self._selector.unregister(server)
        server.close()

    def __enter__(self) -> Programs:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.close()
        self._thread.join()
        for address, port in list(self._listening):
            self.stop(address, port)
        self._selector.close()

    def _serve(self) -> None:
        while True:
            for key, _ in self._selector.select():
                server = key.fileobj
                assert isinstance(server, socket.socket)
                if key.data is None:
                    server.close()
                    return
                try:
                    client, _ = server.accept()
                except OSError:  # The client is gone again, or the server was stopped.
                    continue
                with client:
                    client.sendall(key.data.encode())


def ask(address: str, port: int) -> str:
    """The name of the program there.

    Raises:
        OSError
    """
    with socket.create_connection((address, port), timeout=10) as client, client.makefile() as answer:
        return answer.read()
