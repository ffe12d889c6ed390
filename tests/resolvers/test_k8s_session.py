"""By which connections and with what credentials `k8s` asks: none is left, and no more is asked than need be."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

import urischeme
from tests.cluster.certificates import Authority
from tests.resolvers.scripted_api import ORDERS, SERVICES, SLICES, bookmark, event, events, serving, status, stream
from urischeme import Registry
from urischeme.aio import resolve, watch
from urischeme.resolvers.k8s import K8s, client

TARGET = "k8s:orders:http"


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(60):
            await test()

    asyncio.run(within())


def asking(kubeconfig: str) -> Registry:
    registry = Registry()
    registry.register("k8s", K8s(kubeconfig=kubeconfig), replace=True)
    return registry


def test_no_thread_is_begun(tmp_path: Path) -> None:
    async def test() -> None:
        async with serving(tmp_path) as (_, kubeconfig):
            before = set(threading.enumerate())
            await resolve(TARGET, registry=asking(kubeconfig))
            async with watch(TARGET, registry=asking(kubeconfig)) as resolutions:
                await anext(resolutions)
            assert set(threading.enumerate()) == before

    run(test)


def test_what_is_written_for_other_programs_does_not_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A ~/.netrc has a user and a password for whatever host, as curl takes it."""
    netrc = tmp_path / "netrc"
    netrc.write_text("default login ada password lovelace\n")
    monkeypatch.setenv("NETRC", str(netrc))

    async def test() -> None:
        async with serving(tmp_path) as (api, kubeconfig):
            api.token = "t"
            await resolve(TARGET, registry=asking(kubeconfig))

    run(test)


@asynccontextmanager
async def refusing_proxy() -> AsyncIterator[tuple[str, list[tuple[str, str | None]]]]:
    """Its URL, with a user's name and password, and what it was asked for: a server, and by whom."""
    asked: list[tuple[str, str | None]] = []

    async def refuse(request: web.BaseRequest) -> web.StreamResponse:
        asked.append((request.raw_path, request.headers.get("Proxy-Authorization")))
        return web.Response(status=502)

    runner = web.ServerRunner(web.Server(refuse))
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://ada:lovelace@127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


def test_a_proxy_that_cannot_reach_the_server(tmp_path: Path) -> None:
    async def test() -> None:
        async with refusing_proxy() as (proxy, asked), serving(tmp_path) as (api, kubeconfig):
            written = json.loads(Path(kubeconfig).read_text())
            cluster = written["clusters"][0]["cluster"]
            cluster["proxy-url"] = proxy
            Path(kubeconfig).write_text(json.dumps(written))
            with pytest.raises(urischeme.ResolveError, match="could not be asked to ") as refused:
                await resolve(TARGET, registry=asking(kubeconfig))
            assert refused.value.retryable
            assert (cluster["server"].removeprefix("https://"), "Basic YWRhOmxvdmVsYWNl") in asked
            assert not api.asked

    run(test)


@pytest.mark.parametrize("path", ["/", "/k8s/clusters/c-1", "/k8s/clusters/c-1/"])
def test_a_server_below_a_path(tmp_path: Path, path: str) -> None:
    """As what stands before several clusters has them."""

    async def test() -> None:
        asked = []

        async def unavailable(request: web.Request) -> web.StreamResponse:
            asked.append(request.path)
            return await status(503)(request)

        async with serving(tmp_path) as (api, kubeconfig):
            api.will(SLICES, unavailable)
            written = json.loads(Path(kubeconfig).read_text())
            written["clusters"][0]["cluster"]["server"] += path
            Path(kubeconfig).write_text(json.dumps(written))
            with pytest.raises(urischeme.ResolveError, match="said 503") as refused:
                await resolve(TARGET, registry=asking(kubeconfig))
            assert refused.value.retryable
            slices = "/apis/discovery.k8s.io/v1/namespaces/prod/endpointslices"
            assert asked == [path.rstrip("/") + slices]

    run(test)


def test_two_who_are_refused_at_once_have_the_credentials_read_once(tmp_path: Path) -> None:
    output, runs, login = tmp_path / "output", tmp_path / "runs", tmp_path / "login"
    version = "client.authentication.k8s.io/v1"
    login.write_text(f"#!/bin/sh\necho run >>{runs}\nexec cat {output}\n")
    login.chmod(0o755)
    user = {"exec": {"apiVersion": version, "command": str(login), "interactiveMode": "Never"}}

    def give(token: str) -> str:
        output.write_text(json.dumps({"apiVersion": version, "kind": "ExecCredential", "status": {"token": token}}))
        return token

    async def test() -> None:
        both = asyncio.Barrier(2)

        async def unauthorized(request: web.Request) -> web.StreamResponse:
            await both.wait()
            return await status(401)(request)

        async with serving(tmp_path, user) as (api, kubeconfig):
            api.token = give("old")
            ends = asyncio.Event()
            for resource in (SLICES, SERVICES):
                api.will(resource, events(bookmark(101), then=ends), watch=True)
                api.will(resource, unauthorized, watch=True)
            errors: list[urischeme.Error] = []
            async with watch(TARGET, registry=asking(kubeconfig), on_error=errors.append) as resolutions:
                await anext(resolutions)
                api.token = None
                give("new")
                ends.set()
                for resource in (SLICES, SERVICES):
                    await api.until_asked(resource, 3, watch=True)
                assert runs.read_text() == "run\n" * 2
                assert not errors

    run(test)


def test_a_certificate_that_is_replaced_breaks_no_stream(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "users")
    certificate, key = authority.user("ada")

    async def test() -> None:
        of_services = asyncio.Queue[bytes]()
        ends = asyncio.Event()
        async with serving(tmp_path, {"client-certificate": str(certificate), "client-key": str(key)}) as served:
            api, kubeconfig = served
            api.will(SERVICES, stream(of_services), watch=True)
            api.will(SLICES, events(bookmark(101), then=ends), status(401), watch=True)
            errors: list[urischeme.Error] = []
            async with watch(TARGET, registry=asking(kubeconfig), on_error=errors.append) as resolutions:
                assert (await anext(resolutions)).endpoints
                authority.user("ada")
                ends.set()
                await api.until_asked(SLICES, 3, watch=True)
                of_services.put_nowait(
                    event("DELETED", {**ORDERS, "metadata": {"name": "orders", "resourceVersion": "102"}})
                )
                assert not (await anext(resolutions)).endpoints
                assert not errors

    run(test)


def test_a_watch_that_is_not_even_begun_is_not_waited_for_as_long_as_one_that_is_quiet(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "_ANSWER_TIMEOUT", 0.2)

    async def never(_: web.Request) -> web.StreamResponse:
        await asyncio.get_running_loop().create_future()
        raise AssertionError("it never ends")

    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with serving(tmp_path) as (api, kubeconfig):
            api.will(SLICES, never, watch=True)
            async with watch(TARGET, registry=asking(kubeconfig), on_error=errors.put_nowait) as resolutions:
                await anext(resolutions)
                assert "asked to watch endpointslices in the namespace prod, is silent" in str(await errors.get())

    run(test)
