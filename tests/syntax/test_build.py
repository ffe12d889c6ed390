"""Parts in, reference out: what is encoded, what is refused, and what is written so that it stays what was meant."""

import copy
import ipaddress
import pickle
from collections.abc import Callable, Iterator
from enum import Enum

import pytest

from urischeme import URI, ParseError, PortError, Reference, parse, parse_reference


class Ports(int, Enum):
    HTTP = 80


def uri(**parts: object) -> URI:
    """`URI.build`, for parts of any type."""
    return URI.build(**parts)  # type: ignore[arg-type]


def ref(**parts: object) -> Reference:
    return Reference.build(**parts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({}, "s:"),
        ({"path": "a:b"}, "s:a:b"),
        ({"path": "/a"}, "s:/a"),
        ({"path": None}, "s:"),
        ({"host": ""}, "s://"),
        ({"host": "", "path": "/etc/hosts"}, "s:///etc/hosts"),
        ({"host": "h", "path": "//a"}, "s://h//a"),
        ({"userinfo": "", "host": "", "port": "", "query": "", "fragment": ""}, "s://@:?#"),
        ({"host": None, "userinfo": None, "port": None, "query": None, "fragment": None}, "s:"),
        ({"userinfo": "u:p", "host": "h", "port": 80, "path": "/a", "query": "q", "fragment": "f"}, "s://u:p@h:80/a?q#f"),
        ({"authority": "u:p@h:80"}, "s://u:p@h:80"),
        ({"authority": "a b@c d:"}, "s://a%20b@c%20d:"),
        ({"authority": "a@b@h"}, "s://a%40b@h"),
        ({"authority": ":80"}, "s://:80"),
        ({"authority": ""}, "s://"),
        ({"authority": "[::1]"}, "s://[::1]"),
        ({"authority": "u@[::1]:80"}, "s://u@[::1]:80"),
        ({"authority": None}, "s:"),
    ],
)  # fmt: skip
def test_put_together(parts: dict[str, object], text: str) -> None:
    built = uri(scheme="s", **parts)
    assert (str(built), type(built)) == (text, URI)
    assert ref(scheme="s", **parts) == built
    assert parse(text) == built


@pytest.mark.parametrize(
    ("part", "given", "stands"),
    [
        ("path", "a?b#c", "a%3Fb%23c"),
        ("path", "a b\\|[]^", "a%20b%5C%7C%5B%5D%5E"),
        ("path", "-._~!$&'()*+,;=:@/", "-._~!$&'()*+,;=:@/"),
        ("path", "%2f%2F%00", "%2f%2F%00"),
        ("path", "é\N{GRINNING FACE}\0", "%C3%A9%F0%9F%98%80%00"),
        ("path", "\udcff", "%FF"),
        ("query", "a?b#c/:@[", "a?b%23c/:@%5B"),
        ("query", "a b+c", "a%20b+c"),
        ("fragment", "a?b#c/:@]", "a?b%23c/:@%5D"),
        ("userinfo", "u:p@x/?#[", "u:p%40x%2F%3F%23%5B"),
        ("host", "a@b/c?d#e\\", "a%40b%2Fc%3Fd%23e%5C"),
        ("host", "bücher.example", "b%C3%BCcher.example"),
        ("host", "a%2Fb", "a%2Fb"),
        ("host", "v1.x", "v1.x"),
        ("host", "[v1.x:y]", "[v1.x:y]"),
        ("host", "[::1]", "[::1]"),
        ("host", "::1", "[::1]"),
        ("host", "2001:DB8::1.2.3.4", "[2001:DB8::1.2.3.4]"),
        ("host", ipaddress.IPv4Address("127.0.0.1"), "127.0.0.1"),
        ("host", ipaddress.IPv6Address("2001:DB8::1"), "[2001:db8::1]"),
        ("host", ipaddress.IPv6Address("::ffff:1.2.3.4"), "[::ffff:1.2.3.4]"),
        ("port", 0, "0"),
        ("port", 65535, "65535"),
        ("port", Ports.HTTP, "80"),
        ("port", "0080", "0080"),
        ("port", "99999999", "99999999"),
        ("scheme", "a+B-9.", "a+B-9."),
    ],
)  # fmt: skip
def test_what_may_not_stand_in_a_part_is_encoded(part: str, given: object, stands: str) -> None:
    parts = {"scheme": "s", "host": "h"} if part in {"userinfo", "port"} else {"scheme": "s"}
    built = uri(**{**parts, part: given})
    attribute = "port_text" if part == "port" else part
    assert getattr(built, attribute) == stands
    assert built.replace(**{part: stands}) == built  # type: ignore[call-overload]
    others = {"scheme", "userinfo", "host", "port_text", "path", "query", "fragment"} - {*parts, attribute}
    assert {getattr(built, other) for other in others} <= {None, ""}


