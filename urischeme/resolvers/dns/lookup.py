"""Asking name servers, one after the other, for the records of one type that a name has."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterable, Sequence
from typing import Final

import attrs
import dns.exception
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdatatype

from urischeme.display import shorten
from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.dns.exchange import Unusable, exchange, reason
from urischeme.resolvers.dns.question import Place
from urischeme.routing.deadline import seconds_left

LIFETIME: Final = 5.0
"""Seconds after which the servers are given up, where the caller waits that long."""

TIMEOUT: Final = 2.0
"""Seconds that one server is waited for before the next is asked."""

_SHARE: Final = 0.9
"""The part of the caller's time that a question may take, so that there is some left to answer in."""

_ROUNDS: Final = 2
"""How often each server is asked within that time, if not more often."""

_MAX_CHAIN: Final = 16
_MAX_QUESTIONS: Final = 50  # at the same time: each takes a socket


@attrs.frozen
class Records:
    """The records of one type.

    Attributes:
        values: none, where the name has others only.
        ttl: seconds for which all of them hold, the aliases on the way included; or for which it holds that there are
            none, None where the server does not say.
    """

    values: Sequence[dns.rdata.Rdata]
    ttl: float | None


class Lookup:
    """Asks servers: each in turn until one answers.

    Args:
        servers: whom to ask; the host of each is an address.
        timeout: seconds that one is waited for before the next is asked; less, where there is less time for all.
        lifetime: seconds after which they are given up; less, where the caller waits for less.
        rotate: whether the servers take turns in being the first.
    """

    def __init__(
        self,
        servers: Iterable[Place],
        *,
        timeout: float = TIMEOUT,
        lifetime: float = LIFETIME,
        rotate: bool = False,
    ) -> None:
        self._servers = list(servers)
        self._timeout = timeout
        self._lifetime = lifetime
        self._rotate = rotate
        self._room = asyncio.Semaphore(_MAX_QUESTIONS)

    async def records(self, name: dns.name.Name, record_type: str) -> Records:
        """The records of a type that a name has, through its aliases.

        Raises:
            NotFound: where there is no such name; `ttl` says for how long.
            ResolveError: retryable, where no server gave an answer.
        """
        asked, ttls, called = name, list[int](), shown(name)
        for _ in range(_MAX_CHAIN):
            reply = await self._ask(asked, record_type, called)
            chain = reply.resolve_chaining()
            if chain.answer is not None:
                return Records(list(chain.answer), float(min([chain.minimum_ttl, *ttls])))
            if reply.rcode() == dns.rcode.NXDOMAIN:
                raise NotFound(f"{called}: no such name (NXDOMAIN)", ttl=_negative_ttl(reply, ttls))
            if chain.canonical_name == asked or _has_soa(reply):
                return Records([], _negative_ttl(reply, ttls))
            # The server told its own part of a chain of aliases; the rest stands in another zone.
            ttls += [alias.ttl for alias in chain.cnames]
            asked = chain.canonical_name
            called = f"{shown(name)} (an alias of {shown(asked)})"
        raise ResolveError(f"{called}: a chain of more than {_MAX_CHAIN} aliases (CNAME)", retryable=True)

    async def _ask(self, name: dns.name.Name, record_type: str, called: str) -> dns.message.QueryMessage:
        """The first answer of a server; `called` is what messages call the name."""
        async with self._room:
            now = asyncio.get_running_loop().time
            start, lifetime = now(), self._lifetime_now()
            # Each has its turn within that time, more than once.
            patience = min(self._timeout, lifetime / _ROUNDS / len(self._servers))
            failures: dict[Place, Exception] = {}
            asked = self._in_turn()
            while asked:
                left = start + lifetime - now()
                if failures and left <= 0:
                    break
                server = asked.pop(0)
                try:
                    return await exchange(server, name, record_type, min(left, patience))
                except dns.exception.Timeout as error:
                    failures[server] = error
                    # It may only be slow, or the reply was lost.
                    asked.append(server)
                except (OSError, Unusable) as error:
                    failures[server] = error
        said = ", ".join(f"{server} ({reason(error)})" for server, error in failures.items())
        message = f"{called}: no {record_type} answer from {said} in {now() - start:.2g} s"
        raise ResolveError(message, retryable=True) from _silence(failures.values())

    def _lifetime_now(self) -> float:
        left = seconds_left()
        return self._lifetime if left is None else min(self._lifetime, left * _SHARE)

    def _in_turn(self) -> list[Place]:
        return random.sample(self._servers, len(self._servers)) if self._rotate else list(self._servers)


def was_silent(error: ResolveError) -> bool:
    """Whether it was raised because a server that may know said nothing in time."""
    return isinstance(error.__cause__, dns.exception.Timeout)


def shown(name: dns.name.Name) -> str:
    """A name as a message has it."""
    return shorten(name.to_text(omit_final_dot=True))


def _silence(failures: Iterable[Exception]) -> Exception | None:
    """The failure that explains why there is no answer: that somebody was silent, before any other."""
    return next(iter(sorted(failures, key=lambda error: not isinstance(error, dns.exception.Timeout))), None)


def _has_soa(reply: dns.message.Message) -> bool:
    return any(rrset.rdtype == dns.rdatatype.SOA for rrset in reply.authority)


def _negative_ttl(reply: dns.message.QueryMessage, ttls: Iterable[int]) -> float | None:
    """RFC 2308 section 5: the smaller of the SOA's own TTL and its MINIMUM; and those of the aliases on the way."""
    return float(min([reply.resolve_chaining().minimum_ttl, *ttls])) if _has_soa(reply) else None
