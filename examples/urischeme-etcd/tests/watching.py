"""What somebody sees who watches a target."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from etcd_cluster import DEADLINE

import urischeme


class Seen:
    """All that was yielded, as sorted addresses, and all errors that were reported.

    Attributes:
        history: one entry for each resolution.
    """

    def __init__(self, target: str) -> None:
        self.errors: asyncio.Queue[urischeme.Error] = asyncio.Queue()
        self.history: list[list[str]] = []
        self.watch = urischeme.aio.watch(target, on_error=self.errors.put_nowait)

    async def until(self, *addresses: str) -> urischeme.Resolution:
        """Wait until these are there, and nothing else: `ip:port`."""
        while True:
            resolution = await anext(self.watch)
            self.history.append(shown(resolution))
            if self.history[-1] == sorted(addresses):
                return resolution


def shown(resolution: urischeme.Resolution) -> list[str]:
    """Its addresses as `ip:port`."""
    return sorted(str(each).removeprefix("ipv4:").removeprefix("ipv6:") for each in resolution.addresses)


@asynccontextmanager
async def watching(target: str) -> AsyncIterator[Seen]:
    """Watch a target, for a minute at most."""
    async with asyncio.timeout(DEADLINE):
        seen = Seen(target)
        async with seen.watch:
            yield seen
