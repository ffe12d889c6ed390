"""Cancelling a coroutine at its n-th await."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import TypeVar

T = TypeVar("T")


class Steps:
    """Runs a coroutine as it is, counts the times that it waits, and cancels it at one of them.

    Args:
        cancel_at: which one, from 1; None for none of them.
    """

    def __init__(self, cancel_at: int | None = None) -> None:
        self._cancel_at = cancel_at
        self.taken = 0

    @property
    def cancelled(self) -> bool:
        """Whether it came to that."""
        return self._cancel_at is not None and self.taken >= self._cancel_at

    async def run(self, work: Coroutine[object, object, T]) -> T:
        """What it gives. In a task of its own, which is what is cancelled."""
        return await self._stepped(work)

    @coroutine
    def _stepped(self, work: Coroutine[object, object, T]) -> Generator[object, object, T]:
        sent: object = None
        thrown: BaseException | None = None
        while True:
            try:
                waits_for = work.send(sent) if thrown is None else work.throw(thrown)
            except StopIteration as end:
                value: T = end.value
                return value
            self.taken += 1
            if self.taken == self._cancel_at:
                task = asyncio.current_task()
                assert task is not None, "it runs in one"
                # It takes effect on what is waited for next, which is this.
                task.cancel()
            try:
                sent, thrown = (yield waits_for), None
            except GeneratorExit:
                work.close()
                raise
            except BaseException as error:
                sent, thrown = None, error
