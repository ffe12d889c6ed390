"""RFC 3987 both ways: what maps to what, what is refused and where, and what stays encoded."""

import subprocess
import sys

import pytest

from urischeme import ParseError, parse, parse_reference
from urischeme.syntax.iri import from_iri, to_iri

ZWNJ, ZWJ, SOFT_HYPHEN = "\u200c", "\u200d", "\u00ad"
ACUTE = "\N{COMBINING ACUTE ACCENT}"
ALEF = "\N{HEBREW LETTER ALEF}"
FULLWIDTH_DOT, IDEOGRAPHIC_DOT, HALFWIDTH_DOT = "\uff0e", "\u3002", "\uff61"
BIDI_FORMATTING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"


def refused(text: str, **options: bool) -> ParseError:
    with pytest.raises(ParseError) as caught:
        from_iri(text, **options)
    return caught.value


@pytest.mark.parametrize(
    ("iri", "uri"),
    [
        # RFC 3987 section 3.1, with IDNA 2008 for the ToASCII of its day.
        ("http://www.example.org/ros\u00e9", "http://www.example.org/ros%C3%A9"),
        (
            "http://example.com/\U00010300\U00010301\U00010302",
            "http://example.com/%F0%90%8C%80%F0%90%8C%81%F0%90%8C%82",
        ),
        ("http://r\u00e9sum\u00e9.example.org", "http://xn--rsum-bpad.example.org"),
        ("http://www.example.org/red%09ros\u00e9#red", "http://www.example.org/red%09ros%C3%A9#red"),
        # Section 3.2.1 the other way: what is encoded already stays so, in capitals or not.
        ("http://www.example.org/r%E9sum%c3%a9/\u00e9", "http://www.example.org/r%E9sum%c3%a9/%C3%A9"),
        # Section 3.2.1: URIs are IRIs.
        ("http://www.example.org/D%C3%BCrst", "http://www.example.org/D%C3%BCrst"),
        ("HTTP://User@EXAMPLE.com:080/%7e/../?#", "HTTP://User@EXAMPLE.com:080/%7e/../?#"),
        # Each component.
        ("s:é", "s:%C3%A9"),
        ("s:/é//b", "s:/%C3%A9//b"),
        ("s:////é", "s:////%C3%A9"),
        ("s:?é#é", "s:?%C3%A9#%C3%A9"),
        ("s:é?", "s:%C3%A9?"),
        ("http://é:ö@h:80/é:1@/", "http://%C3%A9:%C3%B6@h:80/%C3%A9:1@/"),
        ("http://ü:080", "http://xn--tda:080"),
        ("http://[::1]:80/é", "http://[::1]:80/%C3%A9"),
        # Private use in the query alone; and no normalising of what is Unicode already (section 3.1, step 1c).
        ("s:?\ue000\U000f0000\U0010fffd", "s:?%EE%80%80%F3%B0%80%80%F4%8F%BF%BD"),
        ("s:e\u0301/\ufb01/\u00a0\u3000", "s:e%CC%81/%EF%AC%81/%C2%A0%E3%80%80"),
        # The ends of ucschar's ranges.
        ("s:\u00a0\ud7ff\uf900\ufdcf\ufdf0\uffef", "s:%C2%A0%ED%9F%BF%EF%A4%80%EF%B7%8F%EF%B7%B0%EF%BF%AF"),
        ("s:\U000dfffd\U000e1000\U000efffd", "s:%F3%9F%BF%BD%F3%A1%80%80%F3%AF%BF%BD"),
    ],
)
def test_an_iri_and_its_uri(iri: str, uri: str) -> None:
    assert str(from_iri(iri)) == uri
    assert from_iri(uri) == parse(uri)


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("bücher.example", "xn--bcher-kva.example"),
        ("BÜCHER.Example", "xn--bcher-kva.example"),
        ("bu\N{COMBINING DIAERESIS}cher.example", "xn--bcher-kva.example"),
        ("xn--bcher-kva.ü", "xn--bcher-kva.xn--tda"),
        ("ü.", "xn--tda."),
        # IDNA 2008 knows ß and final ς, and non-transitional UTS 46 leaves them alone.
        ("faß.de", "xn--fa-hia.de"),
        ("βόλος.com", "xn--nxasmm1c.com"),
        ("\N{LATIN CAPITAL LETTER SHARP S}x", "xn--x-pfa"),
        # Joiners stand where RFC 5892 lets them.
        (f"\u0dc1\u0dca{ZWJ}\u0dbb\u0dd3.com", "xn--10cl1a0b660p.com"),
        (f"\u0646\u0627\u0645\u0647{ZWNJ}\u0627\u06cc.com", "xn--mgba3gch31f060k.com"),
        ("l·l.cat", "xn--ll-0ea.cat"),
        # Full-width forms, and the four dots of UTS 46.
        ("ｅｘａｍｐｌｅ.com", "example.com"),
        ("１２７.0.0.1", "127.0.0.1"),
        (f"a{FULLWIDTH_DOT}b{IDEOGRAPHIC_DOT}c{HALFWIDTH_DOT}ü{FULLWIDTH_DOT}", "a.b.c.xn--tda."),
        (f"a{SOFT_HYPHEN}b", "ab"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah"),
        # Names written from right to left.
        (f"{ALEF}{ALEF}.com", "xn--4dba.com"),
        (f"{ALEF}1.xn--4db", "xn--1-zhc.xn--4db"),
        # Labels that IDNA is not about stay, in lower case unless something in them is encoded.
        ("_SIP.a--b.!.ü", "_sip.a--b.!.xn--tda"),
        ("xn--zzzz.ü", "xn--zzzz.xn--tda"),
        ("A%c3%bc.ü", "A%c3%bc.xn--tda"),
    ],
)
def test_hosts_are_mapped_and_then_written_as_idna_has_them(written: str, host: str) -> None:
    assert from_iri(f"http://{written}/").host == host


