"""One Service and its EndpointSlices, followed for all who watch them in one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Final

import attrs

from urischeme.errors import ResolveError
from urischeme.resolvers.k8s.access import Access
from urischeme.resolvers.k8s.client import Client, Collection
from urischeme.resolvers.k8s.reflector import Reflector
from urischeme.resolvers.k8s.service import Service
from urischeme.resolvers.k8s.sharing import Shared
from urischeme.resolvers.k8s.slices import Slice

SERVICE_LABEL: Final = "kubernetes.io/service-name"
"""By which an EndpointSlice says whose it is."""


@attrs.frozen
class View:
    """What is known of a Service at one moment.

    Attributes:
        service: None where there is none of that name.
    """

    service: Service | None
    slices: Sequence[Slice]


def services(namespace: str) -> Collection:
    """The Services of a namespace."""
    return Collection("v1", "services", namespace)


def endpoint_slices(namespace: str) -> Collection:
    """The EndpointSlices of a namespace."""
    return Collection("discovery.k8s.io/v1", "endpointslices", namespace)


def slices_of(service: str) -> dict[str, str]:
    """The selector of a Service's slices, whichever controllers wrote them."""
    return {"labelSelector": f"{SERVICE_LABEL}={service}"}


class Subscription:
    """One who watches, and what it has not seen yet."""

    def __init__(self, watch: ServiceWatch) -> None:
        self._watch = watch
        self.news = asyncio.Event()
        self._view: View | None = None
        self._error: ResolveError | None = None

    async def next(self) -> View | ResolveError:
        """The latest that is known, as soon as it is another than the last time.

        An error is what went wrong since: what was known before may still be so, and the watch goes on. When nothing is
        wrong any more, the view comes again.
        """
        while True:
            view, error = self._watch.latest()
            if view is not None and view is not self._view:
                self._view = view
                return view
            if error is not self._error:
                self._error = error
                if error is not None:
                    return error
                if view is not None:
                    return view
            await self.news.wait()
            self.news.clear()


class ServiceWatch:
    """Follows a Service and its slices until it is closed."""

    def __init__(self, client: Client, namespace: str, service: str) -> None:
        self._view: View | None = None
        self._subscriptions: set[Subscription] = set()
        by_name = {"fieldSelector": f"metadata.name={service}"}
        self._service = Reflector(client, services(namespace), by_name, Service.of, told=self._told)
        self._slices = Reflector(client, endpoint_slices(namespace), slices_of(service), Slice.of, told=self._told)
        self._tasks = [
            asyncio.create_task(reflector.run(), name=f"urischeme: {service}.{namespace}")
            for reflector in (self._service, self._slices)
        ]
        for task in self._tasks:
            task.add_done_callback(lambda _: self._tell())

    @asynccontextmanager
    async def subscribed(self) -> AsyncGenerator[Subscription]:
        """To be told of what changes, while the block lasts."""
        subscription = Subscription(self)
        self._subscriptions.add(subscription)
        try:
            yield subscription
        finally:
            self._subscriptions.discard(subscription)

    def latest(self) -> tuple[View | None, ResolveError | None]:
        """What is known, None until both are listed; and what went wrong since, with either of them."""
        for task in self._tasks:
            if task.done():
                task.result()
        return self._view, self._service.error or self._slices.error

    async def aclose(self) -> None:
        """Follow it no more."""
        for task in self._tasks:
            task.cancel()
        _ = await asyncio.wait(self._tasks)
        for task in self._tasks:
            # Whoever watched has heard of it; or nobody did.
            _ = task.cancelled() or task.exception()

    def _told(self) -> None:
        service, slices = self._service.items, self._slices.items
        # Both lists, or nothing yet: a Service without its endpoints would look like one that has none.
        if service is not None and slices is not None:
            view = View(next(iter(service), None), slices)
            if view != self._view:
                self._view = view
        self._tell()

    def _tell(self) -> None:
        for subscription in self._subscriptions:
            subscription.news.set()


class ServiceWatches:
    """The watches of every event loop: one for each Service, and one client for each API server and its credentials."""

    def __init__(self) -> None:
        self._clients = Shared[Client]()
        self._watches = Shared[ServiceWatch]()

    @asynccontextmanager
    async def subscribed(self, access: Access, namespace: str, service: str) -> AsyncGenerator[Subscription]:
        """To be told of what changes at a Service, while the block lasts."""
        key = access, namespace, service
        async with (
            self._clients.holding(access, lambda: Client(access)) as client,
            self._watches.holding(key, lambda: ServiceWatch(client, namespace, service)) as watch,
            watch.subscribed() as subscription,
        ):
            yield subscription


WATCHES: Final = ServiceWatches()
"""Those of the whole process: `k8s:` and `kubernetes:` share them."""
