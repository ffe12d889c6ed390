"""One question, one answer: what every face of `resolve` does, whatever the resolver is."""

from __future__ import annotations

import asyncio
import inspect
from typing import Final

import attrs

from urischeme.display import escape, mask_refused, shorten
from urischeme.errors import Error, NotFound, ResolveError
from urischeme.live.thread import call_in_thread
from urischeme.routing.deadline import deadline_at
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry, default_registry
from urischeme.routing.resolver import Handler
from urischeme.routing.target import Target

DEFAULT_TIMEOUT: Final = 10.0
"""Seconds that a call waits for an answer unless it is told otherwise."""


_MOST_REMEMBERED: Final = 1024
"""Static targets whose answers a registry remembers: a program has few, and asks for them again and again."""


def prepare(
    target: str | Target, default_port: int | None, registry: Registry | None
) -> tuple[Target, Handler, Resolution | None]:
    """A target that its scheme accepts, who answers for it, and the answer where it takes no I/O."""
    registry = default_registry if registry is None else registry
    if type(target) is not str or default_port is not None:
        return _prepare(target, default_port, registry)
    remembered = registry.static_answers
    known = remembered.get(target)
    if known is not None:
        return known
    prepared, handler, resolution = _prepare(target, default_port, registry)
    if resolution is not None:
        if len(remembered) >= _MOST_REMEMBERED:
            remembered.clear()
        remembered[target] = prepared, handler, resolution
    return prepared, handler, resolution


def _prepare(
    target: str | Target, default_port: int | None, registry: Registry
) -> tuple[Target, Handler, Resolution | None]:
    if isinstance(target, str):
        target = Target.parse(target, registry=registry, default_port=default_port)
    elif not isinstance(target, Target):
        raise TypeError(f"a target is a str or a Target, not {type(target).__name__}")
    elif default_port is not None:
        target = attrs.evolve(target, default_port=default_port)
    handler = registry.handler(target)
    try:
        return target, handler, handler.check(target)
    except Error:
        raise
    except Exception as error:
        raise unexpected(target, handler, error) from error


async def ask(target: Target, handler: Handler, timeout: float) -> Resolution:
    """What the handler says of the target within `timeout` seconds.

    Raises what the handler raises where that is an error of ours, NotFound where it names no endpoint, and otherwise
    ResolveError, with the cause kept.
    """
    deadline = asyncio.timeout(timeout)
    try:
        async with deadline:
            with deadline_at(deadline.when()):
                answer = await _call(handler, target)
            resolution = handler.resolution(answer)
            if not resolution.endpoints:
                raise NotFound(f"{shorten(str(target))}: there is no endpoint")
            return resolution
    except Error:
        raise
    except Exception as error:
        if deadline.expired():
            raise timed_out(target, timeout) from None
        raise unexpected(target, handler, error) from error


async def _call(handler: Handler, target: Target) -> object:
    # A plain function may block, and so may a generator of it; an async one only makes its coroutine here.
    if inspect.iscoroutinefunction(handler.function):
        answer = handler.function(target)
    else:
        answer = await asyncio.wrap_future(call_in_thread(lambda: _call_function(handler, target)))
    return await answer if inspect.isawaitable(answer) else answer


def _call_function(handler: Handler, target: Target) -> object:
    try:
        answer = handler.function(target)
        return answer if inspect.isawaitable(answer) else handler.resolution(answer)
    except StopIteration as error:
        # An asyncio future would not take it, and nobody would ever hear of it.
        raise RuntimeError("StopIteration") from error


def timed_out(target: Target, timeout: float) -> ResolveError:
    """The error for no answer in time."""
    return ResolveError(f"{shorten(str(target))}: no answer within {timeout:g} s", retryable=True)


def unexpected(target: Target, handler: Handler, error: Exception) -> ResolveError:
    """The error for an exception that a resolver did not mean to raise. Trouble of the system may pass."""
    said = escape(mask_refused(f"{type(error).__name__}: {error}"))
    message = f"{shorten(str(target))}: the resolver of {handler.origin} failed: {said}"
    return ResolveError(message, retryable=isinstance(error, OSError))


def with_suggestion(error: NotFound, text: str, target: Target, registry: Registry | None) -> NotFound:
    """The same error, saying which scheme a bare `host:port` that was not found may have been meant for.

    `dsn:443` is a host by the allowance for bare hosts, and a slip of the pen for `dns:443` too.
    """
    prefix, colon, rest = text.partition(":")
    if not colon or prefix.lower() == target.scheme:
        return error
    near = (default_registry if registry is None else registry).nearest(prefix)
    return error if near is None else NotFound(f"{error}; if a scheme was meant, write {near}:{rest}", ttl=error.ttl)
