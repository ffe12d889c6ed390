"""`resolve --connect`: which of the addresses that a target leads to can be reached."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping

import urischeme
from urischeme.cli.endpoints import Attempt
from urischeme.display import shorten
from urischeme.errors import ResolveError
from urischeme.live.connect import dial, no_connection, reason
from urischeme.routing.endpoint import Address, Resolution


def resolve_and_connect(
    target: str, *, timeout: float, default_port: int | None
) -> tuple[Resolution, Mapping[Address, Attempt]]:
    """What a target leads to, and how it went with each address: all of it within `timeout` seconds.

    Raises what `resolve` raises, and ResolveError where no address can be reached.
    """
    end = time.monotonic() + timeout
    resolution = urischeme.resolve(target, timeout=timeout, default_port=default_port)
    attempts, failures = asyncio.run(_connect(resolution, max(end - time.monotonic(), 0)))
    if not attempts.keys() - failures:
        raise no_connection(shorten(target), attempts, failures)
    return resolution, attempts


async def _connect(resolution: Resolution, timeout: float) -> tuple[dict[Address, Attempt], dict[Address, Exception]]:
    # All at once: one that says nothing takes all the time there is.
    addresses = list(dict.fromkeys(resolution.addresses))
    outcomes = await asyncio.gather(*(_took(address, timeout) for address in addresses))
    attempts: dict[Address, Attempt] = {}
    failures: dict[Address, Exception] = {}
    for address, outcome in zip(addresses, outcomes, strict=True):
        if isinstance(outcome, Exception):
            attempts[address], failures[address] = Attempt(None, reason(outcome)), outcome
        else:
            attempts[address] = Attempt(outcome, None)
    return attempts, failures


async def _took(address: Address, timeout: float) -> float | Exception:
    """The seconds that it takes to connect, or why there is no connection."""
    began = time.perf_counter()
    deadline = asyncio.timeout(timeout)
    try:
        async with deadline:
            sock = await dial(address)
    except (OSError, ResolveError) as error:
        return TimeoutError(f"no answer within {timeout:.3g} s") if deadline.expired() else error
    took = time.perf_counter() - began
    sock.close()
    return took
