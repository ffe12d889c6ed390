"""A clock that moves when a test says so."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

DEADLINE = 20.0
"""Real seconds after which a test that waits has failed."""


class FakeClock:
    """Time stands still while anybody does something, and moves by `advance` alone."""

    def __init__(self, random: Callable[[], float] = lambda: 0.5) -> None:
        self.random = random
        self._now = 1000.0
        self._sleepers: list[tuple[float, asyncio.Future[None]]] = []
        self._asleep = asyncio.Event()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        sleeper = self._now + seconds, asyncio.get_running_loop().create_future()
        self._sleepers.append(sleeper)
        self._asleep.set()
        try:
            await sleeper[1]
        finally:
            if sleeper in self._sleepers:
                self._sleepers.remove(sleeper)

    async def rest(self, sleepers: int = 1) -> None:
        """Until so many have nothing to do but to wait for time to pass."""
        async with asyncio.timeout(DEADLINE):
            while len(self._sleepers) < sleepers:
                self._asleep.clear()
                await self._asleep.wait()

    async def advance(self, seconds: float) -> None:
        """Let so many seconds pass, and those who wake do what they have to do, each in its turn."""
        end = self._now + seconds
        count = len(self._sleepers)
        while due := sorted((when, index) for index, (when, _) in enumerate(self._sleepers) if when <= end):
            self._now, index = due[0]
            _, future = self._sleepers.pop(index)
            future.set_result(None)
            await self.rest(count)
        self._now = end


class EagerClock:
    """One whose sleepers come back at once, as if the time had passed."""

    def __init__(self) -> None:
        self._now = 0.0

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += seconds
        await asyncio.sleep(0)

    def random(self) -> float:
        return 0.5
