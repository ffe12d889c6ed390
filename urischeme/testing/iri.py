"""RFC 3987 section 2.2 as strategies: what it adds to RFC 3986, and host names that IDNA 2008 takes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Final

from hypothesis import strategies as st

from urischeme.testing.grammar import PCHAR, Grammar
from urischeme.testing.runs import ALPHA, run

# ucschar       = %xA0-D7FF / %xF900-FDCF / %xFDF0-FFEF
#               / %x10000-1FFFD / %x20000-2FFFD / %x30000-3FFFD
#               / … / %xD0000-DFFFD / %xE1000-EFFFD
_UCSCHAR: Final = [
    (0xA0, 0xD7FF),
    (0xF900, 0xFDCF),
    (0xFDF0, 0xFFEF),
    *((plane << 16, (plane << 16) + 0xFFFD) for plane in range(0x1, 0xE)),
    (0xE1000, 0xEFFFD),
]

# iprivate      = %xE000-F8FF / %xF0000-FFFFD / %x100000-10FFFD
_IPRIVATE: Final = [(0xE000, 0xF8FF), (0xF0000, 0xFFFFD), (0x100000, 0x10FFFD)]


def _of(ranges: Sequence[tuple[int, int]]) -> st.SearchStrategy[str]:
    return st.one_of(
        *(st.characters(min_codepoint=low, max_codepoint=high, exclude_categories=()) for low, high in ranges)
    )


# A code point that no rule knows, in the place of one that is yet to be drawn.
_HOLE: Final = "\U000e0fff"
_sub_hole = re.compile(_HOLE).sub


@st.composite
def _filled(draw: st.DrawFn, templates: st.SearchStrategy[str], chars: st.SearchStrategy[str]) -> str:
    template = draw(templates)
    holes = template.count(_HOLE)
    if not holes:
        return template
    found = iter(draw(st.text(chars, min_size=holes, max_size=holes)))
    return _sub_hole(lambda _: next(found), template)


class _Rfc3987(Grammar):
    """Where RFC 3986 has `unreserved`, RFC 3987 has `iunreserved`, which is that and `ucschar`."""

    def run(self, chars: str, *, often: Sequence[str] = (), min_size: int = 0) -> st.SearchStrategy[str]:
        return _filled(run(chars, often=(*often, *_HOLE * 20), min_size=min_size), _of(_UCSCHAR))

    @cached_property
    def reg_name(self) -> st.SearchStrategy[str]:
        return st.one_of(super().reg_name, idn_host)

    @cached_property
    def query(self) -> st.SearchStrategy[str]:
        """`*( ipchar / iprivate / "/" / "?" )`."""
        return _filled(run(PCHAR + "/?", often=tuple(_HOLE * 20)), _of([*_UCSCHAR, *_IPRIVATE]))


# Letters that are PVALID in RFC 5892, and the same in NFC, each of one script and one direction, and no mark among
# them: any label of one line's letters is one that IDNA 2008 takes.
_SCRIPTS: Final = (
    ALPHA[:26] + "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿ",
    "αβγδεζηθικλμνξοπρςστυφχψω",
    "абвгдежзийклмнопрстуфхцчшщъыьэюя",
    "אבגדהוזחטיכלמנסעפצקרשת",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهوي",
    "अआइईउऊएऐओऔकखगघचछजझटठडढणतथदधनपफबभमयरलवशषसह",
    "กขคงจฉชซญฐณดตถทธนบปผพฟภมยรลวศสหอ",
    "あいうえおかきくけこさしすせそたちつてとなにぬねの",
    "中国文字例子测试公司网络新加坡政府",
    "가나다라마바사아자차카타파하한국",
)
_label: Final = st.one_of(
    st.sampled_from(("com", "example", "bücher", "faß", "xn--bcher-kva")),
    # Eight letters stay below the 63 that a label has as an A-label.
    *(st.text(letters, min_size=1, max_size=8) for letters in _SCRIPTS),
)
idn_host: Final = st.lists(_label, min_size=1, max_size=3).map(".".join)

RFC3987: Final = _Rfc3987()
