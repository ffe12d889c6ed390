"""What the strategies are made of: runs of characters, each a single draw, and ways to put parts together."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import cycle, islice
from typing import Final

from attrs import frozen
from hypothesis import strategies as st

ALPHA: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
DIGIT: Final = "0123456789"
HEXDIG: Final = "0123456789abcdefABCDEF"
SUB_DELIMS: Final = "!$&'()*+,;="
UNRESERVED: Final = ALPHA + DIGIT + "-._~"

PCT_ENCODED: Final = tuple(f"%{high}{low}" for high in HEXDIG for low in HEXDIG)

# Hypothesis takes four of five characters from the first 256 of a large alphabet.
_COMMON: Final = 256
# Code points that no rule of RFC 3986 or RFC 3987 knows: U+E0000 to U+E0FFF.
_FIRST_STAND_IN: Final = 0xE0000

_booleans: Final = st.booleans()


@cache
def run(
    chars: str,
    *,
    often: Sequence[str] = (),
    escapes: Sequence[str] = PCT_ENCODED,
    min_size: int = 0,
    max_size: int | None = None,
) -> st.SearchStrategy[str]:
    """`*( chars / pct-encoded )`, as one draw.

    A list of pieces would cost a draw or two for each, and shrink worse. So a text is drawn, of the characters
    themselves and of stand-ins for longer pieces and for what shall come often.

    Args:
        chars: the characters; the first of them that Hypothesis thinks simplest is where a run shrinks to.
        often: pieces that come more often than by chance; each is itself a run.
        escapes: every `pct-encoded` that may come; one piece of five is one.
        min_size: the least number of pieces.
        max_size: the greatest, or None.
    """
    common = islice(cycle([*often, *chars]), _COMMON - len(chars))
    pieces = {chr(code): piece for code, piece in enumerate([*common, *escapes], _FIRST_STAND_IN)}
    table = str.maketrans(pieces)
    stand_ins = st.text([*chars, *pieces], min_size=min_size, max_size=max_size)

    # Without arguments, here and below: Hypothesis shows them, and they are long.
    @st.composite
    def run(draw: st.DrawFn) -> str:
        return draw(stand_ins).translate(table)

    return run()


@frozen
class Optional:
    """`[ prefix part suffix ]`."""

    part: st.SearchStrategy[str]
    prefix: str = ""
    suffix: str = ""


def joined(*parts: str | st.SearchStrategy[str] | Optional) -> st.SearchStrategy[str]:
    """One after the other; one draw is dearer than all that is done here with a text."""

    @st.composite
    def joined(draw: st.DrawFn) -> str:
        texts: list[str] = []
        for part in parts:
            if isinstance(part, str):
                texts.append(part)
            elif not isinstance(part, Optional):
                texts.append(draw(part))
            elif draw(_booleans):
                texts += part.prefix, draw(part.part), part.suffix
        return "".join(texts)

    return joined()