@pytest.mark.parametrize(
    ("parts", "text"),
    [
        ({"path": "//h/a"}, "/.//h/a"),
        ({"path": "/.//h"}, "/.//h"),
        ({"path": "a:b"}, "./a:b"),
        ({"path": ":"}, "./:"),
        ({"path": "a/b:c"}, "a/b:c"),
        ({"path": "", "query": "a:b"}, "?a:b"),
        ({"scheme": "s", "path": "//h/a"}, "s:/.//h/a"),
        ({"scheme": "s", "path": "a:b"}, "s:a:b"),
        ({"host": "h", "path": "//a:b"}, "//h//a:b"),
        ({"segments": ["", "h"]}, "/.//h"),
        ({"segments": ["a:b"]}, "/a:b"),
    ],
)
def test_a_path_is_never_read_as_something_else(parts: dict[str, object], text: str) -> None:
    assert str(ref(**parts)) == text


@pytest.mark.parametrize(
    ("before", "parts", "after"),
    [
        ("http://u:p@h:80/a?q#f", {}, "http://u:p@h:80/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"scheme": "s"}, "s://u:p@h:80/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"scheme": None}, "//u:p@h:80/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"userinfo": None}, "http://h:80/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"host": "i"}, "http://u:p@i:80/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"host": None}, "http:/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"authority": None}, "http:/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"authority": "i"}, "http://i/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"port": None}, "http://u:p@h/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"port": 81}, "http://u:p@h:81/a?q#f"),
        ("http://u:p@h:80/a?q#f", {"path": None}, "http://u:p@h:80?q#f"),
        ("http://u:p@h:80/a?q#f", {"segments": None}, "http://u:p@h:80?q#f"),
        ("http://u:p@h:80/a?q#f", {"segments": ["b", ""]}, "http://u:p@h:80/b/?q#f"),
        ("http://u:p@h:80/a?q#f", {"query": None}, "http://u:p@h:80/a#f"),
        ("http://u:p@h:80/a?q#f", {"query": ""}, "http://u:p@h:80/a?#f"),
        ("http://u:p@h:80/a?q#f", {"params": None}, "http://u:p@h:80/a#f"),
        ("http://u:p@h:80/a?q#f", {"params": {}}, "http://u:p@h:80/a#f"),
        ("http://u:p@h:80/a?q#f", {"params": {"a": "b"}}, "http://u:p@h:80/a?a=b#f"),
        ("http://u:p@h:80/a?q#f", {"fragment": None}, "http://u:p@h:80/a?q"),
        ("http://h//x", {"host": None}, "http:/.//x"),
        ("s:a:b", {"scheme": None}, "./a:b"),
        ("s:a", {"host": None, "port": None, "userinfo": None}, "s:a"),
        ("s:", {"host": "h", "port": 1}, "s://h:1"),
        ("a/b", {"segments": ["c:d", "e"]}, "./c:d/e"),
        ("urn:a:b", {"segments": ["c:d", ""]}, "urn:c:d/"),
        ("urn:a:b", {"segments": []}, "urn:"),
        ("urn:a:b", {"segments": ["c"], "host": "h"}, "urn://h/c"),
        ("urn:", {"segments": ["c"]}, "urn:/c"),
        ("s://h", {"segments": []}, "s://h"),
        ("s://h", {"segments": [""]}, "s://h/"),
    ],
)
def test_replace(before: str, parts: dict[str, object], after: str) -> None:
    replaced = parse_reference(before).replace(**parts)  # type: ignore[arg-type]
    assert str(replaced) == after
    assert isinstance(replaced, URI) == (replaced.scheme is not None)


@pytest.mark.parametrize(
    ("parts", "component", "position", "reason"),
    [
        ({"scheme": ""}, "scheme", 0, "a letter"),
        ({"scheme": "1s"}, "scheme", 0, "a letter"),
        ({"scheme": "s:"}, "scheme", 1, "a letter"),
        ({"scheme": "é"}, "scheme", 0, "a letter"),
        ({"path": "ab%"}, "path", 2, "write %25"),
        ({"path": "%4g"}, "path", 0, "write %25"),
        ({"query": "a%zz"}, "query", 1, "write %25"),
        ({"fragment": "a%2"}, "fragment", 1, "write %25"),
        ({"userinfo": "u%", "host": "h"}, "userinfo", 3, "write %25"),
        ({"host": "h%"}, "host", 3, "write %25"),
        ({"path": "a\ud800"}, "path", 1, "surrogate"),
        ({"query": "\udfff"}, "query", 0, "surrogate"),
        ({"fragment": "\ud800"}, "fragment", 0, "surrogate"),
        ({"userinfo": "\ud800", "host": "h"}, "userinfo", 2, "surrogate"),
        ({"host": "\ud800"}, "host", 2, "surrogate"),
        ({"segments": ["\ud800"]}, "path", 0, "surrogate"),
        ({"params": [("a", "b\ud800")]}, "query", 1, "surrogate"),
        ({"segments": ["a", "."]}, "path", 0, "join"),
        ({"segments": [".."]}, "path", 0, "join"),
        ({"host": "h:80"}, "host", 3, "port="),
        ({"host": "u:p@h"}, "host", 3, "port="),
        ({"host": "a]"}, "host", 3, "port="),
        ({"host": "v1.a:80"}, "host", 6, "port="),
        ({"host": "[::1]:80"}, "host", 2, "port="),
        ({"host": "[::1]/a"}, "host", 2, "port="),
        ({"host": "u@[::1]"}, "host", 4, "port="),
        ({"host": "a:b:c@h"}, "host", 3, "port="),
        ({"host": "[::1"}, "host", 6, "left open"),
        ({"host": "[1.2.3.4]"}, "host", 4, "without them"),
        ({"host": "::g"}, "host", 5, "not an IPv6 address"),
        ({"host": "[::1%25x]"}, "host", 6, "zone_ids=True"),
        ({"host": "::1%25x"}, "host", 6, "zone_ids=True"),
        ({"host": ipaddress.IPv6Address("::1%x")}, "host", 6, "zone_ids=True"),
        ({"host": "[::1%x]", "zone_ids": True}, "host", 7, "%25"),
        ({"authority": "h:8x"}, "port", 1, "digits"),
        ({"authority": "::1"}, "host", 2, "port="),
        ({"authority": "::1:80"}, "host", 2, "port="),
        ({"authority": "a:b]"}, "host", 3, "port="),
        ({"authority": "[::1"}, "host", 4, "left open"),
        ({"host": "h", "port": "8o"}, "port", 1, "digits"),
        ({"host": "h", "port": " 80"}, "port", 0, "digits"),
        ({"host": "h", "port": "-1"}, "port", 0, "digits"),
        ({"host": "h", "port": "\N{FULLWIDTH DIGIT ONE}"}, "port", 0, "digits"),
        ({"host": "h", "port": -1}, "port", 0, "from 0 to 65535"),
        ({"host": "h", "port": -(10**5000)}, "port", 0, "from 0 to 65535"),
        ({"port": 80}, "port", 0, "give host="),
        ({"userinfo": ""}, "userinfo", 2, "give host="),
        ({"host": None, "port": ""}, "port", 0, "give host="),
        ({"host": "h", "path": "a"}, "path", 0, "begins with /"),
    ],
)
def test_what_is_refused(parts: dict[str, object], component: str, position: int, reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        ref(**parts)
    error = caught.value
    assert (error.component, error.position) == (component, position)
    assert reason in error.reason
    assert 0 <= error.position <= len(error.text)
    assert str(pickle.loads(pickle.dumps(error))) == str(copy.copy(error)) == str(error)


@pytest.mark.parametrize(
    ("before", "parts", "component"),
    [
        ("s:a", {"host": "h"}, "path"),
        ("s:a", {"port": 80}, "port"),
        ("s://u@h:80", {"host": None, "userinfo": "v"}, "userinfo"),
        ("s:a", {"segments": [""]}, "path"),
        ("a/b", {"segments": ["", "a"]}, "path"),
    ],
)
def test_what_does_not_go_with_what_stays(before: str, parts: dict[str, object], component: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_reference(before).replace(**parts)  # type: ignore[arg-type]
    assert caught.value.component == component


@pytest.mark.parametrize("port", [65536, 10**19, 10**10_000], ids=["one more", "long", "no str()"])
def test_a_number_that_is_no_port(port: int) -> None:
    with pytest.raises(PortError, match="above 65535"):
        URI.build(scheme="s", host="h", port=port)


@pytest.mark.parametrize(
    "parts",
    [
        {"userinfo": "ada:s3cret%", "host": "h"},
        {"userinfo": "ada:s3cret\ud800", "host": "h"},
        {"userinfo": "ada:s3cret"},
        {"userinfo": "ada://s3cret@x%", "host": "h"},
        {"host": "ada:s3cret@h"},
        {"host": "ada:s3cret:x@h"},
        {"host": "ada:s3cret@[::1]"},
        {"authority": "ada:s3cret%@h"},
        {"path": "//ada:s3cret@h/%"},
    ],
)
def test_no_error_shows_a_password(parts: dict[str, object]) -> None:
    with pytest.raises(ParseError) as caught:
        ref(**parts)
    assert "s3cret" not in str(caught.value) + repr(caught.value) + caught.value.reason
    assert "s3cret" in caught.value.text


@pytest.mark.parametrize(
    ("parts", "says"),
    [
        ({"path": b"/a"}, "path is a str, not bytes; decode it first"),
        ({"query": 1}, "query is a str, not int"),
        ({"fragment": ["f"]}, "fragment is a str, not list"),
        ({"scheme": b"s"}, "scheme is a str, not bytes"),
        ({"authority": 1}, "authority is a str, not int"),
        ({"host": "h", "userinfo": bytearray()}, "userinfo is a str, not bytearray"),
        ({"host": b"h"}, "host= takes a str, an IPv4Address or an IPv6Address, not bytes"),
        ({"host": ipaddress.IPv4Interface("1.2.3.4/8")}, "not IPv4Interface"),
        ({"host": ipaddress.IPv6Interface("::1/8")}, "not IPv6Interface"),
        ({"host": "h", "port": True}, "port= takes an int or a str of digits, not bool"),
        ({"host": "h", "port": 80.0}, "not float"),
        ({"segments": "a/b"}, "segments= takes an iterable, not str; path= takes a str"),
        ({"segments": 1}, "not int"),
        ({"segments": ["a", 1]}, "a segment is a str, not int"),
        ({"params": "a=b"}, "params= takes an iterable, not str; query= takes a str"),
        ({"params": b"a=b"}, "not bytes"),
        ({"params": ["ab"]}, "this str is no such pair"),
        ({"params": [("a", "b", "c")]}, "this tuple is no such pair"),
        ({"params": {"a": 1}}, "this tuple is no such pair"),
        ({"params": [("a", None)]}, "this tuple is no such pair"),
        ({"params": [1]}, "this int is no such pair"),
        ({"prot": 1}, "no such part: prot=; there are authority, fragment, host"),
        ({"path": "", "segments": []}, "path= and segments= are given together"),
        ({"query": None, "params": None}, "query= and params= are given together"),
        ({"authority": "h", "host": "h"}, "authority= and host= are given together"),
        ({"authority": "h", "port": 1}, "authority= and port= are given together"),
        ({"authority": "h", "userinfo": "u"}, "authority= and userinfo= are given together"),
    ],
)
def test_wrong_types_and_wrong_keywords(parts: dict[str, object], says: str) -> None:
    with pytest.raises(TypeError) as caught:
        ref(**parts)
    assert says in str(caught.value)


@pytest.mark.parametrize("scheme", [None, b"s", 1])
def test_a_uri_has_a_scheme(scheme: object) -> None:
    with pytest.raises(TypeError, match="scheme is a str, not"):
        uri(scheme=scheme)
    with pytest.raises(TypeError, match="scheme"):
        uri(path="a")


@pytest.mark.parametrize(
    ("path", "segments"),
    [
        ("", ()),
        ("/", ("",)),
        ("//", ("", "")),
        ("/a/b", ("a", "b")),
        ("/a/b/", ("a", "b", "")),
        ("/a//b", ("a", "", "b")),
        ("/a%2Fb/%25/c+d", ("a/b", "%", "c+d")),
        ("/%C3%A9/%FF", ("é", "\udcff")),
        ("/.//x", (".", "", "x")),
        ("/./a:b", (".", "a:b")),
        ("/..", ("..",)),
    ],
)
def test_segments_after_an_authority(path: str, segments: tuple[str, ...]) -> None:
    before = parse("s://h" + path)
    assert before.segments == segments
    if not {".", ".."} & {*segments}:
        assert before.replace(segments=segments) == before


@pytest.mark.parametrize(
    ("text", "segments"),
    [
        ("a/b", ("a", "b")),
        ("a", ("a",)),
        ("urn:a:b/c", ("a:b", "c")),
        ("/a", ("a",)),
        ("/.//x", ("", "x")),
        ("s:/.//x", ("", "x")),
        ("/./x", (".", "x")),
        ("./a:b/c", ("a:b", "c")),
        ("./a", (".", "a")),
        ("./a/b:c", (".", "a", "b:c")),
        (".//x", (".", "", "x")),
        ("s:./a:b", (".", "a:b")),
        (".", (".",)),
        ("", ()),
    ],
)
def test_segments_without_an_authority(text: str, segments: tuple[str, ...]) -> None:
    before = parse_reference(text)
    assert before.segments == segments
    if "." not in segments:
        assert before.replace(segments=segments) == before


@pytest.mark.parametrize(
    ("segment", "written"),
    [
        ("a/b", "a%2Fb"),
        ("%2F", "%252F"),
        ("%2E", "%252E"),
        ("...", "..."),
        ("a b+c", "a%20b+c"),
        ("?#[]", "%3F%23%5B%5D"),
        ("a;v=1,2:@", "a;v=1,2:@"),
        ("\0é\udcff", "%00%C3%A9%FF"),
        ("", ""),
    ],
)
def test_segments_are_values(segment: str, written: str) -> None:
    assert uri(scheme="s", host="h", segments=[segment]).path == "/" + written
    assert uri(scheme="s", host="h", segments=iter(["a", segment])).segments == ("a", segment)


@pytest.mark.parametrize(
    ("query", "params"),
    [
        (None, ()),
        ("", ()),
        ("&&", ()),
        ("a", (("a", ""),)),
        ("a=", (("a", ""),)),
        ("=", (("", ""),)),
        ("=b", (("", "b"),)),
        ("a=b=c", (("a", "b=c"),)),
        ("a=1&b=2&&a=1", (("a", "1"), ("b", "2"), ("a", "1"))),
        ("a+b=c+d%2B%20", (("a b", "c d+ "),)),
        ("%26=%3D&%FF", (("&", "="), ("\udcff", ""))),
        ("a;b=c", (("a;b", "c"),)),
    ],
)
def test_params_are_read(query: str | None, params: tuple[tuple[str, str], ...]) -> None:
    before = parse("s:").replace(query=query)
    assert before.params == params
    assert before.replace(params=params).params == params


@pytest.mark.parametrize(
    ("params", "query"),
    [
        ([("a", "b"), ("a", "b")], "a=b&a=b"),
        ({"b": "2", "a": "1"}, "b=2&a=1"),
        ([["a", "b"]], "a=b"),
        ([("", "")], "="),
        ([("a b", "1+1=2&3#%;")], "a+b=1%2B1%3D2%263%23%25%3B"),
        ([("a=b", "http://h/?x,(y)*")], "a%3Db=http://h/?x,(y)*"),
        ([("\0é", "\udcff")], "%00%C3%A9=%FF"),
        ([], None),
    ],
)
def test_params_are_written(params: object, query: str | None) -> None:
    assert uri(scheme="s", params=params).query == query


def test_params_may_come_from_an_iterator() -> None:
    def pairs() -> Iterator[tuple[str, str]]:
        yield "a", "b"

    assert str(URI.build(scheme="s", params=pairs())) == "s:?a=b"


@pytest.mark.parametrize(
    ("before", "segment", "after"),
    [
        ("http://h", "b", "http://h/b"),
        ("http://h/", "b", "http://h/b"),
        ("http://h/a", "b", "http://h/a/b"),
        ("http://h/a/?q#f", "b", "http://h/a/b"),
        ("http://h//", "b", "http://h//b"),
        ("http://h/a", "", "http://h/a/"),
        ("http://h/a/", "", "http://h/a/"),
        ("http://h/../a", "b/c?d#e%", "http://h/../a/b%2Fc%3Fd%23e%25"),
        ("urn:a:b", "c:d", "urn:a:b/c:d"),
        ("s:", "b", "s:/b"),
        ("s:", "", "s:/"),
        ("s:/", "", "s:/"),
        ("s:/.//", "b", "s:/.//b"),
        ("http://[fe80::1%25x]", "b", "http://[fe80::1%25x]/b"),
    ],
)
def test_one_more_segment(before: str, segment: str, after: str) -> None:
    longer = parse(before, zone_ids=True) / segment
    assert (str(longer), type(longer)) == (after, URI)


def test_what_is_no_segment() -> None:
    for dots in (".", ".."):
        with pytest.raises(ParseError, match="join"):
            _ = parse("http://h/a") / dots
    with pytest.raises(TypeError, match="a segment is a str, not int"):
        _ = parse("http://h/a") / 1  # type: ignore[operator]


def test_a_zone_id_stays_and_comes_only_where_it_is_asked_for() -> None:
    with_zone = parse("http://u@[fe80::1%25eth0]:80/a", zone_ids=True)
    assert str(with_zone.replace(path="/b", port=None)) == "http://u@[fe80::1%25eth0]/b"
    assert with_zone.replace(authority=with_zone.authority) == with_zone
    assert with_zone.replace(host="[fe80::2%25eth1]").host == "[fe80::2%25eth1]"
    assert with_zone.replace(host="h").host == "h"
    plain = parse("http://h/")
    with pytest.raises(ParseError, match="zone_ids=True"):
        plain.replace(host="[fe80::1%25eth0]")
    for host in ("[fe80::1%25a%20b]", "fe80::1%25a%20b", ipaddress.IPv6Address("fe80::1%a b")):
        assert plain.replace(host=host, zone_ids=True).host == "[fe80::1%25a%20b]"
        assert URI.build(scheme="http", host=host, zone_ids=True).host == "[fe80::1%25a%20b]"
    with pytest.raises(ParseError, match="surrogate"):
        plain.replace(host=ipaddress.IPv6Address("fe80::1%\ud800"), zone_ids=True)


LONG = 200_000
MANY = 20_000


@pytest.mark.parametrize("char", ["a", "é", "/", ":", "@", "%41", "%", ".", "[", "]", "&", "=", "+", "1", "\ud800"])
@pytest.mark.parametrize(
    "build",
    [
        lambda text: Reference.build(scheme=text),
        lambda text: Reference.build(authority=text),
        lambda text: Reference.build(userinfo=text, host=""),
        lambda text: Reference.build(host=text),
        lambda text: Reference.build(host="", port=text),
        lambda text: Reference.build(path=text).segments,
        lambda text: Reference.build(query=text).params,
        lambda text: Reference.build(fragment=text),
        lambda text: Reference.build(segments=[text, *text[:MANY]]),
        lambda text: Reference.build(params=[(text, text), *zip(text[:MANY], text[:MANY], strict=True)]),
        lambda text: URI("s:") / text,
    ],
)
def test_long_texts(build: Callable[[str], object], char: str) -> None:
    text = char * (LONG // len(char))
    # Quadratic time would take minutes.
    try:
        build(text)
    except ParseError as error:
        assert len(str(error)) < 500


@pytest.mark.parametrize(
    ("parts", "reason"),
    [
        ({"scheme": "1s"}, "a scheme is a letter, then letters, digits, +, - and ."),
        ({"host": "h", "port": "8o"}, "a port is digits"),
        (
            {"host": "h:80"},
            "colons and brackets in a host are those of an IP address in brackets, as [::1]; a port goes into port=",
        ),
    ],
)
def test_what_a_refusal_says(parts: dict[str, object], reason: str) -> None:
    with pytest.raises(ParseError) as caught:
        ref(**parts)
    assert caught.value.reason == reason


@pytest.mark.parametrize(
    ("parts", "text"),
    [({"userinfo": "u%"}, "//u%@"), ({"host": "h%"}, "//h%"), ({"path": "p%"}, "p%"), ({"query": "q%"}, "q%")],
)
def test_the_text_of_a_refusal_is_the_part(parts: dict[str, object], text: str) -> None:
    with pytest.raises(ParseError) as caught:
        ref(**{"host": "h", **parts})
    assert caught.value.text == text
