"""A copy of what the API server has of one collection, kept by list-then-watch as client-go's reflector does it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from http import HTTPStatus
from typing import Any, Final, Generic, NoReturn, TypeVar, cast

from urischeme.errors import ResolveError
from urischeme.resolvers.k8s.client import ApiError, Client, Collection, Event, Params, Request, Status, refusal

# client-go's: 0.8 s, doubled with every failure to 30 s, and up to as much again by chance.
_FIRST_DELAY: Final = 0.8
_MAX_DELAY: Final = 30.0

_SHORT_STREAM: Final = 1.0
"""Seconds: a stream that ends sooner, and without an event, is no reason to ask again at once."""

T = TypeVar("T")


class _Backward(Exception):
    """The API server's history is not the one that we followed: etcd was lost, or restored from an old copy."""


class Reflector(Generic[T]):
    """Keeps `items` what the API server has, from the first list on; a list takes their place in one step.

    Args:
        client: whom to ask.
        collection: the objects of which kind and namespace.
        selector: `fieldSelector` or `labelSelector`: which of them.
        read: makes of an object what is kept of it.
        changed: called after `items` have changed, and after each list.
        failed: called with what went wrong; another try follows.
    """

    def __init__(
        self,
        client: Client,
        collection: Collection,
        selector: Params,
        read: Callable[[Any], T],
        *,
        changed: Callable[[], None],
        failed: Callable[[ResolveError], None],
    ) -> None:
        self._client = client
        self._collection = collection
        self._selector = selector
        self._read = read
        self._changed = changed
        self._failed = failed
        self.items: dict[str, T] = {}
        # The last resource version that was seen; "" before the first.
        self._version = ""
        self._delays = _delays()
        # Whether a list was made for a cut history since the last event.
        self._is_relisted = False

    async def run(self) -> NoReturn:
        """List, then watch, then list again where the stream breaks, until cancelled."""
        is_listed = False
        while True:
            try:
                if not is_listed:
                    await self._list()
                    is_listed = True
                await self._watch()
            except ResolveError as error:
                is_listed = False
                await self._after(error)
            except _Backward:
                is_listed = False
                self._version = ""
                await self._at_once_the_first_time()

    async def _after(self, error: ResolveError) -> None:
        """Make ready for the next list, after what went wrong."""
        wait = 0.0
        if isinstance(error, ApiError):
            wait = error.retry_after or 0.0
            if error.is_version_too_large:
                self._version = ""
            elif error.status == HTTPStatus.GONE:
                # Its history is cut before our version. That happens to all who were away; nothing is wrong.
                await self._at_once_the_first_time()
                return
        self._failed(error)
        await asyncio.sleep(max(wait, next(self._delays)))

    async def _at_once_the_first_time(self) -> None:
        if self._is_relisted:
            await asyncio.sleep(next(self._delays))
        self._is_relisted = True

    async def _list(self) -> None:
        params = dict(self._selector)
        if self._version:
            # Another API server may lag behind the one that we asked before.
            params |= {"resourceVersion": self._version, "resourceVersionMatch": "NotOlderThan"}
        answer = await self._client.list(self._collection, params)
        self.items = {each["metadata"]["name"]: self._read(each) for each in answer.get("items") or ()}
        self._version = answer["metadata"]["resourceVersion"]
        self._changed()

    async def _watch(self) -> None:
        """Follow one stream to its end."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        params = {**self._selector, "resourceVersion": self._version, "allowWatchBookmarks": "true"}
        is_empty = True
        async with aclosing(self._client.watch(self._collection, params)) as stream:
            async for events in stream:
                self._take(events)
                is_empty = False
                self._delays = _delays()
                self._is_relisted = False
        if is_empty and loop.time() - begun < _SHORT_STREAM:
            await asyncio.sleep(next(self._delays))

    def _take(self, events: Sequence[Event]) -> None:
        is_changed = False
        try:
            for event in events:
                is_changed |= self._apply(event["type"], event["object"])
        finally:
            if is_changed:
                self._changed()

    def _apply(self, kind: str, written: Mapping[str, Any]) -> bool:
        """Whether something is another than before."""
        if kind == "ERROR":
            raise refusal(self._client.access, Request("watch", self._collection, "", {}), cast("Status", written))
        metadata = written["metadata"]
        self._advance(metadata["resourceVersion"])
        match kind:
            case "ADDED" | "MODIFIED":
                self.items[metadata["name"]] = self._read(written)
                return True
            case "DELETED":
                return self.items.pop(metadata["name"], None) is not None
            case _:
                return False  # a bookmark: the version alone is new

    def _advance(self, version: str) -> None:
        # Versions are numbers by the API's own word since Kubernetes 1.35, and have always been.
        if version.isdigit() and self._version.isdigit() and int(version) < int(self._version):
            raise _Backward
        self._version = version


def _delays() -> Iterator[float]:
    """Seconds to wait after one failure, after two, and so on."""
    delay = _FIRST_DELAY
    while True:
        yield delay * (1 + random.random())
        delay = min(_MAX_DELAY, 2 * delay)
