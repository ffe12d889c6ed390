"""What `resolve` and `watch` found, as lines of text and as a JSON object."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from urischeme.display import escape
from urischeme.routing.endpoint import Address, Endpoint, Resolution


@attrs.frozen
class Attempt:
    """How it went to connect to an address.

    Attributes:
        seconds: how long it took, or None where it failed.
        error: why it failed, or None.
    """

    seconds: float | None
    error: str | None


@attrs.frozen
class Answered:
    """The answer for one target.

    Attributes:
        text: the target, as it may be printed.
        resolution: what it leads to.
        attempts: how it went with each address, or None where none was tried.
    """

    text: str
    resolution: Resolution
    attempts: Mapping[Address, Attempt] | None = None


def line(endpoint: Endpoint) -> str:
    """An endpoint on one line."""
    return f"{endpoint}" + "".join(f"  {name}={_value(value)}" for name, value in endpoint.attributes.items())


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(map(str, value)) if isinstance(value, tuple) else str(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]


def plain(answered: Answered) -> str:
    """The answer as lines of text."""
    return "\n".join(map(escape, _lines(answered)))


def _lines(answered: Answered) -> Iterator[str]:
    resolution, attempts = answered.resolution, answered.attempts
    yield answered.text
    for endpoint in resolution.endpoints:
        yield f"  {line(endpoint)}"
        if attempts is not None:
            yield from (f"    {address}: {_outcome(attempts[address])}" for address in endpoint.addresses)
    if resolution.authority:
        yield f"  TLS name: {resolution.authority}"
    if resolution.ttl is not None:
        yield f"  TTL: {resolution.ttl:g} s"


def _outcome(attempt: Attempt) -> str:
    return attempt.error or f"connected in {(attempt.seconds or 0) * 1000:.1f} ms"


def fields(answered: Answered) -> Mapping[str, object]:
    """The answer as the members of its JSON object."""
    resolution = answered.resolution
    return {
        "endpoints": [endpoint_fields(endpoint, answered.attempts) for endpoint in resolution.endpoints],
        "ttl": resolution.ttl,
        "authority": resolution.authority,
        "service_config": resolution.service_config,
        "attributes": resolution.attributes,
    }


def endpoint_fields(endpoint: Endpoint, attempts: Mapping[Address, Attempt] | None = None) -> Mapping[str, object]:
    """An endpoint as a JSON object."""
    known = {"addresses": list(map(str, endpoint.addresses)), "attributes": endpoint.attributes}
    if attempts is None:
        return known
    tried = [{"address": str(address), **attrs.asdict(attempts[address])} for address in endpoint.addresses]
    return {**known, "connections": tried}
