"""The scheme `etcd:`: what its targets mean, and whom to ask for their answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

import aiohttp

from urischeme import Resolution, ResolveError, Target
from urischeme_etcd.client import Client
from urischeme_etcd.naming import host_and_port, resolution

_DEFAULT_PORT: Final = 2379


class Etcd:
    """`etcd:[//host[:port]/]prefix`: the endpoints that gRPC's etcd naming keeps, each under a key `prefix/…`.

    The options, which are the keyword-only parameters of the methods: `endpoints=host:port,…`, the servers, where
    there are several; `tls=true`; `ca=`, a PEM file of who signs the servers' certificates; `cert=`, a PEM file with
    the client's own certificate and key.
    """

    def check(self, target: Target, *, endpoints: str = "") -> None:
        """Refuse what cannot be right, with no I/O; urischeme calls it before each of the others."""
        if not target.endpoint or target.endpoint.endswith("/"):
            raise target.error("the keys' prefix is missing or ends with /; write it as in etcd:///services/orders")
        _servers(target, endpoints)

    async def resolve(
        self, target: Target, *, endpoints: str = "", tls: bool = False, ca: str = "", cert: str = ""
    ) -> Resolution:
        """What is there now."""
        async with _client(_servers(target, endpoints), tls, ca, cert) as client:
            _, values = await client.get(_prefix(target))
        return resolution(target.endpoint, values)

    async def watch(
        self, target: Target, *, endpoints: str = "", tls: bool = False, ca: str = "", cert: str = ""
    ) -> AsyncGenerator[Resolution | ResolveError]:
        """What is there now, and again whenever it is another.

        Servers that cannot be asked are an error that ends this: urischeme keeps the last good answer, reports the
        error, and begins anew, after a while that grows. Values of which none is an endpoint are an error that doesn't.
        """
        shown: Mapping[bytes, bytes] | None = None
        async with (
            _client(_servers(target, endpoints), tls, ca, cert) as client,
            # The generator within holds a connection: it is to end with this one, not when it is collected.
            aclosing(client.follow(_prefix(target))) as states,
        ):
            async for values in states:
                if values != shown:
                    shown = values
                    yield _answer(target, values)


def _answer(target: Target, values: Mapping[bytes, bytes]) -> Resolution | ResolveError:
    try:
        return resolution(target.endpoint, values)
    except ResolveError as error:
        return error


def _prefix(target: Target) -> bytes:
    # A key is any bytes, and so is a path: what is no UTF-8 stands in its text as surrogate escapes.
    return f"{target.endpoint}/".encode("utf-8", "surrogateescape")


def _servers(target: Target, endpoints: str) -> list[str]:
    """The servers, as host:port."""
    if target.authority and endpoints:
        raise target.error("the servers are named twice; leave out the authority or endpoints=")
    try:
        found = [host_and_port(text) for text in (endpoints or target.authority or "localhost").split(",")]
        return [f"{uri.host}:{_DEFAULT_PORT if uri.port is None else uri.port}" for uri in found]
    except ValueError as error:
        raise target.error(f"{error}; write etcd://host:2379/… or endpoints=host-1:2379,host-2:2379") from None


@asynccontextmanager
async def _client(servers: list[str], tls: bool, ca: str, cert: str) -> AsyncGenerator[Client]:
    secure = tls or bool(ca or cert)
    # In a thread, for it reads files.
    context = await asyncio.to_thread(_tls_context, ca, cert) if secure else True
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield Client(session, [f"{'https' if secure else 'http'}://{server}" for server in servers])


def _tls_context(ca: str, cert: str) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=ca or None)
        if cert:
            context.load_cert_chain(cert)
    except (OSError, ValueError) as error:  # no such file, or a name that none can have
        raise ResolveError(f"the options ca={ca!r} cert={cert!r}: {error}", retryable=False) from error
    return context