@pytest.mark.parametrize(
    ("text", "component", "position", "says"),
    [
        # What RFC 3986 refuses, it refuses where it stands in the IRI.
        ("http://ü/é b", "path", 10, "a space may not stand in a path; write %20"),
        ("s:é#é#", "fragment", 5, "'#' may not stand in a fragment"),
        ("s:é%", "path", 4, "% is not followed by two hexadecimal digits"),
        ("s:%é", "path", 3, "% is not followed by two hexadecimal digits"),
        ("s:%4é", "path", 4, "% is not followed by two hexadecimal digits"),
        ("http://é [@h/", "userinfo", 8, "a space may not stand in a userinfo"),
        ("http://ü b/é", "host", 8, "a space may not stand in a host"),
        ("http://ü:1:2/", "host", 8, "a colon may not stand in a host"),
        ("http://ü[/", "host", 8, "'[' may not stand in a host"),
        ("http://ü:8o/", "port", 10, "a port is digits; 'o' is none"),
        # Where letters beyond ASCII may not stand, the message names them.
        ("é:a", "scheme", 0, "this one begins with 'é' (U+00E9)"),
        ("sé:a", "scheme", 1, "this one has 'é' (U+00E9)"),
        ("é", "scheme", 0, "a URI begins with a scheme"),
        ("//ü/", "scheme", 0, "write one before the //"),
        ("http://h:８/", "port", 9, "write the ASCII digit 8"),
        ("http://[ü]/", "host", 8, "brackets are for IPv6 addresses"),
        ("http://[v1.ü]/", "host", 11, "in brackets after v"),
        ("http://[::1]ü/", "host", 12, "'ü' (U+00FC) may not stand after the closing bracket"),
        # What RFC 3987 refuses: controls, private use outside the query, noncharacters, halves of surrogate pairs.
        ("s:\u0080", "path", 2, "may not stand in a path; write %C2%80"),
        ("s:é\n", "path", 3, "a newline may not stand in a path"),
        ("s:\ue000", "path", 2, "'\\ue000' (U+E000) may not stand in a path; write %EE%80%80"),
        ("s:#\U000f0000", "fragment", 3, "(U+F0000) may not stand in a fragment"),
        ("s:\ufdd0", "path", 2, "(U+FDD0) may not stand in a path"),
        ("s:?\uffff", "query", 3, "(U+FFFF) may not stand in a query"),
        ("s:\ufffd", "path", 2, "(U+FFFD) may not stand in a path"),
        ("s:\U000e0001", "path", 2, "(U+E0001) may not stand in a path"),
        ("s:é\ud800", "path", 3, "half of a surrogate pair"),
        # What IDNA refuses.
        ("http://a.☃.net/", "host", 9, "'☃' (U+2603) may not stand in a domain name"),
        ("http://💩.la/", "host", 7, "'💩' (U+1F4A9) may not stand in a domain name"),
        ("http://ü\u2028/", "host", 8, "(U+2028) may not stand in a domain name"),
        ("http://ü!/", "host", 8, "'!' may not stand in a domain name"),
        ("http://ü%41/", "host", 8, "'%' may not stand in a domain name"),
        (f"http://a{ZWJ}b/", "host", 8, "'\\u200d' (U+200D) may stand in a domain name only where"),
        (f"http://ü.{ZWNJ}/", "host", 9, "'\\u200c' (U+200C) may stand in a domain name only where"),
        ("http://ü·/", "host", 8, "'·' (U+00B7) may stand in a domain name only where"),
        ("http://\u0628\u0661\u06f1/", "host", 7, "a character of this label may stand in a domain name only where"),
        (f"http://ü{ALEF}/", "host", 8, "may not meet so"),
        (f"http://{ALEF}a/", "host", 7, "may not meet so"),
        (f"http://b.1a.{ALEF}/", "host", 9, "may not meet so"),
        (f"http://1a.{ALEF}./", "host", 7, "may not meet so"),
        ("http://a.-ü/", "host", 9, "neither begins nor ends with -"),
        ("http://ü-/", "host", 7, "neither begins nor ends with -"),
        ("http://ab--ü/", "host", 7, "nor has -- third and fourth"),
        ("http://xn--ü/", "host", 7, "xn-- begins the ASCII form of a label, and this is not one"),
        ("http://ｘｎ--zzzz/", "host", 7, "xn-- begins the ASCII form of a label, and this is not one"),
        (f"http://{ACUTE}a/", "host", 7, "begins with no mark"),
        ("http://ü..a/", "host", 9, "each label of a domain name has 1 to 63 characters"),
        (f"http://{IDEOGRAPHIC_DOT}/", "host", 7, "each label of a domain name has 1 to 63 characters"),
        (f"http://{SOFT_HYPHEN}/", "host", 7, "each label of a domain name has 1 to 63 characters"),
        (f"http://ü.{'a' * 64}/", "host", 9, "each label of a domain name has 1 to 63 characters"),
        (f"http://a.{'ü' * 64}/", "host", 9, "each label of a domain name has 1 to 63 characters"),
        (f"http://a.{'üñ' * 30}/", "host", 9, "each label of a domain name has 1 to 63 characters"),
        (f"http://{'ü.' * 127}/", "host", 7, "a domain name has at most 253 characters"),
        (f"http://{'ü' * 200_000}/", "host", 7, "a domain name has at most 253 characters"),
        # The leftmost component is reported, whoever refuses it.
        ("http://é b@☃/", "userinfo", 8, "a space"),
        ("http://☃:8o/a b", "host", 7, "'☃' (U+2603) may not stand in a domain name"),
        ("http://☃/a b", "host", 7, "'☃' (U+2603) may not stand in a domain name"),
        ("http://☃/é", "host", 7, "'☃' (U+2603) may not stand in a domain name"),
    ],
)
def test_what_is_wrong_and_where(text: str, component: str, position: int, says: str) -> None:
    error = refused(text)
    assert (error.text, error.component, error.position) == (text, component, position)
    assert says in error.reason


