"""`resolve` for asyncio, and `check`."""

from __future__ import annotations

import math

from urischeme.errors import NotFound
from urischeme.live.ask import DEFAULT_TIMEOUT, ask, prepare, with_suggestion
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.target import Target

__all__ = ["check", "resolve"]


async def resolve(
    target: str | Target,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    default_port: int | None = None,
    registry: Registry | None = None,
) -> Resolution:
    """What a target leads to now: `urischeme.resolve`, for asyncio.

    Args:
        target: a URI, `host[:port]`, or a Target.
        timeout: seconds, more than 0, that the call takes at most.
        default_port: the port to use where the target names none, in the schemes that have one.
        registry: whose resolvers to ask; the default registry where it is None.

    Raises:
        ParseError: for a text that is no URI.
        TargetError: for a URI that is no target of its scheme.
        UnknownScheme: for a scheme without a resolver.
        ResolveError: where there was no answer; `retryable` says whether asking again can help.
        NotFound: where the answer is that nothing is there.
        PortError: for a default port above 65535.
        ValueError: for a timeout that is not above 0, or without end; for a default port below 0.
        TypeError: for a target that is neither a str nor a Target, and a timeout that is no number.

    >>> import asyncio
    >>> print(asyncio.run(resolve("ipv4:10.0.0.1:80")).endpoints[0])
    ipv4:10.0.0.1:80
    """
    checked_timeout(timeout)
    prepared, handler, known = prepare(target, default_port, registry)
    if known is not None:
        return known
    try:
        return await ask(prepared, handler, timeout, registry)
    except NotFound as error:
        raise with_suggestion(error, str(target), prepared, registry) from error.__cause__


def check(target: str | Target, *, default_port: int | None = None, registry: Registry | None = None) -> None:
    """Refuse a target that `resolve` would refuse without asking anybody; no I/O.

    Raises:
        ParseError: for a text that is no URI.
        TargetError: for a URI that is no target of its scheme.
        UnknownScheme: for a scheme without a resolver.
        PortError: for a default port above 65535.
        TypeError: for a target that is neither a str nor a Target.

    >>> check("unix:///run/orders.sock")
    >>> check("vsock:2")
    Traceback (most recent call last):
    urischeme.errors.TargetError: vsock:2: a vsock is a context id and a port; write vsock:cid:port
    """
    prepare(target, default_port, registry)


def checked_timeout(timeout: float) -> None:
    """Raise ValueError for what is no number of seconds above 0, TypeError for what is no number."""
    if not isinstance(timeout, (int, float)):
        raise TypeError(f"a timeout is a number of seconds, not {type(timeout).__name__}")
    if not timeout > 0 or math.isinf(timeout):
        raise ValueError(f"a timeout is a number of seconds above 0, not {timeout!r}")
