"""What a balancer knows: who is there, who is put aside, and which policy picks. No I/O, no loop."""

from __future__ import annotations

import copy
import logging
import threading
import time
from collections.abc import Callable, Iterable

from urischeme.errors import Error, NotFound, ResolveError
from urischeme.live.ejection import Ejection
from urischeme.live.policies import Addresses, Policy, policy_configured
from urischeme.routing.endpoint import Endpoint, Resolution

_log = logging.getLogger("urischeme")


class Picker:
    """One answer after another in, endpoints out. For any number of threads.

    Of several priorities (the `priority` attribute, as SRV records have one) the lowest number is picked from, as long
    as not all of it is put aside: RFC 2782.

    Args:
        name: the target, as messages show it.
        policy: None for the one that the service config asks for.
        clock: seconds, from any start, that never go back.
    """

    def __init__(
        self, name: str, policy: type[Policy] | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name = name
        self._given = policy
        self._clock = clock
        self._lock = threading.Lock()
        self._kind = policy
        self._ejection = Ejection(clock)
        self._endpoints: dict[Addresses, Endpoint] = {}
        self._backups: list[tuple[Endpoint, ...]] = []
        self._policy: Policy | None = None
        self._answered = False
        self._problem: Error = ResolveError(f"{name}: there is no answer yet", retryable=True)
        self._next_return: float | None = None

    @property
    def ready(self) -> bool:
        """Whether there is an endpoint to pick."""
        return self._policy is not None

    def check(self) -> None:
        """Raise the problem where there is no endpoint to pick."""
        self._current()

    def pick(self) -> Endpoint:
        """One of the endpoints. Raises the problem where there is none."""
        return self._current().pick()

    def candidates(self) -> list[tuple[Endpoint, ...]]:
        """Whom to connect to, in order; those of one priority stand together. Raises the problem where there is none.

        None that is put aside is among them.
        """
        return [self._current().candidates(), *self._backups]

    def _current(self) -> Policy:
        # Read once: another thread may take it away.
        next_return = self._next_return
        if next_return is not None and self._clock() >= next_return:
            with self._lock:
                self._arrange()
        policy = self._policy
        if policy is None:
            # A copy, for each raise adds to the traceback of what it raises.
            problem = self._problem
            raise copy.copy(problem) from problem.__cause__
        return policy

    def update(self, resolution: Resolution) -> None:
        """These endpoints are there now, and no others."""
        with self._lock:
            # A place that is named twice is one place, the first. They stand here in reverse.
            self._endpoints = {endpoint.addresses: endpoint for endpoint in reversed(resolution.endpoints)}
            self._ejection.update(self._endpoints.keys())
            self._answered = True
            self._problem = NotFound(f"{self._name}: there is no endpoint")
            self._choose(resolution)
            self._arrange()

    def _choose(self, resolution: Resolution) -> None:
        try:
            kind = self._given or policy_configured(resolution.service_config)
        except ResolveError as error:
            # gRFC A21: an invalid config changes nothing; where there was none before it, the answer counts for none.
            problem = ResolveError(f"{self._name}: {error}", retryable=error.retryable)
            _log.warning("%s", problem)
            if self._kind is None:
                self._problem = problem
            return
        if kind is not self._kind:
            self._kind, self._policy = kind, None

    def trouble(self, error: Error) -> None:
        """Why there is no answer yet, if there is none."""
        with self._lock:
            if not self._answered:
                self._problem = error

    def end(self, error: Error) -> None:
        """There will be no more answers, and the last one does not count any longer."""
        with self._lock:
            self._endpoints = {}
            self._problem = error
            self._ejection.update(self._endpoints.keys())
            self._arrange()

    def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
        """Hear how it went with an endpoint; `error` is None where it went well."""
        policy = self._policy
        if policy is not None:
            policy.report(endpoint, error)
        with self._lock:
            if self._ejection.report(endpoint, error):
                self._arrange()

    def _arrange(self) -> None:
        aside = self._ejection.aside()
        self._next_return = min(aside.values(), default=None)
        there = reversed(self._endpoints.values())
        if aside:
            there = (endpoint for endpoint in there if endpoint.addresses not in aside)
        best, *self._backups = _by_priority(there) or [()]
        if not best or self._kind is None:
            self._policy = None
        elif self._policy is None:
            self._policy = self._kind(best)
        else:
            self._policy = self._policy.updated(best)


def _by_priority(endpoints: Iterable[Endpoint]) -> list[tuple[Endpoint, ...]]:
    tiers: dict[float, list[Endpoint]] = {}
    for endpoint in endpoints:
        tiers.setdefault(_priority(endpoint), []).append(endpoint)
    return [tuple(tiers[priority]) for priority in sorted(tiers)]


def _priority(endpoint: Endpoint) -> float:
    priority = endpoint.attributes.get("priority")
    return priority if isinstance(priority, (int, float)) else 0
