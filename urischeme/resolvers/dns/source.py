"""Where names are looked up: at one server alone, or as the system does, with its hosts file and its search list."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import attrs
import dns.name

from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.dns.addresses import Found, ask_addresses
from urischeme.resolvers.dns.at_once import shortest
from urischeme.resolvers.dns.hosts import local_addresses
from urischeme.resolvers.dns.lookup import Lookup, was_silent
from urischeme.resolvers.dns.system import WHOLE_NAMES, Search

T = TypeVar("T")


@attrs.frozen
class Source:
    """Where names are looked up.

    Attributes:
        lookup: the servers.
        search: how names are completed.
        hosts: the path of the hosts file; None where a server is asked alone.
    """

    lookup: Lookup
    search: Search = WHOLE_NAMES
    hosts: str | None = None

    async def addresses(self, name: str, families: Sequence[str]) -> tuple[dns.name.Name | None, Found]:
        """The addresses of a name, and the whole name that DNS had them for; None where no server was asked.

        Raises as `ask_addresses` does.
        """
        local = [] if self.hosts is None else local_addresses(self.hosts, name, families)
        if local:
            return None, Found(local)
        return await self.first(name, lambda whole: ask_addresses(self.lookup, whole, families))

    async def first(self, name: str, ask: Callable[[dns.name.Name], Awaitable[T]]) -> tuple[dns.name.Name, T]:
        """The first of a name's candidates for which there is an answer, and the answer.

        Raises:
            NotFound: where there is none for any of them; `ttl` says how long that holds for all.
            ResolveError: retryable, where for one there may be.
        """
        missing: list[NotFound] = []
        failure: ResolveError | None = None
        for candidate in self.search.candidates(name):
            try:
                return candidate, await ask(candidate)
            except NotFound as error:
                missing.append(error)
            except ResolveError as error:
                # A server that fails on one name may know the next, as the system's own resolver has it; one that is
                # silent is only waited for once.
                if was_silent(error):
                    raise
                failure = error
        raise failure or NotFound("; ".join(map(str, missing)), ttl=shortest(error.ttl for error in missing))
