"""A real DNS server whose zone changes, and that is killed and comes back: Knot, with one zone that takes updates."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import dns.query
import dns.rcode
import dns.update
import pytest

from tests.live.clock import DEADLINE
from tests.resolvers.knot import free_port, require_knot

ORIGIN: Final = "live.test"

_ZONE: Final = f"""\
$ORIGIN {ORIGIN}.
@  3600 SOA ns hostmaster 1 3600 600 86400 1
@  3600 NS ns
ns 3600 A 127.0.0.1
"""

# It says that it has started, and is silent then: nobody reads on. A change does not wait for the disk.
_CONFIG: Final = """\
server:
    rundir: {folder}
    listen: 127.0.0.1@{port}
log:
  - target: stderr
    server: info
database:
    storage: {folder}
    journal-db-mode: asynchronous
acl:
  - id: anybody
    address: 127.0.0.1
    action: update
mod-stats:
  - id: counts
    request-protocol: on
template:
  - id: default
    global-module: mod-stats/counts
zone:
  - domain: {origin}
    file: {folder}/zone
    acl: anybody
    zonefile-sync: -1
"""


_TRIES: Final = 5


class Server:
    """Knot at a port of its own, which it keeps when it is started again."""

    def __init__(self, folder: Path) -> None:
        self.port = 0
        self._knotd = require_knot()
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        (folder / "zone").write_text(_ZONE)

    def target(self, name: str) -> str:
        return f"dns://127.0.0.1:{self.port}/{name}.{ORIGIN}:80"

    def start(self) -> None:
        """Until it answers. The zone is as it was."""
        if not self._has_started():
            pytest.fail(f"knotd did not start: see {self._folder / 'knot.conf'}")

    def start_at_a_free_port(self) -> None:
        """The first time: what was free when it was chosen may have been taken since."""
        for _ in range(_TRIES):
            self.port = free_port()
            config = _CONFIG.format(folder=self._folder, port=self.port, origin=ORIGIN)
            (self._folder / "knot.conf").write_text(config)
            if self._has_started():
                return
        self.start()

    def _has_started(self) -> bool:
        command = [self._knotd, "--config", str(self._folder / "knot.conf")]
        self._process = process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
        timer = threading.Timer(DEADLINE, process.kill)
        timer.start()
        try:
            for line in process.stderr or ():
                if "server started" in line:
                    return True
                if "cannot bind" in line:
                    break
        finally:
            timer.cancel()
            timer.join()
        self.kill()
        return False

    def kill(self) -> None:
        """Without a word to anybody."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.communicate(timeout=DEADLINE)
            self._process = None

    def set(self, name: str, addresses: Iterable[str], ttl: int = 1) -> None:
        """Make these the addresses of a name, by dynamic update (RFC 2136); none: there is no such name."""
        update = dns.update.UpdateMessage(ORIGIN)
        update.delete(name)
        for address in addresses:
            update.add(name, ttl, "AAAA" if ":" in address else "A", address)
        answer = dns.query.tcp(update, "127.0.0.1", port=self.port, timeout=DEADLINE)
        assert answer.rcode() == dns.rcode.NOERROR

    def queries(self) -> int:
        """How many came over UDP since it was started."""
        knotc = shutil.which("knotc", path=os.environ.get("PATH", "") + ":/usr/sbin")
        assert knotc is not None, "it is in the same package"
        command = [knotc, "--socket", str(self._folder / "knot.sock"), "stats", "mod-stats.request-protocol"]
        said = subprocess.run(command, capture_output=True, text=True, check=True, timeout=DEADLINE).stdout
        counts = dict(line.split(" = ") for line in said.splitlines() if " = " in line)
        return int(counts.get("mod-stats.request-protocol[udp4]", 0))


@contextmanager
def running(folder: Path) -> Generator[Server]:
    """A server that answers until it is killed, or the block ends."""
    server = Server(folder)
    try:
        server.start_at_a_free_port()
        yield server
    finally:
        server.kill()
