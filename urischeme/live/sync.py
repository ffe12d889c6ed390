"""`resolve` for code that is not async."""

from __future__ import annotations

from concurrent.futures import Future
from threading import TIMEOUT_MAX
from typing import Final

from urischeme.errors import NotFound
from urischeme.live.ask import DEFAULT_TIMEOUT, ask, prepare, timed_out, unexpected, with_suggestion
from urischeme.live.resolve import check, checked_timeout
from urischeme.live.thread import call_in_thread
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.resolver import Handler
from urischeme.routing.target import Target

__all__ = ["check", "resolve"]

_GRACE: Final = 0.05
"""Seconds beyond its timeout that a resolver has to end by itself, with a better message than ours."""


def resolve(
    target: str | Target,
    *,
    timeout: float = DEFAULT_TIMEOUT,
    default_port: int | None = None,
    registry: Registry | None = None,
) -> Resolution:
    """What a target leads to now.

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

    >>> for endpoint in resolve("ipv4:10.0.0.1:80,10.0.0.2:80").endpoints:
    ...     print(endpoint)
    ipv4:10.0.0.1:80
    ipv4:10.0.0.2:80
    """
    checked_timeout(timeout)
    prepared, handler, known = prepare(target, default_port, registry)
    if known is not None:
        return known
    try:
        return _ask_in_thread(prepared, handler, timeout, registry)
    except NotFound as error:
        raise with_suggestion(error, str(target), prepared, registry) from error.__cause__


def _ask_in_thread(target: Target, handler: Handler, timeout: float, registry: Registry | None) -> Resolution:
    """Ask in a loop of its own, in a thread of its own.

    The caller may have a loop running already, and a resolver may block the loop it runs in: neither may make the call
    outlast its timeout.
    """
    import asyncio

    # Not asyncio.run()'s outcome: it comes after all that the resolver left running in the loop's executor.
    answer: Future[Resolution] = Future()

    async def settle() -> None:
        try:
            answer.set_result(await ask(target, handler, timeout, registry))
        except BaseException as error:
            answer.set_exception(error)

    def run() -> None:
        try:
            asyncio.run(settle())
        except OSError as error:  # no loop was to be had: too many open files
            answer.set_exception(unexpected(target, handler, error))

    call_in_thread(run)
    try:
        return answer.result(min(timeout + _GRACE, TIMEOUT_MAX))
    except TimeoutError:
        raise timed_out(target, timeout) from None
