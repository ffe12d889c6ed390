from __future__ import annotations

from itertools import cycle, pairwise
from typing import TYPE_CHECKING

import urischeme
from benchmarks.inputs import Inputs
from benchmarks.proof import Mistake
from benchmarks.race import Race
from conformance.markdown import code

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.contender import Contender
    from benchmarks.session import Session


# Most of the contenders take long.
_PAIRS = 6000


class Join(Race):
    name = "join"
    title = "Join"
    job = "join"
    anchor = "ada-url"
    description = (
        "A base URI and a reference in, the URI that the reference means there out, all of them as text (RFC 3986 "
        "section 5.2).\n\n"
        "*Wrong* are those that were refused, or that became another text: a library that normalises as it joins is "
        "wrong where that changes the text."
    )

    def inputs(self, session: Session) -> Inputs:
        urls = session.real.sample(_PAIRS).valid
        base = "http://example.com/a/b?c"
        return Inputs(list(_pairs(urls)), [(base, text) for text in session.real.invalid if not _is_reference(text)])

    def about(self, inputs: Inputs) -> str:
        return (
            f"{len(inputs.valid):,} pairs. Each base is another URL that people wrote; the reference at it is made of "
            "the one before: the whole of it, its path, its last segment, two segments up, its query, its fragment."
        )

    def judge(self, contender: Contender, asked: tuple[str, str], answer: str) -> Mistake | None:
        expected = urischeme.join(*asked)
        return None if answer == expected else Mistake("another URI", f"{code(answer)}, not {code(expected)}")


def _pairs(urls: Sequence[str]) -> Iterator[tuple[str, str]]:
    forms = cycle(range(6))
    for other, base in pairwise(urls):
        uri = urischeme.parse(other)
        last = uri.path.rpartition("/")[2]
        reference = [
            other,
            uri.path,
            last,
            f"../../{last}",
            f"?{uri.query or 'q'}",
            f"#{uri.fragment or 'f'}",
        ][next(forms)]
        # Such as `//a` of a path, and `a:b` of a last segment, which would be something else alone.
        if _is_reference(reference):
            yield base, reference


def _is_reference(text: str) -> bool:
    try:
        urischeme.parse_reference(text)
    except urischeme.ParseError:
        return False
    return True
