"""What is a URI, what is none, and what its components are."""

import ipaddress

import pytest

import urischeme
from urischeme import ParseError, parse, parse_reference


@pytest.mark.parametrize(
    ("text", "scheme", "userinfo", "host", "port_text", "path", "query", "fragment"),
    [
        ("https://user@Example.COM:8443/a/./b?q=1#top", "https", "user", "Example.COM", "8443", "/a/./b", "q=1", "top"),
        ("s:", "s", None, None, None, "", None, None),
        ("s:a:b", "s", None, None, None, "a:b", None, None),
        ("s:/a//b", "s", None, None, None, "/a//b", None, None),
        ("s://", "s", None, "", None, "", None, None),
        ("s:///", "s", None, "", None, "/", None, None),
        ("s:////", "s", None, "", None, "//", None, None),
        ("s://@:?#", "s", "", "", "", "", "", ""),
        ("s://:::@h", "s", ":::", "h", None, "", None, None),
        ("s://u%3A:p@h:", "s", "u%3A:p", "h", "", "", None, None),
        ("s:?", "s", None, None, None, "", "", None),
        ("s:#", "s", None, None, None, "", None, ""),
        ("s:?a?b#c?d/e", "s", None, None, None, "", "a?b", "c?d/e"),
        ("s:#?", "s", None, None, None, "", None, "?"),
        ("s://[::1]:80", "s", None, "[::1]", "80", "", None, None),
        ("s://u@[v7.a:b]/", "s", "u", "[v7.a:b]", None, "/", None, None),
        ("s://a%20b/", "s", None, "a%20b", None, "/", None, None),
        ("s://1.2.3/", "s", None, "1.2.3", None, "/", None, None),
        ("a+b-c.9:x", "a+b-c.9", None, None, None, "x", None, None),
        ("mailto:ada@example.com", "mailto", None, None, None, "ada@example.com", None, None),
    ],
)
def test_components(
    text: str,
    scheme: str,
    userinfo: str | None,
    host: str | None,
    port_text: str | None,
    path: str,
    query: str | None,
    fragment: str | None,
) -> None:
    uri = parse(text)
    assert (uri.scheme, uri.userinfo, uri.host, uri.port_text) == (scheme, userinfo, host, port_text)
    assert (uri.path, uri.query, uri.fragment) == (path, query, fragment)
    assert str(uri) == text


def test_what_the_issue_shows() -> None:
    uri = parse("https://user@Example.COM:8443/a/./b?q=1#top")
    assert uri.hierarchical == "//user@Example.COM:8443/a/./b"
    assert uri.authority == "user@Example.COM:8443"
    assert uri.port == 8443


@pytest.mark.parametrize("text", ["", "a", "a/b:c", "./a:b", "//h", "/", "/a", "?", "#", "..", "//h:8?x", "//[::1]"])
def test_relative_references(text: str) -> None:
    ref = parse_reference(text)
    assert not isinstance(ref, urischeme.URI)
    assert (ref.scheme, str(ref)) == (None, text)


@pytest.mark.parametrize(
    "text",
    [
        *("http:// h/", " http://h/", "http://h/ ", "http://h/\n", "\thttp://h/", "http://h/\0", "http:\\\\h\\"),
        *("http://h/\N{FULLWIDTH DIGIT ONE}", "http://h:\N{ARABIC-INDIC DIGIT ONE}/", "http://é/"),
        *("http\N{LATIN SMALL LETTER LONG S}://h/", "http://\N{KELVIN SIGN}/"),
        *("http://h/%", "http://h/%4", "http://h/%zz", "http://%zz/", "http://u%zz@h/", "s:?%", "s:#%G0"),
        *("http://[", "http://]", "http://[]", "http://[::1", "http://::1]", "http://[::1]]", "http://[::1]x", "http://x[::1]"),
        *("http://[:1]", "http://[1::2::3]", "http://[1:2:3:4:5:6:7]", "http://[1:2:3:4:5:6:7:8:9]", "http://[12345::]"),
        *("http://[::1.2.3]", "http://[::1.2.3.4.5]", "http://[::01.2.3.4]", "http://[::256.2.3.4]", "http://[1.2.3.4]"),
        *("http://[1:2:3:4:5:6:7:1.2.3.4]", "http://[v.a]", "http://[v1.]", "http://[v1]", "http://[fe80::1%25eth0]"),
        *("http://h:80:80/", "http://h:a/", "http://u@v@h/", "http://::1/", "http://h:-1/"),
        *("1s:a", "-s:a", "s_:a", ":a", "", "a", "//h", "/a", "s:a#b#c", "s:a[b]", "s:?["),
        *("s:^", "s:|", "s:`", 's:"', "s:<>", "s:{}"),
    ],
)  # fmt: skip
def test_what_is_no_uri(text: str) -> None:
    with pytest.raises(ParseError):
        parse(text)


