"""What it takes to resolve a name: `python -m benchmarks.resolving PORT CALLS ROUNDS`.

A name server is started at the port, or at one that nobody uses where that is 0. At port 53 it is taken for the
system's own, as it is on the island. Prints what was found as JSON.
"""

from __future__ import annotations

import asyncio
import json
import platform
import sys
from dataclasses import asdict, dataclass
from functools import partial
from importlib import metadata
from typing import TYPE_CHECKING, Any, Final

from benchmarks.contenders import URISCHEME
from benchmarks.name_server import HOST, name_server
from benchmarks.timing import lap_of, measure

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.timing import Lap

NAME: Final = "orders.shop.svc.cluster.local"
ADDRESSES: Final = ("10.0.0.1", "10.0.0.2", "2001:db8::1")
SYSTEM_PORT: Final = 53


@dataclass(frozen=True)
class Way:
    """One way to resolve the name."""

    name: str
    version: str
    # As `timeit` takes it: statements, the last of which is an expression, the answer; so it stands on the page.
    code: str
    # An expression for the addresses in the `answer`.
    addresses: str
    setup: str


@dataclass(frozen=True)
class Finding:
    name: str
    version: str
    code: str
    # What there was instead of the addresses; such a way is not timed.
    mistake: str | None
    # Nanoseconds for all calls of each round.
    rounds: list[int]


def main() -> None:
    port, calls, rounds = map(int, sys.argv[1:])
    with name_server(port) as server, asyncio.Runner() as loop:
        server.put(NAME, ADDRESSES)
        found = [asdict(finding) for finding in findings(list(_ways(server.port)), calls, rounds, loop)]
    print(json.dumps({"server": server.software, "findings": found}))


def findings(ways: Sequence[Way], calls: int, rounds: int, loop: asyncio.Runner) -> Iterator[Finding]:
    runs = {way: _run(way, loop) for way in ways}
    mistakes = {way: _mistake(way, run) for way, run in runs.items()}
    right = [way for way in ways if mistakes[way] is None]
    laps: list[Lap] = [lap_of(partial(runs[way], calls)) for way in right]
    timings = dict(zip(right, measure(laps, rounds), strict=True))
    for way in ways:
        times = timings[way].rounds if way in timings else []
        yield Finding(way.name, way.version, way.code, mistakes[way], times)


def _mistake(way: Way, run: Callable[[int], Any]) -> str | None:
    try:
        answer = run(1)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    found = eval(way.addresses, {"answer": answer})
    return None if sorted(found) == sorted(ADDRESSES) else f"other addresses: {found}"


def _run(way: Way, loop: asyncio.Runner) -> Callable[[int], Any]:
    """What does it so many times, and gives the last answer: what is timed is what is checked."""
    *steps, answer = way.code.split("; ")
    awaits = "await " in way.code
    namespace: dict[str, Any] = {}
    exec(
        _LOOP.format(
            setup=way.setup, define="async def" if awaits else "def", steps="; ".join(steps) or "pass", answer=answer
        ),
        namespace,
    )
    run: Callable[[int], Any] = namespace["run"]
    return (lambda calls: loop.run(run(calls))) if awaits else run


_LOOP = """
from itertools import repeat
{setup}

{define} run(calls):
    for _ in repeat(None, calls):
        {steps}
        answer = {answer}
    return answer
"""


def _ways(port: int) -> Iterator[Way]:
    if port == SYSTEM_PORT:
        yield from _system_ways()
    else:
        yield from _ways_at(port)


def _system_ways() -> Iterator[Way]:
    yield from _ours("", f"dns:///{NAME}:443")
    yield from _ours(", at a server", f"dns://{HOST}/{NAME}:443")
    yield Way(
        "socket.getaddrinfo",
        " ".join(platform.libc_ver()),
        f'socket.getaddrinfo("{NAME}", 443, type=socket.SOCK_STREAM)',
        "[sockaddr[0] for *_, sockaddr in answer]",
        "import socket",
    )
    yield from _dnspythons("resolver = {module}.Resolver()")
    yield _dnspython(", configured anew", f"resolver = dns.resolver.Resolver(); {_IN_TURN}", "import dns.resolver")


def _ways_at(port: int) -> Iterator[Way]:
    yield from _ours(", at a server", f"dns://{HOST}:{port}/{NAME}:443")
    yield from _dnspythons(
        f"resolver = {{module}}.Resolver(configure=False); resolver.nameservers = ['{HOST}']; resolver.port = {port}"
    )


def _ours(how: str, target: str) -> Iterator[Way]:
    addresses = "[address.host for address in answer.addresses]"
    code = f'urischeme.resolve("{target}")'
    yield Way(f"urischeme{how}", URISCHEME.version, code, addresses, "import urischeme")
    code = f'await urischeme.aio.resolve("{target}")'
    yield Way(f"urischeme.aio{how}", URISCHEME.version, code, addresses, "import urischeme")


_IN_TURN = f'[resolver.resolve("{NAME}", "A"), resolver.resolve("{NAME}", "AAAA")]'
_AT_ONCE = f'await asyncio.gather(resolver.resolve("{NAME}", "A"), resolver.resolve("{NAME}", "AAAA"))'


def _dnspythons(resolver: str) -> Iterator[Way]:
    setup = "import dns.resolver; " + resolver.format(module="dns.resolver")
    yield _dnspython("", _IN_TURN, setup)
    setup = "import asyncio, dns.asyncresolver; " + resolver.format(module="dns.asyncresolver")
    yield _dnspython(", async, both at once", _AT_ONCE, setup)


def _dnspython(how: str, code: str, setup: str) -> Way:
    addresses = "[record.address for records in answer for record in records]"
    return Way(f"dnspython{how}", metadata.version("dnspython"), code, addresses, setup)


if __name__ == "__main__":
    main()
