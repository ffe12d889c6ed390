from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urischeme
from benchmarks.workload import Mistake, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.contender import Contender


class Normalize(Workload):
    name = "normalize"
    title = "Normalise"
    description = (
        "Text in, normal form out, as text.\n\n"
        "*Wrong* are URLs that were refused, or whose normal form isn't that of RFC 3986 section 6.2.2 (case, "
        "percent-encoding, dot segments) and 6.2.3 (what the scheme's own rules add, such as its default port)."
    )

    def run(self, contender: Contender, urls: Sequence[str]) -> Iterator[Any]:
        return contender.normalize(urls)

    def mistake(self, contender: Contender, url: str, answer: Any) -> Mistake | None:
        expected = urischeme.normalize(url)
        if answer == expected:
            return None
        # The lower rung of the ladder is no other resource, only a comparison that finds fewer equals.
        kind = "section 6.2.2 only" if answer == urischeme.normalize(url, level="syntax") else "another form"
        return Mistake(kind, f"`{answer}`, not `{expected}`")

    def about(self, urls: Sequence[str]) -> str:
        normal = sum(url == urischeme.normalize(url) for url in urls)
        return f" {normal:,} of them ({normal / len(urls):.1%}) are in normal form already."
