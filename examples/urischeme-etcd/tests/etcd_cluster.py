"""A real etcd: one server or several, each a process on loopback, which can be killed, frozen and started again.

It is `etcd` on PATH (Debian's package is etcd-server) or, in urischeme's own repository, the one that is linked into
the binary of tests/cluster.
"""

from __future__ import annotations

import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import pytest

DEADLINE = 60.0  # seconds

_REPOSITORY = Path(__file__).parents[3]
_PAUSE = 0.02  # seconds, from one look at a server to the next
_TRIES = 3


def missing(reason: str) -> NoReturn:
    """Skip the test; under CI=true what it needs has to be there, and it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def command() -> list[str]:
    """How to start an etcd."""
    path = shutil.which("etcd")
    if path is not None:
        return [path]
    if not (_REPOSITORY / "tests" / "cluster" / "build.py").exists():
        missing("needs etcd (Debian's package etcd-server)")
    built = subprocess.run(
        [sys.executable, "-m", "tests.cluster.build"], cwd=_REPOSITORY, capture_output=True, text=True
    )
    if built.returncode:
        missing(f"needs etcd (Debian's package etcd-server), or Go to build it: {built.stderr}")
    return [built.stdout.strip(), "etcd"]


class Certificate(NamedTuple):
    """Files with a certificate and its key; it is signed by itself."""

    path: Path
    key: Path


class Member:
    """One server; `address` is where clients find it, as host:port."""

    def __init__(self, arguments: Sequence[str], folder: Path, port: int, certificate: Certificate | None) -> None:
        self.address = f"127.0.0.1:{port}"
        self.folder = folder
        self._arguments = arguments
        self._certificate = certificate
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it, without waiting until it answers: of several, none does before a majority is there."""
        with (self.folder / "log").open("ab") as log:
            # The binary of tests/cluster ends with its standard input, and so with this process.
            self._process = subprocess.Popen(
                self._arguments, stdin=subprocess.PIPE, stdout=log, stderr=log, cwd=self.folder
            )

    def kill(self) -> None:
        """End it at once, as when a machine is lost."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def freeze(self) -> None:
        """From now on it says nothing, though its connections stay: they are half open."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        # Until each of its threads has heard of that, the others go on answering.
        os.waitid(os.P_PID, self._process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)

    def has_ended(self) -> bool:
        return self._process is None or self._process.poll() is not None

    def call(self, path: str, **request: object) -> Any:
        """What it answers. Raises OSError."""
        tls = None
        if self._certificate is not None:
            tls = ssl.create_default_context(cafile=self._certificate.path)
            tls.load_cert_chain(self._certificate.path, self._certificate.key)
        scheme = "http" if tls is None else "https"
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)]
        with urllib.request.build_opener(*handlers).open(
            f"{scheme}://{self.address}{path}", json.dumps(request).encode(), timeout=10
        ) as answer:
            return json.load(answer)

    def wait_until_ready(self) -> None:
        """Come back when it answers. Raises AssertionError where it has ended, or is not ready in time."""
        end = time.monotonic() + DEADLINE
        while True:
            try:
                self.call("/v3/kv/range", key=_base64("x"))
                return
            except (OSError, http.client.HTTPException):
                log = (self.folder / "log").read_text(errors="replace")
                assert not self.has_ended(), f"etcd has ended: {log[-2000:]}"
                assert time.monotonic() < end, f"etcd is not ready: {log[-2000:]}"
                time.sleep(_PAUSE)