@pytest.mark.parametrize("char", BIDI_FORMATTING)
@pytest.mark.parametrize(
    ("before", "component"), [("http://", "userinfo"), ("s:", "path"), ("s:?", "query"), ("s:#", "fragment")]
)
def test_bidi_formatting_is_refused_everywhere(char: str, before: str, component: str) -> None:
    error = refused(f"{before}é{char}@")
    assert (error.component, error.position) == (component, len(before) + 1)
    assert f"(U+{ord(char):04X}) may not stand in a {component}" in error.reason
    assert refused(f"http://ü{char}/").component == "host"


@pytest.mark.parametrize(
    ("char", "plain"),
    [
        ("\N{FULLWIDTH SOLIDUS}", "/"),
        ("\N{ACCOUNT OF}", "a/c"),
        ("\N{CARE OF}", "c/o"),
        ("\N{FULLWIDTH COLON}", ":"),
        ("\N{FULLWIDTH COMMERCIAL AT}", "@"),
        ("\N{FULLWIDTH QUESTION MARK}", "?"),
        ("\N{DOUBLE QUESTION MARK}", "??"),
        ("\N{FULLWIDTH NUMBER SIGN}", "#"),
        ("\N{FULLWIDTH PERCENT SIGN}", "%"),
        ("\N{FULLWIDTH LEFT SQUARE BRACKET}", "["),
        ("\N{FULLWIDTH REVERSE SOLIDUS}", "\\"),
        ("\N{ONE DOT LEADER}", "."),
        ("\N{DIGIT ONE FULL STOP}", "1."),
        ("\N{GREEK QUESTION MARK}", ";"),
        ("\N{NO-BREAK SPACE}", " "),
    ],
)
def test_no_delimiter_is_smuggled_into_a_host(char: str, plain: str) -> None:
    error = refused(f"http://good.example{char}.evil.example/")
    assert (error.component, error.position) == ("host", 19)
    assert f"(U+{ord(char):04X}), which stands for '{plain}', may not stand in a domain name" in error.reason
    # Elsewhere it is a letter like any other.
    octets = "".join(f"%{octet:02X}" for octet in char.encode())
    assert str(from_iri(f"s:{char}")) == f"s:{octets}"


