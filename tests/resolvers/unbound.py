"""A real recursive DNS server on loopback: Unbound, from Debian's packages, in front of an authoritative one.

It caches, counts TTLs down, and follows aliases, as the servers do that a program is told of in `resolv.conf`.
"""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.missing import require_server
from tests.resolvers.knot import free_port

_TRIES = 5
_DEADLINE = 30.0  # seconds


def require_unbound() -> str:
    """The path of the server; without one the test is skipped, or fails where it has to be there."""
    return require_server("unbound", "the recursive DNS server (Debian's package unbound)")


@contextmanager
def running(folder: Path, authoritative: int) -> Iterator[int]:
    """The server, which asks the one at the port `authoritative` for `example.test`; gives its port."""
    unbound = require_unbound()
    for _ in range(_TRIES):
        port = free_port()
        process = _start(unbound, folder, port, authoritative)
        try:
            if _wait_until_ready(process):
                yield port
                return
        finally:
            process.terminate()
            process.communicate(timeout=30)
    pytest.fail(f"unbound did not start in {_TRIES} tries: see {folder / 'unbound.conf'}")


def _start(unbound: str, folder: Path, port: int, authoritative: int) -> subprocess.Popen[str]:
    (folder / "unbound.conf").write_text(
        f"""\
server:
    interface: 127.0.0.1@{port}
    directory: "{folder}"
    chroot: ""
    username: ""
    pidfile: ""
    use-syslog: no
    verbosity: 1
    num-threads: 1
    module-config: "iterator"
    do-ip6: no
    do-not-query-localhost: no
    # Names that end so are answered with "no such name" by default (RFC 6761).
    local-zone: "test." nodefault
remote-control:
    control-enable: no
stub-zone:
    name: example.test
    stub-addr: 127.0.0.1@{authoritative}
"""
    )
    command = [unbound, "-d", "-c", str(folder / "unbound.conf")]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


def _wait_until_ready(process: subprocess.Popen[str]) -> bool:
    """Whether it says that it answers, before it ends or has had its time."""
    deadline = threading.Timer(_DEADLINE, process.kill)
    deadline.start()
    try:
        return any("start of service" in line for line in process.stderr or ())
    finally:
        deadline.cancel()