class Cluster:
    """Members that hold the same keys. What a test writes goes to the first that answers."""

    def __init__(self, members: Sequence[Member]) -> None:
        self.members = members

    @property
    def endpoints(self) -> str:
        return ",".join(member.address for member in self.members)

    def call(self, path: str, **request: object) -> Any:
        """What the first member says that has an answer: while they elect a leader, none has."""
        end = time.monotonic() + DEADLINE
        while True:
            for member in self.members:
                try:
                    if not member.has_ended():
                        return member.call(path, **request)
                except OSError as error:
                    refused = isinstance(error, urllib.error.HTTPError) and error.code < 500
                    if refused or time.monotonic() > end:
                        raise
            time.sleep(_PAUSE)

    def put(self, key: str, value: str | bytes, *, lease: str = "0") -> None:
        self.call("/v3/kv/put", key=_base64(key), value=_base64(value), lease=lease)

    def put_all(self, values: dict[str, str]) -> None:
        """All of them at once, in one revision."""
        puts = [{"requestPut": {"key": _base64(key), "value": _base64(values[key])}} for key in values]
        self.call("/v3/kv/txn", success=puts)

    def delete(self, key: str) -> None:
        self.call("/v3/kv/deleterange", key=_base64(key))

    def lease(self, seconds: int) -> str:
        """A lease that nobody keeps alive."""
        lease: str = self.call("/v3/lease/grant", TTL=seconds)["ID"]
        return lease

    def compact(self) -> None:
        """Throw the history away, up to now."""
        revision = self.call("/v3/kv/range", key=_base64("x"))["header"]["revision"]
        self.call("/v3/kv/compaction", revision=revision, physical=True)

    def leader(self) -> Member:
        """Who leads now."""
        status = self.call("/v3/maintenance/status")
        by_id = {member.call("/v3/maintenance/status")["header"]["member_id"]: member for member in self.members}
        return by_id[status["leader"]]


@contextmanager
def running(
    etcd: Sequence[str], folder: Path, *, size: int = 1, certificate: Certificate | None = None
) -> Iterator[Cluster]:
    """A cluster that answers.

    Args:
        etcd: how to start one.
        folder: for its data and logs.
        size: how many members.
        certificate: by which servers and clients are known; without one there is no TLS.
    """
    for attempt in range(1, _TRIES + 1):
        # Between the kernel's choice of a port and its use by etcd somebody else may have taken it.
        cluster = _cluster(etcd, folder / str(attempt), size, certificate)
        try:
            for member in cluster.members:
                member.start()
            try:
                for member in cluster.members:
                    member.wait_until_ready()
            except AssertionError:
                if attempt == _TRIES or not any(member.has_ended() for member in cluster.members):
                    raise
                continue
            yield cluster
            return
        finally:
            for member in cluster.members:
                member.kill()


def _cluster(etcd: Sequence[str], folder: Path, size: int, certificate: Certificate | None) -> Cluster:
    ports = _free_ports(2 * size)
    clients, peers = ports[:size], ports[size:]
    members = ",".join(f"m{number}=http://127.0.0.1:{peer}" for number, peer in enumerate(peers))
    scheme, tls = "http", []
    if certificate is not None:
        scheme = "https"
        path, key = certificate
        tls = ["--client-cert-auth", f"--cert-file={path}", f"--key-file={key}", f"--trusted-ca-file={path}"]
    made: list[Member] = []
    for number, (client, peer) in enumerate(zip(clients, peers, strict=True)):
        home = folder / f"m{number}"
        home.mkdir(parents=True)
        arguments = [
            *etcd,
            f"--name=m{number}",
            f"--data-dir={home / 'data'}",
            f"--listen-client-urls={scheme}://127.0.0.1:{client}",
            f"--advertise-client-urls={scheme}://127.0.0.1:{client}",
            f"--listen-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-advertise-peer-urls=http://127.0.0.1:{peer}",
            f"--initial-cluster={members}",
            # A new leader is to be found soon.
            "--heartbeat-interval=50",
            "--election-timeout=500",
            *tls,
        ]
        made.append(Member(arguments, home, client, certificate))
    return Cluster(made)


def _free_ports(count: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _base64(text: str | bytes) -> str:
    return b64encode(text.encode() if isinstance(text, str) else text).decode()
