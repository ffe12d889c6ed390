"""Broken in what `resolve` gives back, and for whom."""

from __future__ import annotations

import itertools
from typing import Any
from urllib.parse import unquote

from tests.testing.broken.fault import Asked, Store, fault
from urischeme import Endpoint, NotFound, Resolution, ResolveError, Target, TCPAddress
from urischeme.testing import ResolverContract as C


def _endpoints(hosts: list[tuple[str, int]]) -> list[Endpoint]:
    return [Endpoint(TCPAddress(*each)) for each in hosts]


@fault(
    "looks for the path with its slash, which mine:///orders has",
    C.test_a_valid_target_is_answered,
    target=lambda self: "mine:///orders",
)
class KeepsSlash(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.path)


@fault("forgets to return what it found", C.test_answers_are_endpoints)
class ReturnsNone(Asked):
    async def resolve(self, target: Target) -> Any:
        _ = self.store.find(target.endpoint)


@fault("gives a host name in the place of an address", C.test_answers_are_endpoints)
class GivesHostNames(Asked):
    async def resolve(self, target: Target) -> Any:
        return [(f"node-{port}.internal", port) for _, port in self.store.find(target.endpoint)]


@fault("gives the port as text", C.test_answers_are_endpoints)
class GivesPortsAsText(Asked):
    async def resolve(self, target: Target) -> Any:
        return [(host, str(port)) for host, port in self.store.find(target.endpoint)]


@fault("gives (port, address) in the place of (address, port)", C.test_answers_are_endpoints)
class GivesPairsReversed(Asked):
    async def resolve(self, target: Target) -> Any:
        return [(port, host) for host, port in self.store.find(target.endpoint)]


@fault("gives bytes, as they came from the server", C.test_answers_are_endpoints)
class GivesBytes(Asked):
    async def resolve(self, target: Target) -> Any:
        return [f"{host}:{port}".encode() for host, port in self.store.find(target.endpoint)]


@fault("gives addresses without ports", C.test_answers_are_endpoints)
class GivesNoPorts(Asked):
    async def resolve(self, target: Target) -> Any:
        return [host for host, _ in self.store.find(target.endpoint)]


@fault("gives decoded JSON as it is", C.test_answers_are_endpoints)
class GivesJson(Asked):
    async def resolve(self, target: Target) -> Any:
        return [{"host": host, "port": port} for host, port in self.store.find(target.endpoint)]


@fault("yields endpoints from an async resolve", C.test_answers_are_endpoints)
class YieldsFromResolve(Asked):
    async def resolve(self, target: Target) -> Any:
        for each in self.store.find(target.endpoint):
            yield each


@fault("reads a port from the target, and gives it as it is", C.test_answers_are_endpoints)
class GivesOddPorts(Asked):
    async def resolve(self, target: Target) -> Any:
        _, colon, port = target.endpoint.partition(":")
        return [("10.0.0.1", int(port[:9]))] if colon and port.isdecimal() else self.store.find(target.endpoint)


@fault("gives a service config as JSON text", C.test_answers_are_endpoints)
class GivesConfigAsText(Asked):
    async def resolve(self, target: Target) -> Any:
        config: Any = "{}"
        return Resolution(_endpoints(self.store.find(target.endpoint)), service_config=config)


@fault("gives a negative TTL for one that is over", C.test_a_ttl_is_a_number_of_seconds)
class GivesNegativeTtl(Asked):
    async def resolve(self, target: Target) -> Any:
        return Resolution(_endpoints(self.store.find(target.endpoint)), ttl=-1.0)


@fault("gives NaN for a TTL that it could not compute", C.test_a_ttl_is_a_number_of_seconds)
class GivesNanTtl(Asked):
    async def resolve(self, target: Target) -> Any:
        return Resolution(_endpoints(self.store.find(target.endpoint)), ttl=float("nan"))


@fault("gives the TTL as text", C.test_a_ttl_is_a_number_of_seconds)
class GivesTextTtl(Asked):
    async def resolve(self, target: Target) -> Any:
        ttl: Any = "30s"
        return Resolution(_endpoints(self.store.find(target.endpoint)), ttl=ttl)


