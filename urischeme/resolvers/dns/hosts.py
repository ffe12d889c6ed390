"""Names that are answered before any DNS server is asked: the hosts file (hosts(5)), and `localhost`."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from typing import Final

from urischeme.resolvers.dns.host_name import family_of, is_address, is_localhost

_LOOPBACK: Final = ("127.0.0.1", "::1")


def local_addresses(path: str, name: str, families: Collection[str]) -> list[str]:
    """The addresses of a name that takes no server: as the file at `path` has them, or of `localhost`."""
    # Each for itself: a file that has `localhost` in one family must not send the question for the other out.
    for found in (_hosts_addresses(path, name), _localhost(name)):
        wanted = [address for address in found if family_of(address) in families]
        if wanted:
            return wanted
    return []


def _hosts_addresses(path: str, name: str) -> list[str]:
    """In the file's order; of no case. No file, no addresses."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    wanted = name.lower().removesuffix(".")
    fields = (line.partition("#")[0].split() for line in lines)
    found = (entry[0] for entry in fields if wanted in (alias.lower() for alias in entry[1:]))
    return [address for address in found if is_address(address)]


def _localhost(name: str) -> list[str]:
    """RFC 6761 section 6.3: `localhost` and what is below it never leave the machine."""
    return [*_LOOPBACK] if is_localhost(name) else []
