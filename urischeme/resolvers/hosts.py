"""The hosts file: names that are answered before any DNS server is asked (hosts(5))."""

from __future__ import annotations

import ipaddress
from pathlib import Path


def hosts_addresses(path: str, name: str) -> list[str]:
    """The addresses that the file at `path` gives a name, in its order; of no case. No file, no addresses."""
    try:
        lines = Path(path).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    wanted = name.lower().removesuffix(".")
    fields = (line.partition("#")[0].split() for line in lines)
    found = (entry[0] for entry in fields if wanted in (alias.lower() for alias in entry[1:]))
    return [address for address in found if _is_address(address)]


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True