@fault("says that it has TTLs, and gives none", C.test_a_ttl_is_a_number_of_seconds, has_ttl=True)
class GivesNoTtl(Asked):
    pass


@fault("gathers what it finds in a list that all calls share", C.test_resolve_is_repeatable)
class SharesList(Asked):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.found: list[tuple[str, int]] = []

    async def resolve(self, target: Target) -> Any:
        self.found.append((f"10.9.0.{len(self.found) + 1}", 80))
        return [*self.store.find(target.endpoint), *self.found]


@fault("balances by itself: gives one endpoint, and another the next time", C.test_resolve_is_repeatable)
class Balances(Asked):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.turns = itertools.count()

    async def resolve(self, target: Target) -> Any:
        found = self.store.find(target.endpoint)
        return found[next(self.turns) % len(found)]


@fault(
    "answers by what was asked for before",
    C.test_resolve_is_repeatable,
    C.test_names_reach_the_resolver_intact,
    C.test_what_is_not_there_is_not_found,
)
class RemembersLastName(Asked):
    last: str | None = None

    async def resolve(self, target: Target) -> Any:
        last, self.last = self.last, target.endpoint
        if last not in (None, target.endpoint):
            return [("10.9.9.9", 80)]
        return self.store.find(target.endpoint)


@fault("shuffles, and says that its order counts", C.test_resolve_is_repeatable, ordered=True)
class Shuffles(Asked):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.turns = itertools.count()

    async def resolve(self, target: Target) -> Any:
        found = self.store.find(target.endpoint)
        return found if next(self.turns) % 2 else found[::-1]


@fault("keeps its first answer for ever", C.test_resolve_sees_what_changed)
class CachesForEver(Asked):
    def __init__(self, store: Store) -> None:
        super().__init__(store)
        self.cache: dict[str, Any] = {}

    async def resolve(self, target: Target) -> Any:
        if target.endpoint not in self.cache:
            self.cache[target.endpoint] = self.store.find(target.endpoint)
        return self.cache[target.endpoint]


@fault("gives a default in the place of what is not there", C.test_what_is_not_there_is_not_found)
class GivesDefault(Asked):
    async def resolve(self, target: Target) -> Any:
        try:
            return self.store.find(target.endpoint)
        except NotFound:
            return [("127.0.0.1", 80)]


@fault("says retryable where the answer is that nothing is there", C.test_what_is_not_there_is_not_found)
class SaysErrorForNothing(Asked):
    async def resolve(self, target: Target) -> Any:
        try:
            return self.store.find(target.endpoint)
        except NotFound:
            raise ResolveError("no such service", retryable=True) from None


@fault(
    "says NotFound where the server is down",
    C.test_an_outage_is_retryable,
    unreachable_target=lambda self: "mine://127.0.0.1:1/orders",
)
class SaysNotFoundForOutage(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.authority:
            raise NotFound("nobody answers")
        return self.store.find(target.endpoint)


@fault("lower-cases the path", C.test_names_reach_the_resolver_intact)
class LowerCases(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.endpoint.lower())


@fault("decodes the path a second time", C.test_names_reach_the_resolver_intact)
class DecodesTwice(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(unquote(target.endpoint))


@fault("takes the path from str(target), where it is encoded", C.test_names_reach_the_resolver_intact)
class DoesNotDecode(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(str(target).partition(":")[2].lstrip("/"))


@fault("ends a name at a NUL, as C does", C.test_names_reach_the_resolver_intact)
class EndsAtNul(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.endpoint.partition("\0")[0])


@fault("takes + for a space in the path", C.test_names_reach_the_resolver_intact)
class TakesPlusForSpace(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.endpoint.replace("+", " "))


@fault("normalises names by Unicode's NFKC", C.test_names_reach_the_resolver_intact)
class Normalises(Asked):
    async def resolve(self, target: Target) -> Any:
        import unicodedata

        return self.store.find(unicodedata.normalize("NFKC", target.endpoint))


@fault("takes an option in the place of a keyword", C.test_it_can_be_registered)
class TakesOptionInPlace(Asked):
    async def resolve(self, target: Target, limit: int = 10) -> Any:
        return self.store.find(target.endpoint)[:limit]
