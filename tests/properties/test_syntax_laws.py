"""What holds for every text, whatever it is."""

import copy
import pickle

from hypothesis import assume, given
from hypothesis import strategies as st

import urischeme
from tests.automaton import automaton, refusal
from urischeme import ParseError, Reference, parse, parse_reference
from urischeme.syntax.normalize import Level
from urischeme.testing import strategies as uri_st

# Texts of RFC 3986's own characters, near misses among them, and any others.
near_texts = st.lists(
    st.sampled_from(
        [*":/?#[]@!$&'()*+,;=-._~%aF0 9\\|{é\n\0\ud800", "http://", "::", "%41", "%4", "[::1]", "//", "../", "v1."]
    )
).map("".join)
near_literals = st.lists(
    st.sampled_from([*"01f:.%]v!a", "::", "ffff:", "1.2.3.4", "%25", "%4", "%41", "25", "]:80", "]/"]), max_size=20
).map(lambda pieces: "http://[" + "".join(pieces))
texts = st.one_of(st.text(), near_texts, near_literals, uri_st.references(), uri_st.near_misses())


@given(uri_st.uris())
def test_every_uri_of_the_grammar_is_taken_and_printed_as_it_came(text: str) -> None:
    uri = parse(text)
    assert str(uri) == text
    assert parse_reference(text) == uri
    assert type(parse_reference(text)) is urischeme.URI


@given(uri_st.references())
def test_every_reference_of_the_grammar_is_taken_and_printed_as_it_came(text: str) -> None:
    ref = parse_reference(text)
    assert str(ref) == text
    assert isinstance(ref, urischeme.URI) == (ref.scheme is not None)


@given(uri_st.references())
def test_components_are_the_text(text: str) -> None:
    ref = parse_reference(text)
    authority = None
    if ref.host is not None:
        userinfo = "" if ref.userinfo is None else ref.userinfo + "@"
        authority = userinfo + ref.host + ("" if ref.port_text is None else ":" + ref.port_text)
    assert authority == ref.authority
    hierarchical = ("" if authority is None else "//" + authority) + ref.path
    assert hierarchical == ref.hierarchical
    scheme = "" if ref.scheme is None else ref.scheme + ":"
    query = "" if ref.query is None else "?" + ref.query
    fragment = "" if ref.fragment is None else "#" + ref.fragment
    assert scheme + hierarchical + query + fragment == text


@given(texts)
def test_any_text_gives_a_value_or_a_parse_error(text: str) -> None:
    for function in (parse, parse_reference):
        try:
            value = function(text)
        except ParseError as error:
            assert error.text == text
            assert 0 <= error.position <= len(text)
            assert str(error).isprintable() or "\n" in str(error)
            assert copy.copy(error).__dict__ == pickle.loads(pickle.dumps(error)).__dict__ == error.__dict__
        else:
            assert str(value) == text
            assert pickle.loads(pickle.dumps(value)) == copy.deepcopy(value) == value


@given(texts, st.booleans(), st.booleans())
def test_verdict_and_place_are_those_of_the_grammar(text: str, need_scheme: bool, zone_ids: bool) -> None:
    whole = automaton("URI" if need_scheme else "URI-reference")
    expected = refusal(text, need_scheme=need_scheme, zone_ids=zone_ids)
    assert zone_ids or whole.accepts(text) == (expected is None)
    try:
        (parse if need_scheme else parse_reference)(text, zone_ids=zone_ids)
    except ParseError as error:
        assert (error.component, error.position) == expected
    else:
        assert expected is None


@given(texts, texts)
def test_no_message_shows_a_password(user: str, tail: str) -> None:
    secret = "\u2603hunter2"
    try:
        parse_reference(f"http://{user}:{secret}@h/{tail}")
    except ParseError as error:
        if ":" not in user.partition("//")[0]:
            assert "hunter2" not in str(error) + repr(error)


@given(uri_st.references(), st.sampled_from(["syntax", "scheme"]))
def test_normalising_is_idempotent(text: str, level: Level) -> None:
    once = urischeme.normalize(text, level=level)
    assert urischeme.normalize(once, level=level) == once
    assert str(parse_reference(text).normalize(level)) == once


@given(uri_st.uris(), uri_st.references())
def test_a_normal_form_leads_where_the_reference_did(base: str, text: str) -> None:
    uri = parse(base)
    # From `s:a` there is nowhere up to go, an encoded dot is a step in the normal form alone, and in a urn nothing is
    # decoded (RFC 8141 section 3), which a relative reference cannot know.
    assume(uri.authority is not None or uri.path.startswith("/"))
    assume("%2e" not in text.lower() and uri.scheme.lower() != "urn")
    assert urischeme.equivalent(urischeme.join(base, urischeme.normalize(text)), urischeme.join(base, text))


@given(uri_st.uris(), uri_st.references())
def test_join_gives_a_uri(base: str, ref: str) -> None:
    joined = urischeme.join(base, ref)
    assert str(parse(joined)) == joined == str(parse(base).join(ref)) == str(parse(base).join(Reference(ref)))


@given(uri_st.uris())
def test_join_with_the_empty_reference_drops_the_fragment_alone(base: str) -> None:
    assert urischeme.join(base, "") == base.partition("#")[0]


@given(uri_st.uris(), uri_st.uris())
def test_relativize_is_the_inverse_of_join(base: str, target: str) -> None:
    relative = parse(base).relativize(target)
    # Join removes dot segments from what it is given, but the empty reference keeps those of its base.
    assert str(parse(base).join(relative)) in {target, urischeme.join(base, target)}
    assert len(str(relative)) <= len(urischeme.join(base, target))


@given(uri_st.references(), uri_st.references())
def test_order_and_equality_are_those_of_the_texts(one: str, two: str) -> None:
    a, b = parse_reference(one), parse_reference(two)
    assert (a < b, a <= b, a > b, a >= b, a == b) == (one < two, one <= two, one > two, one >= two, one == two)
    assert hash(a) == hash(parse_reference(one))
    assert a != one
