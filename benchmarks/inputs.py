"""The URLs that are timed: texts as people wrote them, no two the same."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import NamedTuple

import urischeme

_REAL = Path(__file__).parent / "data" / "real-uris.txt.gz"


class Inputs(NamedTuple):
    """The texts that are RFC 3986 URIs, and those that are not."""

    valid: list[str]
    invalid: list[str]

    def sample(self, count: int) -> Inputs:
        """About `count` of the valid ones, evenly spread."""
        return self._replace(valid=self.valid[:: max(1, len(self.valid) // count)])


def real() -> Inputs:
    inputs = Inputs([], [])
    for text in gzip.decompress(_REAL.read_bytes()).decode("ascii").splitlines():
        (inputs.valid if _is_uri(text) else inputs.invalid).append(text)
    return inputs


def _is_uri(text: str) -> bool:
    try:
        urischeme.parse(text)
    except urischeme.ParseError:
        return False
    return True


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
