"""The same, for asyncio: `await urischeme.aio.resolve(…)`, `async for resolution in urischeme.aio.watch(…)`."""

from urischeme.live.balance import Balancer
from urischeme.live.resolve import resolve
from urischeme.live.watch import Watch, watch

__all__ = ["Balancer", "Watch", "resolve", "watch"]
