"""The fast path gives what the plain one gives, whatever the text."""

import re
from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import urischeme
from urischeme.syntax import abnf, fast
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
WEB = st.builds(
    "{}://{}{}{}{}{}{}".format,
    st.sampled_from(["http", "https", "HTTP", "httpss", "ws", "file", "urn", "x-y", "ftp", "f"]),
    st.sampled_from(["", "ada@", "%41@"]),
    st.sampled_from(
        ["", "h", "H", "localhost", "[::1]", "[::]", "[1:0:0:2::]", "[0:0::1]", "[::ffff:1:2]", "h%41", "%C3"]
    ),
    st.sampled_from(["", ":", ":80", ":443", ":8080", ":080", ":0", ":65536", ":x"]),
    st.sampled_from(
        ["", "/", "//", "/a", "/.", "/..", "/.a", "/a/./b", "/a.b.c", "/a%2E/b", "/%2e%2e/", "/" + "a." * 12]
    ),
    st.sampled_from(["", "?", "?q", "?/../a", "?%3f"]),
    st.sampled_from(["", "#", "#f", "#/.", "##"]),
)
ADDRESSES = st.ip_addresses(v=6).flatmap(lambda ip: st.sampled_from([str(ip), ip.exploded, str(ip).upper()]))
LITERALS = st.one_of(ADDRESSES, st.text(alphabet="0:1fF.", max_size=24)).map("http://[{}]/".format)
ANY_TEXT = TEXTS | WEB | LITERALS

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
def test_normalize(text: str, level: Level, zone_ids: bool) -> None:
    def outcome(function: Callable[[str, Level, bool], str]) -> str | tuple[int, str]:
        try:
            return function(text, level, zone_ids)
        except urischeme.ParseError as error:
            return error.position, error.component

    assert outcome(urischeme.normalize) == outcome(normal_form)


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
    st.sampled_from(["", "//", "//h", "//H", "//localhost", "//h:7000", "//h:7001", "//h%41"]),
    st.sampled_from(["", "/", "/a", "/A:b", "/a/../b", "/A%41:%3a"]),
    st.sampled_from(["", "?q", "#f"]),
)
def test_what_the_rules_of_a_scheme_change_is_not_taken_for_normal(
    rules: urischeme.SchemeRules, authority: str, path: str, rest: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(RULES, "x", rules)
        normal = fast.unless_normal(RULES), fast.unless_normal_but_for_escapes(RULES)
        text = f"x:{authority}{path}{rest}"
        for unless_normal in normal:
            match = unless_normal(text)
            if match is None and not fast.find_escape_not_normal(text):
                assert normal_form(text, "scheme", False) == text
            elif match is not None and match.lastindex:
                expected = "/".join(match.groups("")) if match.lastindex == 2 else f"{text}/"
                assert normal_form(text, "scheme", False) == expected


def test_a_remembered_uri_is_the_very_one() -> None:
    assert urischeme.parse_cached("http://h/") is urischeme.parse_cached("http://h/")
    assert urischeme.parse_cached("http://h/") == urischeme.parse("http://h/")
    with pytest.raises(urischeme.ParseError):
        urischeme.parse_cached("http://h/ ")
    literal = "http://[fe80::1%25eth0]/"
    assert urischeme.parse_cached(literal, zone_ids=True).host == "[fe80::1%25eth0]"
    with pytest.raises(urischeme.ParseError):
        urischeme.parse_cached(literal)
