"""etcd's JSON gateway, as much of it as a resolver needs: the keys under a prefix, and what becomes of them.

The names in requests and answers are those of etcd's own rpc.proto; keys and values are base64 there, and 64-bit
numbers are texts.
"""

from __future__ import annotations

import asyncio
import json
from base64 import b64decode, b64encode
from collections import deque
from collections.abc import AsyncGenerator, Generator, Iterable, Mapping
from contextlib import aclosing, contextmanager, suppress
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from urischeme import ResolveError

ANSWER: Final = 3.0
"""Seconds for a server to begin to answer: three of them then have their turn within the ten that urischeme waits."""

SILENCE: Final = 30.0
"""Seconds without a word after which a stream is taken for dead: the other end may be gone without telling anybody."""

# A member that has lost its leader is to say so; it would go on with what it knew last.
_HEADERS: Final = {"Grpc-Metadata-hasleader": "true"}

# An answer is one line. aiohttp would take 128 KiB for too long, and a single value may have 1.5 MiB.
_LINE_BUFFER: Final = 2**24


class Client:
    """The members of one cluster, each of which can answer for all: they are tried in turn.

    Args:
        session: closed by whoever made it.
        servers: URLs, the one to begin with first.
    """

    def __init__(self, session: aiohttp.ClientSession, servers: Iterable[str]) -> None:
        self._session = session
        self._servers = deque(servers)

    async def get(self, prefix: bytes) -> tuple[int, Mapping[bytes, bytes]]:
        """The cluster's revision, and the keys that begin with `prefix` with their values, as they were then.

        A majority of the members agrees to such a read: it is never older than what anybody was told before.
        Raises ResolveError where no server answers.
        """
        server, response = await self._post("/v3/kv/range", _range(prefix))
        with _explained(server):
            async with response:
                answer = json.loads(await response.read())
            return int(answer["header"]["revision"]), dict(map(_key_and_value, answer.get("kvs", ())))

    async def follow(self, prefix: bytes) -> AsyncGenerator[Mapping[bytes, bytes], None]:
        """The same keys and values: now, and whenever something was written. Raises ResolveError, also midway."""
        while True:
            revision, values = await self.get(prefix)
            yield values
            # From the next revision on: nothing that happens between the two calls is lost, and nothing comes twice.
            async with aclosing(self._watch(prefix, revision + 1)) as stream:
                async for events in stream:
                    values = _after(events, values)
                    yield values
            # It was silent, or its history is gone (compaction). To read everything again is right after both.

    async def _watch(self, prefix: bytes, revision: int) -> AsyncGenerator[Iterable[Any], None]:
        """What happened from that revision on. etcd doesn't cut a revision in two: each item is whole."""
        request = {"create_request": {**_range(prefix), "start_revision": str(revision)}}
        server, response = await self._post("/v3/watch", request)
        async with response:
            # Silence is no error: all may be well, and whoever listens reads everything again.
            with _explained(server), suppress(TimeoutError):
                async for line in response.content:
                    result = json.loads(line).get("result", {"canceled": True})
                    if "compact_revision" in result:
                        return
                    if result.get("canceled"):
                        raise ResolveError(f"{server} ended the watch: {_shown(line)}", retryable=True)
                    if "events" in result:
                        yield result["events"]
                raise ResolveError(f"{server} closed the connection", retryable=True)

    async def _post(self, path: str, request: object) -> tuple[str, aiohttp.ClientResponse]:
        """The first server that answers, and what it answers. Raises ResolveError, with what each of them said."""
        failures: list[ResolveError] = []
        for _ in range(len(self._servers)):
            server = self._servers[0]
            try:
                return server, await self._ask(server, path, request)
            except ResolveError as error:
                failures.append(error)
                # It comes last from now on.
                self._servers.rotate(-1)
        raise ResolveError("; ".join(map(str, failures)), retryable=any(each.retryable for each in failures))

    async def _ask(self, server: str, path: str, request: object) -> aiohttp.ClientResponse:
        with _explained(server):
            async with asyncio.timeout(ANSWER):
                response = await self._session.post(
                    server + path,
                    json=request,
                    headers=_HEADERS,
                    read_bufsize=_LINE_BUFFER,
                    timeout=aiohttp.ClientTimeout(total=None, sock_read=SILENCE),
                )
            if response.status == HTTPStatus.OK:
                return response
            async with response:
                said = _shown(await response.read())
            # 5xx may pass; 4xx it will say again: no permission, no such path.
            raise ResolveError(f"{server} answered {response.status}: {said}", retryable=response.status >= 500)


@contextmanager
def _explained(server: str) -> Generator[None]:
    """Turn whatever goes wrong with a server into a ResolveError: whoever gets it knows only those."""
    try:
        yield
    except TimeoutError as error:
        raise ResolveError(f"{server} is silent", retryable=True) from error
    except aiohttp.ClientConnectorCertificateError as error:
        raise ResolveError(f"{server} is not to be trusted: {error}; see the option ca", retryable=False) from error
    except (aiohttp.ClientError, OSError) as error:
        raise ResolveError(f"{server}: {str(error) or type(error).__name__}", retryable=True) from error
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise ResolveError(f"{server} gave back what no etcd does: {error!r}", retryable=True) from error


def _range(prefix: bytes) -> Mapping[str, str]:
    """All keys that begin with the prefix: those before the same prefix with its last byte one higher."""
    end = prefix[:-1] + bytes([prefix[-1] + 1])
    return {"key": b64encode(prefix).decode(), "range_end": b64encode(end).decode()}


def _key_and_value(pair: Mapping[str, str]) -> tuple[bytes, bytes]:
    # What is empty is left out.
    return b64decode(pair["key"]), b64decode(pair.get("value", ""))


def _after(events: Iterable[Any], values: Mapping[bytes, bytes]) -> Mapping[bytes, bytes]:
    """The values after some events. The end of a lease is an event as any other: it deletes its keys."""
    changed = dict(values)
    for event in events:
        key, value = _key_and_value(event["kv"])
        if event.get("type") == "DELETE":
            changed.pop(key, None)
        else:
            changed[key] = value
    return changed


def _shown(answer: bytes) -> str:
    return repr(answer[:300].decode("utf-8", "replace"))
