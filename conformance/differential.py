"""Three more readings of the grammar beside urischeme's, and every way in which they are known to differ from it.

`tests/conformance/` asks them about what Hypothesis finds; where a verdict differs, one of these defects has to apply.
"""

from __future__ import annotations

import re
import sys
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, NamedTuple
from urllib.parse import unquote_to_bytes

from conformance.cut import cut
from conformance.libraries.strict import Rfc3986, Uritools

if TYPE_CHECKING:
    from collections.abc import Callable

    from conformance.library import Library


class Defect(NamedTuple):
    """A way in which a reading of the grammar is not the RFC's."""

    name: str
    # The section of RFC 3986 that it is against.
    section: str
    # Whether it takes what is no reference, or refuses what is one.
    takes: bool
    why: str
    # A text on which the verdicts differ.
    example: str
    # Whether a verdict on the text may differ because of it.
    applies: Callable[[str], bool]


class Reading(ABC):
    """A library that says whether a text is a `URI-reference`; importing it is left to `__init__`."""

    name: ClassVar[str]
    distribution: ClassVar[str]
    defects: ClassVar[tuple[Defect, ...]]

    @abstractmethod
    def accepts(self, text: str) -> bool:
        """Whether it takes the text for a `URI-reference`."""


def _accepts(library: Library, text: str) -> bool:
    try:
        library.components(text)
    except Exception:  # whatever it raises, it refuses
        return False
    return True


# What each defect is about, as a question to the text.

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*")
_QUAD = re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}")
_LITERAL_THEN_MORE = re.compile(r"\[[^\]]*\].+", re.DOTALL)
_MAX_PORT = 65535


def _colon_in_first_segment(text: str) -> bool:
    first = re.split("[/?#]", text, maxsplit=1)[0]
    before, colon, _ = first.partition(":")
    return bool(colon) and _SCHEME.fullmatch(before) is None


def _newline_ends_authority(text: str) -> bool:
    parts = cut(text)
    return any(part is not None and part.endswith("\n") for part in (parts.host, parts.port))


def _numbers_above_255(text: str) -> bool:
    host = cut(text).host or ""
    return _QUAD.fullmatch(host) is not None and any(int(number) > 255 for number in host.split("."))


def _empty_userinfo(text: str) -> bool:
    return cut(text).userinfo == ""


def _large_port(text: str) -> bool:
    port = cut(text).port or ""
    return port.isdecimal() and (len(port) > len(str(_MAX_PORT)) or int(port) > _MAX_PORT)


def _loose_ipv4_tail(text: str) -> bool:
    host = cut(text).host or ""
    return host.startswith("[") and _QUAD.fullmatch(host.strip("[]").rpartition(":")[2]) is not None


def _literal_then_more(text: str) -> bool:
    return _LITERAL_THEN_MORE.match(cut(text).host or "") is not None


def _zone_id(text: str) -> bool:
    host = cut(text).host or ""
    return host.startswith("[") and "%" in host


def _upper_case_v(text: str) -> bool:
    return (cut(text).host or "").startswith("[V")


def _ipvfuture(text: str) -> bool:
    return (cut(text).host or "").startswith(("[v", "[V"))


def _shortened_ipv6(text: str) -> bool:
    host = cut(text).host or ""
    return host.startswith("[") and "::" in host


def _host_not_utf8(text: str) -> bool:
    try:
        unquote_to_bytes(cut(text).host or "").decode()
    except UnicodeDecodeError:
        return True
    return False


def _very_long_port(text: str) -> bool:
    return len(cut(text).port or "") > sys.get_int_max_str_digits()


def _any(text: str) -> bool:
    return True


