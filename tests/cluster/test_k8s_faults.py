"""`k8s` targets when the real API server stops, loses what it had, falls silent or forbids."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest

import urischeme
from tests.cluster import kubeconfig, lookup
from tests.cluster.asking import beside, pods, run, until, until_pods, with_cluster_dns
from tests.cluster.control_plane import READER, ZONE, ControlPlane
from tests.cluster.namespace import Namespace
from tests.cluster.waiting import DEADLINE
from tests.live.scripted import run as run_and_count
from urischeme import ResolveError
from urischeme.aio import watch
from urischeme.resolvers.k8s import resolver, session


@pytest.fixture(autouse=True)
def _kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))


@pytest.fixture
def ask(plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """By this URL the API server is asked from now on."""

    def asked(url: str) -> None:
        context = attrs.evolve(plane.contexts["token"], server=url)
        path = kubeconfig.write(tmp_path / "kubeconfig", {"other": context}, current="other")
        monkeypatch.setenv("KUBECONFIG", str(path))

    return asked


@pytest.fixture
def target(namespace: Namespace) -> str:
    """A Service with one pod."""
    namespace.service("orders", ("http", 80), headless=True)
    namespace.pod("one", ("http", 80), app="orders")
    return f"k8s:orders.{namespace.name}:http"


def test_an_api_server_that_is_gone_is_told_and_what_was_known_is_kept(
    plane: ControlPlane, namespace: Namespace, target: str
) -> None:
    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(target, on_error=errors.put_nowait) as resolutions:
            kept = await until_pods(resolutions, "one")
            plane.api_server.kill()
            error = await errors.get()
            assert "closed the connection" in str(error) or "Connection refused" in str(error)
            assert resolutions.stale
            assert resolutions.resolution == kept
            with pytest.raises(ResolveError) as refused:
                await urischeme.aio.resolve(target)
            assert refused.value.retryable
            plane.api_server.start()
            namespace.pod("two", ("http", 80), app="orders")
            await until_pods(resolutions, "one", "two")
            assert not resolutions.stale

    run(test)


def test_an_etcd_that_is_lost_is_another_truth(plane: ControlPlane, namespace: Namespace, target: str) -> None:
    async def test() -> None:
        async with watch(target) as resolutions:
            await until_pods(resolutions, "one")
            await beside(plane.lose_etcd)
            await until(resolutions, lambda resolution: not resolution.endpoints)
            plane.api.create("/api/v1/namespaces", {"metadata": {"name": namespace.name}})
            namespace.service("orders", ("http", 80), headless=True)
            namespace.pod("three", ("http", 80), app="orders")
            await until_pods(resolutions, "three")

    run(test)


def test_dns_goes_on_being_asked_while_the_api_server_is_gone(
    plane: ControlPlane,
    namespace: Namespace,
    ask: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An ExternalName leads to DNS, whose changes have nothing to do with the API server's troubles."""
    monkeypatch.setattr(resolver, "_MAX_PAUSE", 0.1)
    namespace.service("there", ("http", 80), headless=True)
    first = namespace.pod("one", ("http", 80), app="there")
    there = f"there.{namespace.name}.svc"
    lookup.wait_for_records(there, "A", [first[0]])
    lookup.wait_for_records(there, "AAAA", [first[1]])
    namespace.service("orders", type="ExternalName", externalName=f"{there}.{ZONE}", selector={})

    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        with plane.another_api_server() as server:
            ask(server.url)
            target = f"k8s:orders.{namespace.name}:80"
            async with watch(target, registry=with_cluster_dns(), on_error=errors.put_nowait) as resolutions:
                assert len((await anext(resolutions)).addresses) == 2
                server.kill()
                await errors.get()
                assert resolutions.stale
                namespace.pod("two", ("http", 80), app="there")
                await until(resolutions, lambda resolution: len(resolution.addresses) == 4)
                # DNS knows no better: what is wrong with the API server still is.
                while not errors.empty():
                    errors.get_nowait()
                await errors.get()
                assert resolutions.stale
                await beside(server.start)
                namespace.patch("services", "orders", spec={"externalName": f"nowhere.{ZONE}"})
                await until(resolutions, lambda resolution: not resolution.endpoints)

    run(test)


