"""What the tests of `dns` have in common: a resolver of their own, and a short way to look at an answer."""

from __future__ import annotations

from typing import Any

from urischeme import Registry, Resolution
from urischeme.resolvers.dns import Dns


def hosts(resolution: Resolution) -> list[str]:
    """`host:port` of each address, in no order: servers give theirs in any."""
    return sorted(str(address).partition(":")[2] for address in resolution.addresses)


def registry_with(**options: Any) -> Registry:
    """A registry whose `dns` is configured so."""
    registry = Registry()
    registry.register("dns", Dns(**options), replace=True)
    return registry