@pytest.mark.parametrize(
    ("text", "port"),
    [("s://h", None), ("s://h:", None), ("s://h:0", 0), ("s://h:00080", 80), ("s://h:65535", 65535), ("s:", None)],
)
def test_port(text: str, port: int | None) -> None:
    assert parse(text).port == port


@pytest.mark.parametrize("digits", ["65536", "99999999999999999999", "9" * 5000, "0" * 5000 + "65536"])
def test_a_port_that_no_socket_has(digits: str) -> None:
    uri = parse(f"http://h:{digits}/")
    assert uri.port_text == digits
    with pytest.raises(ValueError, match="above 65535") as caught:
        _ = uri.port
    assert isinstance(caught.value, urischeme.PortError)
    assert caught.value.port_text == digits


@pytest.mark.parametrize(
    ("host", "kind", "ip"),
    [
        ("h", "reg-name", None),
        ("", "reg-name", None),
        ("1.2.3.4", "ipv4", ipaddress.IPv4Address("1.2.3.4")),
        ("1.2.3.04", "reg-name", None),
        ("256.1.1.1", "reg-name", None),
        ("[2001:DB8::1]", "ipv6", ipaddress.IPv6Address("2001:db8::1")),
        ("[::ffff:1.2.3.4]", "ipv6", ipaddress.IPv6Address("::ffff:1.2.3.4")),
        ("[v1.x]", "ipvfuture", None),
        ("[VF.x]", "ipvfuture", None),
    ],
)
def test_hosts(host: str, kind: str, ip: object) -> None:
    uri = parse(f"s://{host}/")
    assert (uri.host_kind, uri.ip) == (kind, ip)
    assert (parse("s:").host_kind, parse("s:").ip) == (None, None)


def test_zone_ids_only_where_they_are_asked_for() -> None:
    text = "http://[fe80::1%25eth0]/"
    with pytest.raises(ParseError, match="zone_ids=True"):
        parse(text)
    uri = parse(text, zone_ids=True)
    assert (uri.host, uri.host_kind, str(uri.ip)) == ("[fe80::1%25eth0]", "ipv6", "fe80::1%eth0")
    assert parse("http://[fe80::1%25a%2Eb]/", zone_ids=True).ip == ipaddress.IPv6Address("fe80::1%a.b")
    assert parse("http://[fe80::1%25a%2Fb]/", zone_ids=True).ip is None
    for bad in (
        "http://[fe80::1%eth0]/",
        "http://[fe80::1%25]/",
        "http://[fe80::1%25a!]/",
        "http://[v1.a%25b]/",
        "http://[::1%25%4]/",
    ):
        with pytest.raises(ParseError):
            parse(bad, zone_ids=True)


@pytest.mark.parametrize("function", [parse, parse_reference, urischeme.normalize, urischeme.URI, urischeme.Reference])
@pytest.mark.parametrize("value", [b"http://h/", None, 1, bytearray(b"s:"), ["s:"]])
def test_anything_but_a_str_is_a_type_error_that_says_what_to_pass(function: object, value: object) -> None:
    with pytest.raises(TypeError, match=r"takes a str, not (bytes|NoneType|int|bytearray|list)"):
        function(value)  # type: ignore[operator]


@pytest.mark.parametrize(
    "text", ["s:" + "a" * 10**6, "s:" + "%41" * 10**5, "http://" + "a" * 10**6, "http://h/" + "../" * 10**5]
)
def test_long_texts(text: str) -> None:
    assert str(parse(text)) == text
    urischeme.normalize(text)
    with pytest.raises(ParseError):
        parse(text + " ")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (b"s:", "parse takes a str, not bytes; decode it first: text.decode('ascii')"),
        (memoryview(b"s:"), "parse takes a str, not memoryview; decode it first: text.decode('ascii')"),
        (None, "parse takes a str, not NoneType"),
    ],
)
def test_what_a_type_error_says(value: object, says: str) -> None:
    with pytest.raises(TypeError) as caught:
        parse(value)  # type: ignore[arg-type]
    assert str(caught.value) == says
