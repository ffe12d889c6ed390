"""A server answers on each static scheme, reached by nothing but what `urischeme.resolve` gave."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Generator
from pathlib import Path
from urllib.parse import quote, quote_from_bytes

import pytest

import urischeme

DEADLINE = 20
GREETING = b"here I am"
VMADDR_CID_LOCAL = 1


@contextlib.contextmanager
def greeting(server: socket.socket) -> Generator[None]:
    """Within the block, one who connects to `server` is greeted."""

    def greet() -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(GREETING)

    with server:
        server.settimeout(DEADLINE)
        server.listen()
        thread = threading.Thread(target=greet, daemon=True)
        thread.start()
        yield
        thread.join(DEADLINE)
        assert not thread.is_alive()


def heard(target: str) -> bytes:
    """What is said there, at the only address that the target leads to."""
    (address,) = urischeme.resolve(target).addresses
    with socket.socket(address.family, socket.SOCK_STREAM) as client:
        client.settimeout(DEADLINE)
        client.connect(address.sockaddr)
        return client.recv(100)


@pytest.mark.parametrize("target", ["ipv4:127.0.0.1:{}", "ipv4:///127.0.0.1:{}"])
def test_ipv4(target: str) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with greeting(server):
        assert heard(target.format(server.getsockname()[1])) == GREETING


@pytest.mark.parametrize("target", ["ipv6:[::1]:{}", "ipv6:%5B::1%5D:{}", "ipv6:///[0:0::1]:{}", "ipv6:[::1%25lo]:{}"])
def test_ipv6(target: str) -> None:
    server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    with greeting(server):
        assert heard(target.format(server.getsockname()[1])) == GREETING


def test_the_default_port_is_the_callers() -> None:
    server = socket.create_server(("127.0.0.1", 0))
    with greeting(server):
        resolution = urischeme.resolve("ipv4:127.0.0.1", default_port=server.getsockname()[1])
        with socket.create_connection(resolution.addresses[0].sockaddr[:2], DEADLINE) as client:  # type: ignore[arg-type]
            assert client.recv(100) == GREETING


@pytest.mark.parametrize("name", [b"orders.sock", "bücher 1.sock".encode(), b"%41?#.sock", b"\xff\xfe.sock"])
@pytest.mark.parametrize("form", ["unix:{folder}/{name}", "unix://{folder}/{name}", "unix:{name}", "unix:./{name}"])
def test_unix(form: str, name: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # Bound by its name alone: the folder's own may be long.
    monkeypatch.chdir(tmp_path)
    if len(os.fsencode(tmp_path)) + len(name) > 100:
        pytest.skip(f"{tmp_path} is too long a folder for a socket")
    server = socket.socket(socket.AF_UNIX)
    server.bind(name)
    with greeting(server):
        assert heard(form.format(folder=quote(str(tmp_path)), name=quote_from_bytes(name))) == GREETING


@pytest.mark.skipif(
    not hasattr(socket, "AF_UNIX") or os.uname().sysname != "Linux", reason="abstract names are Linux's"
)
@pytest.mark.parametrize("name", [b"orders", b"a\0b", b"\0", b"/x", b"//x", b"\xff?#%"])
def test_unix_abstract(name: bytes) -> None:
    # With a name of this process's own: all the machine shares the namespace.
    name = name + f"-urischeme-{os.getpid()}".encode()
    server = socket.socket(socket.AF_UNIX)
    server.bind(b"\0" + name)
    with greeting(server):
        assert heard(str(urischeme.UnixAbstractAddress(name))) == GREETING


def test_unix_abstract_as_a_person_writes_it() -> None:
    name = f"orders\0{os.getpid()}".encode()
    server = socket.socket(socket.AF_UNIX)
    server.bind(b"\0" + name)
    with greeting(server):
        assert heard(f"unix-abstract:orders%00{os.getpid()}") == GREETING


def test_vsock() -> None:
    # The kernel's loopback for it is a module that not every machine has. No server is missing then, so this is skipped
    # under CI too.
    server = None
    try:
        server = socket.socket(socket.AF_VSOCK)
        server.bind((VMADDR_CID_LOCAL, socket.VMADDR_PORT_ANY))
    except (AttributeError, OSError) as error:
        if server is not None:
            server.close()
        pytest.skip(f"this kernel has no vsock loopback: {error}")
    with greeting(server):
        assert heard(f"vsock:{VMADDR_CID_LOCAL}:{server.getsockname()[1]}") == GREETING
