"""`watch` of `k8s` targets: every change as it happens, through all that may happen to the API server."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import Callable

import pytest

import urischeme
from tests.cluster.asking import beside, pods, run, streams, until, until_pods
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace, ready_addresses
from tests.cluster.pods import ask
from tests.cluster.waiting import wait_until
from urischeme import NotFound, Resolution, TCPAddress
from urischeme.aio import watch

pytestmark = pytest.mark.usefixtures("kubeconfig")


@pytest.fixture
def kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))


def ready_addresses_of(resolution: Resolution) -> list[str]:
    return sorted(address.host for address in resolution.addresses if isinstance(address, TCPAddress))


def test_pods_come_and_go(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "http"))
    namespace.pod("one", ("http", 8080), app="orders")

    async def test() -> None:
        async with watch(f"k8s:orders.{namespace.name}:http") as resolutions:
            await until_pods(resolutions, "one")
            namespace.pod("two", ("http", 9090), app="orders")
            both = await until_pods(resolutions, "one", "two")
            assert {address.sockaddr[1] for address in both.addresses} == {8080, 9090}
            for address in both.addresses:
                assert isinstance(address, TCPAddress)
                assert ask(address.host, address.port) in {"one", "two"}
            namespace.set_ready("one", False)
            await until_pods(resolutions, "two")
            namespace.stop_pod("two", grace=30)
            await until(resolutions, lambda resolution: not resolution.endpoints)
            assert isinstance(resolutions.error, NotFound)
            assert "there is no ready endpoint behind the Service orders" in str(resolutions.error)
            namespace.set_ready("one", True)
            await until_pods(resolutions, "one")
            assert resolutions.error is None

    run(test)


def test_a_service_that_is_not_there_yet_is_an_empty_set_that_fills(namespace: Namespace) -> None:
    async def test() -> None:
        async with watch(f"k8s:orders.{namespace.name}:http") as resolutions:
            assert not (await anext(resolutions)).endpoints
            assert f"there is no Service orders in the namespace {namespace.name}" in str(resolutions.error)
            namespace.service("orders", ("http", 80))
            namespace.pod("one", ("http", 80), app="orders")
            await until_pods(resolutions, "one")
            namespace.delete("services", "orders")
            await until(resolutions, lambda resolution: not resolution.endpoints)

    run(test)


def test_a_port_that_is_renamed_is_an_error_and_what_was_there_is_kept(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    namespace.pod("one", ("http", 80), app="orders")

    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(f"k8s:orders.{namespace.name}:http", on_error=errors.put_nowait) as resolutions:
            kept = await until_pods(resolutions, "one")
            namespace.patch("services", "orders", spec={"ports": [{"name": "web", "port": 80}]})
            assert "the Service orders has no port http; write one of 80 (web)" in str(await errors.get())
            assert resolutions.stale
            assert resolutions.resolution == kept

    run(test)


def test_a_port_that_is_renamed_is_the_same_by_its_number(namespace: Namespace) -> None:
    """The slices hear of it later than who watches the Service."""
    namespace.service("orders", ("http", 80))
    namespace.pod("one", ("http", 80), app="orders")

    def rename() -> None:
        namespace.patch("services", "orders", spec={"ports": [{"name": "web", "port": 80}]})
        namespace.wait_for("endpointslices", lambda slices: all(each["ports"][0]["name"] == "web" for each in slices))
        namespace.pod("two", ("http", 80), app="orders")

    async def test() -> None:
        async with watch(f"k8s:orders.{namespace.name}:80") as resolutions:
            before = await until_pods(resolutions, "one")
            renaming = asyncio.create_task(beside(rename))
            async for resolution in resolutions:
                assert set(before.endpoints) <= set(resolution.endpoints)
                if pods(resolution) == ["one", "two"]:
                    break
            await renaming

    run(test)


def test_a_selector_that_is_changed(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    namespace.pod("blue", ("http", 80), app="orders", labels={"colour": "blue"})
    namespace.pod("green", ("http", 80), app="orders", labels={"colour": "green"})

    async def test() -> None:
        async with watch(f"k8s:orders.{namespace.name}:http") as resolutions:
            await until_pods(resolutions, "blue", "green")
            for colour in ("blue", "green"):
                namespace.patch("services", "orders", spec={"selector": {"app": "orders", "colour": colour}})
                await until_pods(resolutions, colour)

    run(test)


def test_pods_that_are_scaled_to_zero_and_back(namespace: Namespace) -> None:
    namespace.service("db", ("sql", 5432), headless=True)
    namespace.stateful_set("db", ("sql", 5432), replicas=1)
    namespace.run_pod("db-0")

    async def test() -> None:
        async with watch(f"k8s:db.{namespace.name}:sql") as resolutions:
            first = await until_pods(resolutions, "db-0")
            namespace.patch("statefulsets", "db", spec={"replicas": 0})
            await until(resolutions, lambda resolution: not resolution.endpoints)
            namespace.stop_pod("db-0")
            namespace.patch("statefulsets", "db", spec={"replicas": 1})
            namespace.run_pod("db-0")
            again = await until_pods(resolutions, "db-0")
            assert set(first.addresses).isdisjoint(again.addresses), "a pod of the same name is another one"

    run(test)


def test_a_service_that_stands_for_another_name_for_a_while(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    namespace.pod("one", ("http", 80), app="orders")

    async def test() -> None:
        async with watch(f"k8s:orders.{namespace.name}:80") as resolutions:
            await until_pods(resolutions, "one")
            namespace.patch(
                "services",
                "orders",
                spec={"type": "ExternalName", "externalName": "localhost", "clusterIP": None, "clusterIPs": None},
            )
            away = await until(resolutions, lambda resolution: "127.0.0.1" in ready_addresses_of(resolution))
            assert away.authority == f"orders.{namespace.name}.svc"
            namespace.patch("services", "orders", spec={"type": "ClusterIP", "externalName": None})
            await until_pods(resolutions, "one", addresses=1)

    run(test)


def test_the_blocking_face(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    with urischeme.watch(f"k8s:orders.{namespace.name}:http") as resolutions:
        assert pods(next(resolutions)) == ["one"]
        namespace.set_ready("one", False)
        while next(resolutions).endpoints:
            pass
        assert isinstance(resolutions.error, NotFound)
        namespace.set_ready("one", True)
        assert pods(next(resolutions)) == ["one"]


def test_one_watch_is_shared_by_all_targets_on_one_service(plane: ControlPlane, namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80), ("grpc", 90))
    namespace.pod("one", ("http", 80), ("grpc", 90), app="orders")

    async def test() -> None:
        before = streams(plane)
        targets = [
            f"{scheme}:orders.{namespace.name}:{port}" for scheme in ("k8s", "kubernetes") for port in ("http", 90)
        ]
        async with asyncio.TaskGroup() as group:
            leave = asyncio.Event()
            told = asyncio.Semaphore(0)

            async def follow(target: str) -> None:
                async with watch(target) as resolutions:
                    await until_pods(resolutions, "one")
                    told.release()
                    await leave.wait()

            for target in targets:
                group.create_task(follow(target))
            for _ in targets:
                await told.acquire()
            during = await beside(lambda: streams(plane))
            leave.set()
        assert during - before == 2, "one stream of Services, and one of slices"

    run(test)


def test_a_thousand_changes_through_restarts_and_compaction(plane: ControlPlane, namespace: Namespace) -> None:
    """No false emptiness, nothing twice, and in the end the truth."""
    changes, restarts = 1000, {300, 700}
    namespace.service("orders", ("http", 80), headless=True)
    names = [f"pod-{number}" for number in range(12)]
    for name in names:
        namespace.pod(name, ("http", 80), app="orders")
    # These are never changed, so that there is always somebody.
    changing = names[2:]
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    ready = dict.fromkeys(names, True)

    def change() -> None:
        for number in range(changes):
            name = dice.choice(changing)
            ready[name] = not ready[name]
            namespace.set_ready(name, ready[name])
            if number in restarts:
                plane.api_server.kill()
                plane.compact()
                plane.api_server.start()

    async def test() -> None:
        seen: list[Resolution] = []
        async with watch(f"k8s:orders.{namespace.name}:http") as resolutions:
            seen.append(await until_pods(resolutions, *names))
            changer = asyncio.create_task(beside(change))
            changer.add_done_callback(lambda _: namespace.pod("last", ("http", 80), app="orders"))
            # The controllers, too, have to find the API server again.
            async with asyncio.timeout(240):
                async for resolution in resolutions:
                    seen.append(resolution)
                    truth = sorted([name for name in names if ready[name]] + ["last"])
                    if changer.done() and pods(resolution) == truth and len(resolution.addresses) == 2 * len(truth):
                        break
            await changer
        assert all({"pod-0", "pod-1"} <= set(pods(each)) for each in seen), f"seed {seed}"
        again = [1 for one, other in itertools.pairwise(seen) if set(one.endpoints) == set(other.endpoints)]
        assert not again, f"seed {seed}"
        slices = namespace.wait_for("endpointslices", bool, labelSelector="kubernetes.io/service-name=orders")
        assert ready_addresses_of(seen[-1]) == ready_addresses(slices)

    run(test)


def test_a_balancer_follows(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "http"), headless=True)
    namespace.pod("one", ("http", 8080), app="orders")
    with urischeme.Balancer(f"k8s:orders.{namespace.name}:http") as balancer:

        def answer() -> str:
            with balancer.connect(timeout=10) as connection, connection.makefile() as told:
                return told.read()

        assert answer() == "one"
        namespace.stop_pod("one")
        namespace.pod("two", ("http", 9090), app="orders")
        wait_until(lambda: _told(answer) == "two", "a request reaches the new pod")


def _told(answer: Callable[[], str]) -> str:
    try:
        return answer()
    except urischeme.ResolveError as error:
        return str(error)


def test_slices_that_change_at_random_end_in_what_resolve_gives(namespace: Namespace) -> None:
    """Slices of several controllers, by hand: they overlap, come, go and change their ports and conditions."""
    namespace.service("orders", ("http", 80), headless=True, selector={})
    seed = random.randrange(2**32)
    dice = random.Random(seed)
    there: set[str] = set()

    def change() -> None:
        name = f"slice-{dice.randrange(4)}"
        if name in there and dice.random() < 0.3:
            there.discard(name)
            namespace.delete("endpointslices", name)
            return
        endpoints = [
            {
                "addresses": [f"10.244.99.{number}"],
                "conditions": {"ready": dice.random() < 0.7},
                **({"targetRef": {"kind": "Pod", "name": f"p{number}", "uid": f"{number}"}} if number % 2 else {}),
            }
            for number in dice.sample(range(1, 9), dice.randrange(5))
        ]
        if name in there:
            namespace.patch("endpointslices", name, endpoints=endpoints)
        else:
            there.add(name)
            namespace.slice(name, "orders", {"http": dice.choice([80, 8080])}, *endpoints)

    async def test() -> None:
        target = f"k8s:orders.{namespace.name}:http"
        async with watch(target) as resolutions:
            for _ in range(200):
                await beside(change)
            namespace.slice("last", "orders", {"http": 80}, {"addresses": ["10.244.98.1"]})
            latest = await until(resolutions, lambda resolution: "10.244.98.1" in ready_addresses_of(resolution))
            truth = await urischeme.aio.resolve(target)
        assert set(latest.endpoints) == set(truth.endpoints), f"seed {seed}"

    run(test)
