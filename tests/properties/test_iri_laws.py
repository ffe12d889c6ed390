"""What holds for every IRI, and for every URI on its way to one and back."""

import copy
import pickle
import re
import unicodedata

import idna
from hypothesis import example, given
from hypothesis import strategies as st

from urischeme import ParseError, parse, parse_reference
from urischeme.syntax.iri import from_iri, to_iri
from urischeme.testing import strategies as uri_st

BIDI_FORMATTING = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"

# Letters that UTS 46 maps, drops or refuses, that RFC 5892 wants neighbours for, and that come in two directions.
letters = st.sampled_from(
    [*"aéüßςÄ日本カ・·\u0301\u0323\u05d0\u0661\u06f1\u0628\u094d\u200c\u200d\xad１．。／℀⒈☃\ue000\uffff\ud800"]
)
near_iris = st.lists(
    st.one_of(
        letters,
        st.sampled_from(
            [*BIDI_FORMATTING, *":/?#[]@!%-._ \n0A", "http://", "s:", "//", "%41", "%C3%A9", "[::1]", "xn--"]
        ),
    )
).map("".join)
texts = st.one_of(st.text(), near_iris, near_iris.map("http://{}/".format), uri_st.iris())

# URIs whose escapes are UTF-8 more often than chance would have it, and whose hosts have A-labels.
escaped = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), letters.filter("\ud800".__ne__))).map(
    lambda text: "".join(f"%{octet:02x}" for octet in text.encode())
)
a_labels = st.text(st.one_of(st.characters(exclude_categories=["Cs"]), letters.filter("\ud800".__ne__))).map(
    lambda text: "xn--" + re.sub(r"[^0-9A-Za-z-]", "", text.encode("punycode").decode())
)
hosts = st.lists(st.one_of(a_labels, st.sampled_from(["a", "1a", "_x", "", "xn--bcher-kva", "XN--4DB"]))).map(".".join)
escaped_uris = st.builds("http://{}@{}/{}x{}?{}={}#{}".format, escaped, hosts, *[escaped] * 5)
uris = st.one_of(uri_st.uris(), escaped_uris)


@given(uris)
def test_every_uri_is_an_iri_and_stands_for_itself(text: str) -> None:
    uri = from_iri(text)
    assert uri == parse(text)
    assert str(uri) == text


@given(uris)
def test_there_and_back_again(text: str) -> None:
    uri = parse(text)
    back = from_iri(to_iri(uri))
    assert back.normalize() == uri.normalize()
    assert str(back).lower() == text.lower()


@given(uri_st.references())
def test_references_have_iris_too(text: str) -> None:
    ref = parse_reference(text)
    scheme = "s:" if ref.scheme is None else ""
    assert from_iri(scheme + to_iri(ref)).normalize() == parse(scheme + text).normalize()


@given(texts)
@example("http://é\ud800/")
def test_any_text_gives_a_uri_or_a_parse_error(text: str) -> None:
    try:
        uri = from_iri(text)
    except ParseError as error:
        assert error.text == text
        assert 0 <= error.position <= len(text)
        assert error.component in {"scheme", "userinfo", "host", "port", "path", "query", "fragment"}
        assert copy.copy(error).__dict__ == pickle.loads(pickle.dumps(error)).__dict__ == error.__dict__
        assert str(error)
    else:
        assert parse(str(uri)) == uri


@given(texts)
def test_the_delimiters_of_an_iri_are_those_of_its_uri(text: str) -> None:
    try:
        uri = from_iri(text)
    except ParseError:
        return
    # RFC 3986 Appendix B sees the same components, and only the host is written anew.
    for delimiter in ":/?#[]@":
        assert text.count(delimiter) == str(uri).count(delimiter)


@given(texts)
def test_an_iri_comes_back_as_one_for_the_same_uri(text: str) -> None:
    try:
        uri = from_iri(text)
    except ParseError:
        return
    assert from_iri(to_iri(uri)).normalize() == uri.normalize()


@given(uris)
def test_what_is_shown_is_seen_and_stays_as_it_is(text: str) -> None:
    iri = to_iri(parse(text))
    assert not set(iri) & set(BIDI_FORMATTING)
    assert unicodedata.is_normalized("NFC", iri)
    hostless = iri.replace("\u200c", "").replace("\u200d", "")  # RFC 5892 allows these where they are seen
    assert hostless.isprintable()
    # But for the case of ASCII letters in a host.
    assert to_iri(from_iri(iri)).lower() == iri.lower()


@given(uri_st.idn_hosts())
def test_a_name_that_idna_takes_is_the_name_that_idna_gives(name: str) -> None:
    uri = from_iri(f"http://{name}/")
    assert uri.host == idna.encode(name, uts46=True).decode()
    assert to_iri(uri) == f"http://{idna.decode(uri.host)}/"


@given(texts, texts)
def test_no_message_shows_a_password(user: str, tail: str) -> None:
    try:
        from_iri(f"http://{user}:\u2603hunter2@h/{tail}")
    except ParseError as error:
        if ":" not in user.partition("//")[0]:
            assert "hunter2" not in str(error) + repr(error)
