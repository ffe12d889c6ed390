"""How a watch of `k8s` takes what an API server does at its worst: list-then-watch, as client-go does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import urischeme
from tests.resolvers.scripted_api import (
    SERVICES,
    SLICES,
    Answer,
    ScriptedApi,
    bookmark,
    event,
    events,
    gone,
    serving,
    slice_of,
    status,
    text,
)
from urischeme import Registry, Resolution, ResolveError, TCPAddress
from urischeme.aio import Watch, watch
from urischeme.resolvers.k8s import K8s, client, reflector

TARGET = "k8s:orders:http"


@pytest.fixture(autouse=True)
def _retries_come_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "_FIRST_DELAY", 0.01)
    monkeypatch.setattr(reflector, "_MAX_DELAY", 0.05)


class Watching:
    """A watch, the server that it asks, and what it said went wrong."""

    def __init__(self, api: ScriptedApi, resolutions: Watch, errors: asyncio.Queue[urischeme.Error]) -> None:
        self.api = api
        self.resolutions = resolutions
        self.errors = errors

    async def next(self) -> list[str]:
        async with asyncio.timeout(30):
            return hosts(await anext(self.resolutions))

    async def error(self) -> urischeme.Error:
        async with asyncio.timeout(30):
            return await self.errors.get()


def hosts(resolution: Resolution) -> list[str]:
    return sorted(address.host for address in resolution.addresses if isinstance(address, TCPAddress))


@asynccontextmanager
async def watching(folder: Path, script: Callable[[ScriptedApi], object] | None = None) -> AsyncIterator[Watching]:
    async with serving(folder) as (api, kubeconfig):
        if script is not None:
            script(api)
        registry = Registry()
        registry.register("k8s", K8s(kubeconfig=kubeconfig), replace=True)
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(TARGET, registry=registry, on_error=errors.put_nowait) as resolutions:
            yield Watching(api, resolutions, errors)


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(60):
            await test()

    asyncio.run(within())


def test_a_list_and_then_a_watch_from_its_version(tmp_path: Path) -> None:
    async def test() -> None:
        async with watching(tmp_path) as it:
            assert await it.next() == ["10.0.0.1"]
            query = await it.api.until_asked(SLICES, 1, watch=True)
            assert it.api.queries(SLICES) == [{"labelSelector": "kubernetes.io/service-name=orders"}]
            assert query["resourceVersion"] == "100"
            assert query["allowWatchBookmarks"] == "true"
            assert 60 <= int(query["timeoutSeconds"]) <= 120

    run(test)


def test_events_change_the_set_and_the_next_stream_goes_on_where_the_last_ended(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        api.will(
            SLICES,
            events(event("ADDED", slice_of("b", "10.0.0.2", version=101)), bookmark(150)),
            watch=True,
        )

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            seen = await it.next()
            while seen != ["10.0.0.1", "10.0.0.2"]:
                assert seen == ["10.0.0.1"]
                seen = await it.next()
            assert (await it.api.until_asked(SLICES, 2, watch=True))["resourceVersion"] == "150"
            assert len(it.api.queries(SLICES)) == 1, "there was no reason to list again"
            assert it.errors.empty()

    run(test)


@pytest.mark.parametrize("said", [events(event("ERROR", gone())), status(410)])
def test_a_history_that_is_cut_is_listed_anew_without_a_word(tmp_path: Path, said: Answer) -> None:
    gate = asyncio.Event()

    def script(api: ScriptedApi) -> None:
        async def cut(request: object) -> object:
            await gate.wait()
            api.slices, api.version = [slice_of("c", "10.0.0.3")], 200
            return await said(request)  # type: ignore[arg-type]

        api.will(SLICES, cut, watch=True)  # type: ignore[arg-type]

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            assert await it.next() == ["10.0.0.1"]
            gate.set()
            # In one step: never is it empty, nor both.
            assert await it.next() == ["10.0.0.3"]
            again = it.api.queries(SLICES)[1]
            assert (again["resourceVersion"], again["resourceVersionMatch"]) == ("100", "NotOlderThan")
            assert it.errors.empty()

    run(test)


def test_a_server_that_lags_behind_is_asked_again_and_one_that_lost_its_history_for_what_it_has(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        api.will(SLICES, events(event("ERROR", gone())), watch=True)

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            it.api.scripts[SLICES, False] = []
            assert await it.next() == ["10.0.0.1"]

    async def lost() -> None:
        def script(api: ScriptedApi) -> None:
            async def first(request: object) -> object:
                api.will(SLICES, status(504, causes=["ResourceVersionTooLarge"]))
                api.slices, api.version = [slice_of("d", "10.0.0.4")], 7
                return await events(event("ERROR", gone()))(request)  # type: ignore[arg-type]

            api.will(SLICES, first, watch=True)  # type: ignore[arg-type]

        async with watching(tmp_path, script) as it:
            seen = await it.next()
            while seen != ["10.0.0.4"]:
                seen = await it.next()
            third = it.api.queries(SLICES)[2]
            assert "resourceVersion" not in third

    run(test)
    run(lost)


def test_a_version_that_goes_backward_is_another_history(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        async def backward(request: object) -> object:
            api.slices, api.version = [slice_of("e", "10.0.0.5")], 9
            return await events(bookmark(8))(request)  # type: ignore[arg-type]

        api.will(SLICES, backward, watch=True)  # type: ignore[arg-type]

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            seen = await it.next()
            while seen != ["10.0.0.5"]:
                seen = await it.next()
            assert "resourceVersion" not in it.api.queries(SLICES)[1]

    run(test)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (status(429, headers={"Retry-After": "0"}), "said 429"),
        (status(500), "said 500"),
        (text("<html>a proxy</html>"), "gave back none of the API's objects: Expecting value"),
        (text("[1, 2]"), "none of the API's objects: [1, 2]"),
        (text('{"log": "in"}'), 'none of the API\'s objects: {"log": "in"}'),
        (text('{"message": ["log in"]}', status=502), 'said 502: {"message": ["log in"]}'),
        (text("busy", status=503, headers={"Retry-After": "²"}), "said 503: busy"),
    ],
)
def test_what_goes_wrong_at_first_is_told_and_tried_again(tmp_path: Path, said: Answer, expected: str) -> None:
    async def test() -> None:
        async with watching(tmp_path, lambda api: api.will(SLICES, said)) as it:
            assert await it.next() == ["10.0.0.1"]
            error = await it.error()
            assert expected in str(error)
            assert isinstance(error, ResolveError)
            assert error.retryable

    run(test)


@pytest.mark.parametrize(
    "stream",
    [
        events(),
        events(b'{"type": "ADDED", "object": {"metada'),
        events(b"\n\n"),
    ],
)
def test_a_stream_that_ends_at_once_or_in_the_middle_of_a_line_loses_nothing(tmp_path: Path, stream: Answer) -> None:
    def script(api: ScriptedApi) -> None:
        last = events(event("MODIFIED", slice_of("a", "10.0.0.9", version=101)), then=asyncio.Event())
        api.will(SLICES, stream, stream, last, watch=True)

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            seen = await it.next()
            while seen != ["10.0.0.9"]:
                assert seen == ["10.0.0.1"]
                seen = await it.next()
            assert {query["resourceVersion"] for query in it.api.queries(SLICES, watch=True)} == {"100"}

    run(test)


def test_a_stream_that_is_broken_is_told_and_listed_anew(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        async def broken(request: object) -> object:
            response = await events()(request)  # type: ignore[arg-type]
            api.slices, api.version = [slice_of("f", "10.0.0.6")], 300
            request.transport.abort()  # type: ignore[attr-defined]
            return response

        api.will(SLICES, broken, watch=True)  # type: ignore[arg-type]

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            seen = await it.next()
            while seen != ["10.0.0.6"]:
                seen = await it.next()
            assert "closed the connection" in str(await it.error())
            assert it.api.queries(SLICES)[1]["resourceVersionMatch"] == "NotOlderThan"

    run(test)


def test_a_stream_that_outlasts_its_time_is_taken_for_dead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "_WATCH_SECONDS", (0, 0))
    monkeypatch.setattr(client, "_GRACE", 0.2)

    async def test() -> None:
        async with watching(tmp_path) as it:
            assert await it.next() == ["10.0.0.1"]
            assert "is silent" in str(await it.error())
            await it.api.until_asked(SLICES, 2)
            assert it.resolutions.resolution is not None

    run(test)


def test_a_permission_that_is_taken_away_is_told_with_the_role_and_what_was_known_is_kept(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        async def forbidden(request: object) -> object:
            api.will(SLICES, status(403))
            return await events(event("ERROR", gone(403)))(request)  # type: ignore[arg-type]

        api.will(SLICES, forbidden, watch=True)  # type: ignore[arg-type]

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            assert await it.next() == ["10.0.0.1"]
            error = await it.error()
            assert "endpointslices in the namespace prod is missing" in str(error)
            assert "kind: Role" in str(error)
            await it.api.until_asked(SLICES, 3)
            assert hosts(it.resolutions.resolution or Resolution(())) == ["10.0.0.1"]

    run(test)


def test_a_token_that_is_rotated_is_read_anew_without_a_word(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")
    ends = asyncio.Event()

    async def test() -> None:
        async with serving(tmp_path, {"tokenFile": str(token)}) as (api, kubeconfig):
            api.token = "old"
            for resource in (SLICES, SERVICES):
                api.will(resource, events(then=ends), watch=True)
            registry = Registry()
            registry.register("k8s", K8s(kubeconfig=kubeconfig), replace=True)
            errors: list[urischeme.Error] = []
            async with watch(TARGET, registry=registry, on_error=errors.append) as resolutions:
                assert hosts(await anext(resolutions)) == ["10.0.0.1"]
                token.write_text("new\n")
                api.token = "new"
                ends.set()
                await api.until_asked(SLICES, 2, watch=True)
                await api.until_asked(SERVICES, 2, watch=True)
                assert not errors
                api.token = "another"
            with pytest.raises(ResolveError, match="does not take these credentials"):
                await urischeme.aio.resolve(TARGET, registry=registry)

    run(test)


def test_resolve_waits_as_long_as_it_is_told_to_if_there_is_time(tmp_path: Path) -> None:
    async def test() -> None:
        async with serving(tmp_path) as (api, kubeconfig):
            registry = Registry()
            registry.register("k8s", K8s(kubeconfig=kubeconfig), replace=True)
            api.will(SLICES, status(429, headers={"Retry-After": "0"}), status(429, headers={"Retry-After": "0"}))
            assert hosts(await urischeme.aio.resolve(TARGET, registry=registry)) == ["10.0.0.1"]
            api.will(SLICES, status(429, headers={"Retry-After": "3600"}))
            with pytest.raises(ResolveError, match="said 429") as refused:
                await urischeme.aio.resolve(TARGET, registry=registry, timeout=5)
            assert refused.value.retryable

    run(test)
