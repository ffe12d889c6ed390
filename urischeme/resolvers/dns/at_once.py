"""Several questions asked at once, where the failure of one does not fail the others."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from typing import TypeVar

from urischeme.errors import NotFound, ResolveError

T = TypeVar("T")


async def ask_all(questions: Iterable[Awaitable[T]]) -> list[T | ResolveError]:
    """What came of each: an answer, or why there is none. An exception that nobody meant is raised."""
    outcomes: list[T | ResolveError] = []
    for outcome in await asyncio.gather(*questions, return_exceptions=True):
        if isinstance(outcome, BaseException) and not isinstance(outcome, ResolveError):
            raise outcome
        outcomes.append(outcome)
    return outcomes


def has_failed(outcome: object) -> bool:
    """Whether nobody would tell; that nothing is there is an answer."""
    return isinstance(outcome, ResolveError) and not isinstance(outcome, NotFound)


def shortest(ttls: Iterable[float | None]) -> float | None:
    """The smallest of those that are known."""
    return min((ttl for ttl in ttls if ttl is not None), default=None)
