from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import urischeme
from benchmarks.inputs import Inputs
from benchmarks.proof import Mistake
from benchmarks.race import Race

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.contender import Contender
    from benchmarks.session import Session

_BAD = (
    "ipv4:",
    "ipv4:10.0.0.256:80",
    "ipv4:010.0.0.1:80",
    "ipv4:10.0.0:80",
    "ipv4:10.0.0.1:65536",
    "ipv4:10.0.0.1:-1",
    "ipv4:10.0.0.1:8_0",
    "ipv4:10.0.0.1: 80",
    "ipv4:10.0.0.1:٨٠",
    "ipv4:orders.internal:80",
    "ipv4://10.0.0.1:80",
    "ipv4:[10.0.0.1]:80",
)


_HOT = 100


class ResolveOnce(Race):
    name = "resolve-once"
    title = "Resolve static targets, each once"
    job = "resolve"
    anchor = "yarl"
    description = (
        "`ipv4:10.0.0.1:80,10.0.0.2:80` in, what to connect to out, no I/O. The others have no resolving: they parse "
        "the URI, and its path is split by hand, which checks no address and no port, and gives plain pairs.\n\n"
        "*Wrong* are targets that were refused, or gave other addresses."
    )

    def inputs(self, session: Session) -> Inputs:
        count = session.size(full=5000, quick=200)
        return Inputs([_target(number) for number in range(count)], _BAD)

    def about(self, inputs: Inputs) -> str:
        return f"{len(inputs.valid):,} distinct targets of two addresses."

    def notes(self, session: Session) -> list[str]:
        return []

    def judge(self, contender: Contender, asked: str, answer: Any) -> Mistake | None:
        expected = [tuple(pair.split(":")) for pair in asked.removeprefix("ipv4:").split(",")]
        found = [(host, str(port)) for host, port in _addresses(answer)]
        return None if found == expected else Mistake("other addresses", f"`{found}`")


class Resolve(ResolveOnce):
    name = "resolve"
    title = "Resolve a static target"
    description = (
        f"{ResolveOnce.description} They are resolved over and over, as a target is that stands in a config file, each "
        "contender with whatever cache it has: [each once](resolve-once.md) they cost more."
    )
    limits: ClassVar = {"yarl": 1.3}

    def inputs(self, session: Session) -> Inputs:
        return super().inputs(session)._replace(valid=[_target(number) for number in range(_HOT)])

    def timed(self, its: Inputs, session: Session) -> Sequence[Any]:
        return list(its.valid) * session.size(full=200, quick=5)


def _target(number: int) -> str:
    high, low = divmod(number, 256)
    return f"ipv4:10.0.{high}.{low}:80,10.1.{high}.{low}:{1024 + number}"


def _addresses(answer: urischeme.Resolution | list[tuple[str, int]]) -> Sequence[Any]:
    if isinstance(answer, urischeme.Resolution):
        return [address.sockaddr for endpoint in answer.endpoints for address in endpoint.addresses]
    return answer
