"""Broken in how they treat the event loop, and in what they leave behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
import time
from collections.abc import AsyncIterator
from typing import Any

from tests.testing.broken.fault import Asked, Good, Store, fault
from urischeme import ResolveError, Target
from urischeme.testing import ResolverContract as C


@fault("sleeps by time.sleep", C.test_the_event_loop_is_not_blocked, alone=True, may_block=0.05)
class Sleeps(Asked):
    async def resolve(self, target: Target) -> Any:
        time.sleep(0.3)
        return self.store.find(target.endpoint)


@fault("waits for a plain socket", C.test_the_event_loop_is_not_blocked, alone=True, may_block=0.05)
class WaitsForSocket(Asked):
    async def resolve(self, target: Target) -> Any:
        near, far = socket.socketpair()
        with near, far, contextlib.suppress(TimeoutError):
            near.settimeout(0.3)
            _ = near.recv(1)
        return self.store.find(target.endpoint)


_OFTEN = 2


class _Leaves(Asked):
    """Leaves something each time, and lets go of all of it when it is collected itself."""

    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.left: list[Any] = []


@fault(
    "starts a task, and lets it run",
    C.test_resolve_leaves_nothing_behind,
    C.test_cancelling_resolve_leaves_nothing_behind,
)
class LeavesTask(_Leaves):
    async def resolve(self, target: Target) -> Any:
        self.left.append(asyncio.create_task(self._refresh()))
        await asyncio.sleep(0)
        return self.store.find(target.endpoint)

    async def _refresh(self) -> None:
        await asyncio.Event().wait()


@fault(
    "opens a connection each time, and keeps it",
    C.test_resolve_leaves_nothing_behind,
    C.test_cancelling_resolve_leaves_nothing_behind,
    alone=True,
)
class LeavesSocket(_Leaves):
    async def resolve(self, target: Target) -> Any:
        self.left.append(_Connection())
        await asyncio.sleep(0)
        return self.store.find(target.endpoint)


class _Connection:
    """Two sockets, closed at the latest when it is collected."""

    def __init__(self) -> None:
        self.ends = socket.socketpair()

    def close(self) -> None:
        for end in self.ends:
            end.close()

    def __del__(self) -> None:
        self.close()


@fault(
    "leaves a socket for the garbage collector to close",
    C.test_resolve_leaves_nothing_behind,
    C.test_cancelling_resolve_leaves_nothing_behind,
)
class LeavesSocketToCollector(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.endpoint == "orders":
            _ = socket.socket()
            await asyncio.sleep(0)
        return self.store.find(target.endpoint)


@fault("forgets an await", C.test_resolve_leaves_nothing_behind, C.test_cancelling_resolve_leaves_nothing_behind)
class ForgetsAwait(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.endpoint == "orders":
            _ = self._log_in()
            await asyncio.sleep(0)
        return self.store.find(target.endpoint)

    async def _log_in(self) -> None:
        await asyncio.sleep(0)


@fault(
    "starts a thread each time, and lets it run",
    C.test_resolve_leaves_nothing_behind,
    C.test_cancelling_resolve_leaves_nothing_behind,
)
class LeavesThread(Asked):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.over = threading.Event()

    async def resolve(self, target: Target) -> Any:
        if target.endpoint == "orders":
            threading.Thread(target=self.over.wait, name="refresher", daemon=True).start()
            await asyncio.sleep(0)
        return self.store.find(target.endpoint)

    def __del__(self) -> None:
        self.over.set()


@fault("catches CancelledError, and gives what it has", C.test_resolve_can_be_cancelled)
class SwallowsCancelled(Asked):
    async def resolve(self, target: Target) -> Any:
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.sleep(0)
        return self.store.find(target.endpoint)


@fault("turns whatever is raised into a ResolveError, CancelledError too", C.test_resolve_can_be_cancelled)
class WrapsCancelled(Asked):
    async def resolve(self, target: Target) -> Any:
        try:
            await asyncio.sleep(0)
        except BaseException as error:
            raise ResolveError("it failed", retryable=True) from error
        return self.store.find(target.endpoint)


@fault("goes on trying when it is cancelled", C.test_resolve_can_be_cancelled)
class TriesOn(Asked):
    async def resolve(self, target: Target) -> Any:
        for _ in range(5):
            try:
                await asyncio.sleep(0)
                break
            except asyncio.CancelledError:
                continue
        return self.store.find(target.endpoint)


@fault("closes its connection, but not when it is cancelled", C.test_cancelling_resolve_leaves_nothing_behind)
class ClosesOnSuccess(_Leaves):
    async def resolve(self, target: Target) -> Any:
        connection = _Connection()
        self.left.append(connection)
        await asyncio.sleep(0)
        connection.close()
        return self.store.find(target.endpoint)


@fault(
    "starts a task to help, which goes on when it is cancelled itself", C.test_cancelling_resolve_leaves_nothing_behind
)
class ShieldsItsTask(_Leaves):
    async def resolve(self, target: Target) -> Any:
        done = asyncio.Event()
        helper = asyncio.create_task(self._help(done))
        self.left.append(helper)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        done.set()
        await helper
        return self.store.find(target.endpoint)

    async def _help(self, done: asyncio.Event) -> None:
        await done.wait()


class _Connected(_Leaves, Good):
    """Watches by a connection, which it keeps until it is told to close it."""


@fault(
    "does not close its connection when a watch is closed",
    C.test_closing_a_watch_leaves_nothing_behind,
    C.test_cancelling_a_watch_leaves_nothing_behind,
    alone=True,
)
class DoesNotCloseConnection(_Connected):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        connection = _Connection()
        self.left.append(connection)
        async with contextlib.aclosing(super().watch(target)) as stream:  # type: ignore[type-var]
            async for each in stream:
                yield each
        connection.close()


@fault(
    "leaves the task that reads for a watch",
    C.test_closing_a_watch_leaves_nothing_behind,
    C.test_cancelling_a_watch_leaves_nothing_behind,
)
class LeavesReader(_Connected):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        reader = asyncio.create_task(self._read())
        self.left.append(reader)
        async with contextlib.aclosing(super().watch(target)) as stream:  # type: ignore[type-var]
            async for each in stream:
                yield each
        reader.cancel()

    async def _read(self) -> None:
        await asyncio.Event().wait()


@fault(
    "closes its connection by except GeneratorExit alone", C.test_cancelling_a_watch_leaves_nothing_behind, alone=True
)
class ClosesOnExitOnly(_Connected):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        connection = _Connection()
        self.left.append(connection)
        try:
            async with contextlib.aclosing(super().watch(target)) as stream:  # type: ignore[type-var]
                async for each in stream:
                    yield each
        except GeneratorExit:
            connection.close()
            raise


@fault("awaits, in a finally, what never comes", C.test_a_watch_can_be_closed, patience=0.3)
class NeverClosed(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        try:
            async with contextlib.aclosing(super().watch(target)) as stream:  # type: ignore[type-var]
                async for each in stream:
                    yield each
        except GeneratorExit:
            await asyncio.Event().wait()
            raise


@fault("yields once more when it is closed", C.test_a_watch_can_be_closed)
class YieldsWhenClosed(Good):
    async def watch(self, target: Target) -> AsyncIterator[Any]:
        try:
            async with contextlib.aclosing(super().watch(target)) as stream:  # type: ignore[type-var]
                async for each in stream:
                    yield each
        except GeneratorExit:
            yield []


class _Iterator:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._last: Any = None

    def __aiter__(self) -> _Iterator:
        return self

    async def __anext__(self) -> Any:
        with self._store.listening() as news:
            while self._store.find("orders") == self._last:
                await news.wait()
                news.clear()
        self._last = self._store.find("orders")
        return self._last

    async def aclose(self) -> None:
        pass


@fault("writes an iterator that knows nothing of its end", C.test_a_watch_can_be_closed)
class ForgetsItsEnd(Good):
    def watch(self, target: Target) -> Any:
        _ = self.store.find(target.endpoint)
        return _Iterator(self.store)


@fault("goes on watching when it is cancelled", C.test_a_watch_can_be_cancelled, alone=True)
class WatchesOn(Good):
    times = 0

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last: object = None
        with self.store.listening() as news:
            while True:
                now = self.store.find(target.endpoint)
                if now != last:
                    last = now
                    yield now
                try:
                    await news.wait()
                except asyncio.CancelledError:
                    self.times += 1
                    # Who means it says so more than once; else no test would ever end.
                    if self.times > _OFTEN:
                        raise
                news.clear()
