"""How a watch of `k8s` takes what an API server does at its worst: list-then-watch, as client-go does it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

import urischeme
from tests.resolvers.scripted_api import (
    ORDERS,
    SERVICES,
    SLICES,
    Answer,
    Object,
    ScriptedApi,
    bookmark,
    event,
    events,
    gone,
    listing,
    serving,
    slice_of,
    status,
    stream,
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

    def __init__(
        self, api: ScriptedApi, registry: Registry, resolutions: Watch, errors: asyncio.Queue[urischeme.Error]
    ) -> None:
        self.api = api
        self.registry = registry
        self.resolutions = resolutions
        self.errors = errors

    async def next(self) -> list[str]:
        async with asyncio.timeout(30):
            return hosts(await anext(self.resolutions))

    async def until(self, wanted: list[str], *, before: list[str]) -> None:
        """Until this is yielded, and nothing else but what was before."""
        while (seen := await self.next()) != wanted:
            assert seen == before

    async def error(self) -> urischeme.Error:
        async with asyncio.timeout(30):
            return await self.errors.get()


def hosts(resolution: Resolution) -> list[str]:
    return sorted(address.host for address in resolution.addresses if isinstance(address, TCPAddress))


async def broken(request: web.Request) -> web.StreamResponse:
    """A stream that begins, and then its connection is gone."""
    response = await events()(request)
    assert request.transport is not None
    request.transport.abort()
    return response


@asynccontextmanager
async def watching(folder: Path, script: Callable[[ScriptedApi], object] | None = None) -> AsyncIterator[Watching]:
    async with serving(folder) as (api, kubeconfig):
        if script is not None:
            script(api)
        registry = Registry()
        registry.register("k8s", K8s(kubeconfig=kubeconfig), replace=True)
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(TARGET, registry=registry, on_error=errors.put_nowait) as resolutions:
            yield Watching(api, registry, resolutions, errors)


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
            await it.until(["10.0.0.1", "10.0.0.2"], before=["10.0.0.1"])
            assert (await it.api.until_asked(SLICES, 2, watch=True))["resourceVersion"] == "150"
            assert len(it.api.queries(SLICES)) == 1, "there was no reason to list again"
            assert it.errors.empty()

    run(test)


# Its history


@pytest.mark.parametrize("said", [events(event("ERROR", gone())), status(410)])
def test_a_history_that_is_cut_is_listed_anew_without_a_word(tmp_path: Path, said: Answer) -> None:
    gate = asyncio.Event()

    async def cut(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return await said(request)

    def script(api: ScriptedApi) -> None:
        api.will(SLICES, cut, watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), listing(200, slice_of("c", "10.0.0.3")))

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


@pytest.fixture
def _at_once_or_never(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reflector, "_FIRST_DELAY", 3600.0)


@pytest.mark.usefixtures("_at_once_or_never")
@pytest.mark.parametrize("said", [status(504, causes=["ResourceVersionTooLarge"]), status(410)])
def test_a_server_that_lags_behind_is_asked_for_the_newest_at_once(tmp_path: Path, said: Answer) -> None:
    def script(api: ScriptedApi) -> None:
        api.will(SLICES, events(event("ERROR", gone())), watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), said, listing(7, slice_of("d", "10.0.0.4")))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            await it.until(["10.0.0.4"], before=["10.0.0.1"])
            # Without a version it asks etcd: what is there is the truth, whatever was.
            assert [query.get("resourceVersion") for query in it.api.queries(SLICES)] == [None, "100", None]
            assert it.errors.empty()

    run(test)


@pytest.mark.usefixtures("_at_once_or_never")
def test_a_list_that_is_older_than_what_was_seen_is_not_believed(tmp_path: Path) -> None:
    """A cache on the way, that knows nothing of versions."""

    def script(api: ScriptedApi) -> None:
        api.will(SLICES, events(event("ERROR", gone())), watch=True)
        old, new = slice_of("old", "10.0.0.9"), slice_of("new", "10.0.0.2")
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), listing(50, old), listing(101, new))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            await it.until(["10.0.0.2"], before=["10.0.0.1"])
            assert [query.get("resourceVersion") for query in it.api.queries(SLICES)] == [None, "100", None]

    run(test)


def test_a_version_that_goes_backward_is_another_history(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        api.will(SLICES, events(bookmark(8)), watch=True)
        # The same name and the same version, of another object.
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), listing(9, slice_of("a", "10.0.0.5")))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            await it.until(["10.0.0.5"], before=["10.0.0.1"])
            assert "resourceVersion" not in it.api.queries(SLICES)[1]

    run(test)


def test_a_stream_in_which_nothing_came_may_follow_a_history_that_was_lost(tmp_path: Path) -> None:
    """The real one is silent, and ends the stream as ever, where it is asked for what is yet to come."""

    def script(api: ScriptedApi) -> None:
        api.will(SLICES, events(), watch=True)
        too_large = status(504, causes=["ResourceVersionTooLarge"])
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), too_large, listing(7, slice_of("d", "10.0.0.4")))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            await it.until(["10.0.0.4"], before=["10.0.0.1"])
            assert it.errors.empty()

    run(test)


def test_a_server_that_knows_of_no_history_at_all_is_told(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        api.will(SLICES, status(410), watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), status(410), status(410))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            assert await it.next() == ["10.0.0.1"]
            assert "said 410" in str(await it.error())
            await it.api.until_asked(SLICES, 4)
            assert it.errors.empty()

    run(test)


def test_a_list_in_which_nothing_is_new_is_no_news(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        changed = events(event("ADDED", slice_of("b", "10.0.0.2", version=101)), then=asyncio.Event())
        api.will(SLICES, *[events()] * 4, changed, watch=True)

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            assert await it.next() == ["10.0.0.1"]
            assert await it.next() == ["10.0.0.1", "10.0.0.2"]
            assert len(it.api.queries(SLICES)) == 5

    run(test)


# Its errors


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
    "said",
    [
        events(),
        events(b'{"type": "ADDED", "object": {"metada'),
        events(b"\n\n"),
    ],
)
def test_a_stream_that_ends_at_once_or_in_the_middle_of_a_line_loses_nothing(tmp_path: Path, said: Answer) -> None:
    def script(api: ScriptedApi) -> None:
        last = events(event("MODIFIED", slice_of("a", "10.0.0.9", version=101)), then=asyncio.Event())
        api.will(SLICES, said, said, last, watch=True)

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            await it.until(["10.0.0.9"], before=["10.0.0.1"])
            assert {query["resourceVersion"] for query in it.api.queries(SLICES, watch=True)} == {"100"}

    run(test)


def test_a_stream_that_is_broken_is_told_and_listed_anew(tmp_path: Path) -> None:
    def script(api: ScriptedApi) -> None:
        api.will(SLICES, broken, watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), listing(300, slice_of("f", "10.0.0.6")))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            await it.until(["10.0.0.6"], before=["10.0.0.1"])
            assert "closed the connection" in str(await it.error())
            assert it.api.queries(SLICES)[1]["resourceVersionMatch"] == "NotOlderThan"

    run(test)


def test_failures_are_further_and_further_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An hour of outage, in no time; then a stream in which something came, and another failure."""
    monkeypatch.undo()
    slept: list[float] = []
    pass_on = asyncio.sleep

    async def sleep(seconds: float) -> None:
        if seconds:
            slept.append(seconds)
        await pass_on(0)

    def script(api: ScriptedApi) -> None:
        api.will(SLICES, *[status(500)] * 9)
        api.will(SLICES, events(bookmark(101)), broken, watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), status(429, headers={"Retry-After": "77"}))

    async def test() -> None:
        async with watching(tmp_path, script) as it:
            assert await it.next() == ["10.0.0.1"]
            await it.api.until_asked(SLICES, 12)

    monkeypatch.setattr(asyncio, "sleep", sleep)
    run(test)
    *outage, again, told = slept
    for number, seconds in enumerate(outage):
        least = min(30.0, 0.8 * 2**number)
        assert least <= seconds < 2 * least
    assert 0.8 <= again < 1.6
    assert told == 77.0


