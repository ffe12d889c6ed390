"""Who is picked next: the policies of a balancer, and how one is chosen.

A policy knows one set of endpoints, which does not change; for another set there is another policy, its successor.
That is what lets many threads pick while an update comes in.
"""

from __future__ import annotations

import abc
import heapq
import itertools
import math
import random
import threading
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Final, TypeAlias, cast

from urischeme.display import shorten
from urischeme.errors import ResolveError
from urischeme.routing.endpoint import Address, Endpoint

__all__ = ["PickFirst", "Policy", "Random", "RoundRobin", "WeightedRoundRobin", "policy_configured", "policy_named"]

Addresses: TypeAlias = tuple[Address, ...]
"""What an endpoint is known by: its attributes may change, and need not be hashable."""


class Policy(abc.ABC):
    """What decides who is picked next; to write one's own, `pick` is all it takes.

    It is made with the endpoints to pick from, one or more, each with addresses of its own, and none of them put
    aside. Any method may be called from several threads at once.

    >>> class Last(Policy):
    ...     def pick(self):
    ...         return self.endpoints[-1]

    Attributes:
        endpoints: in the resolver's order.
    """

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        self.endpoints = endpoints

    @abc.abstractmethod
    def pick(self) -> Endpoint:
        """One of the endpoints, at once: it is called for every request."""

    def updated(self, endpoints: tuple[Endpoint, ...]) -> Policy:
        """Its successor, for other endpoints: a new one of its kind, unless it has something to hand on.

        An endpoint is known by its addresses: its attributes may be others now.
        """
        return type(self)(endpoints)

    def report(self, endpoint: Endpoint, error: BaseException | None) -> None:  # noqa: B027  most don't care
        """Hear how it went with an endpoint that was picked; `error` is None where it went well."""

    def candidates(self) -> tuple[Endpoint, ...]:
        """Whom to connect to: every endpoint, the picked one first, the others as they follow it."""
        first = self.endpoints.index(self.pick())
        return self.endpoints[first:] + self.endpoints[:first]


class PickFirst(Policy):
    """The first one, until another is known to work: then that one, for as long as it is there."""

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        super().__init__(endpoints)
        self._first = endpoints[0]

    def pick(self) -> Endpoint:
        """The one known to work, or else the first."""
        return self._first

    def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
        """Stay with one that works."""
        if error is None and endpoint is not self._first and endpoint in self.endpoints:
            self._first = endpoint

    def updated(self, endpoints: tuple[Endpoint, ...]) -> Policy:
        """One that stays where this one was."""
        successor = PickFirst(endpoints)
        successor._first = _by_addresses(endpoints).get(self._first.addresses, endpoints[0])
        return successor


class RoundRobin(Policy):
    """One after the other. It begins anywhere, or else a fleet of clients would begin at the same one together.

    Over an update it goes on where it was: those that stay keep their order, and the new ones come after them. So
    between two turns of one endpoint every other that was there all the time has its turn, exactly once.
    """

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        super().__init__(endpoints)
        self._turns = itertools.count(random.randrange(len(endpoints)))

    def pick(self) -> Endpoint:
        """The next in turn."""
        # One call into C, so no two threads get the same turn.
        return self.endpoints[next(self._turns) % len(self.endpoints)]

    def updated(self, endpoints: tuple[Endpoint, ...]) -> Policy:
        """One that goes on with the next in turn."""
        turn = next(self._turns) % len(self.endpoints)
        waiting = self.endpoints[turn:] + self.endpoints[:turn]
        # Of thousands most are the same objects as before: those are found without a look at their addresses.
        old, now = set(map(id, waiting)), set(map(id, endpoints))
        new = _by_addresses(endpoint for endpoint in endpoints if id(endpoint) not in old)
        staying = [
            endpoint if id(endpoint) in now else new.pop(endpoint.addresses)
            for endpoint in waiting
            if id(endpoint) in now or endpoint.addresses in new
        ]
        successor = RoundRobin((*staying, *new.values()))
        if staying:
            successor._turns = itertools.count()
        return successor


