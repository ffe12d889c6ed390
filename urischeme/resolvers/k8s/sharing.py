"""What several in one event loop hold at once, and the last one closes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager
from typing import Generic, Protocol, TypeVar

import attrs


class Closable(Protocol):
    """What is shared."""

    async def aclose(self) -> None:
        """Let go of everything."""
        ...


T = TypeVar("T", bound=Closable)


@attrs.define
class _Held(Generic[T]):
    value: T
    holders: int = 0


class Shared(Generic[T]):
    """One value for each event loop and key, made for the first who holds it."""

    def __init__(self) -> None:
        # Each entry is its loop's own: no other thread touches it.
        self._held: dict[tuple[asyncio.AbstractEventLoop, Hashable], _Held[T]] = {}

    @asynccontextmanager
    async def holding(self, key: Hashable, make: Callable[[], T]) -> AsyncGenerator[T]:
        """The value for a key, while the block lasts."""
        place = asyncio.get_running_loop(), key
        held = self._held.get(place)
        if held is None:
            self._forget_closed_loops()
            held = self._held[place] = _Held(make())
        held.holders += 1
        try:
            yield held.value
        finally:
            held.holders -= 1
            if not held.holders:
                # Before it is closed, which takes a while: who comes now needs another.
                del self._held[place]
                await held.value.aclose()

    def _forget_closed_loops(self) -> None:
        for place in [place for place in list(self._held) if place[0].is_closed()]:
            self._held.pop(place, None)
