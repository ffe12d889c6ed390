"""What several hold at once, and the last one closes."""

from __future__ import annotations

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
    """One value for each key, made for the first who holds it."""

    def __init__(self) -> None:
        self._held: dict[Hashable, _Held[T]] = {}

    @asynccontextmanager
    async def holding(self, key: Hashable, make: Callable[[], T]) -> AsyncGenerator[T]:
        """The value for a key, while the block lasts."""
        held = self._held.get(key)
        if held is None:
            held = self._held[key] = _Held(make())
        held.holders += 1
        try:
            yield held.value
        finally:
            held.holders -= 1
            if not held.holders:
                # Before it is closed, which takes a while: who comes now needs another.
                del self._held[key]
                await held.value.aclose()
