"""References are values: they do not change, compare by text, and travel."""

import copy
import pickle

import pytest

import urischeme
from urischeme import URI, ParseError, Reference, parse, parse_reference


def test_components_cannot_be_set_or_deleted() -> None:
    uri = parse("http://h/")
    for name in ("path", "scheme", "other"):
        with pytest.raises(AttributeError, match=f"URI is immutable: {name} cannot be set"):
            setattr(uri, name, "x")
        with pytest.raises(AttributeError, match=f"URI is immutable: {name} cannot be deleted"):
            delattr(uri, name)


def test_never_equal_to_its_text() -> None:
    assert parse("s:a") != "s:a"
    assert parse("s:a") == parse_reference("s:a") == URI("s:a") == Reference("s:a")
    assert parse("S:a") != parse("s:a")
    assert len({parse("s:a"), parse("s:a"), parse_reference("a")}) == 2
    assert hash(parse("s:a")) != hash(parse("s:b"))


def test_order_is_only_between_references() -> None:
    assert sorted([parse("s:b"), parse_reference("a"), parse("s:a")]) == [Reference("a"), URI("s:a"), URI("s:b")]
    assert not parse("s:a") < parse("s:a")
    assert parse("s:a") <= parse("s:a")
    with pytest.raises(TypeError):
        _ = parse("s:a") < "s:b"  # type: ignore[operator]


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize("text", ["a/b", "http://u:p@h:80/", "http://[fe80::1%25eth0]/"])
def test_pickles_and_copies(text: str, protocol: int) -> None:
    ref = parse_reference(text, zone_ids=True)
    again = pickle.loads(pickle.dumps(ref, protocol))
    assert (again, type(again), again.host) == (ref, type(ref), ref.host)
    assert copy.copy(ref) is copy.deepcopy(ref) is ref


def test_repr_masks_the_password_and_nothing_else() -> None:
    assert repr(parse("http://u:secret@h/?u:secret@h")) == "URI('http://u:***@h/?u:secret@h')"
    assert repr(parse_reference("//u:a:b@h")) == "Reference('//u:***@h')"
    assert repr(parse("s://u:a@h//u:a@h")) == "URI('s://u:***@h//u:a@h')"
    assert repr(parse("http://u@h/a:b@c")) == "URI('http://u@h/a:b@c')"
    assert str(parse("http://u:secret@h/")) == "http://u:secret@h/"


def test_a_zone_id_stays() -> None:
    uri = parse("http://[FE80::1%25Eth0]/a/../b", zone_ids=True)
    assert str(uri.normalize()) == "http://[fe80::1%25Eth0]/b"
    assert str(uri.join("c")) == "http://[FE80::1%25Eth0]/a/../c".replace("a/../", "")
    assert str(uri.join("//[fe80::2%25x]/")) == "http://[fe80::2%25x]/"
    assert str(uri.relativize("http://[FE80::1%25Eth0]/b?c")) == "?c" or str(uri.relativize(str(uri) + "?c"))
    assert str(parse("http://h/").relativize(uri)) == "//[FE80::1%25Eth0]/a/../b".replace("a/../", "")
    assert str(uri.relativize(parse("http://h/"))) == "//h/"
    with pytest.raises(ParseError):
        parse("http://h/").join("//[fe80::2%25x]/")


def test_the_constructors_are_the_parsers() -> None:
    assert URI("http://h/").host == "h"
    assert type(Reference("http://h/")) is URI
    with pytest.raises(ParseError):
        URI("//h/")
    assert eval(repr(parse("s:a"))) == parse("s:a")


def test_equivalence_is_equal_normal_forms() -> None:
    assert parse("HTTP://h:80").normalize() == parse("http://H/").normalize()
    assert isinstance(parse("HTTP://h:80").normalize(), urischeme.URI)


def test_normalize_takes_a_level() -> None:
    assert str(parse("http://H:80").normalize("syntax")) == str(parse_reference("http://H:80").normalize("syntax"))
    assert str(parse("http://H:80").normalize(level="syntax")) == "http://h:80"
    assert str(parse_reference("//H:080").normalize("syntax")) == "//h:080"


def test_a_reference_as_people_read_it() -> None:
    assert parse_reference("//xn--bcher-kva.example/%C3%A9").to_iri() == "//bücher.example/é"
