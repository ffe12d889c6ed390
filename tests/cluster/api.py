"""The Kubernetes API as the tests speak it: plain HTTP and JSON, nothing of the library under test."""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.cluster.waiting import DEADLINE

_PAUSE = 0.05  # seconds, before a server that doesn't answer is tried again

Object = dict[str, Any]


class ApiError(Exception):
    """The API server refused; `code` is the HTTP status, `status` the Status object that came with it."""

    def __init__(self, code: int, status: Object) -> None:
        super().__init__(f"{code} {status.get('reason')}: {status.get('message')}")
        self.code = code
        self.status = status

    @property
    def passing(self) -> bool:
        """Whether the same request may be answered a moment later."""
        return self.code in (410, 429) or self.code >= 500


class Api:
    """The API server at a host and port, asked with a bearer token.

    Every request has a connection of its own, and may be made from any thread that is in the server's network.
    """

    def __init__(self, host: str, authority: Path, token: str, port: int = 443) -> None:
        self.host = host
        self.port = port
        self._headers = {"Authorization": f"Bearer {token}"}
        self._tls = ssl.create_default_context(cafile=authority)

    def get(self, path: str, **query: str) -> Object:
        return self.request("GET", path, query=query)

    def create(self, path: str, item: Mapping[str, Any]) -> Object:
        return self.request("POST", path, item)

    def replace(self, path: str, item: Mapping[str, Any]) -> Object:
        return self.request("PUT", path, item)

    def patch(self, path: str, change: Mapping[str, Any]) -> Object:
        """A JSON merge patch (RFC 7396)."""
        return self.request("PATCH", path, change, content_type="application/merge-patch+json")

    def delete(self, path: str, **options: Any) -> Object:
        """The options are those of DeleteOptions, such as `gracePeriodSeconds`."""
        return self.request("DELETE", path, options)

    def request(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = "application/json",
    ) -> Object:
        """What the server answers.

        Raises:
            ApiError
            OSError, http.client.HTTPException: the server isn't there, or went away.
        """
        with self._response(method, path, body, query or {}, content_type, DEADLINE) as response:
            answer: Object = json.load(response)
            return answer

    def text(self, path: str) -> str:
        """What the server answers where that is no JSON, as its metrics."""
        with self._response("GET", path, None, {}, "", DEADLINE) as response:
            return response.read().decode()

    def ready(self) -> bool:
        try:
            with self._response("GET", "/readyz", None, {}, "", DEADLINE):
                return True
        except (OSError, http.client.HTTPException, ApiError):
            return False

    def watch(
        self, path: str, *, resource_version: str | None = None, timeout: float = DEADLINE, **query: str
    ) -> Iterator[Object]:
        """The events of one stream, `{"type": …, "object": …}`, to its end.

        Raises:
            ApiError: also where it comes as an event of type ERROR.
            TimeoutError: nothing came for so many seconds.
        """
        query |= {"watch": "true"}
        if resource_version is not None:
            query["resourceVersion"] = resource_version
        with self._response("GET", path, None, query, "", timeout) as response:
            for line in response:
                event = json.loads(line)
                if event["type"] == "ERROR":
                    raise ApiError(event["object"]["code"], event["object"])
                yield event

    def wait_for(self, path: str, condition: Callable[[list[Object]], bool], **query: str) -> list[Object]:
        """The collection at a path as soon as the condition holds of it, whatever becomes of the server meanwhile.

        Raises:
            TimeoutError: it didn't hold within the deadline; the message has what there is.
            ApiError: the request is no good.
        """
        deadline = time.monotonic() + DEADLINE
        items: list[Object] = []
        while time.monotonic() < deadline:
            try:
                for items in self._versions(path, deadline, query):
                    if condition(items):
                        return items
            except ApiError as error:
                if not error.passing:
                    raise
            except (OSError, http.client.HTTPException):
                pass
            time.sleep(_PAUSE)
        raise TimeoutError(f"not within {DEADLINE:.0f} s; at {path} there is\n{json.dumps(items, indent=1)}")

    def _versions(self, path: str, deadline: float, query: Mapping[str, str]) -> Iterator[list[Object]]:
        """The collection now, and after every change."""
        answer = self.get(path, **query)
        items = {item["metadata"]["uid"]: item for item in answer["items"]}
        yield list(items.values())
        version = answer["metadata"]["resourceVersion"]
        remaining = max(0.01, deadline - time.monotonic())
        for event in self.watch(path, resource_version=version, timeout=remaining, **query):
            item = event["object"]
            if event["type"] == "DELETED":
                items.pop(item["metadata"]["uid"], None)
            else:
                items[item["metadata"]["uid"]] = item
            yield list(items.values())

    @contextlib.contextmanager
    def _response(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        query: Mapping[str, str],
        content_type: str,
        timeout: float,
    ) -> Iterator[http.client.HTTPResponse]:
        connection = http.client.HTTPSConnection(self.host, self.port, context=self._tls, timeout=timeout)
        with contextlib.closing(connection):
            headers = self._headers | ({"Content-Type": content_type} if content_type else {})
            url = f"{path}?{urlencode(query)}" if query else path
            connection.request(method, url, None if body is None else json.dumps(body), headers)
            with connection.getresponse() as response:
                if response.status >= 400:
                    raise ApiError(response.status, _status(response.read()))
                yield response


def _status(body: bytes) -> Object:
    """Most refusals are Status objects; a few, `/readyz` among them, are plain text."""
    try:
        status = json.loads(body)
    except ValueError:
        status = None
    return status if isinstance(status, dict) else {"message": body.decode(errors="replace")}
