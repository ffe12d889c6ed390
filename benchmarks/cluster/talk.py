"""How a part talks: a line in, a line of JSON out."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator


async def lines() -> AsyncIterator[str]:
    """What is said to it, line by line, to the end."""
    while line := await asyncio.to_thread(sys.stdin.readline):
        yield line.strip()


def say(answer: object) -> None:
    print(json.dumps(answer), flush=True)
