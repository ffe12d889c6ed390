"""The fast path gives what the plain one gives, whatever the text."""

import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import urischeme
from urischeme.syntax import abnf, fast
from urischeme.syntax.nearly_normal import uncommon
from urischeme.syntax.normal_form import normal_form
from urischeme.syntax.normalize import Level
from urischeme.syntax.scheme_rules import RULES
from urischeme.testing import strategies

TEXTS = st.one_of(
    strategies.uris(),
    strategies.references(),
    strategies.near_misses(),
    st.text(alphabet="aA0/.:?#[]@%4e12fhtpsurnl-", max_size=40),
)
# What the expressions make a difference between.
NAMES = ["", "h", "H", "localhost", "Localhost", "h%41", "%C3", "%c3", "%4"]
LITERALS = [
    *("[::1]", "[::]", "[1:0:0:2::]", "[0:0::1]", "[::ffff:1:2]", "[::FFFF:1:2]", "[::ffff:1.2.3.4]"),
    *("[::FFFF:1.2.3.4]", "[1:2:3:4:5:6:7.8.9.0]", "[1::2:3.4.5.256]", "[v1.A]"),
]
WEB = st.builds(
    "{}://{}{}{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "httpss", "ws", "file", "urn", "x-y", "ftp", "f"]),
    st.sampled_from(["", "ada@", "%41@"]),
    st.sampled_from(NAMES + LITERALS),
    st.sampled_from(["", ":", ":80", ":443", ":8080", ":080", ":0", ":65536", ":8:80", ":x"]),
    st.sampled_from(
        ["", "/", "//", "/a", "/.", "/..", "/.a", "/a/./b", "/a.b.c", "/a%2E/b", "/%2e%2e/", "/..a/.", "/" + "a." * 12]
    ),
    st.sampled_from(["", "?", "?q", "?/../a", "?%3f", "?%3F%C3%A9", "?%zz"]),
    st.sampled_from(["", "#", "#f", "#/.", "##"]),
)
IPV6 = st.one_of(
    st.ip_addresses(v=6).map(str), st.lists(st.sampled_from(["0", "1", "ffff"]), min_size=8, max_size=8).map(":".join)
).map(IPv6Address)


def spellings(ip: IPv6Address) -> list[str]:
    dotted = f"{ip.exploded[:30]}{IPv4Address(int(ip) & 0xFFFFFFFF)}"
    before_ipv4 = IPv6Address(int(ip) >> 32 << 32)
    return [str(ip), ip.exploded, str(ip).upper(), dotted, dotted.upper(), f"{before_ipv4}1.2.3.4"]


ADDRESSES = IPV6.flatmap(lambda ip: st.sampled_from(spellings(ip)))
WITH_ADDRESS = st.one_of(ADDRESSES, st.text(alphabet="0:1fF.", max_size=24)).flatmap(
    lambda address: st.sampled_from([f"http://[{address}]/", f"HTTP://[{address}]:80?q"])
)
ANY_TEXT = TEXTS | WEB | WITH_ADDRESS

_plain = {
    zone_ids: re.compile(abnf.uri_reference(literal)).fullmatch
    for zone_ids, literal in {False: abnf.IP_LITERAL, True: abnf.IP_LITERAL_WITH_ZONE}.items()
}


def plain_groups(text: str, zone_ids: bool) -> tuple[str | None, ...] | None:
    match = _plain[zone_ids](text)
    return None if match is None or re.search(abnf.BAD_PCT_ENCODED, text) else match.groups()


@given(ANY_TEXT, st.booleans())
@example("http://[1:2:3:4:5:6:7::]/", False)
@example("http://[1::2:3:4:5:6:7:8]/", False)
@example("http://[::1:2:3:4:5:6:7]/", False)
def test_parse(text: str, zone_ids: bool) -> None:
    expected = plain_groups(text, zone_ids)
    for read in (urischeme.parse, urischeme.parse_reference):
        try:
            ref: urischeme.Reference | None = read(text, zone_ids=zone_ids)
        except urischeme.ParseError:
            ref = None
        if expected is None or (expected[0] is None and read is urischeme.parse):
            assert ref is None
        else:
            assert ref is not None
            assert type(ref) is (urischeme.Reference if expected[0] is None else urischeme.URI)
            parts = ref.scheme, ref.userinfo, ref.host, ref.port_text, ref.path, ref.query, ref.fragment
            assert parts == expected


