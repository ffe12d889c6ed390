"""A copy of what the API server has of one collection, kept by list-then-watch as client-go's reflector does it."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import aclosing
from typing import Any, Final, Generic, NoReturn, TypeVar, cast

import attrs

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


@attrs.frozen
class _Kept(Generic[T]):
    """What was made of an object, and of which version of it."""

    version: str
    value: T


class Reflector(Generic[T]):
    """Keeps what the API server has, from the first list on; a list takes its place in one step.

    Args:
        client: whom to ask.
        collection: the objects of which kind and namespace.
        selector: `fieldSelector` or `labelSelector`: which of them.
        read: makes of an object what is kept of it.
        told: called when there is something new in `items` or `error`.

    Attributes:
        items: what there is; None before the first list. What did not change is the same object as before.
        error: what went wrong since the last list, or None; another try follows.
    """

    def __init__(
        self,
        client: Client,
        collection: Collection,
        selector: Params,
        read: Callable[[Any], T],
        *,
        told: Callable[[], None],
    ) -> None:
        self.items: tuple[T, ...] | None = None
        self.error: ResolveError | None = None
        self._client = client
        self._collection = collection
        self._selector = selector
        self._read = read
        self._told = told
        self._kept: dict[str, _Kept[T]] = {}
        # The last resource version that was seen of the history that is followed; "" where none is.
        self._version = ""
        self._is_listed = False
        self._delays = _delays()
        # Whether a list was made for a history that is cut, or another one, since the last event.
        self._is_relisted = False

    async def run(self) -> NoReturn:
        """List, then watch, then list again where the stream breaks, until cancelled."""
        while True:
            try:
                if not self._is_listed:
                    await self._list()
                await self._watch()
            except ResolveError as error:
                await self._after(error)
            except _Backward:
                self._version = ""
                await self._list_again()

    async def _after(self, error: ResolveError) -> None:
        """Make ready for the next list: where a stream broke too, for only a list tells of a history that was lost."""
        if isinstance(error, ApiError) and error.is_out_of_history and (self._is_listed or self._version):
            # That happens to all who were away, or meet a server that lags behind; nothing is wrong.
            if not self._is_listed:
                # There is no list so new, nor will there be. The newest is in etcd: without a version it is asked.
                self._version = ""
            await self._list_again()
            return
        self._is_listed = False
        self.error = error
        self._told()
        wait = error.retry_after if isinstance(error, ApiError) else None
        await asyncio.sleep(max(wait or 0.0, next(self._delays)))

    async def _list_again(self) -> None:
        """At once, but only the first time."""
        if self._is_relisted and self._is_listed:
            await asyncio.sleep(next(self._delays))
        self._is_listed, self._is_relisted = False, True

    async def _list(self) -> None:
        params = dict(self._selector)
        if self._version:
            # Another API server may lag behind the one that we asked before.
            params |= {"resourceVersion": self._version, "resourceVersionMatch": "NotOlderThan"}
        answer = await self._client.list(self._collection, params)
        # In another history the same version may be of something else.
        before = self._kept if self._version else {}
        self._advance(answer["metadata"]["resourceVersion"])
        self._kept = {each["metadata"]["name"]: self._keep(each, before) for each in answer.get("items") or ()}
        self._is_listed, self.error = True, None
        self._tell()

    def _keep(self, written: Mapping[str, Any], before: Mapping[str, _Kept[T]]) -> _Kept[T]:
        metadata = written["metadata"]
        known = before.get(metadata["name"])
        if known is not None and known.version == metadata["resourceVersion"]:
            return known
        return _Kept(metadata["resourceVersion"], self._read(written))

    async def _watch(self) -> None:
        """Follow one stream to its end."""
        loop = asyncio.get_running_loop()
        begun = loop.time()
        params = {**self._selector, "resourceVersion": self._version, "allowWatchBookmarks": "true"}
        is_empty = True
        try:
            async with aclosing(self._client.watch(self._collection, params)) as stream:
                async for events in stream:
                    self._take(events)
                    is_empty = self._is_relisted = False
        finally:
            lasted = loop.time() - begun
            if not is_empty or lasted > _MAX_DELAY:
                self._delays = _delays()
        if is_empty:
            # Where the API server's history is not so far yet as our version, nothing is heard, and no error either.
            self._is_listed = False
            if lasted < _SHORT_STREAM:
                await asyncio.sleep(next(self._delays))

    def _take(self, events: Sequence[Event]) -> None:
        is_changed = False
        try:
            for event in events:
                is_changed |= self._apply(event["type"], event["object"])
        finally:
            if is_changed:
                self._tell()

    def _apply(self, kind: str, written: Mapping[str, Any]) -> bool:
        """Whether something is another than before."""
        if kind == "ERROR":
            raise refusal(self._client.access, Request("watch", self._collection, "", {}), cast("Status", written))
        metadata = written["metadata"]
        self._advance(metadata["resourceVersion"])
        match kind:
            case "ADDED" | "MODIFIED":
                self._kept[metadata["name"]] = self._keep(written, {})
                return True
            case "DELETED":
                return self._kept.pop(metadata["name"], None) is not None
            case _:
                return False  # a bookmark: the version alone is new

    def _advance(self, version: str) -> None:
        # Versions are numbers by the API's own word since Kubernetes 1.35, and have always been.
        if version.isdecimal() and self._version.isdecimal() and int(version) < int(self._version):
            raise _Backward
        self._version = version

    def _tell(self) -> None:
        self.items = tuple(kept.value for kept in self._kept.values())
        self._told()


def _delays() -> Iterator[float]:
    """Seconds to wait after one failure, after two, and so on."""
    delay = _FIRST_DELAY
    while True:
        yield delay * (1 + random.random())
        delay = min(_MAX_DELAY, 2 * delay)
