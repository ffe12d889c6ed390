"""Whether a piece of code does any I/O, as Python's audit events tell (PEP 578)."""

from __future__ import annotations

import sys
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

# By the first word of the event: `socket.connect`, `subprocess.Popen`, `os.listdir`, `open`.
_IO: Final = frozenset(
    {
        "_posixsubprocess",
        "_thread",
        "ftplib",
        "glob",
        "http",
        "imaplib",
        "open",
        "os",
        "pathlib",
        "poplib",
        "shutil",
        "smtplib",
        "socket",
        "sqlite3",
        "subprocess",
        "telnetlib",
        "tempfile",
        "time",
        "urllib",
    }
)
# The environment is memory; and what a port's name means stands in a table of the system (services(5)).
_NO_IO: Final = frozenset({"os.putenv", "os.unsetenv", "socket.getservbyname", "socket.getservbyport"})
_IMPORT: Final = "<frozen importlib._bootstrap>"

# A hook cannot be taken away again: one for the process, which looks here whether anybody wants to know.
_seen: Final[ContextVar[list[str] | None]] = ContextVar("urischeme_contract_io", default=None)
_installed: Final[list[bool]] = []


@contextmanager
def io_seen() -> Generator[list[str]]:
    """The events of I/O within the block, as they come: `socket.connect`; what an import opens is none."""
    if not _installed:
        _installed.append(True)
        sys.addaudithook(_hook)
    seen: list[str] = []
    token = _seen.set(seen)
    try:
        yield seen
    finally:
        _seen.reset(token)


def _hook(event: str, arguments: tuple[object, ...]) -> None:
    seen = _seen.get()
    if seen is not None and _is_io(event) and not _is_importing():
        seen.append(event)


def _is_io(event: str) -> bool:
    first = event.partition(".")[0]
    return first in _IO and event not in _NO_IO


def _is_importing() -> bool:
    frame = sys._getframe()  # pyright: ignore[reportPrivateUsage]
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_code.co_filename == _IMPORT:
            return True
    return False
