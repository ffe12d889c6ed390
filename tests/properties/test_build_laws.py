"""What holds for every part of every reference: it can be taken out and put back, and never becomes another part."""

from typing import Final
from urllib.parse import unquote_to_bytes

from hypothesis import given
from hypothesis import strategies as st

from urischeme import URI, ParseError, Reference, parse, parse_reference
from urischeme.testing import strategies as uri_st

ATTRIBUTES: Final = ("scheme", "userinfo", "host", "port_text", "path", "query", "fragment")

# Delimiters, escapes whole and broken, and what no URI has: any of them in any part.
pieces = st.sampled_from(
    [*":/?#[]@!&=+;%.~ \\é\0\ud800\udcff\U0001f600", "//", "..", "%41", "%2F", "[::1]", "::1", "a"]
)
any_texts = st.text() | st.lists(pieces).map("".join)

# Values that have bytes: no half of a surrogate pair, and no escaped bytes that are UTF-8 after all.
values = (
    (st.text(st.characters(codec="utf-8")) | st.binary().map(lambda octets: octets.decode("utf-8", "surrogateescape")))
    .filter(lambda text: text not in {".", ".."})
    .map(lambda text: text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"))
)


references = uri_st.references() | st.sampled_from(["//[::1%25e]:80/a", "s://u@[fe80::1%25e%20]", "s:/.//a", "./a:b"])


def read(text: str) -> Reference:
    return parse_reference(text, zone_ids=True)


def parts_of(ref: Reference) -> dict[str, str | None]:
    return {name: getattr(ref, name) for name in ATTRIBUTES}


def keyword(attribute: str) -> str:
    return "port" if attribute == "port_text" else attribute


def put(ref: Reference, **parts: object) -> Reference:
    return ref.replace(**parts)  # type: ignore[arg-type]


def octets(text: str | None) -> bytes:
    return unquote_to_bytes((text or "").encode("utf-8", "surrogateescape"))


@given(references)
def test_nothing_replaced_is_nothing_changed(text: str) -> None:
    ref = read(text)
    assert ref.replace() == ref
    assert type(ref.replace()) is type(ref)


@given(references)
def test_a_part_put_back_changes_nothing(text: str) -> None:
    ref = read(text)
    for attribute in ATTRIBUTES:
        assert put(ref, **{keyword(attribute): getattr(ref, attribute)}) == ref
    assert ref.replace(authority=ref.authority) == ref


@given(references)
def test_the_parts_of_a_reference_make_it_again(text: str) -> None:
    ref = read(text)
    parts = {keyword(name): part for name, part in parts_of(ref).items()}
    assert put(Reference(""), **parts, zone_ids=True) == ref
    if isinstance(ref, URI):
        del parts["scheme"]
        assert URI.build(scheme=ref.scheme, **parts, zone_ids=True) == ref  # type: ignore[arg-type]


@given(references, references)
def test_parts_of_two_references_stay_what_they_were(one: str, two: str) -> None:
    a, b = read(one), read(two)
    for attribute in ATTRIBUTES:
        part = getattr(b, attribute)
        try:
            made = put(a, **{keyword(attribute): part}, zone_ids=True)
        except ParseError as error:
            # Only what the grammar has no place for.
            assert a.authority is None or not b.path.startswith("/")
            assert error.component in {"userinfo", "port", "path"}
            continue
        assert getattr(made, attribute) in {part, f"/.{part}", f"./{part}"}
        assert_others_untouched(a, made, attribute)


@given(references, st.sampled_from(ATTRIBUTES), any_texts)
def test_any_text_in_any_part_stays_in_it(before: str, attribute: str, text: str) -> None:
    ref = read(before)
    try:
        made = put(ref, **{keyword(attribute): text})
    except ParseError as error:
        assert 0 <= error.position <= len(error.text)
        assert text in error.text or text.strip("[]") in error.text or error.component == "path"
        return
    assert read(str(made)) == made
    assert_others_untouched(ref, made, attribute)
    decoded = octets(getattr(made, attribute))
    assert decoded in {prefix + octets(text) + suffix for prefix, suffix in [(b"", b""), (b"[", b"]")]} or (
        attribute == "path" and decoded in {b"/." + octets(text), b"./" + octets(text)}
    )


def assert_others_untouched(before: Reference, after: Reference, attribute: str) -> None:
    old, new = parts_of(before), parts_of(after)
    gone = {"userinfo", "port_text"} if attribute == "host" and new["host"] is None else set[str]()
    for name in {*ATTRIBUTES} - {attribute, "path"}:
        assert new[name] == (None if name in gone else old[name])
    if attribute != "path":
        assert new["path"] in {old["path"], f"/.{old['path']}", f"./{old['path']}"}
        guarded = new["path"] != old["path"]
        assert not guarded or (attribute, getattr(after, attribute)) in {("host", None), ("scheme", None)}


@given(any_texts)
def test_any_authority_is_cut_where_it_says(text: str) -> None:
    try:
        made = Reference.build(authority=text, path="/p", zone_ids=True)
    except ParseError:
        return
    assert (made.scheme, made.path, made.query, made.fragment) == (None, "/p", None, None)
    assert octets(made.authority) == octets(text)
    assert made.replace(authority=made.authority) == made


@given(st.lists(values), st.booleans(), st.sampled_from(["s:", "s://h", "http://u@[::1]:80/a?q#f", "s:/.//a"]))
def test_segments_read_back(segments: list[str], relative: bool, before: str) -> None:
    uri = parse(before).replace(segments=segments)
    assert uri.segments == tuple(segments)
    assert uri == parse(before).replace(path=uri.path)
    assert uri.normalize("syntax").segments == tuple(segments)
    assert Reference.build(segments=segments).segments == tuple(segments)
    if segments and segments[0]:
        rootless = parse_reference("a" if relative else "s:a").replace(segments=segments)
        assert rootless.segments == tuple(segments)
        assert (rootless.authority, rootless.path[:1] == "/") == (None, False)


@given(references)
def test_segments_put_back_are_the_same_path(text: str) -> None:
    ref = read(text)
    try:
        made = ref.replace(segments=ref.segments)
    except ParseError:
        assert {".", ".."} & {*ref.segments}
        return
    assert made.segments == ref.segments
    assert octets(made.path).removeprefix(b"./") == octets(ref.path).removeprefix(b"./")


@given(st.lists(st.tuples(values, values)), uri_st.references())
def test_params_read_back(params: list[tuple[str, str]], before: str) -> None:
    ref = parse_reference(before).replace(params=params)
    assert ref.params == tuple(params)
    assert_others_untouched(parse_reference(before), ref, "query")
    unique = dict(params)
    assert dict(Reference.build(params=unique).params) == unique


@given(references)
def test_params_put_back_read_the_same(text: str) -> None:
    ref = read(text)
    assert ref.replace(params=ref.params).params == ref.params


@given(st.sampled_from(["segments", "params"]), any_texts)
def test_any_value_is_written_or_refused(part: str, text: str) -> None:
    given_values = [text] if part == "segments" else [(text, text)]
    try:
        made = put(Reference("//h"), **{part: given_values})
    except ParseError as error:
        assert error.text == text
        assert text in {".", ".."} or any("\ud800" <= char <= "\udfff" for char in text)
    else:
        assert read(str(made)) == made
        assert made.host == "h"
        assert octets(made.path) == (b"/" + text.encode("utf-8", "surrogateescape") if part == "segments" else b"")


@given(uri_st.uris(), values)
def test_one_more_segment(text: str, segment: str) -> None:
    uri = parse(text)
    longer = uri / segment
    kept = uri.segments[:-1] if uri.segments[-1:] == ("",) else uri.segments
    assert longer.segments == (*kept, segment)
    assert (longer.scheme, longer.authority, longer.query, longer.fragment) == (uri.scheme, uri.authority, None, None)
    assert longer.path.startswith(uri.path.removesuffix("/") + "/")
