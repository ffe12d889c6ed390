"""Requests to one API server: one answer, or a stream of events; errors in the words of this package."""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import socket
from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict, cast

import attrs

from urischeme.display import shorten
from urischeme.errors import Error, ResolveError
from urischeme.resolvers.k8s.access import Access
from urischeme.resolvers.k8s.credentials import Credentials
from urischeme.resolvers.k8s.role import role
from urischeme.resolvers.k8s.session import Session, give_up
from urischeme.routing.deadline import seconds_left

if TYPE_CHECKING:
    from aiohttp import ClientResponse, ClientTimeout

_CONNECT_TIMEOUT: Final = 10.0
_ANSWER_TIMEOUT: Final = 30.0
_SHARE: Final = 0.9
"""Of the time that is left, so that whoever waits still hears who is silent."""

_WATCH_SECONDS: Final = 60, 120
"""How long the API server keeps one stream: drawn, so that clients do not all come back at once."""

_GRACE: Final = 5.0
"""Seconds by which a stream may outlast that, before it is taken for dead."""

_HOPELESS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND}
)
_VERSION_TOO_LARGE: Final = "ResourceVersionTooLarge"

# Of Retry-After: at most some days; it may be a date too, which the API server never writes.
_is_seconds = re.compile(r"[0-9]{1,6}").fullmatch

Params: TypeAlias = Mapping[str, str]


class Status(TypedDict, total=False):
    """meta/v1 Status: how the API server says no."""

    code: int | None
    message: str | None
    reason: str | None
    details: Mapping[str, Any] | None


class Event(TypedDict):
    """meta/v1 WatchEvent."""

    type: str
    object: Mapping[str, Any]


class _NoObject(Exception):
    """What came is none of the API's objects; the message is what it is, or why."""


class ApiError(ResolveError):
    """The API server said no.

    Attributes:
        status: the code of its Status or, without one, of HTTP.
        retry_after: seconds to wait, where it says so, or None.
        is_out_of_history: whether it knows no more, or not yet, what has changed since the resource version that was
            asked for.
    """

    status: int
    retry_after: float | None
    is_out_of_history: bool

    def __init__(
        self,
        message: str,
        *,
        retryable: bool,
        status: int,
        retry_after: float | None = None,
        is_out_of_history: bool = False,
        advice: str = "",
    ) -> None:
        super().__init__(message, retryable=retryable, advice=advice)
        self.status = status
        self.retry_after = retry_after
        self.is_out_of_history = is_out_of_history


@attrs.frozen
class Collection:
    """Objects of one kind in one namespace.

    Attributes:
        group: of the API, with its version: `v1`, or `discovery.k8s.io/v1`.
        resource: their plural, as in a Role.
    """

    group: str
    resource: str
    namespace: str

    @property
    def path(self) -> str:
        """Where they are."""
        root = "/apis" if "/" in self.group else "/api"
        return f"{root}/{self.group}/namespaces/{self.namespace}/{self.resource}"


class Client:
    """An API server, asked with the credentials of an Access: read on the first request, and once more when refused."""

    def __init__(self, access: Access) -> None:
        self.access = access
        self._session: Session | None = None
        self._credentials: Credentials | None = None
        self._loading: asyncio.Task[Credentials] | None = None

    async def get(self, collection: Collection, name: str) -> Mapping[str, Any]:
        """One object. Raises ResolveError; an ApiError with status 404 where there is none of that name."""
        return await self._read(Request("get", collection, f"/{name}", {}))

    async def list(self, collection: Collection, params: Params) -> Mapping[str, Any]:
        """The list of all that match. Raises ResolveError."""
        return await self._read(Request("list", collection, "", params))

    async def watch(self, collection: Collection, params: Params) -> AsyncGenerator[Sequence[Event], None]:
        """What changes, in bundles as they come, until the API server ends the stream. Raises ResolveError."""
        import aiohttp

        seconds = random.randint(*_WATCH_SECONDS)
        request = Request("watch", collection, "", {**params, "watch": "1", "timeoutSeconds": str(seconds)})
        with _explained(self.access, request):
            timeout = aiohttp.ClientTimeout(total=seconds + _GRACE, sock_connect=_CONNECT_TIMEOUT)
            response = await self._send(request, timeout)
            try:
                rest = b""
                async for chunk in response.content.iter_any():
                    *lines, rest = (rest + chunk).split(b"\n")
                    if lines:
                        yield [cast("Event", _object(line, "object")) for line in lines if line]
            finally:
                give_up(response)

    async def aclose(self) -> None:
        """Close every connection."""
        if self._loading is not None:
            self._loading.cancel()
            await asyncio.wait([self._loading])
        if self._session is not None:
            await self._session.aclose()

    async def _read(self, request: Request) -> Mapping[str, Any]:
        import aiohttp

        with _explained(self.access, request):
            left = seconds_left()
            total = _ANSWER_TIMEOUT if left is None else min(_ANSWER_TIMEOUT, left * _SHARE)
            response = await self._send(request, aiohttp.ClientTimeout(total=total, sock_connect=_CONNECT_TIMEOUT))
            return _object(await _body(response), "metadata")

    async def _send(self, request: Request, timeout: ClientTimeout) -> ClientResponse:
        credentials = await self._current(refused=None)
        response = await self._get(request, credentials, timeout)
        if response.status == HTTPStatus.UNAUTHORIZED:
            # A token runs out, and another is in its place: rotated files, plugins.
            give_up(response)
            credentials = await self._current(refused=credentials)
            response = await self._get(request, credentials, timeout)
        if response.status != HTTPStatus.OK:
            after = response.headers.get("Retry-After")
            raise refusal(self.access, request, _status(response.status, await _body(response)), after)
        return response

    async def _get(self, request: Request, credentials: Credentials, timeout: ClientTimeout) -> ClientResponse:
        if self._session is None:
            self._session = Session()
        # Of a watch nothing need come for a minute or two, but that it will is said at once.
        async with asyncio.timeout(_ANSWER_TIMEOUT):
            return await self._session.get(credentials, request.path, request.params, timeout)

    async def _current(self, *, refused: Credentials | None) -> Credentials:
        """The credentials, read anew where they are the ones that were refused."""
        if self._credentials is not None and self._credentials is not refused:
            return self._credentials
        # All who want them at once share one reading, and its failure: a plugin is not to be run for each of them.
        if self._loading is None:
            self._loading = asyncio.create_task(self._load())
            self._loading.add_done_callback(self._loaded)
        return await asyncio.shield(self._loading)

    async def _load(self) -> Credentials:
        configuration = await self.access.configure()
        try:
            self._credentials = Credentials(configuration, self._credentials)
        except OSError as error:
            raise ResolveError(
                f"{self.access.described} cannot be used: its certificates cannot be read: {_reason(error)}",
                retryable=False,
            ) from error
        return self._credentials

    def _loaded(self, loading: asyncio.Task[Credentials]) -> None:
        self._loading = None
        # Whoever waited has heard of it; or nobody did.
        _ = loading.cancelled() or loading.exception()


