"""A network that nobody else is on: `unshare … python -m benchmarks.island COMMAND…`.

The command sees a loopback interface alone, on which every port is free, and resolves names at 127.0.0.1. That is how
`socket.getaddrinfo`, which asks the system's servers and no others, comes to ask one of ours.
"""

from __future__ import annotations

import fcntl
import os
import socket
import struct
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]

ON_THE_ISLAND: Final = (
    "unshare",
    # Who is not root may be it in a namespace of one's own, if anywhere.
    *(["--user", "--map-root-user"] if os.getuid() else []),
    "--net",
    "--mount",
    sys.executable,
    "-m",
    "benchmarks.island",
)
"""What stands before the command."""

_FILES = {
    "/etc/resolv.conf": "nameserver 127.0.0.1\n",
    # Whatever else answers for names on this machine sits on the other side.
    "/etc/nsswitch.conf": "hosts: files dns\n",
}

_SIOCSIFFLAGS = 0x8914  # netdevice(7)
_IFF_UP = 1


def why_there_is_none() -> str | None:
    """What keeps us from having one, or None."""
    try:
        tried = subprocess.run([*ON_THE_ISLAND, "true"], cwd=ROOT, capture_output=True, text=True, check=False)
    except OSError as error:
        return str(error)
    return (tried.stderr.splitlines() or ["it gave no reason"])[-1] if tried.returncode else None


def main() -> None:
    _bring_up_loopback()
    with TemporaryDirectory(prefix="urischeme-") as folder:
        for path, text in _FILES.items():
            if Path(path).exists():
                _put_over(path, text, Path(folder))
    os.execvp(sys.argv[1], sys.argv[1:])


def _bring_up_loopback() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock:
        fcntl.ioctl(sock, _SIOCSIFFLAGS, struct.pack("16sh22x", b"lo", _IFF_UP))


def _put_over(path: str, text: str, folder: Path) -> None:
    # It is there for as long as it is mounted, whatever becomes of its folder.
    file = folder / Path(path).name
    file.write_text(text, encoding="ascii")
    subprocess.run(["mount", "--bind", str(file), path], check=True)


if __name__ == "__main__":
    main()
