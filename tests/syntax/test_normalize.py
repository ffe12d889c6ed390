"""RFC 3986 section 6.2.2 to the letter, and 6.2.3 by the schemes' own RFCs."""

from uuid import uuid4

import pytest

import urischeme
from urischeme import normalize


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("HTTP://Example.COM/", "http://example.com/"),
        ("http://h/%7eada/%7E%2f%41", "http://h/~ada/~%2FA"),
        ("http://%41%c3%a9/", "http://a%C3%A9/"),
        ("http://h/%2e%2E/b", "http://h/b"),
        ("http://h/a/./b/../c", "http://h/a/c"),
        ("http://h/..", "http://h/"),
        ("http://[2001:DB8::A]/", "http://[2001:db8::a]/"),
        ("http://[V1.A]/", "http://[v1.a]/"),
        ("http://User:Pw@h/", "http://User:Pw@h/"),
        ("http://h:/?%3a#%3A", "http://h:/?%3A#%3A"),
        ("s:a/../b", "s:/b"),
        ("s:/.//x", "s:/.//x"),
        ("s:/a/..//x", "s:/.//x"),
        ("urn:a/../b", "urn:/b"),
        ("", ""),
        ("a/../b:c", "./b:c"),
        ("a/..", "./"),
        (".", "./"),
        ("..", "../"),
        ("./a", "a"),
        ("./a:b", "./a:b"),
        (".//x", ".//x"),
        ("a/..//x", ".//x"),
        ("..//..", "../"),
        ("../../a/../b", "../../b"),
        ("/a/../..", "/"),
        ("/..//x", "/.//x"),
        ("//H/a/..", "//h/"),
        ("?%7e", "?~"),
    ],
)
def test_syntax_based(text: str, normal: str) -> None:
    assert normalize(text, level="syntax") == normal
    assert normalize(normal, level="syntax") == normal


@pytest.mark.parametrize(
    ("text", "normal"),
    [
        ("http://h", "http://h/"),
        ("http://h:80/", "http://h/"),
        ("http://h:/", "http://h/"),
        ("http://h:0080/", "http://h/"),
        ("http://h:0081/", "http://h:81/"),
        ("http://h:000/", "http://h:0/"),
        ("https://h:443?q", "https://h/?q"),
        ("https://h:80/", "https://h:80/"),
        ("ws://h:80", "ws://h/"),
        ("wss://h:443#f", "wss://h/#f"),
        ("http:", "http:"),
        ("http:a", "http:a"),
        ("s://h", "s://h"),
        ("s://h:", "s://h"),
        ("//h:080", "//h:80"),
        ("ftp://h:21", "ftp://h"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
        ("http://[2001:DB8:0:0:1:0:0:1]/", "http://[2001:db8::1:0:0:1]/"),
        ("http://[::FFFF:7f00:1]/", "http://[::ffff:127.0.0.1]/"),
        ("http://[::ffff:127.0.0.1]/", "http://[::ffff:127.0.0.1]/"),
        ("http://[::127.0.0.1]/", "http://[::7f00:1]/"),
        ("file:/x", "file:///x"),
        ("file://localhost/x", "file:///x"),
        ("FILE://LOCALHOST:/x", "file:///x"),
        ("file:///x", "file:///x"),
        ("file:/.//x", "file:////x"),
        ("file:x", "file:x"),
        ("file://h/x", "file://h/x"),
        ("urn:ISBN:0-%2d-a/../b", "urn:isbn:0-%2D-a/../b"),
        ("URN:Ex:A%7e?+r?=q%2d#f%2d", "urn:ex:A%7E?+r?=q%2D#f%2D"),
        ("urn:Ex:A:B", "urn:ex:A:B"),
        ("urn://u%2d@h/", "urn://u%2D@h/"),
        ("data:text/../x,%41", "data:text/../x,A"),
        ("mailto:a/../b@c", "mailto:a/../b@c"),
        ("tel:+1-2/../3", "tel:+1-2/../3"),
    ],
)
def test_scheme_based(text: str, normal: str) -> None:
    assert normalize(text) == normal
    assert normalize(normal) == normal


def test_a_normal_text_goes_back_as_it_is() -> None:
    text = "https://example.com/a/b?q#f"
    assert normalize(text) is text


def test_zone_ids_are_untouched() -> None:
    assert normalize("http://[FE80:0::1%25Eth0%2d]/", zone_ids=True) == "http://[fe80::1%25Eth0%2d]/"


def test_a_level_that_is_none() -> None:
    with pytest.raises(ValueError, match="'syntax' or 'scheme', not 'full'"):
        normalize("s:A", level="full")  # type: ignore[arg-type]


def test_a_plugin_teaches_its_scheme() -> None:
    # What is taught holds for the whole process.
    scheme, rules = f"x-{uuid4()}", urischeme.SchemeRules(default_port=7000, empty_path="/")
    assert normalize(f"{scheme}://H:7000") == f"{scheme}://h:7000"
    urischeme.add_scheme_rules(scheme.upper(), rules)
    assert normalize(f"{scheme}://H:7000") == f"{scheme}://h/"
    urischeme.add_scheme_rules(scheme, rules)


@pytest.mark.parametrize(
    ("scheme", "says"), [("HTTP", "^the scheme http has other rules already$"), ("my app", "no scheme")]
)
def test_rules_that_cannot_be_added(scheme: str, says: str) -> None:
    with pytest.raises(urischeme.RegistrationError, match=says):
        urischeme.add_scheme_rules(scheme, urischeme.SchemeRules(default_port=1))


@pytest.mark.parametrize(
    ("one", "other", "equal"),
    [
        ("HTTP://h:80/%7eada", "http://H/~ada", True),
        ("file:/x", "file://localhost/x", True),
        ("http://h/a", "http://h/A", False),
        ("http://h", "http://h?", False),
    ],
)
def test_equivalent(one: str, other: str, equal: bool) -> None:
    assert urischeme.equivalent(one, other) is equal
    assert urischeme.equivalent(other, one) is equal


def test_equivalent_by_syntax_alone() -> None:
    assert not urischeme.equivalent("http://h:80/", "http://h/", level="syntax")
    assert not urischeme.equivalent("http://h/", "http://h:80/", level="syntax")


def test_equivalent_with_zone_ids() -> None:
    one, other = "http://[FE80::1%25e]/", "http://[fe80:0::1%25e]/"
    assert urischeme.equivalent(one, other, zone_ids=True)
    for pair in ((one, "s:"), ("s:", one)):
        with pytest.raises(urischeme.ParseError):
            urischeme.equivalent(*pair)
