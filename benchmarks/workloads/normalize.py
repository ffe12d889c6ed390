from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

import urischeme
from benchmarks.proof import Mistake
from benchmarks.race import Race
from conformance.markdown import code

if TYPE_CHECKING:
    from benchmarks.contender import Contender
    from benchmarks.inputs import Inputs


class Normalize(Race):
    name = "normalize"
    title = "Normalise"
    job = "normalize"
    description = (
        "Text in, normal form out, as text.\n\n"
        "*Wrong* are URLs that were refused, or whose normal form isn't that of RFC 3986 section 6.2.2 (case, "
        "percent-encoding, dot segments) and 6.2.3 (what the scheme's own rules add, such as its default port)."
    )
    limits: ClassVar = {"can_ada": 0.8, "rfc3986": 0.06}

    def judge(self, contender: Contender, asked: str, answer: str) -> Mistake | None:
        expected = urischeme.normalize(asked)
        if answer == expected:
            return None
        # The lower rung of the ladder is no other resource, only a comparison that finds fewer equals.
        kind = "section 6.2.2 only" if answer == urischeme.normalize(asked, level="syntax") else "another form"
        return Mistake(kind, f"{code(answer)}, not {code(expected)}")

    def about(self, inputs: Inputs) -> str:
        urls = inputs.valid
        normal = sum(url == urischeme.normalize(url) for url in urls)
        return f"{super().about(inputs)} {normal:,} of them ({normal / len(urls):.1%}) are in normal form already."
