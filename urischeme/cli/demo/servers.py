"""Servers that say their name to whoever connects, and one that passes connections on."""

from __future__ import annotations

import asyncio
import errno
import random
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Final

from urischeme.routing.endpoint import Address, TCPAddress, UnixAbstractAddress

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Unsupported(Exception):
    """This machine has no such addresses."""


# What the system says then; anything else is trouble.
_NO_SUCH_ADDRESS: Final = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT})


def listener(address: Address) -> socket.socket:
    """A socket that listens at the address.

    Raises:
        Unsupported: where this machine has no such addresses.
        OSError: for any other trouble; the port may be taken.
    """
    if isinstance(address, UnixAbstractAddress) and sys.platform != "linux":
        raise Unsupported("they are Linux's own")
    try:
        return _listening(address)
    except OSError as error:
        if error.errno in _NO_SUCH_ADDRESS:
            raise Unsupported(f"{address}: {error.strerror}") from error
        raise


def _listening(address: Address) -> socket.socket:
    sock = socket.socket(address.family)
    try:
        if isinstance(address, TCPAddress):
            # A port that a connection has just left may be used again.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(address.sockaddr)
        sock.listen()
    except BaseException:
        sock.close()
        raise
    return sock


@asynccontextmanager
async def serving(sock: socket.socket, serve: Serve) -> AsyncGenerator[None]:
    """Serve the connections of a listening socket within the block, and close it at its end."""
    server = await asyncio.start_server(_closing(serve), sock=sock)
    try:
        yield
    finally:
        server.close()
        await server.wait_closed()


def _closing(serve: Serve) -> Serve:
    async def served(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A client that goes away is no fault of the server's.
        with suppress(ConnectionError):
            try:
                await serve(reader, writer)
            finally:
                writer.close()
                await writer.wait_closed()

    return served


def saying(name: str) -> Serve:
    """A server that says its name."""

    async def serve(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(name.encode() + b"\n")
        await writer.drain()

    return serve


def forwarding(addresses: Sequence[TCPAddress]) -> Serve:
    """A server that passes each connection on to one of the addresses, as iptables does for a virtual IP: by lot."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        chosen = random.choice(addresses)
        pod_reader, pod_writer = await asyncio.open_connection(chosen.host, chosen.port)
        try:
            await asyncio.gather(_copy(pod_reader, writer), _copy(reader, pod_writer))
        finally:
            pod_writer.close()
            await pod_writer.wait_closed()

    return serve


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(4096):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()


async def greeting(address: Address) -> str:
    """Connect to the address, and give the name that the server there says."""
    sock = socket.socket(address.family)
    try:
        sock.setblocking(False)
        await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
    except BaseException:
        sock.close()
        raise
    return await name_said(*await asyncio.open_connection(sock=sock))


async def name_said(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str:
    """The name that the server of a connection says; then the connection is closed."""
    try:
        return (await reader.readline()).decode().strip()
    finally:
        writer.close()
        await writer.wait_closed()