class WeightedRoundRobin(Policy):
    """One after the other, each as often as its `weight` says, and evenly spread.

    Weights 3 and 1 give the first one three picks of every four. An endpoint without a weight has the weight 1. One of
    weight 0 is picked only where all have 0, as RFC 2782 has it of SRV records, nearly: there it has "a very small
    chance".

    It is stride scheduling: one of weight w is due every 1/w, all counted in whole numbers, so that shares are exact.
    """

    def __init__(self, endpoints: tuple[Endpoint, ...]) -> None:
        super().__init__(endpoints)
        weights = {index: weight for index, weight in enumerate(map(_weight, endpoints)) if weight}
        weights = weights or dict.fromkeys(range(len(endpoints)), Fraction(1))
        self._strides = _strides(weights)
        self._due = [(stride // 2, index) for index, stride in self._strides.items()]
        heapq.heapify(self._due)
        self._lock = threading.Lock()

    def pick(self) -> Endpoint:
        """The one that is due first."""
        with self._lock:
            due, index = self._due[0]
            heapq.heapreplace(self._due, (due + self._strides[index], index))
        return self.endpoints[index]

    def updated(self, endpoints: tuple[Endpoint, ...]) -> Policy:
        """One in which each that stays has as much of its wait behind it as it has now."""
        left = self._left()
        successor = WeightedRoundRobin(endpoints)
        successor._wait(left)
        return successor

    def _left(self) -> dict[Addresses, Fraction]:
        """How much of its stride each endpoint has to wait yet, from 0 to 1."""
        with self._lock:
            now, _ = self._due[0]
            return {
                self.endpoints[index].addresses: Fraction(due - now, self._strides[index]) for due, index in self._due
            }

    def _wait(self, left: Mapping[Addresses, Fraction]) -> None:
        for place, (due, index) in enumerate(self._due):
            stride = self._strides[index]
            share = left.get(self.endpoints[index].addresses)
            # Less than a whole stride, or else a cycle could pass without it.
            self._due[place] = (due if share is None else min(int(share * stride), stride - 1), index)
        heapq.heapify(self._due)


class Random(Policy):
    """Any of them, each as likely as the others."""

    def pick(self) -> Endpoint:
        """Any of them."""
        return random.choice(self.endpoints)


def _by_addresses(endpoints: Iterable[Endpoint]) -> dict[Addresses, Endpoint]:
    return {endpoint.addresses: endpoint for endpoint in endpoints}


def _weight(endpoint: Endpoint) -> Fraction:
    match endpoint.attributes.get("weight"):
        case int() | float() as weight if 0 <= weight < math.inf:
            return Fraction(weight)
        case _:
            return Fraction(1)


def _strides(weights: Mapping[int, Fraction]) -> dict[int, int]:
    """For each weight the time from one turn to the next, in a unit that makes all of them even numbers."""
    scale = math.lcm(*(weight.denominator for weight in weights.values()))
    whole = {index: int(weight * scale) for index, weight in weights.items()}
    cycle = 2 * math.lcm(*whole.values())
    return {index: cycle // weight for index, weight in whole.items()}


_POLICIES: Final[Mapping[str, type[Policy]]] = {
    "pick_first": PickFirst,
    "round_robin": RoundRobin,
    "weighted_round_robin": WeightedRoundRobin,
    "random": Random,
}


def policy_named(policy: str | type[Policy]) -> type[Policy]:
    """The policy of this name, or the class itself. Raises ValueError for an unknown name, TypeError for neither."""
    if isinstance(policy, type) and issubclass(policy, Policy):
        return policy
    if not isinstance(policy, str):
        raise TypeError(f"a policy is a name or a subclass of urischeme.Policy, not {policy!r}")
    if policy not in _POLICIES:
        raise ValueError(f"no policy is named {shorten(policy)!r}; there are {_known()}")
    return _POLICIES[policy]


def policy_configured(service_config: Mapping[str, object] | None) -> type[Policy]:
    """The policy that a service config asks for: the first known one, or `pick_first` where it asks for none.

    By grpc/service_config/service_config.proto, whose deprecated `loadBalancingPolicy` counts where there is no
    `loadBalancingConfig`.

    Raises ResolveError where it asks for unknown ones alone: such a config is invalid as a whole (gRFC A21).

    >>> policy_configured({"loadBalancingConfig": [{"grpclb": {}}, {"round_robin": {}}]}).__name__
    'RoundRobin'
    """
    names = _configured_names(service_config or {})
    if not names:
        return PickFirst
    for name in names:
        if name in _POLICIES:
            return _POLICIES[name]
    asked = ", ".join(shorten(name) for name in names)
    raise ResolveError(f"the service config asks for the policy {asked}; there are {_known()}", retryable=False)


def _configured_names(service_config: Mapping[str, object]) -> list[str]:
    several = service_config.get("loadBalancingConfig")
    if several:
        if not isinstance(several, Sequence):
            raise _malformed()
        return list(map(_configured_name, cast("Sequence[object]", several)))
    name = service_config.get("loadBalancingPolicy")
    return [str(name).lower()] if name else []


def _configured_name(one: object) -> str:
    names = list(cast("Mapping[str, object]", one)) if isinstance(one, Mapping) else []
    if len(names) != 1:
        raise _malformed()
    return names[0]


def _malformed() -> ResolveError:
    return ResolveError(
        "a service config has its policies as a list of objects, each with one key, the policy's name", retryable=False
    )


def _known() -> str:
    return ", ".join(_POLICIES)
