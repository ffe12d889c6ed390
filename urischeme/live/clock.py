"""Time and chance, so that a test can have its own: an hour of outage then takes milliseconds."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final, Protocol


class Clock(Protocol):
    """What a watch knows of time and chance."""

    def now(self) -> float:
        """Seconds since some moment; it never goes back."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds, not before."""
        ...

    def random(self) -> float:
        """A number from 0 up to, but not, 1."""
        ...


class SystemClock:
    """The machine's own."""

    def now(self) -> float:
        """Seconds since some moment; it never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds, not before."""
        await asyncio.sleep(seconds)

    def random(self) -> float:
        """A number from 0 up to, but not, 1."""
        return random.random()


SYSTEM_CLOCK: Final[Clock] = SystemClock()


class Nap:
    """A sleep that can be cut short."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._limit: asyncio.Timeout | None = None

    async def sleep(self, seconds: float) -> None:
        """Come back after so many seconds, or as soon as it is ended."""
        self._limit = asyncio.timeout(None)
        try:
            async with self._limit:
                await self._clock.sleep(seconds)
        except TimeoutError:
            if not self._limit.expired():
                raise
        finally:
            self._limit = None

    def end(self) -> None:
        """Wake the sleeper, if there is one."""
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(0)