async def until(condition: Callable[[], bool]) -> None:
    """For what nobody announces."""
    async with asyncio.timeout(30):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


class OneSided:
    """A watch whose slices cannot be listed, while there are Services to be heard of."""

    def __init__(self) -> None:
        self.of_services = asyncio.Queue[bytes]()
        self.mended = asyncio.Event()

    async def list_when_mended(self, request: web.Request) -> web.StreamResponse:
        await self.mended.wait()
        return await listing(100, slice_of("a", "10.0.0.1"))(request)

    def script(self, api: ScriptedApi) -> None:
        api.will(SERVICES, stream(self.of_services), watch=True)
        api.will(SLICES, broken, watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), self.list_when_mended)

    async def tell(self, it: Watching, service: Object) -> None:
        """As soon as this returns, the watch has heard of a change of the Service."""
        for chunk in (event("MODIFIED", service), bookmark(500), b""):
            self.of_services.put_nowait(chunk)
        assert (await it.api.until_asked(SERVICES, 2, watch=True))["resourceVersion"] == "500"


def test_what_one_stream_says_is_no_recovery_of_the_other(tmp_path: Path) -> None:
    async def test() -> None:
        case = OneSided()
        async with watching(tmp_path, case.script) as it:
            assert await it.next() == ["10.0.0.1"]
            assert "closed the connection" in str(await it.error())
            await case.tell(it, {**ORDERS, "metadata": {"name": "orders", "resourceVersion": "400"}})
            assert it.resolutions.stale
            async with watch("k8s:orders:80", registry=it.registry) as late:
                assert hosts(await anext(late)) == ["10.0.0.1"]
                await until(lambda: late.stale)
                case.mended.set()
                await until(lambda: not late.stale and not it.resolutions.stale)
            assert it.errors.empty()

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
        api.will(SLICES, events(event("ERROR", gone(403))), watch=True)
        api.will(SLICES, listing(100, slice_of("a", "10.0.0.1")), status(403))

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