class Rfc3986Reading(Reading):
    """`uri_reference` and the `Validator`; where it had to percent-encode, it counts as having refused."""

    name = "rfc3986"
    distribution = "rfc3986"
    defects = (
        Defect(
            "a colon in the first segment",
            "4.2",
            True,
            "It knows `path-noscheme` as any path, and takes a reference whose first segment has a colon.",
            "1:b",
            _colon_in_first_segment,
        ),
        Defect(
            "a newline at the end of the authority",
            "3.2",
            True,
            "Its regular expression ends with `$`, which matches before a last newline too.",
            "//h\n",
            _newline_ends_authority,
        ),
        Defect(
            "numbers above 255",
            "3.2.2",
            False,
            "It refuses four numbers with dots that are no IPv4 address. By *first-match-wins* they are a name.",
            "//256.1.1.1",
            _numbers_above_255,
        ),
        Defect(
            "empty userinfo", "3.2.1", False, "It wants at least one character before the `@`.", "//@h", _empty_userinfo
        ),
        Defect(
            "a large port",
            "3.2.3",
            False,
            "It wants at most five digits and a number to 65535; the rule is `*DIGIT`.",
            "//h:65536",
            _large_port,
        ),
        Defect(
            "a loose IPv4 tail",
            "3.2.2",
            True,
            "It takes leading zeros and numbers above 255 in the IPv4 address that an IPv6 address ends with.",
            "//[::01.2.3.4]",
            _loose_ipv4_tail,
        ),
        Defect(
            "text after the closing bracket",
            "3.2",
            True,
            "It takes digits after an IP literal without the colon of a port.",
            "//[::1]80",
            _literal_then_more,
        ),
        Defect(
            "zone identifiers",
            "3.2.2",
            True,
            "It takes those of RFC 6874 unasked. RFC 3986 alone has none.",
            "//[fe80::1%25eth0]",
            _zone_id,
        ),
        Defect(
            "an upper-case V",
            "3.2.2",
            False,
            "It wants the `v` of an IPvFuture in lower case. ABNF literals are of no case (RFC 5234 section 2.3).",
            "//[V1.a]",
            _upper_case_v,
        ),
    )

    def __init__(self) -> None:
        self._library = Rfc3986()

    def accepts(self, text: str) -> bool:
        return _accepts(self._library, text)


class UritoolsReading(Reading):
    """`urisplit`, then `gethost` and `getport`."""

    name = "uritools"
    distribution = "uritools"
    defects = (
        Defect(
            "what stands between the delimiters",
            "2",
            True,
            "It cuts at the delimiters, asks whether brackets hold an IPv6 address, and looks at no other character.",
            "a b",
            _any,
        ),
        Defect("an IPvFuture", "3.2.2", False, "It knows no IP literal but IPv6.", "//[v1.a]", _ipvfuture),
        Defect(
            "a host that is no UTF-8",
            "3.2.2",
            False,
            "`gethost` decodes, and fails where the octets are no UTF-8. The grammar takes any octets.",
            "//%FF",
            _host_not_utf8,
        ),
        Defect(
            "a port of thousands of digits",
            "3.2.3",
            False,
            "`getport` makes a Python `int` of it, which takes 4,300 digits; the rule is `*DIGIT`.",
            "//h:" + "1" * 4301,
            _very_long_port,
        ),
    )

    def __init__(self) -> None:
        self._library = Uritools()

    def accepts(self, text: str) -> bool:
        return _accepts(self._library, text)


class Rfc3987SyntaxReading(Reading):
    """`is_valid_syntax_iri_reference`, on ASCII texts, where an IRI reference is a URI reference."""

    name = "rfc3987-syntax"
    distribution = "rfc3987-syntax"
    defects = (
        Defect(
            "IPv6 with ::",
            "3.2.2",
            False,
            "Its grammar has each of the forms with `::` for one number of groups before it only, where the rule says "
            "*up to*; `[::1]` is none of them.",
            "//[::1]",
            _shortened_ipv6,
        ),
        Defect(
            "an upper-case V",
            "3.2.2",
            False,
            "It wants the `v` of an IPvFuture in lower case. ABNF literals are of no case (RFC 5234 section 2.3).",
            "//[V1.a]",
            _upper_case_v,
        ),
    )

    def __init__(self) -> None:
        from rfc3987_syntax import is_valid_syntax_iri_reference

        self._accepts = is_valid_syntax_iri_reference

    def accepts(self, text: str) -> bool:
        accepted: bool = self._accepts(text)
        return accepted


READINGS: tuple[type[Reading], ...] = (Rfc3986Reading, UritoolsReading, Rfc3987SyntaxReading)
