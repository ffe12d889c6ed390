"""What the tests of `k8s` have in common: short ways to wait for an answer, and to look at it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine, Sequence
from typing import TypeVar

from tests.cluster.control_plane import DNS_SERVERS, ControlPlane
from tests.cluster.waiting import DEADLINE
from urischeme import Registry, Resolution
from urischeme.aio import Watch
from urischeme.live.thread import call_in_thread
from urischeme.resolvers.dns import Dns
from urischeme.resolvers.k8s import K8s

T = TypeVar("T")


def with_cluster_dns(search: Sequence[str] = ()) -> Registry:
    """As for a pod of the cluster: its name server is the one asked, by `dns:` and by `k8s:`."""
    dns = Dns(nameservers=[DNS_SERVERS[0]], search=search)
    registry = Registry()
    registry.register("dns", dns, replace=True)
    registry.register("k8s", K8s(dns=dns), replace=True)
    return registry


def pods(resolution: Resolution) -> list[str]:
    """The name of each endpoint's pod."""
    return sorted(str(endpoint.attributes.get("pod")) for endpoint in resolution.endpoints)


async def until(watch: Watch, condition: Callable[[Resolution], bool]) -> Resolution:
    """The first that is yielded of which the condition holds."""
    async with asyncio.timeout(DEADLINE):
        async for resolution in watch:
            if condition(resolution):
                return resolution
    raise AssertionError("the watch ended")


async def until_pods(watch: Watch, *names: str, addresses: int = 2) -> Resolution:
    """The first that is yielded with these pods alone, each with so many addresses."""
    return await until(
        watch,
        lambda resolution: (
            pods(resolution) == sorted(names)
            and all(len(endpoint.addresses) == addresses for endpoint in resolution.endpoints)
        ),
    )


def run(test: Callable[[], Coroutine[object, object, None]]) -> None:
    """Run it to its end, at which nothing goes on."""

    async def alone() -> None:
        await test()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(alone())


async def beside(function: Callable[[], T]) -> T:
    """What takes its time, in a thread beside the loop; in the cluster's network too, as threads inherit it."""
    return await asyncio.wrap_future(call_in_thread(function))


def streams(plane: ControlPlane) -> int:
    """How many watches of Services and slices the API server serves, by its own word."""
    text = plane.api.text("/metrics")
    counted = re.findall(r'^apiserver_longrunning_requests\{.*resource="(\w+)".*verb="WATCH".*\} (\d+)$', text, re.M)
    return sum(int(number) for resource, number in counted if resource in {"services", "endpointslices"})