@given(ANY_TEXT, st.sampled_from(["scheme", "syntax"]), st.booleans())
@example("http://", "scheme", False)
@example("http://h", "scheme", False)
@example("http://h?q", "syntax", False)
@example("s:.", "scheme", False)
@example("urn:A:b", "scheme", False)
@example("urn://h:90/A:b", "scheme", False)
@example("file://localhost", "scheme", False)
@example("http://[0:0:0:1:0:0:0:0]/", "scheme", False)
@example("http://[::]", "scheme", False)
@example("http://[::]\n", "scheme", False)
@example("http://[::A]:80/%7e", "syntax", False)
@example("http://[::0:A]:080?q", "syntax", False)
@example("http://[::1.2.3.256]/", "scheme", False)
@example("http://[::1.2.3]/", "scheme", False)
@example("http://[::1.2.3.4]/./%zz", "scheme", False)
@example("http://[v1.A]/a", "scheme", False)
@example("http://[fe80::1%25A]/a", "scheme", True)
@example("x-y://[::0:A]:080", "scheme", False)
@example("x-y://[::A]:080", "scheme", False)
@example("http://h%0dH%41/", "scheme", False)
def test_normalize(text: str, level: Level, zone_ids: bool) -> None:
    def outcome(function: Callable[[str, Level, bool], str]) -> str | tuple[int, str]:
        try:
            return function(text, level, zone_ids)
        except urischeme.ParseError as error:
            return error.position, error.component

    assert outcome(urischeme.normalize) == outcome(normal_form)
    if level == "scheme":
        assert outcome(lambda text, _, zone_ids: urischeme.normalize(text, zone_ids=zone_ids)) == outcome(normal_form)


@given(
    st.builds(
        urischeme.SchemeRules,
        default_port=st.none() | st.just(7000),
        empty_path=st.sampled_from(["", "/", "/x"]),
        opaque=st.booleans(),
        decode=st.booleans(),
        local_authority=st.booleans(),
        lower_prefix=st.booleans(),
    ),
    st.sampled_from(
        [
            *("", "//", "//h", "//H", "//h%41", "//u@h", "//localhost", "//LOCALHOST"),
            *("//localhost:7000", "//:7000", "//h:7000", "//h:7001"),
        ]
    ),
    st.sampled_from(["", "/", "/a", "/A:b", "/a/../b", "/.a/b", "/%2e%2E/b", "/A%41:%3a"]),
    st.sampled_from(["", "?q", "#f", "?%41", "#%c3%A9"]),
)
def test_what_the_rules_of_a_scheme_change_is_not_taken_for_normal(
    rules: urischeme.SchemeRules, authority: str, path: str, rest: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RULES, "x", rules)
        text = f"x:{authority}{path}{rest}"
        expected = normal_form(text, "scheme", False)
        for unless in fast.unless_common(RULES), fast.unless_normal(RULES):
            match = unless(text)
            if match is None:
                assert expected == text
            elif match.lastindex is None:
                assert expected == f"{text}/"
            else:
                assert uncommon(RULES)(text, match, "scheme", False) == expected


def test_a_remembered_uri_is_the_very_one() -> None:
    assert urischeme.parse_cached("http://h/") is urischeme.parse_cached("http://h/")
    assert urischeme.parse_cached("http://h/") == urischeme.parse("http://h/")
    with pytest.raises(urischeme.ParseError):
        urischeme.parse_cached("http://h/ ")
    literal = "http://[fe80::1%25eth0]/"
    assert urischeme.parse_cached(literal, zone_ids=True).host == "[fe80::1%25eth0]"
    with pytest.raises(urischeme.ParseError):
        urischeme.parse_cached(literal)
