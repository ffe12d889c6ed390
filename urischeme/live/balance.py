"""A balancer for asyncio: one of a target's endpoints at a time, or a connection to one."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from itertools import chain
from types import TracebackType
from typing import Final, Self

from urischeme.display import escape, mask_refused, shorten
from urischeme.errors import Error, ResolveError
from urischeme.live.ask import DEFAULT_TIMEOUT
from urischeme.live.connect import Race, interleaved, no_connection
from urischeme.live.picking import Picker
from urischeme.live.policies import Policy, policy_named
from urischeme.live.resolve import checked_timeout
from urischeme.live.watch import watch
from urischeme.routing.endpoint import Address, Endpoint, Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.target import Target

__all__ = ["Balancer"]


class Balancer:
    """One of the endpoints that a target leads to now: `urischeme.Balancer`, for asyncio.

    It watches its target from the `async with` on, or from the first `ready` or `connect`, and belongs to the event
    loop in which that is done; `pick` and `report` may be called from any thread. Five failures of an endpoint in a
    row put it aside for 30 seconds times how often that has happened, at most 300, and never more than half of all.

    Args:
        target: a URI, `host[:port]`, or a Target.
        policy: `pick_first`, `round_robin`, `weighted_round_robin` or `random`, or a subclass of Policy. Where it is
            None, the service config says, by its `loadBalancingConfig`; `pick_first` where it doesn't.
        default_port: the port to use where the target names none, in the schemes that have one.
        registry: whose resolvers to ask; the default registry where it is None.
        on_error: called with every error that does not end the watch, in the event loop.
        clock: seconds, from any start, that never go back; for tests.

    Raises:
        ParseError, TargetError, UnknownScheme, ResolveError, PortError: as `urischeme.aio.watch` does.
        ValueError: for a policy of an unknown name, and a default port below 0.
        TypeError: for a target that is neither a str nor a Target, and a policy that is none.

    >>> async def turns(target):
    ...     async with Balancer(target, policy="round_robin") as balancer:
    ...         await balancer.ready()
    ...         return {str(balancer.pick()) for _ in range(2)}
    >>> sorted(asyncio.run(turns("ipv4:10.0.0.1:80,10.0.0.2:80")))
    ['ipv4:10.0.0.1:80', 'ipv4:10.0.0.2:80']
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
        kind = None if policy is None else policy_named(policy)
        self._name: Final = shorten(str(target))
        self._picker: Final = Picker(self._name, kind, clock)
        self._on_error = on_error
        self._watch: Final = watch(target, default_port=default_port, registry=registry, on_error=self._hear)
        self._follower: asyncio.Task[None] | None = None
        self._news: Final = asyncio.Event()

    @property
    def resolution(self) -> Resolution | None:
        """What the target leads to now, or None before the first answer; its `authority` is the name TLS checks."""
        return self._watch.resolution

    def pick(self) -> Endpoint:
        """One of the endpoints that are there, at once.

        Raises:
            ResolveError: before the first answer, after the end of the watch, and where the service config asks for
                policies that nobody knows.
            NotFound: where the answer is that there is none.
        """
        return self._picker.pick()

    def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
        """Tell how it went with an endpoint that was picked: `error` is None where it went well."""
        self._picker.report(endpoint, error)

    @contextmanager
    def using(self) -> Generator[Endpoint]:
        """`pick`, and `report` of how the block ends: an exception is a failure, being cancelled is none.

        Raises what `pick` raises.
        """
        endpoint = self.pick()
        try:
            yield endpoint
        except Exception as error:
            self.report(endpoint, error)
            raise
        self.report(endpoint, None)

    async def ready(self, *, timeout: float = DEFAULT_TIMEOUT) -> None:
        """Wait until there is an endpoint to pick, for `timeout` seconds at most.

        Raises:
            ResolveError: what `pick` raises where there is none in time, or there never will be.
            ValueError, TypeError: for a timeout that is not above 0, or without end, or no number.
        """
        checked_timeout(timeout)
        follower = self._start()
        deadline = asyncio.timeout(timeout)
        try:
            async with deadline:
                while not self._picker.ready and not follower.done():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            if not deadline.expired():
                raise
        self._picker.check()

    async def connect(self, *, timeout: float = DEFAULT_TIMEOUT) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Streams to one of the endpoints, as `asyncio.open_connection` gives them, within `timeout` seconds.

        The policy says which endpoint is first. Where that does not answer within 250 ms, the next is tried beside it,
        and so on; whoever answers first is taken (Happy Eyeballs, RFC 8305). So it fails only where all do. How it went
        is reported, and a failure makes the watch ask again.

        Raises:
            ResolveError: where no address of any endpoint can be connected to; it says why for each. And what `ready`
                raises.
            ValueError, TypeError: for a timeout that is not above 0, or without end, or no number.
        """
        sock = await self.connect_socket(timeout=timeout)
        try:
            return await asyncio.open_connection(sock=sock)
        except BaseException:
            sock.close()
            raise

    async def connect_socket(self, *, timeout: float = DEFAULT_TIMEOUT) -> socket.socket:
        """The same as `connect`, as a socket that does not block."""
        checked_timeout(timeout)
        loop = asyncio.get_running_loop()
        end = loop.time() + timeout
        await self.ready(timeout=timeout)
        tiers = self._picker.candidates()
        order = dict.fromkeys(address for tier in tiers for address in interleaved(_addresses(tier)))
        race = Race(order)
        sock = await race.run(max(end - loop.time(), 0))
        self._report_race(race, tiers)
        if sock is None:
            raise no_connection(self._name, order, race.failures)
        return sock

    def _report_race(self, race: Race, tiers: list[tuple[Endpoint, ...]]) -> None:
        failed = False
        for endpoint in chain(*tiers):
            if race.winner in endpoint.addresses:
                self.report(endpoint, None)
            elif race.failures.keys() >= set(endpoint.addresses):
                self.report(endpoint, race.failures[endpoint.addresses[0]])
                failed = True
        if failed:
            self._watch.refresh()

    def _start(self) -> asyncio.Task[None]:
        if self._follower is None:
            self._follower = asyncio.create_task(self._follow(), name=f"urischeme: balancer of {self._name}")
        return self._follower

    async def _follow(self) -> None:
        try:
            async for resolution in self._watch:
                self._picker.update(resolution)
                self._news.set()
            self._picker.end(self._closed())
        except Error as error:
            self._picker.end(error)
        except Exception as error:  # a policy that somebody wrote
            said = escape(mask_refused(f"{type(error).__name__}: {error}"))
            problem = ResolveError(f"{self._name}: the balancer failed: {said}", retryable=False)
            problem.__cause__ = error
            self._picker.end(problem)
        finally:
            self._news.set()

    def _hear(self, error: Error) -> None:
        self._picker.trouble(error)
        if self._on_error is not None:
            self._on_error(error)

    def _closed(self) -> ResolveError:
        return ResolveError(f"{self._name}: the balancer is closed", retryable=False)

    async def aclose(self) -> None:
        """Stop watching. From now on there is nobody to pick; connections that were made stay."""
        await self._watch.aclose()
        if self._follower is None:
            self._picker.end(self._closed())
        else:
            await asyncio.wait([self._follower])

    async def __aenter__(self) -> Self:
        _ = self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()


def _addresses(endpoints: tuple[Endpoint, ...]) -> Iterable[Address]:
    return chain.from_iterable(endpoint.addresses for endpoint in endpoints)
