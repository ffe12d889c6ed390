"""Sockets on loopback that accept, refuse, or say nothing; and a loop whose clock goes by itself."""

from __future__ import annotations

import asyncio
import os
import selectors
import socket
import uuid
from collections.abc import Coroutine, Generator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.missing import missing
from urischeme import TCPAddress, UnixAbstractAddress, UnixAddress, VsockAddress

T = TypeVar("T")

GRACE = 0.05
"""Seconds that the kernel has to deliver what is under way on loopback, before the clock goes on."""


@contextmanager
def bound(host: str = "127.0.0.1") -> Generator[tuple[socket.socket, TCPAddress]]:
    """A socket with a port of its own that does not listen: it refuses."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with closing(socket.socket(family, socket.SOCK_STREAM)) as sock:
        try:
            sock.bind((host, 0))
        except OSError as error:
            missing(f"no {host} here: {error}")
        yield sock, TCPAddress(host, sock.getsockname()[1])


@contextmanager
def refusing(host: str = "127.0.0.1") -> Generator[TCPAddress]:
    with bound(host) as (_, address):
        yield address


@contextmanager
def listening(host: str = "127.0.0.1") -> Generator[tuple[socket.socket, TCPAddress]]:
    with bound(host) as (sock, address):
        sock.listen()
        yield sock, address


@contextmanager
def silent(host: str = "127.0.0.1") -> Generator[TCPAddress]:
    """An address whose server never answers: its queue is full."""
    with bound(host) as (sock, address), ExitStack() as fillers:
        sock.listen(0)
        for _ in range(16):
            filler = fillers.enter_context(closing(socket.socket(sock.family, socket.SOCK_STREAM)))
            filler.settimeout(GRACE)
            try:
                filler.connect(address.sockaddr)
            except TimeoutError:
                yield address
                return
        missing("this system's queues do not fill up")


@contextmanager
def listening_unix(directory: Path, backlog: int = 16) -> Generator[tuple[socket.socket, UnixAddress]]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as sock:
        path = directory / "s"
        sock.bind(os.fspath(path))
        sock.listen(backlog)
        yield sock, UnixAddress(os.fspath(path))


@contextmanager
def listening_abstract() -> Generator[tuple[socket.socket, UnixAbstractAddress]]:
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)) as sock:
        address = UnixAbstractAddress(b"urischeme\0" + uuid.uuid4().bytes)
        try:
            sock.bind(address.sockaddr)
        except OSError as error:
            missing(f"no abstract names here: {error}")
        sock.listen()
        yield sock, address


@contextmanager
def listening_vsock() -> Generator[tuple[socket.socket, VsockAddress]]:
    loopback = 1  # VMADDR_CID_LOCAL, vsock(7)
    with ExitStack() as opened:
        try:
            sock = opened.enter_context(closing(socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)))
            sock.bind((loopback, socket.VMADDR_PORT_ANY))
            sock.listen()
        except (AttributeError, OSError) as error:
            # Not `missing`: it takes a kernel module, vsock_loopback, that a container cannot load.
            pytest.skip(f"no vsock loopback here: {error}")
        yield sock, VsockAddress(*sock.getsockname())


class _JumpingSelector(selectors.DefaultSelector):
    """Where there is nothing to do, it does not wait: it moves the clock to where there is."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(timeout if timeout is None or timeout <= 0 else GRACE)
        if not events and timeout is not None:
            self.now += max(timeout, 0)
        return events


class JumpingLoop(asyncio.SelectorEventLoop):
    """A loop on whose clock no time passes but what somebody waits for, and that passes at once."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """Like asyncio.run(), in a JumpingLoop."""
    with asyncio.Runner(loop_factory=JumpingLoop) as runner:
        return runner.run(main)
