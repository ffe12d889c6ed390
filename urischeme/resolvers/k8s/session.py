"""HTTP requests with the credentials of a configuration, over connections of which nothing is left at the end."""

from __future__ import annotations

import asyncio
import socket
import ssl
import weakref
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from aiohttp import ClientResponse, ClientTimeout
    from kubernetes_asyncio.client import Configuration

    _AddrInfo: TypeAlias = tuple[int, int, int, str, tuple[Any, ...]]

# A connection whose other end is gone without a word is found within half a minute: by the first three where nothing is
# on its way, by the last (milliseconds) where something is.
_KEEP_ALIVE: Final = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}

_CLOSING_STEPS: Final = 100


class Session:
    """Connections to one API server by one configuration of kubernetes_asyncio.

    Raises OSError for certificates that cannot be read.
    """

    def __init__(self, configuration: Configuration) -> None:
        import aiohttp

        self._configuration = configuration
        self._transport = _transport(configuration)
        self._sockets = _Sockets()
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(
                # A watch holds its connection; with the usual 100 the 101st would wait for ever.
                limit=0,
                ssl=_tls(configuration),
                socket_factory=self._sockets.make,
            ),
        )

    async def get(self, path: str, params: Mapping[str, str], timeout: ClientTimeout) -> ClientResponse:
        """The response, its body yet to come. Raises what aiohttp raises."""
        configuration = self._configuration
        headers = {"Accept": "application/json"}
        token = await configuration.get_api_key_with_prefix("BearerToken")
        if token:
            # A token's file may end with a line break, which no header may have in it.
            headers["Authorization"] = token.strip()
        return await self._session.get(
            f"{configuration.host}{path}",
            params=params,
            headers=headers,
            timeout=timeout,
            proxy=configuration.proxy,
            server_hostname=configuration.tls_server_name,
        )

    def renewed(self, configuration: Configuration) -> Session:
        """With other credentials: another one, where they belong to the connections, and this one is to be closed."""
        if _transport(configuration) == self._transport:
            # Another token: the connections stay, and the streams on them.
            self._configuration = configuration
            return self
        return Session(configuration)

    async def aclose(self) -> None:
        """Close every connection, those too that were given up and are not closed yet."""
        await self._session.close()
        await self._sockets.closed()


class _Sockets:
    """The sockets that were made.

    asyncio closes a TLS connection that was cancelled, while it is being made or later, only when the other end has had
    its say, which may be long, and nobody can see that it is still to come.
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


def _tls(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    # As Go does it, and so kubectl: many clusters' CAs lack an extension that Python asks for from 3.13 on.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file, _no_password)
    return context


def _no_password() -> str:
    # OpenSSL would ask at the terminal, and the loop would stand still meanwhile.
    raise OSError("the client's key wants a password, and nobody is there to be asked")


def _transport(configuration: Configuration) -> tuple[object, ...]:
    """All that a connection is made by, which is all but the token. Files may have been replaced: what is in them."""
    made = configuration
    files = (made.ssl_ca_cert, made.cert_file, made.key_file)
    return made.host, *map(_content, files), made.verify_ssl, made.tls_server_name, made.proxy


def _content(path: str | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
