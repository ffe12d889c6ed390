"""The same, for asyncio: `await urischeme.aio.resolve(…)`."""

from urischeme.live.resolve import resolve

__all__ = ["resolve"]