async def _body(response: ClientResponse) -> bytes:
    try:
        return await response.read()
    finally:
        give_up(response)


@attrs.frozen
class Request:
    """What is asked for, and the verb by which a Role allows it."""

    verb: str
    collection: Collection
    name: str
    params: Params

    @property
    def path(self) -> str:
        """Where to ask."""
        return self.collection.path + self.name

    def __str__(self) -> str:
        return f"to {self.verb} {self.collection.resource} in the namespace {self.collection.namespace}"


def _object(body: bytes, part: str) -> Mapping[str, Any]:
    """The JSON object, which has an object as this part. Raises _NoObject for all else."""
    try:
        read = json.loads(body)
    except ValueError as error:
        raise _NoObject(f"{error}: {_shown(body)}") from error
    if not isinstance(read, dict) or not isinstance(cast("dict[str, object]", read).get(part), dict):
        raise _NoObject(_shown(body))
    return cast("Mapping[str, Any]", read)


def _shown(body: bytes) -> str:
    return shorten(body.decode("utf-8", "replace"))


def _status(code: int, body: bytes) -> Status:
    try:
        return {"code": code, **cast("Status", _object(body, "metadata"))}
    except _NoObject:
        # A proxy before the API server answers in its own way.
        return {"code": code, "message": body.decode("utf-8", "replace")}


def refusal(access: Access, request: Request, status: Status, retry_after: str | None = None) -> ApiError:
    """The error for what the API server said instead of an answer."""
    code = status.get("code") or 0
    said = shorten(status.get("message") or status.get("reason") or "it does not say why", 400)
    causes = (status.get("details") or {}).get("causes") or ()
    seconds = (status.get("details") or {}).get("retryAfterSeconds")
    if retry_after is not None and _is_seconds(retry_after):
        seconds = int(retry_after)
    return ApiError(
        _message(access, request, code, said),
        retryable=code not in _HOPELESS,
        status=code,
        retry_after=seconds,
        is_out_of_history=code == HTTPStatus.GONE or any(cause.get("reason") == _VERSION_TOO_LARGE for cause in causes),
        advice=role(request.collection.namespace) if code == HTTPStatus.FORBIDDEN else "",
    )


def _message(access: Access, request: Request, code: int, said: str) -> str:
    match code:
        case HTTPStatus.UNAUTHORIZED:
            return f"{access.described}: the API server does not take these credentials; renew them"
        case HTTPStatus.FORBIDDEN:
            return f"{access.described}: the permission {request} is missing ({said}); bind this Role to the account:"
        case _:
            return f"{access.described}: the API server was asked {request} and said {code}: {said}"


@contextmanager
def _explained(access: Access, request: Request) -> Generator[None]:
    """Turn what goes wrong on the way into errors of ours."""
    import aiohttp

    try:
        yield
    except Error:
        raise
    except aiohttp.ClientConnectorCertificateError as error:
        raise ResolveError(
            f"{access.described}: the certificate of the API server is not to be trusted "
            f"({shorten(str(error.certificate_error), 300)}); see certificate-authority there",
            retryable=False,
        ) from error
    except _NoObject as error:
        raise ResolveError(
            f"{access.described}: the API server, asked {request}, gave back none of the API's objects: {error}",
            retryable=True,
        ) from error
    except ValueError as error:
        # Nothing was sent: the server is no URL, or the token nothing that a header may have in it.
        raise ResolveError(
            f"{access.described} cannot be used: {type(error).__name__}: {_reason(error)}", retryable=False
        ) from error
    except (aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError) as error:
        raise ResolveError(
            f"{access.described}: the API server, asked {request}, closed the connection", retryable=True
        ) from error
    except TimeoutError as error:
        raise ResolveError(f"{access.described}: the API server, asked {request}, is silent", retryable=True) from error
    except (aiohttp.ClientError, OSError) as error:
        raise ResolveError(
            f"{access.described}: the API server could not be asked {request}: {_reason(error)}", retryable=True
        ) from error


def _reason(error: Exception) -> str:
    import aiohttp

    if isinstance(error, aiohttp.ClientConnectorError):
        # That of a name that is not found says what, that of a connection in other words than the system's.
        cause = error.os_error
        said = cause.strerror if isinstance(cause, socket.gaierror) or not cause.errno else os.strerror(cause.errno)
        return shorten(f"{error.host}:{error.port}: {said}", 300)
    return shorten(str(error) or type(error).__name__, 300)