def test_no_reason_names_a_character_of_what_may_be_a_password() -> None:
    error = refused("http://u:p@☃.example/x@y")
    assert error.reason == "this character may not stand in a domain name (RFC 5892)"
    assert "☃" not in str(error)
    assert "é" not in str(refused("http://u:é é@h/"))
    assert repr(from_iri("http://u:é@h/")) == "URI('http://u:***@h/')"


def test_zone_ids_are_taken_where_they_are_asked_for_and_hold_ascii_alone() -> None:
    assert str(from_iri("http://[fe80::1%25eth0]/é", zone_ids=True)) == "http://[fe80::1%25eth0]/%C3%A9"
    assert str(from_iri("http://[fe80::1%25eth0]/", zone_ids=True)) == "http://[fe80::1%25eth0]/"
    assert refused("http://[fe80::1%25eth0]/é").position == 15
    assert refused("http://[fe80::1%25é]/", zone_ids=True).position == 18


@pytest.mark.parametrize("value", [None, 1, b"http://h/", bytearray(b"s:")])
def test_anything_but_text_is_a_type_error(value: object) -> None:
    with pytest.raises(TypeError, match=f"from_iri takes a str, not {type(value).__name__}"):
        from_iri(value)  # type: ignore[arg-type]


def test_an_ascii_text_is_the_parsers_own_business() -> None:
    with pytest.raises(ParseError) as caught:
        parse("http://h/a b")
    assert str(refused("http://h/a b")) == str(caught.value)


