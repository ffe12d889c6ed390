"""Whom the system would ask, and for which names in turn: resolv.conf(5)."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import attrs
import dns.exception
import dns.name
import dns.resolver

from urischeme.errors import ResolveError
from urischeme.resolvers.dns.question import SERVER_PORT, Place

_MAX_NDOTS: Final = 15


@attrs.frozen
class Search:
    """How a name is completed that may not be whole.

    Attributes:
        domains: what is put after it, in turn.
        ndots: with as many dots in it, it is first tried as it is.
    """

    domains: Sequence[dns.name.Name] = ()
    ndots: int = 1

    def candidates(self, name: str) -> Iterator[dns.name.Name]:
        """The names to ask for, in turn. With a final dot a name is whole, and the only one."""
        absolute = dns.name.from_text(name)
        if name.endswith("."):
            return iter([absolute])
        searched = list(self._completed(name))
        return iter([absolute, *searched] if name.count(".") >= self.ndots else [*searched, absolute])

    def _completed(self, name: str) -> Iterator[dns.name.Name]:
        relative = dns.name.from_text(name, origin=None)
        for domain in self.domains:
            try:
                yield relative.concatenate(domain)
            except dns.name.NameTooLong:
                continue  # there is no such name


WHOLE_NAMES: Final = Search()
"""Nothing is put after any name."""


@attrs.frozen
class System:
    """What the system's configuration says.

    Attributes:
        servers: whom to ask, in turn.
        search: how names are completed.
        timeout: seconds to wait for one server before the next is asked.
        rotate: whether the servers take turns in being the first.
    """

    servers: Sequence[Place]
    search: Search
    timeout: float
    rotate: bool


def read_system(path: str) -> System:
    """What the file at `path` says, and the environment's LOCALDOMAIN and RES_OPTIONS after it.

    Raises ResolveError, not retryable, where it names no server or cannot be read.
    """
    try:
        read = dns.resolver.Resolver(io.StringIO(_text(path)))
        servers = [Place(server, SERVER_PORT) for server in map(str, read.nameservers)]
        if not all(server.is_address for server in servers):
            raise ValueError("a server is no address")
    except (OSError, dns.resolver.NoResolverConfiguration):
        message = f"{path} names no DNS server; write one: dns://server/name"
        raise ResolveError(message, retryable=False) from None
    except (ValueError, dns.exception.DNSException) as error:
        raise ResolveError(f"{path} makes no sense: {error}", retryable=False) from error
    # Without a search list the domain of the machine's own name counts.
    domains = read.search or [domain for domain in [read.domain] if domain != dns.name.root]
    ndots = 1 if read.ndots is None else min(read.ndots, _MAX_NDOTS)
    return System(servers, Search(domains, ndots), float(read.timeout), read.rotate)


def _text(path: str) -> str:
    lines = [Path(path).read_text(encoding="utf-8", errors="replace")]
    lines += [
        f"{keyword} {os.environ[variable]}"
        for keyword, variable in (("search", "LOCALDOMAIN"), ("options", "RES_OPTIONS"))
        if os.environ.get(variable)
    ]
    return "\n".join(lines)
