"""From addresses to one connected socket: Happy Eyeballs (RFC 8305 sections 4 and 5)."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import deque
from collections.abc import Iterable, Mapping
from itertools import zip_longest
from typing import Final

from urischeme.errors import ResolveError
from urischeme.routing.endpoint import Address, TCPAddress

ATTEMPT_DELAY: Final = 0.25
"""Seconds that one attempt has before the next begins (RFC 8305 section 5)."""


def interleaved(addresses: Iterable[Address]) -> list[Address]:
    """The addresses, one family after the other in turn; each family keeps its order (RFC 8305 section 4).

    >>> from urischeme import TCPAddress
    >>> for address in interleaved([TCPAddress("::1", 1), TCPAddress("::2", 1), TCPAddress("10.0.0.1", 1)]):
    ...     print(address)
    ipv6:[::1]:1
    ipv4:10.0.0.1:1
    ipv6:[::2]:1
    """
    families: dict[object, list[Address]] = {}
    for address in addresses:
        family = address.family if isinstance(address, TCPAddress) else type(address)
        families.setdefault(family, []).append(address)
    return [address for row in zip_longest(*families.values()) for address in row if address is not None]


async def dial(address: Address) -> socket.socket:
    """A connected socket that does not block.

    Raises OSError where there is no connection, ResolveError where this machine cannot have one to such an address.
    """
    sock = socket.socket(address.family, socket.SOCK_STREAM)
    try:
        sock.setblocking(False)
        if address.family == socket.AF_UNIX:
            # At once or not at all: asyncio would take the error of a full queue, EAGAIN, for a connection under way.
            sock.connect(address.sockaddr)
        else:
            await asyncio.get_running_loop().sock_connect(sock, address.sockaddr)
    except BaseException:
        sock.close()
        raise
    return sock


class Race:
    """One attempt a quarter of a second after the other, sooner where one fails, until one of them connects.

    Args:
        addresses: in the order to try them.

    Attributes:
        tried: the addresses that were tried, in order.
        failures: why those that failed have failed.
        winner: the address that is connected, or None.
    """

    def __init__(self, addresses: Iterable[Address]) -> None:
        self.tried: list[Address] = []
        self.failures: dict[Address, Exception] = {}
        self.winner: Address | None = None
        self._waiting = deque(addresses)
        self._running: dict[asyncio.Task[socket.socket], Address] = {}

    async def run(self, timeout: float) -> socket.socket | None:
        """The connected socket, or None where all addresses failed, or `timeout` seconds passed.

        Nothing else is left open, however it ends.
        """
        deadline = asyncio.timeout(timeout)
        try:
            async with deadline:
                return await self._decide()
        except TimeoutError:
            if not deadline.expired():
                raise
            for address in self.tried:
                self.failures.setdefault(address, TimeoutError(f"no answer within {timeout:.3g} s"))
            return None

    async def _decide(self) -> socket.socket | None:
        connected = None
        try:
            try:
                connected = await self._first()
            finally:
                await self._abandon()
        except BaseException:
            if connected is not None:
                connected.close()
            raise
        return connected

    async def _first(self) -> socket.socket | None:
        while self._waiting or self._running:
            if self._waiting:
                self._start(self._waiting.popleft())
            await asyncio.wait(
                self._running,
                timeout=ATTEMPT_DELAY if self._waiting else None,
                return_when=asyncio.FIRST_COMPLETED,
            )
            for task, address in [pair for pair in self._running.items() if pair[0].done()]:
                del self._running[task]
                try:
                    connected = task.result()
                except (OSError, ResolveError) as error:
                    self.failures[address] = error
                else:
                    self.winner = address
                    return connected
        return None

    def _start(self, address: Address) -> None:
        self.tried.append(address)
        self._running[asyncio.create_task(dial(address))] = address

    async def _abandon(self) -> None:
        for task in self._running:
            # Should this be cancelled while it waits, the sockets are closed all the same.
            task.add_done_callback(_discard)
            task.cancel()
        if self._running:
            await asyncio.wait(self._running)


def _discard(task: asyncio.Task[socket.socket]) -> None:
    if not task.cancelled() and task.exception() is None:
        task.result().close()


def no_connection(name: str, addresses: Iterable[Address], failures: Mapping[Address, Exception]) -> ResolveError:
    """The error for several addresses without a connection, that says of each why there is none."""
    reasons = "; ".join(f"{address}: {reason(failures.get(address))}" for address in addresses)
    retryable = any(getattr(error, "retryable", True) for error in failures.values())
    return ResolveError(f"{name}: no connection: {reasons}", retryable=retryable)


def reason(error: Exception | None) -> str:
    """Why an address has no connection, in a few words."""
    if error is None:
        return "not tried"
    # asyncio writes a text of its own, with the address in it.
    if isinstance(error, OSError) and error.errno:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__
