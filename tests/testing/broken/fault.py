"""What a fault is: a broken resolver, and the law of the contract that catches it."""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar
from unittest import SkipTest
from urllib.parse import quote

import attrs

from urischeme import NotFound, Target
from urischeme.testing import ResolverContract

FAULTS: Final[list[Fault]] = []


class Store:
    """A directory of services, each with its hosts, that changes; who listens is woken."""

    def __init__(self) -> None:
        self.hosts = {"orders": ["10.0.0.1", "10.0.0.2"]}
        self._listening: set[asyncio.Event] = set()
        self._count = 2

    def find(self, name: str) -> list[tuple[str, int]]:
        if name not in self.hosts:
            raise NotFound("there is no such service")
        return [(host, 80) for host in self.hosts[name]]

    def put(self, name: str) -> None:
        self.hosts[name] = [self._new_host()]

    def change(self) -> None:
        self.hosts["orders"] = [self._new_host(), self._new_host()]
        for event in self._listening:
            event.set()

    def _new_host(self) -> str:
        self._count += 1
        return f"10.0.{self._count // 250}.{self._count % 250 + 1}"

    @contextmanager
    def listening(self) -> Iterator[asyncio.Event]:
        event = asyncio.Event()
        self._listening.add(event)
        try:
            yield event
        finally:
            self._listening.discard(event)


class Asked:
    """One that keeps to every law, and does not push; some of the broken ones differ from it in one thing."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def check(self, target: Target) -> None:
        if not target.endpoint:
            raise target.error("no service is named; write mine:service")

    async def resolve(self, target: Target) -> Any:
        await asyncio.sleep(0)
        return self.store.find(target.endpoint)


class Good(Asked):
    """The same, which pushes; the other broken ones differ from this."""

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        last: object = None
        with self.store.listening() as news:
            while True:
                now = self.store.find(target.endpoint)
                if now != last:
                    last = now
                    yield now
                await news.wait()
                news.clear()


class OfStore(ResolverContract):
    """With every hook."""

    scheme = "mine"
    patience = 0.5
    examples = 10
    broken: type = Good

    def resolver(self) -> Any:
        self.store = Store()
        return self.broken(self.store)

    def target(self) -> str:
        return "mine:orders"

    def missing_target(self) -> str | None:
        return "mine:nobody"

    def bad_targets(self) -> list[str]:
        return ["mine:"]

    def named(self, name: str) -> str | None:
        self.store.put(name)
        return f"mine:{quote(name, safe='')}"

    def change(self) -> None:
        self.store.change()


Law = Callable[[Any], None]


@attrs.frozen
class Fault:
    """One way to get it wrong.

    Attributes:
        title: what its author did.
        law: the name of the law that has to say so.
        also: those of others that may be broken by it too.
        contract: the author's own test.
        alone: whether the other laws are not tried, since it takes them too long.
    """

    title: str
    law: str
    also: frozenset[str]
    contract: type[OfStore]
    alone: bool

    @property
    def name(self) -> str:
        return self.contract.__name__

    @property
    def module(self) -> str:
        return self.contract.broken.__module__

    @property
    def origin(self) -> str:
        return f"{self.module}.{self.name}"


Broken = TypeVar("Broken", bound=type)


def fault(title: str, law: Law, *also: Law, alone: bool = False, **hooks: object) -> Callable[[Broken], Broken]:
    """List a broken resolver, a class that is made with a Store."""

    def listed(broken: Broken) -> Broken:
        contract = type(broken.__name__, (OfStore,), {"broken": broken, **hooks})
        FAULTS.append(Fault(title, law.__name__, frozenset(each.__name__ for each in also), contract, alone))
        return broken

    return listed


LAWS: Final = [name for name in dir(ResolverContract) if name.startswith("test_")]


def outcome(contract: type[ResolverContract], law: str) -> str | None:
    """What a law says: the message where it fails, None where it does not."""
    try:
        with warnings.catch_warnings():
            # Of what they leave to the garbage collector; the laws that look for it have filters of their own.
            warnings.simplefilter("ignore")
            getattr(contract(), law)()
    except AssertionError as error:
        return str(error)
    except SkipTest:
        return None
    return None


def failures(contract: type[ResolverContract], laws: Iterable[str] = LAWS) -> dict[str, str]:
    """What each law that fails says."""
    found = {law: outcome(contract, law) for law in laws}
    return {law: message for law, message in found.items() if message is not None}
