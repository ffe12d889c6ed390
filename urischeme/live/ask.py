"""One question, one answer: what every face of `resolve` does, whatever the resolver is."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from typing import Final, cast

import attrs

from urischeme.display import escape, mask_refused, shorten
from urischeme.errors import Error, NotFound, ResolveError, TargetError
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
    """A target that its scheme accepts, who answers for it, and the answer where it takes no I/O.

    Where it takes none to tell that it is handed on, they are those of the target that it is handed on to.
    """
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
    chain: list[Target] = []
    handler, known = settle(chain, target, registry)
    return chain[-1], handler, known


def settle(chain: list[Target], target: Target, registry: Registry) -> tuple[Handler, Resolution | None]:
    """Who answers for a target in the end, as far as it takes no I/O to tell, and the answer where that takes none.

    Args:
        chain: the targets that led to this one, to which it and those that it is handed on to are added.
        target: the next one.
        registry: whose resolvers answer.

    Raises what `check` raises for the first of the chain; for those that a resolver handed on to, ResolveError, not
    retryable, and where they go round in a circle.
    """
    while True:
        if target in chain:
            raise _mishanded(chain, target, "handed on in a circle")
        chain.append(target)
        try:
            handler = registry.handler(target)
            known = _checked(handler, target)
        except TargetError as error:
            if len(chain) == 1:
                raise
            raise _mishanded(chain[:-1], target, error.reason) from error
        if not isinstance(known, Target):
            return handler, known
        target = handed_on(known, target)


def handed_on(target: Target, by: Target) -> Target:
    """The target that another was handed on to, with the default port that the caller gave."""
    return target if target.default_port is not None else attrs.evolve(target, default_port=by.default_port)


def _mishanded(chain: list[Target], target: Target, reason: str) -> ResolveError:
    shown = " → ".join(shorten(str(each)) for each in [*chain, target])
    return ResolveError(f"{shown}: {reason}", retryable=False)


def _checked(handler: Handler, target: Target) -> Resolution | Target | None:
    try:
        return handler.check(target)
    except Error:
        raise
    except Exception as error:
        raise unexpected(target, handler, error) from error


async def ask(target: Target, handler: Handler, timeout: float, registry: Registry | None) -> Resolution:
    """What the handler says of the target within `timeout` seconds, or whoever it hands the target on to.

    Raises what the handler raises where that is an error of ours, NotFound where it names no endpoint, and otherwise
    ResolveError, with the cause kept.
    """
    now = asyncio.get_running_loop().time
    end = now() + timeout
    chain = [target]
    answer = await ask_once(target, handler, timeout)
    while isinstance(answer, Target):
        following = handed_on(answer, chain[-1])
        handler, known = settle(chain, following, default_registry if registry is None else registry)
        answer = known or await ask_once(chain[-1], handler, end - now())
    return answer


async def ask_once(target: Target, handler: Handler, timeout: float) -> Resolution | Target:
    """What this handler says of the target within `timeout` seconds. Raises as `ask` does."""
    deadline = asyncio.timeout(timeout)
    try:
        async with deadline:
            with deadline_at(deadline.when()):
                answer = handler.answer(await call(handler, target))
            if isinstance(answer, Resolution) and not answer.endpoints:
                raise NotFound(f"{shorten(str(target))}: there is no endpoint")
            return answer
    except Error:
        raise
    except Exception as error:
        if deadline.expired():
            raise timed_out(target, timeout) from None
        raise unexpected(target, handler, error) from error


async def call(handler: Handler, target: Target) -> object:
    """What the handler gives back, as it is, but for an iterator, whose items stand in a list.

    Raises what the handler raises.
    """
    # A plain function may block, and so may a generator of it; an async one only makes its coroutine here.
    if inspect.iscoroutinefunction(handler.function):
        answer = handler.call(target)
    else:
        answer = await asyncio.wrap_future(call_in_thread(lambda: _call_function(handler, target)))
    return await answer if inspect.isawaitable(answer) else answer


def _call_function(handler: Handler, target: Target) -> object:
    try:
        return _listed(handler.call(target))
    except StopIteration as error:
        # An asyncio future would not take it, and nobody would ever hear of it.
        raise RuntimeError("StopIteration") from error


def _listed(answer: object) -> object:
    # The generator of an old-fashioned coroutine is awaited.
    if inspect.isawaitable(answer) or not isinstance(answer, Iterator):
        return answer
    return list(cast("Iterator[object]", answer))


def timed_out(target: Target, timeout: float) -> ResolveError:
    """The error for no answer in time."""
    return ResolveError(f"{shorten(str(target))}: no answer within {timeout:.4g} s", retryable=True)


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
