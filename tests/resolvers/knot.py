"""A real authoritative DNS server on loopback: Knot, from Debian's packages.

Knot starts in a tenth of a second from one file, says on standard error when it answers, and takes dynamic updates:
`Zone` changes its zone while it runs.
"""

from __future__ import annotations

import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dns.name
import dns.query
import dns.rcode
import dns.update
import dns.zonefile
import pytest

from tests.missing import require_server

ZONE = """\
$ORIGIN example.test.
@        3600 SOA ns hostmaster 1 3600 600 86400 60
@        3600 NS ns
ns       3600 A 127.0.0.1
v4         30 A 10.0.0.1
v4         30 A 10.0.0.2
v6         40 AAAA 2001:db8::1
dual       50 A 10.0.0.3
dual       20 AAAA 2001:db8::3
alias       7 CNAME middle
middle     60 CNAME dual
dangling   11 CNAME nowhere
away        9 CNAME host.elsewhere.test.
text       60 TXT "no address here"
under_score 60 A 10.0.0.4
xn--bcher-kva 60 A 10.0.0.5
under_score.xn--bcher-kva 60 A 10.0.0.7
many       60 A 10.1.0.1
{many}
deep.sub   60 A 10.0.0.6
"""

ORIGIN = dns.name.from_text("example.test")

_TRIES = 5
_DEADLINE = 30.0  # seconds


def require_knot() -> str:
    """The path of the server; without one the test is skipped, or fails where it has to be there."""
    return require_server("knotd", "the Knot DNS server (Debian's package knot)")


class Zone:
    """The zone of the server at a port, changed while it runs by dynamic update (RFC 2136).

    A change is whole, and there, when the call returns: the server answers an update when it has taken it.
    """

    def __init__(self, port: int) -> None:
        self.port = port

    def update(self, *lines: str) -> None:
        """Every record set that is named in these lines of a zone file becomes what they say, all of them at once."""
        update = dns.update.UpdateMessage(ORIGIN)
        for rrset in dns.zonefile.read_rrsets("\n".join(lines), origin=ORIGIN, relativize=False):
            update.replace(rrset.name, rrset)
        self._send(update)

    def remove(self, *names: str) -> None:
        """Nothing is left at these names."""
        update = dns.update.UpdateMessage(ORIGIN)
        for name in names:
            update.delete(name)
        self._send(update)

    def _send(self, update: dns.update.UpdateMessage) -> None:
        response = dns.query.tcp(update, "127.0.0.1", port=self.port, timeout=_DEADLINE)
        assert response.rcode() == dns.rcode.NOERROR, dns.rcode.to_text(response.rcode())


@contextmanager
def running(folder: Path) -> Iterator[int]:
    """The server with the zone above; gives its port."""
    knotd = require_knot()
    for _ in range(_TRIES):
        port = free_port()
        process = _start(knotd, folder, port)
        try:
            if _wait_until_ready(process):
                yield port
                return
        finally:
            process.terminate()
            process.communicate(timeout=30)
    pytest.fail(f"knotd did not start in {_TRIES} tries: see {folder / 'knot.conf'}")


def free_port() -> int:
    """A port that is free for both protocols: a DNS server does not say which one the kernel would have given it."""
    while True:
        with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
            udp.bind(("127.0.0.1", 0))
            port: int = udp.getsockname()[1]
            try:
                tcp.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port


def _start(knotd: str, folder: Path, port: int) -> subprocess.Popen[str]:
    many = "\n".join(f"many 60 A 10.1.{number // 250}.{number % 250}" for number in range(2, 200))
    (folder / "example.zone").write_text(ZONE.format(many=many))
    (folder / "knot.conf").write_text(
        f"""\
server:
    rundir: {folder}
    listen: 127.0.0.1@{port}
log:
  - target: stderr
    any: info
database:
    storage: {folder}
acl:
  - id: update
    address: 127.0.0.1
    action: update
zone:
  - domain: example.test
    file: {folder}/example.zone
    acl: update
"""
    )
    return subprocess.Popen([knotd, "--config", str(folder / "knot.conf")], stderr=subprocess.PIPE, text=True)


def _wait_until_ready(process: subprocess.Popen[str]) -> bool:
    """Whether it says that it answers, before it says that it cannot, ends, or has had its time."""
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
