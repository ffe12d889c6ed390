"""An API server that does what none can be made to do: over HTTPS, it answers each request as a test says."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import web

from tests.cluster import kubeconfig
from tests.cluster.certificates import Authority
from tests.cluster.kubeconfig import Context

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]
Object = Mapping[str, Any]

SLICES, SERVICES = "endpointslices", "services"

ORDERS: Object = {
    "metadata": {"name": "orders", "resourceVersion": "1"},
    "spec": {"clusterIPs": ["10.96.0.7"], "ports": [{"name": "http", "port": 80}]},
}


class ScriptedApi:
    """Answers by its scripts and, where those are at their end, as an API server with nothing new to tell.

    Attributes:
        version: of all that is there.
        slices: what is listed.
        asked: each request: the resource, and the query.
        scripts: the answers to come, by resource and by whether it is a watch.
        token: which is accepted, or None for any.
    """

    def __init__(self) -> None:
        self.version = 100
        self.slices: list[Object] = [slice_of("a", "10.0.0.1")]
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.scripts: dict[tuple[str, bool], list[Answer]] = {}
        self.token: str | None = None
        self.arrived = asyncio.Condition()

    def will(self, resource: str, *answers: Answer, watch: bool = False) -> None:
        """Answer the next requests so."""
        self.scripts.setdefault((resource, watch), []).extend(answers)

    def queries(self, resource: str, *, watch: bool = False) -> list[dict[str, str]]:
        return [query for asked, query in self.asked if asked == resource and ("watch" in query) is watch]

    async def until_asked(self, resource: str, times: int, *, watch: bool = False) -> dict[str, str]:
        """The last query, as soon as there were so many."""
        async with asyncio.timeout(30), self.arrived:
            await self.arrived.wait_for(lambda: len(self.queries(resource, watch=watch)) >= times)
        return self.queries(resource, watch=watch)[times - 1]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        resource = request.path.rstrip("/").split("/namespaces/prod/")[1].split("/")[0]
        if self.token is not None and request.headers.get("Authorization") != f"Bearer {self.token}":
            return await status(401)(request)
        async with self.arrived:
            self.asked.append((resource, dict(request.query)))
            self.arrived.notify_all()
        script = self.scripts.get((resource, "watch" in request.query))
        if script:
            return await script.pop(0)(request)
        if "watch" in request.query:
            return await events(then=asyncio.Event())(request)
        if resource == SERVICES:
            return await self._services(request)
        return await listing(self.version, *self.slices)(request)

    async def _services(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("/orders"):
            return web.json_response(ORDERS)
        return await listing(self.version, ORDERS)(request)


@asynccontextmanager
async def serving(folder: Path, user: Object | None = None) -> AsyncIterator[tuple[ScriptedApi, str]]:
    """The server, and the path of a kubeconfig for it, whose user is this one."""
    api = ScriptedApi()
    app = web.Application()
    app.router.add_route("GET", "/{path:.*}", api.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    authority = Authority(folder)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*authority.server("serving", ["127.0.0.1"]))
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        host, port = runner.addresses[0][:2]
        context = Context(f"https://{host}:{port}", authority.certificate, user or {"token": "t"}, namespace="prod")
        yield api, str(kubeconfig.write(folder / "kubeconfig", {"scripted": context}, current="scripted"))
    finally:
        await runner.cleanup()


def slice_of(name: str, *addresses: str, version: int = 1) -> Object:
    return {
        "metadata": {"name": name, "resourceVersion": str(version)},
        "addressType": "IPv4",
        "ports": [{"name": "http", "port": 8080}],
        "endpoints": [{"addresses": [address]} for address in addresses],
    }


def listing(version: int, *items: Object) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response({"metadata": {"resourceVersion": str(version)}, "items": items})

    return answer


def event(kind: str, written: Object) -> bytes:
    return json.dumps({"type": kind, "object": written}).encode() + b"\n"


def bookmark(version: int) -> bytes:
    return event("BOOKMARK", {"metadata": {"resourceVersion": str(version)}})


def events(*chunks: bytes, then: asyncio.Event | None = None) -> Answer:
    """A stream of these, which ends at once, or when the event is set."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for chunk in chunks:
            await response.write(chunk)
        if then is not None:
            await then.wait()
        return response

    return answer


def stream(chunks: asyncio.Queue[bytes]) -> Answer:
    """A stream of what is put there, which ends with `b""`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while chunk := await chunks.get():
            await response.write(chunk)
        return response

    return answer


def status(code: int, *, causes: Sequence[str] = (), headers: Mapping[str, str] | None = None) -> Answer:
    """How the API server says no."""

    async def answer(_: web.Request) -> web.StreamResponse:
        return web.json_response(gone(code, causes), status=code, headers=headers)

    return answer


def gone(code: int = 410, causes: Sequence[str] = ()) -> Object:
    """A Status."""
    details = {"causes": [{"reason": cause} for cause in causes]}
    return {"kind": "Status", "metadata": {}, "code": code, "message": f"said {code}", "details": details}


def text(body: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    async def answer(_: web.Request) -> web.StreamResponse:
        return web.Response(text=body, content_type="text/html", status=status, headers=headers)

    return answer
