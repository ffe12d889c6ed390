"""A balancer for code that is not async: the same balancer, in a loop on another thread."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import AbstractContextManager, suppress
from threading import TIMEOUT_MAX
from types import TracebackType
from typing import Any, Final, Self, TypeVar

from urischeme.display import shorten
from urischeme.errors import Error, ResolveError
from urischeme.live import balance
from urischeme.live.ask import DEFAULT_TIMEOUT
from urischeme.live.loop_thread import PATIENCE, LoopThread, enter, leave
from urischeme.live.policies import Policy
from urischeme.live.resolve import checked_timeout
from urischeme.routing.endpoint import Endpoint, Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.target import Target

__all__ = ["Balancer"]

T = TypeVar("T")

_GRACE: Final = 0.05
"""Seconds beyond its timeout that a call in the loop has to end by itself, with a better message than ours."""


class Balancer:
    """One of the endpoints that a target leads to now, at once, or a connection to one.

    It watches its target from the `with` on, or from the first `ready` or `connect`, on the thread of all watches. Any
    number of threads may use it. Five failures of an endpoint in a row put it aside for 30 seconds times how often that
    has happened, at most 300, and never more than half of all. One that nobody holds any more closes itself; in a
    process that was forked since it began, all that it does is to raise a ResolveError.

    Args:
        target: a URI, `host[:port]`, or a Target.
        policy: `pick_first`, `round_robin`, `weighted_round_robin` or `random`, or a subclass of Policy. Where it is
            None, the service config says, by its `loadBalancingConfig`; `pick_first` where it doesn't.
        default_port: the port to use where the target names none, in the schemes that have one.
        registry: whose resolvers to ask; the default registry where it is None.
        on_error: called with every error that does not end the watch, on the thread of all watches: it must not block.
        clock: seconds, from any start, that never go back; for tests.

    Raises:
        ParseError, TargetError, UnknownScheme, ResolveError, PortError: as `urischeme.watch` does.
        ValueError: for a policy of an unknown name, and a default port below 0.
        TypeError: for a target that is neither a str nor a Target, and a policy that is none.

    >>> with Balancer("ipv4:10.0.0.1:80,10.0.0.2:80", policy="round_robin") as balancer:
    ...     balancer.ready()
    ...     print(*sorted(str(balancer.pick()) for _ in range(2)))
    ipv4:10.0.0.1:80 ipv4:10.0.0.2:80
    """

    def __init__(
        self,
        target: str | Target,
        *,
        policy: str | type[Policy] | None = None,
        default_port: int | None = None,
        registry: Registry | None = None,
        on_error: Callable[[Error], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._thread: LoopThread | None = None
        self._is_closed = False
        self._lock = threading.Lock()
        self._name = shorten(str(target))
        self._inner = balance.Balancer(
            target, policy=policy, default_port=default_port, registry=registry, on_error=on_error, clock=clock
        )

    @property
    def resolution(self) -> Resolution | None:
        """What the target leads to now, or None before the first answer; its `authority` is the name TLS checks."""
        return self._inner.resolution

    def pick(self) -> Endpoint:
        """One of the endpoints that are there, at once.

        Raises:
            ResolveError: before the first answer, after the end of the watch, and where the service config asks for
                policies that nobody knows.
            NotFound: where the answer is that there is none.
        """
        self._check_process()
        return self._inner.pick()

    def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
        """Tell how it went with an endpoint that was picked: `error` is None where it went well."""
        self._check_process()
        self._inner.report(endpoint, error)

    def using(self) -> AbstractContextManager[Endpoint]:
        """`pick`, and `report` of how the block ends: an exception is a failure, Ctrl-C is none.

        Raises what `pick` raises.
        """
        self._check_process()
        return self._inner.using()

    def ready(self, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Wait until there is an endpoint to pick, for `timeout` seconds at most.

        Raises:
            ResolveError: what `pick` raises where there is none in time, or there never will be.
            ValueError, TypeError: for a timeout that is not above 0, or without end, or no number.
        """
        checked_timeout(timeout)
        self._call(self._inner.ready, timeout)

    def connect(self, *, timeout: float = DEFAULT_TIMEOUT) -> socket.socket:
        """A socket that is connected to one of the endpoints, and blocks, within `timeout` seconds.

        The policy says which endpoint is first. Where that does not answer within 250 ms, the next is tried beside it,
        and so on; whoever answers first is taken (Happy Eyeballs, RFC 8305). So it fails only where all do. How it went
        is reported, and a failure makes the watch ask again.

        Raises:
            ResolveError: where no address of any endpoint can be connected to; it says why for each. And what `ready`
                raises.
            ValueError, TypeError: for a timeout that is not above 0, or without end, or no number.
        """
        checked_timeout(timeout)
        sock = self._call(self._inner.connect_socket, timeout)
        sock.setblocking(True)
        return sock

    def close(self) -> None:
        """Stop watching. From now on there is nobody to pick; connections that were made stay."""
        thread = self._thread
        if thread is not None and thread.was_left_behind:
            return  # and its lock may be held by a thread that is not here
        with self._lock:
            self._is_closed = True
            thread, self._thread = self._thread, None
        if thread is None:
            return
        left = _leave(self._inner, thread)
        if not thread.is_current:  # as it is in an on_error that closes its balancer
            with suppress(TimeoutError):
                left.result(PATIENCE)
            thread.wait_if_over()

    def __enter__(self) -> Self:
        _ = self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __del__(self) -> None:
        # No lock is taken here: whoever is interrupted by the collector may hold it.
        thread: LoopThread | None = getattr(self, "_thread", None)
        if thread is not None and not thread.was_left_behind:
            _ = _leave(self._inner, thread)

    def _start(self) -> LoopThread:
        self._check_process()
        with self._lock:
            if self._is_closed:
                raise self._closed()
            if self._thread is None:
                try:
                    self._thread = enter()
                except (OSError, RuntimeError) as error:  # no file or thread left for a loop
                    raise ResolveError(f"{self._name}: {type(error).__name__}: {error}", retryable=True) from error
                _ = asyncio.run_coroutine_threadsafe(self._inner.__aenter__(), self._thread.loop)
            return self._thread

    def _call(self, function: Callable[..., Coroutine[Any, Any, T]], timeout: float) -> T:
        thread = self._start()
        calling = asyncio.run_coroutine_threadsafe(function(timeout=timeout), thread.loop)
        try:
            return calling.result(min(timeout + _GRACE, TIMEOUT_MAX))
        except TimeoutError:
            raise ResolveError(f"{self._name}: no answer within {timeout:g} s", retryable=True) from None
        except CancelledError:
            raise self._closed() from None
        finally:
            _ = calling.cancel()  # nothing, where it is over

    def _closed(self) -> ResolveError:
        return ResolveError(f"{self._name}: the balancer is closed", retryable=False)

    def _check_process(self) -> None:
        thread = self._thread
        if thread is not None and thread.was_left_behind:
            message = f"{self._name}: this balancer belongs to the process that was forked; make another in this one"
            raise ResolveError(message, retryable=False)


def _leave(inner: balance.Balancer, thread: LoopThread) -> Future[None]:
    leaving = _close(inner, thread)
    try:
        return asyncio.run_coroutine_threadsafe(leaving, thread.loop)
    except RuntimeError:  # the loop is closed
        leaving.close()
        left: Future[None] = Future()
        left.set_result(None)
        return left


async def _close(inner: balance.Balancer, thread: LoopThread) -> None:
    try:
        await inner.aclose()
    finally:
        leave(thread)
