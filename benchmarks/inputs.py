"""The URLs that are timed: texts as people wrote them, no two the same."""

from __future__ import annotations

import gzip
from itertools import chain, count, islice, product
from pathlib import Path
from string import ascii_lowercase
from typing import TYPE_CHECKING, Any, NamedTuple

import urischeme

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_REAL = Path(__file__).parent / "data" / "real-uris.txt.gz"


class Inputs(NamedTuple):
    """What is right to ask, and what is to be refused."""

    valid: Sequence[Any]
    invalid: Sequence[Any]

    def sample(self, size: int) -> Inputs:
        """About `size` of each, evenly spread."""
        return Inputs(_sample(self.valid, size), _sample(self.invalid, size))


def _sample(texts: Sequence[Any], size: int) -> Sequence[Any]:
    return texts[:: max(1, len(texts) // size)]


def real() -> Inputs:
    """The texts that are RFC 3986 URIs, and those that are not."""
    valid: list[str] = []
    invalid: list[str] = []
    for text in gzip.decompress(_REAL.read_bytes()).decode("ascii").splitlines():
        (valid if _is_uri(text) else invalid).append(text)
    return Inputs(valid, invalid)


def _is_uri(text: str) -> bool:
    try:
        urischeme.parse(text)
    except urischeme.ParseError:
        return False
    return True


def multiplied(texts: Sequence[str], size: int) -> list[str]:
    """So many distinct texts of the same kinds: the texts themselves, and then with other letters at their ends."""
    return list(islice(_variants(texts), size))


def _variants(texts: Sequence[str]) -> Iterator[str]:
    endings = chain.from_iterable(map("".join, product(ascii_lowercase, repeat=length)) for length in count(1))
    yield from texts
    seen = set(texts)
    extensible = [text for text in texts if _same_authority(text, f"{text}a")]
    for ending in endings:
        for text in extensible:
            if (variant := text + ending) not in seen:
                yield variant


def _same_authority(text: str, longer: str) -> bool:
    """Whether the letters did not make another port or kind of host of it."""
    if not _is_uri(longer):
        return False
    before, after = urischeme.parse(text), urischeme.parse(longer)
    return (before.port_text, before.host_kind) == (after.port_text, after.host_kind)


def second_opinion(inputs: Inputs) -> str:
    """What another strict parser says of the verdicts that the tables rest on."""
    try:
        from rfc3986 import uri_reference
        from rfc3986.exceptions import RFC3986Exception
        from rfc3986.validators import Validator
    except ImportError:
        return "rfc3986 is not installed: these verdicts have no second opinion."

    components = "scheme", "userinfo", "host", "port", "path", "query", "fragment"
    validator = Validator().require_presence_of("scheme").check_validity_of(*components)

    def agrees(text: str) -> bool:
        reference = uri_reference(text)
        try:
            validator.validate(reference)
        except RFC3986Exception:
            return False
        # What may not stand in these three it percent-encodes, and then finds it valid.
        return text.endswith(reference.copy_with(scheme=None, authority=None).unsplit())

    disputed = [text for text in inputs.valid if not agrees(text)]
    disputed += [text for text in inputs.invalid if agrees(text)]
    opinion = f"The rfc3986 validator agrees with {len(inputs.valid) + len(inputs.invalid) - len(disputed):,} verdicts"
    if not disputed:
        return f"{opinion}, all of them."
    examples = ", ".join(f"`{text}`" for text in disputed[:5])
    return f"{opinion}, and not with {len(disputed)} (RFC 3986 itself has no zone ids and no largest port): {examples}."