def test_a_history_that_is_compacted_while_a_server_was_away(
    plane: ControlPlane, namespace: Namespace, target: str, ask: Callable[[str], None]
) -> None:
    async def test() -> None:
        with plane.another_api_server("--watch-cache=false") as server:
            ask(server.url)
            async with watch(target) as resolutions:
                await until_pods(resolutions, "one")
                server.kill()
                namespace.pod("two", ("http", 80), app="orders")
                namespace.set_ready("one", False)
                await beside(plane.compact)
                await beside(server.start)
                await until_pods(resolutions, "two")

    run(test)


def test_an_api_server_that_sends_its_clients_away(
    plane: ControlPlane, namespace: Namespace, target: str, ask: Callable[[str], None]
) -> None:
    async def test() -> None:
        with plane.another_api_server("--goaway-chance=0.02", "--min-request-timeout=1") as server:
            ask(server.url)
            async with watch(target) as resolutions:
                await until_pods(resolutions, "one")
                for _ in range(10):
                    namespace.set_ready("one", False)
                    await until(resolutions, lambda resolution: not resolution.endpoints)
                    namespace.set_ready("one", True)
                    await until_pods(resolutions, "one")

    run(test)


def test_a_server_that_is_silent_is_waited_for_no_longer_than_asked(plane: ControlPlane, target: str) -> None:
    async def test() -> None:
        with pytest.raises(ResolveError) as refused:
            await urischeme.aio.resolve(target, timeout=0.5)
        assert refused.value.retryable

    with plane.api_server.paused():
        run_and_count(test)


def test_a_blocking_call_is_not_held_up_by_a_server_that_is_silent(plane: ControlPlane, target: str) -> None:
    with plane.api_server.paused(), pytest.raises(ResolveError) as refused:
        urischeme.resolve(target, timeout=0.5)
    assert refused.value.retryable


def test_a_connection_whose_other_end_is_gone_without_a_word_is_found(
    plane: ControlPlane, namespace: Namespace, target: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    soon = {"TCP_KEEPIDLE": 1, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 1, "TCP_USER_TIMEOUT": 2000}
    monkeypatch.setattr(session, "_KEEP_ALIVE", soon)

    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(target, on_error=errors.put_nowait) as resolutions:
            await until_pods(resolutions, "one")
            with plane.network.cut_off("10.96.0.1"):
                plane.api_server.kill()
                async with asyncio.timeout(DEADLINE):
                    _ = await errors.get()
            await beside(plane.api_server.start)
            namespace.pod("two", ("http", 80), app="orders")
            await until_pods(resolutions, "one", "two")

    run(test)


def test_rights_that_are_taken_away_and_given_back(plane: ControlPlane, namespace: Namespace, target: str) -> None:
    namespace.grant(READER, "", ["services"], ["get", "list", "watch"])
    namespace.grant(READER, "discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"])
    theirs = target.replace("k8s:", "k8s://reader/")

    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(theirs, on_error=errors.put_nowait) as resolutions:
            await until_pods(resolutions, "one")
            for binding in namespace.wait_for("rolebindings", bool):
                namespace.delete("rolebindings", binding["metadata"]["name"])
            # Streams that are open stay so: the API server asks for rights when one begins.
            plane.api_server.kill()
            await beside(plane.api_server.start)
            while "permission" not in str(await errors.get()):
                pass
            assert resolutions.stale
            assert resolutions.resolution is not None
            assert pods(resolutions.resolution) == ["one"]
            namespace.grant(READER, "", ["services"], ["get", "list", "watch"])
            namespace.grant(READER, "discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"])
            namespace.pod("two", ("http", 80), app="orders")
            await until_pods(resolutions, "one", "two")

    run(test)
