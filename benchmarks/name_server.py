"""A DNS server on 127.0.0.1, its zone to be changed while it runs: Knot where it is installed, else the demo's own.

`python -m benchmarks.name_server PORT` is the demo's: it says its port, takes a name and its addresses a line, and ends
with its input.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from abc import ABC, abstractmethod
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.update

from urischeme.cli.demo.dns_server import ZONE, answer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from subprocess import Popen

    from urischeme.cli.demo.dns_server import Records

TTL: Final = 1  # second
HOST: Final = "127.0.0.1"

_ROOT = Path(__file__).parents[1]
_TRIES = 5
_DEADLINE = 30.0  # seconds


class NameServer(ABC):
    # What answers, in words.
    software: str
    port: int

    @abstractmethod
    def put(self, name: str, addresses: Sequence[str]) -> None:
        """These are its addresses from now on, IPv4 and IPv6."""


@contextmanager
def name_server(port: int = 0) -> Iterator[NameServer]:
    """A server of the zone `cluster.local`; port 0 is one that nobody uses."""
    # Where Debian puts it is not on everybody's path.
    knotd = shutil.which("knotd", path=os.environ.get("PATH", os.defpath) + ":/usr/sbin")
    with _demo(port) if knotd is None else _knot(knotd, port) as server:
        yield server


class _Knot(NameServer):
    """Changed by dynamic updates (RFC 2136)."""

    def __init__(self, software: str, port: int) -> None:
        self.software = software
        self.port = port

    def put(self, name: str, addresses: Sequence[str]) -> None:
        update = dns.update.UpdateMessage(ZONE)
        owner = dns.name.from_text(name)
        update.delete(owner)
        for address in addresses:
            update.add(owner, TTL, "AAAA" if ":" in address else "A", address)
        response = dns.query.tcp(update, HOST, port=self.port, timeout=_DEADLINE)
        if response.rcode() != dns.rcode.NOERROR:
            raise RuntimeError(f"{self.software} refused an update: {dns.rcode.to_text(response.rcode())}")


@contextmanager
def _knot(knotd: str, port: int) -> Iterator[NameServer]:
    said = subprocess.run([knotd, "--version"], capture_output=True, text=True, check=True).stdout
    with TemporaryDirectory(prefix="urischeme-") as folder:
        for _ in range(_TRIES):
            server = _Knot(f"Knot DNS {said.split()[-1]}", port or _free_port())
            process = _start_knot(knotd, Path(folder), server.port)
            try:
                if _answers(process):
                    yield server
                    return
            finally:
                process.terminate()
                process.communicate()
        raise RuntimeError(f"knotd did not start on {HOST}, in {_TRIES} tries")


def _start_knot(knotd: str, folder: Path, port: int) -> Popen[str]:
    (folder / "zone").write_text(
        f"$ORIGIN {ZONE}\n@ {TTL} SOA ns hostmaster 1 7200 1800 86400 {TTL}\n@ {TTL} NS ns\nns {TTL} A {HOST}\n",
        encoding="ascii",
    )
    (folder / "knot.conf").write_text(
        f"""\
server:
    rundir: {folder}
    listen: {HOST}@{port}
log:
  - target: stderr
    server: info
    zone: error
database:
    storage: {folder}
acl:
  - id: changes
    address: {HOST}
    action: update
zone:
  - domain: {ZONE}
    file: {folder}/zone
    acl: changes
""",
        encoding="utf-8",
    )
    return subprocess.Popen([knotd, "--config", str(folder / "knot.conf")], stderr=subprocess.PIPE, text=True)


def _answers(process: Popen[str]) -> bool:
    """Whether it says that it answers before it says that it can't, ends, or has had its time."""
    deadline = threading.Timer(_DEADLINE, process.kill)
    deadline.start()
    try:
        for line in process.stderr or ():
            if "cannot bind" in line:
                return False
            if "server started" in line:
                return True
        return False
    finally:
        deadline.cancel()


def _free_port() -> int:
    """One that is free for UDP and TCP; Knot does not say which one it would have been given."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind((HOST, 0))
            port: int = udp.getsockname()[1]
            try:
                tcp.bind((HOST, port))
            except OSError:
                continue
            return port


class _Demo(NameServer):
    """In a process of its own: what it takes is no part of what is measured."""

    software = "the demo's own server"

    def __init__(self, process: Popen[str]) -> None:
        self._process = process
        self.port = int(self._line())

    def put(self, name: str, addresses: Sequence[str]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps([name, list(addresses)]) + "\n")
        self._process.stdin.flush()
        self._line()

    def _line(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.software} has ended: {self._process.wait()}")
        return line


@contextmanager
def _demo(port: int) -> Iterator[NameServer]:
    command = [sys.executable, "-m", "benchmarks.name_server", str(port)]
    with subprocess.Popen(command, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        # Its input ends with the block, and it with that.
        yield _Demo(process)


def main() -> None:
    records: dict[dns.name.Name, Sequence[str]] = {}
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, int(sys.argv[1])))
        threading.Thread(target=_serve, args=(sock, records), daemon=True).start()
        print(sock.getsockname()[1], flush=True)
        for line in sys.stdin:
            name, addresses = json.loads(line)
            records[dns.name.from_text(name)] = addresses
            print("changed", flush=True)


def _serve(sock: socket.socket, records: Records) -> None:
    while True:
        data, sender = sock.recvfrom(65535)
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            continue  # noise is not answered
        sock.sendto(answer(query, records, TTL).to_wire(), sender)


if __name__ == "__main__":
    main()
