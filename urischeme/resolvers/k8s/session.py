"""HTTP requests to an API server, over connections of which nothing is left at the end."""

from __future__ import annotations

import asyncio
import socket
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientResponse, ClientTimeout

    from urischeme.resolvers.k8s.credentials import Credentials

    _AddrInfo: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]

# A connection whose other end is gone without a word is found within half a minute: by the first three where nothing is
# on its way, by the last (milliseconds) where something is.
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}

_CLOSING_STEPS: Final = 100


class Session:
    """Connections, as many as are wanted at once; one that is free is used again by who has the same credentials."""

    def __init__(self) -> None:
        import aiohttp

        self._sockets = _Sockets()
        # A watch holds its connection; with the usual limit of 100 the 101st would wait for ever.
        connector = aiohttp.TCPConnector(limit=0, socket_factory=self._sockets.make)
        self._session = aiohttp.ClientSession(connector=connector)

    async def get(
        self, credentials: Credentials, path: str, params: Mapping[str, str], timeout: ClientTimeout
    ) -> ClientResponse:
        """The response, its body yet to come: to be read to its end, or given up. Raises what aiohttp raises."""
        return await self._session.get(
            f"{credentials.server}{path}",
            params=params,
            headers={"Accept": "application/json", **await credentials.headers()},
            timeout=timeout,
            ssl=credentials.tls,
            server_hostname=credentials.server_name,
            proxy=credentials.proxy,
        )

    async def aclose(self) -> None:
        """Close every connection, those too that were given up and are not closed yet."""
        try:
            await self._session.close()
        finally:
            await self._sockets.closed()


def give_up(response: ClientResponse) -> None:
    """Be done with it; unless it was read to its end, its connection goes too."""
    connection = response.connection
    if connection is not None and connection.transport is not None:
        # Closed politely, one of TLS would stay until the other end has had its say, which may be long.
        connection.transport.abort()
    response.close()


class _Sockets:
    """The sockets that were made.

    asyncio closes a TLS connection that was cancelled while it was being made only when the other end has had its say,
    which may be long, and nobody can see that it is still to come.
    """

    def __init__(self) -> None:
        self._made: weakref.WeakSet[socket.socket] = weakref.WeakSet()

    def make(self, info: _AddrInfo) -> socket.socket:
        """One for an address."""
        family, kind, protocol, *_ = info
        made = socket.socket(family, kind, protocol)
        self._made.add(made)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        for name, value in _KEEP_ALIVE.items():
            # Not every system has all of them.
            if hasattr(socket, name):
                made.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
        return made

    async def closed(self) -> None:
        """Come back when all are closed."""
        for each in self._open():
            # Then the loop reads an end, and closes it.
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
        for _ in range(_CLOSING_STEPS):
            if not self._open():
                break
            await asyncio.sleep(0)

    def _open(self) -> list[socket.socket]:
        return [each for each in self._made if each.fileno() >= 0]