@pytest.mark.parametrize(
    ("uri", "iri"),
    [
        # RFC 3987 section 3.2.1.
        ("http://www.example.org/D%C3%BCrst", "http://www.example.org/Dürst"),
        ("http://www.example.org/D%FCrst", "http://www.example.org/D%FCrst"),
        ("http://xn--99zt52a.example.org/%e2%80%ae", "http://納豆.example.org/%e2%80%ae"),
        # ASCII stays as it is, reserved or not.
        ("s:%41%2f%7E%25C3%25A9", "s:%41%2f%7E%25C3%25A9"),
        ("HTTP://H:080/?#", "HTTP://H:080/?#"),
        # Each component, and letters of each length.
        ("http://%C3%A9:%C3%B6@h:80/%C3%A9?%C3%A9#%C3%A9", "http://é:ö@h:80/é?é#é"),
        ("s:%C3%A9%E6%97%A5%f0%9f%92%a9", "s:é日💩"),
        ("http://h", "http://h"),
        ("http://u@xn--tda.:/", "http://u@ü.:/"),
        # Not UTF-8: cut off, overlong, a surrogate, beyond Unicode, a tail alone.
        ("s:%C3", "s:%C3"),
        ("s:%C3x%A9", "s:%C3x%A9"),
        ("s:%C0%AF%E0%80%AF%F0%80%80%AF", "s:%C0%AF%E0%80%AF%F0%80%80%AF"),
        ("s:%ED%A0%80", "s:%ED%A0%80"),
        ("s:%F4%90%80%80%F5%80%80%80%F8", "s:%F4%90%80%80%F5%80%80%80%F8"),
        ("s:%A9%C3%C3%A9%E6%97%C3%A9", "s:%A9%C3é%E6%97é"),
        # No spaces, controls, private use, noncharacters, unassigned or invisible characters.
        ("s:%C2%A0%E3%80%80%E2%80%A8", "s:%C2%A0%E3%80%80%E2%80%A8"),
        ("s:%C2%80", "s:%C2%80"),
        ("s:?%EE%80%80", "s:?%EE%80%80"),
        ("s:%EF%BF%BF%EF%B7%90", "s:%EF%BF%BF%EF%B7%90"),
        ("s:%CD%B8", "s:%CD%B8"),
        ("s:%EF%BF%BD", "s:%EF%BF%BD"),
        ("s:%C2%AD%E2%80%8B%E2%80%8C%E2%80%8D%E2%81%A0", "s:%C2%AD%E2%80%8B%E2%80%8C%E2%80%8D%E2%81%A0"),
        (
            "s:%E2%9D%A4%EF%B8%8F%E1%85%9F%E3%85%A4%EF%BE%A0%E2%A0%80",
            "s:❤%EF%B8%8F%E1%85%9F%E3%85%A4%EF%BE%A0%E2%A0%80",
        ),
        ("s:%F3%A0%84%80", "s:%F3%A0%84%80"),
        # Nothing that form C would change, and no mark that would join what is before it.
        ("s:e%CC%81", "s:e%CC%81"),
        ("s:?a=%cc%b8", "s:?a=%CC%B8"),
        ("s:%CC%81%E6%97%A5/%E6%97%A5", "s:%CC%81%E6%97%A5/日"),
        ("s:%E2%84%AB", "s:%E2%84%AB"),
        ("s:%E3%81%8B%E3%82%99/%E3%81%8C", "s:%E3%81%8B%E3%82%99/が"),
        ("s:%E0%A4%95%E0%A5%8D%E0%A4%B7", "s:क्ष"),
        # Hosts: each A-label that maps back, and nothing encoded.
        ("http://XN--BCHER-KVA.EXAMPLE/", "http://bücher.EXAMPLE/"),
        ("http://xn--fa-hia.xn--nxasmm1c/", "http://faß.βόλος/"),
        ("http://xn--ls8h.xn--tda._x.%41/", "http://xn--ls8h.xn--tda._x.%41/"),
        ("http://xn--ls8h.xn--tda._x.xn--/", "http://xn--ls8h.ü._x.xn--/"),
        ("http://b%C3%BCcher.example/", "http://b%C3%BCcher.example/"),
        ("http://xn--a-ecp.ru/", "http://xn--a-ecp.ru/"),
        ("http://xn--zzzz/", "http://xn--zzzz/"),
        ("http://xn---bbk/", "http://xn---bbk/"),
        ("http://1a.xn--4db/", "http://1a.xn--4db/"),
        ("http://xn--4db.com/", f"http://{ALEF}.com/"),
        ("http://xn--tda..a/", "http://xn--tda..a/"),
        (f"http://xn--tda.{'a' * 64}/", f"http://xn--tda.{'a' * 64}/"),
        (f"http://xn--{'a' * 60}/", f"http://xn--{'a' * 60}/"),
        (f"http://xn--tda{'.a' * 124}/", f"http://xn--tda{'.a' * 124}/"),
        (f"http://xn--tda{'.a' * 123}./", f"http://ü{'.a' * 123}./"),
        (f"http://{'xn--tda.' * 25_000}/", f"http://{'xn--tda.' * 25_000}/"),
        ("http://[v1.xn--tda]/%C3%A9", "http://[v1.xn--tda]/é"),
    ],
)
def test_a_uri_and_its_iri(uri: str, iri: str) -> None:
    assert to_iri(parse(uri)) == iri
    assert from_iri(iri).normalize() == parse(uri).normalize()


def test_a_reference_has_its_iri_too() -> None:
    assert to_iri(parse_reference("//xn--tda/%C3%A9")) == "//ü/é"
    assert to_iri(parse_reference("../%C3%A9?#")) == "../é?#"


@pytest.mark.parametrize("char", BIDI_FORMATTING)
def test_bidi_formatting_is_never_shown(char: str) -> None:
    escaped = "".join(f"%{octet:02X}" for octet in char.encode())
    uri = f"http://{escaped}@h/{escaped}?{escaped}#{escaped}"
    assert to_iri(parse(uri)) == uri


def test_ascii_texts_never_load_idna() -> None:
    code = """
import sys, urischeme
from urischeme.syntax.iri import from_iri, to_iri
to_iri(from_iri("http://h.example/é?é"))
assert "idna" not in sys.modules
from_iri("http://ü/")
assert "idna" in sys.modules
"""
    assert subprocess.run([sys.executable, "-c", code]).returncode == 0
