"""RFC 3987: IRIs as URIs (section 3.1), and URIs as IRIs (section 3.2).

An IRI is a URI whose userinfo, host, path, query and fragment may hold letters beyond ASCII. So it is read as one: a
stand-in, as long as the text, has an ASCII letter for each of them and goes through the strict parser. What that
refuses, and where, holds for the IRI too.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Final

from urischeme.display import quote, secret_span
from urischeme.errors import ParseError
from urischeme.syntax.reference import compose
from urischeme.syntax.uri import parse

if TYPE_CHECKING:
    from collections.abc import Iterator

    from urischeme.syntax.uri import URI, Reference

__all__ = ["from_iri", "to_iri"]

# ucschar        = %xA0-D7FF / %xF900-FDCF / %xFDF0-FFEF
#                / %x10000-1FFFD / %x20000-2FFFD / %x30000-3FFFD
#                / %x40000-4FFFD / %x50000-5FFFD / %x60000-6FFFD
#                / %x70000-7FFFD / %x80000-8FFFD / %x90000-9FFFD
#                / %xA0000-AFFFD / %xB0000-BFFFD / %xC0000-CFFFD
#                / %xD0000-DFFFD / %xE1000-EFFFD
UCSCHAR: Final = (
    r"\u00A0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF"
    r"\U00010000-\U0001FFFD\U00020000-\U0002FFFD\U00030000-\U0003FFFD"
    r"\U00040000-\U0004FFFD\U00050000-\U0005FFFD\U00060000-\U0006FFFD"
    r"\U00070000-\U0007FFFD\U00080000-\U0008FFFD\U00090000-\U0009FFFD"
    r"\U000A0000-\U000AFFFD\U000B0000-\U000BFFFD\U000C0000-\U000CFFFD"
    r"\U000D0000-\U000DFFFD\U000E1000-\U000EFFFD"
)

# iprivate       = %xE000-F8FF / %xF0000-FFFFD / %x100000-10FFFD
IPRIVATE: Final = r"\uE000-\uF8FF\U000F0000-\U000FFFFD\U00100000-\U0010FFFD"

# RFC 3987 section 4.1: "IRIs MUST NOT contain bidirectional formatting characters (LRM, RLM, LRE, PDF, LRO, and RLO)."
# Those that Unicode has added since, ALM and the isolates, do the same.
BIDI_FORMATTING: Final = r"\u061C\u200E\u200F\u202A-\u202E\u2066-\u2069"

# iunreserved    = ALPHA / DIGIT / "-" / "." / "_" / "~" / ucschar
#
# iuserinfo, ireg-name, ipchar and ifragment are RFC 3986's rules, with iunreserved for unreserved.
_further_letter = re.compile(f"(?![{BIDI_FORMATTING}])[{UCSCHAR}]")

# iquery         = *( ipchar / iprivate / "/" / "?" )
_further_letter_of_query = re.compile(f"(?![{BIDI_FORMATTING}])[{UCSCHAR}{IPRIVATE}]")

# An unreserved character that begins no escape and no IPv4 address.
_STAND_IN: Final = "x"

# RFC 3986 Appendix B, with the delimiters kept and the authority cut too: scheme, slashes, userinfo, host, what follows
# the host, path, query, fragment. IP literals and ports are all ASCII, and so is what makes a host none.
_cut = re.compile(
    r"([^:/?#]*+:|)(?:(//)([^/?#]*@|)([^/?#:\[]*+)([^/?#]*+)|)([^?#]*+)(\?[^#]*+|)(#.*+|)", re.DOTALL
).fullmatch

_beyond_ascii = re.compile(r"[^\x00-\x7F]++")


def from_iri(text: str, *, zone_ids: bool = False) -> URI:
    """The URI that an IRI stands for (RFC 3987 section 3.1).

    Letters beyond ASCII become the percent-encoding of their UTF-8. In a host, for which DNS has a form of its own, UTS
    46 maps them and IDNA 2008 gives the A-label. What is ASCII stays as it is, so a URI is itself; only a host that has
    other letters too becomes lower case as a whole. Nothing else is normalised.

    Args:
        text: the whole IRI, with its scheme.
        zone_ids: also take RFC 6874's zone identifiers.

    Raises:
        ParseError: for any text that is not an IRI, or whose host IDNA refuses, with the place in that text.
        TypeError: for anything but a str.

    >>> from_iri("http://Bücher.example/é?q=100%25")
    URI('http://xn--bcher-kva.example/%C3%A9?q=100%25')
    """
    if not isinstance(text, str):
        raise TypeError(f"from_iri takes a str, not {type(text).__name__}")
    if text.isascii():
        return parse(text, zone_ids=zone_ids)
    match = _cut(text)
    assert match is not None, "Appendix B takes any text"
    scheme, slashes, userinfo, host, rest, path, query, fragment = match.groups("")

    refused = _refusal(
        f"{scheme}{slashes}{_stand_in(userinfo)}{_stand_in(host)}{rest}"
        f"{_stand_in(path)}{_further_letter_of_query.sub(_STAND_IN, query)}{_stand_in(fragment)}",
        zone_ids=zone_ids,
    )
    # The leftmost refused component is reported, so the host has its turn before what comes after it.
    if not host.isascii() and (refused is None or refused.component not in {"scheme", "userinfo", "host"}):
        host = _ascii_host(text, match.start(4), host)
    if refused is not None:
        raise ParseError(text, refused.position, refused.component, refused.reason)
    uri = f"{scheme}{slashes}{_encode(userinfo)}{host}{rest}{_encode(path)}{_encode(query)}{_encode(fragment)}"
    return parse(uri, zone_ids=zone_ids)


def to_iri(ref: Reference) -> str:
    """The IRI that people read where programs read the URI `ref` (RFC 3987 section 3.2).

    What is shown as letters maps back: `from_iri(to_iri(uri))` is equivalent to `uri`. Everything else stays encoded:
    ASCII, what is not UTF-8, what is private, unassigned, invisible or changes the direction of a line, what is not in
    normalisation form C; percent-encoded hosts, and A-labels that IDNA 2008 gives to no name.

    >>> to_iri(parse("http://xn--bcher-kva.example/%C3%A9?q=100%25"))
    'http://bücher.example/é?q=100%25'
    """
    authority = None
    if ref.host is not None:
        userinfo = "" if ref.userinfo is None else _decode(ref.userinfo) + "@"
        port = "" if ref.port_text is None else ":" + ref.port_text
        authority = userinfo + _unicode_host(ref.host) + port
    query = None if ref.query is None else _decode(ref.query)
    fragment = None if ref.fragment is None else _decode(ref.fragment)
    return compose(ref.scheme, authority, _decode(ref.path), query, fragment)


def _stand_in(component: str) -> str:
    return _further_letter.sub(_STAND_IN, component)


def _refusal(text: str, *, zone_ids: bool) -> ParseError | None:
    try:
        parse(text, zone_ids=zone_ids)
    except ParseError as error:
        return error
    return None


def _encode(text: str) -> str:
    return _beyond_ascii.sub(lambda run: "%" + run[0].encode().hex("%").upper(), text)


# The escapes of one character beyond ASCII, if they are any's: a byte that begins it, and those that may follow (RFC
# 3629 section 3). No byte is of both kinds, so what is not one hides no beginning of another.
_TAIL = "%[89ABab][0-9A-Fa-f]"
_escaped_character = re.compile(f"%(?:[CDcd][0-9A-Fa-f]|[Ee][0-9A-Fa-f]{_TAIL}|[Ff][0-7]{_TAIL}{_TAIL}){_TAIL}")

# Unicode's Default_Ignorable_Code_Point, as far as `isprintable` takes it for a letter or a mark, and a blank of
# Braille: nobody sees that they are there.
_invisible = re.compile(r"[\u034F\u115F\u1160\u17B4\u17B5\u180B-\u180D\u180F\u2800\u3164\uFE00-\uFE0F\uFFA0]").match


def _decode(component: str) -> str:
    return _beyond_ascii.sub(_unless_it_would_change, _escaped_character.sub(_unless_hidden, component))


def _unless_hidden(escapes: re.Match[str]) -> str:
    try:
        char = bytes.fromhex(escapes[0].replace("%", "")).decode()
    except UnicodeDecodeError:
        return escapes[0]
    # Whatever is a space, a control, formatting, private, or assigned to nothing that this Python knows, is not
    # printable. Private characters may stand in a query, but mean nothing to whoever reads them there.
    return char if char.isprintable() and _further_letter.match(char) and not _invisible(char) else escapes[0]


def _unless_it_would_change(run: re.Match[str]) -> str:
    # Section 3.1 has an IRI normalised to form C on its way from paper or from another character encoding. A mark at
    # the beginning would join the ASCII character before it, maybe a delimiter.
    joins = unicodedata.category(run[0][0]).startswith("M")
    return _encode(run[0]) if joins or not unicodedata.is_normalized("NFC", run[0]) else run[0]


# RFC 1035 section 2.3.4: 255 octets on the wire, where each label has its length before it and the root ends the name.
_MAX_NAME: Final = 253
_MAX_LABEL: Final = 63
# Nothing in idna is asked about more: it has had calls that took quadratic time. Form C makes one character of four at
# most, so no longer text becomes a name.
_MAX_WRITTEN: Final = 4 * _MAX_NAME

_NAME_LENGTH: Final = f"in ASCII a domain name has at most {_MAX_NAME} characters"
_LABEL_LENGTH: Final = f"in ASCII each label of a domain name has 1 to {_MAX_LABEL} characters"
_HYPHENS: Final = "a label of a domain name neither begins nor ends with -, nor has -- third and fourth (RFC 5891)"
_A_LABEL: Final = "xn-- begins the ASCII form of a label, and this is not one"
_NEIGHBOURS: Final = "a label of a domain name begins with no mark, and has no joiner that its neighbours do not need"
_DIRECTIONS: Final = "letters written from left to right and from right to left may not meet so (RFC 5893)"

# What UTS 46 section 2.3 takes for a dot.
_dot = re.compile(r"[.\u3002\uFF0E\uFF61]")
_ACE_PREFIX: Final = "xn--"
_RIGHT_TO_LEFT: Final = frozenset({"R", "AL", "AN"})


def _ascii_host(text: str, start: int, host: str) -> str:
    """A host with letters beyond ASCII, which begins at `start` of `text`, as DNS knows it; or a ParseError."""
    import idna

    if len(host) > _MAX_WRITTEN:
        raise ParseError(text, start, "host", _NAME_LENGTH)
    root = "." if _dot.match(host[-1]) else ""
    labels = [
        (place, _ascii_label(text, place, label))
        for place, label in _written_labels(start, host[:-1] if root else host)
    ]
    name = ".".join(label for _, label in labels)
    if len(name) > _MAX_NAME:
        raise ParseError(text, start, "host", _NAME_LENGTH)
    # RFC 5893 section 2: one label that is written from right to left binds all the labels of the name.
    shown = [(place, _unicode_label(label)) for place, label in labels]
    if any(unicodedata.bidirectional(char) in _RIGHT_TO_LEFT for _, label in shown for char in label):
        for place, label in shown:
            try:
                idna.check_bidi(label, check_ltr=True)
            except idna.IDNABidiError:
                raise ParseError(text, place, "host", _DIRECTIONS) from None
    return name + root


def _written_labels(start: int, name: str) -> Iterator[tuple[int, str]]:
    for label in _dot.split(name):
        yield start, label
        start += len(label) + 1


def _ascii_label(text: str, place: int, label: str) -> str:
    import idna

    if label.isascii():
        # IDNA is about none of these (RFC 5890 section 2.3.1): _sip, a--b and %41 are what they are without it.
        if not 0 < len(label) <= _MAX_LABEL:
            raise ParseError(text, place, "host", _LABEL_LENGTH)
        return label if "%" in label else label.lower()
    try:
        mapped = idna.uts46_remap(label, std3_rules=False)
        if len(mapped) > _MAX_LABEL:
            raise idna.IDNAError("too long to ask about")
        # Letters, digits and hyphens alone get through here: no delimiter that a character was mapped to.
        return idna.alabel(mapped).decode()
    # idna's own errors, and those of unicodedata and the punycode codec that it lets through.
    except ValueError as error:
        raise _refused_label(text, place, label, error) from None


def _refused_label(text: str, place: int, label: str, error: ValueError) -> ParseError:
    import idna

    if isinstance(error, idna.IDNABidiError):
        return ParseError(text, place + (_refused_alone(label, idna.IDNABidiError) or 0), "host", _DIRECTIONS)
    for kind, rule in (
        (idna.InvalidCodepoint, "may not stand in a domain name (RFC 5892)"),
        (idna.InvalidCodepointContext, "may stand in a domain name only where its neighbours need it (RFC 5892)"),
    ):
        if isinstance(error, kind):
            offset = _refused_alone(label, kind)
            if offset is None:
                return ParseError(text, place, "host", f"a character of this label {rule}")
            return ParseError(text, place + offset, "host", f"{_character(text, place + offset)} {rule}")
    mapped = idna.uts46_remap(label, std3_rules=False)
    if mapped.startswith(_ACE_PREFIX):
        return ParseError(text, place, "host", _A_LABEL)
    if mapped.startswith("-") or mapped.endswith("-") or mapped[2:4] == "--":
        return ParseError(text, place, "host", _HYPHENS)
    if not mapped or len(_ACE_PREFIX) + len(mapped.encode("punycode")) > _MAX_LABEL:
        return ParseError(text, place, "host", _LABEL_LENGTH)
    return ParseError(text, place, "host", _NEIGHBOURS)


def _refused_alone(label: str, kind: type[ValueError]) -> int | None:
    """Where the first character stands that between two letters too is refused for that reason, if there is one."""
    import idna

    for offset, char in enumerate(label):
        try:
            idna.check_label(f"a{idna.uts46_remap(char, std3_rules=False)}a")
        except kind:
            return offset
        except ValueError:
            pass
    return None


def _character(text: str, position: int) -> str:
    span = secret_span(text)
    if span is not None and span[0] <= position < span[1]:
        # Naming the character would show a part of what may be a password.
        return "this character"
    char = text[position]
    plain = unicodedata.normalize("NFKC", char)
    looks = f", which stands for '{plain}'," if plain != char and plain.isascii() else ""
    return quote(char) + looks


def _unicode_host(host: str) -> str:
    if host.startswith("[") or "%" in host or len(host) > _MAX_NAME + 1:
        return host
    shown = ".".join(map(_unicode_label, host.split(".")))
    if shown == host:
        return host
    try:
        back = _ascii_host(shown, 0, shown)
    except ParseError:
        return host
    return shown if back == host.lower() else host


def _unicode_label(label: str) -> str:
    if label[: len(_ACE_PREFIX)].lower() != _ACE_PREFIX or len(label) > _MAX_LABEL:
        return label
    import idna

    try:
        return idna.ulabel(label)
    except ValueError:
        return label
