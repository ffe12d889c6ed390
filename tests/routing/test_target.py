from __future__ import annotations

import contextlib
import copy
import pickle

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import urischeme
from urischeme import ParseError, Registry, Target, TargetError, UnknownScheme

REFUSALS = (ParseError, TargetError, UnknownScheme)

# Never loaded: reading a target asks only whether there is one.
registry = Registry()


def read(text: str) -> Target:
    return Target.parse(text, registry=registry)


def parts(target: Target) -> tuple[str, str, str]:
    return target.scheme, target.authority, target.path


# --- what is read, and as what


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # host, or host:digits
        ("orders", ("dns", "", "orders")),
        ("orders.internal", ("dns", "", "orders.internal")),
        ("orders.internal.:80", ("dns", "", "orders.internal.:80")),
        ("my_service:50051", ("dns", "", "my_service:50051")),
        ("localhost:50051", ("dns", "", "localhost:50051")),
        ("10.0.0.1", ("dns", "", "10.0.0.1")),
        ("10.0.0.1:80", ("dns", "", "10.0.0.1:80")),
        ("::1", ("dns", "", "::1")),
        ("2001:db8::1", ("dns", "", "2001:db8::1")),
        ("[::1]", ("dns", "", "[::1]")),
        ("[::1]:443", ("dns", "", "[::1]:443")),
        ("[fe80::1%25eth0]:443", ("dns", "", "[fe80::1%eth0]:443")),
        ("fe80::1%25eth0", ("dns", "", "fe80::1%eth0")),
        ("dsn:443", ("dns", "", "dsn:443")),
        ("http:80", ("dns", "", "http:80")),  # IANA doesn't count
        ("host:65535", ("dns", "", "host:65535")),
        ("host:000000080", ("dns", "", "host:000000080")),
        ("dns", ("dns", "", "dns")),
        # a scheme with a resolver is a scheme, of any case
        ("dns:443", ("dns", "", "443")),
        ("DNS:orders", ("dns", "", "orders")),
        ("k8s:80", ("k8s", "", "80")),
        # brackets round an IPv6 address in the path
        ("dns:[::1]:443", ("dns", "", "[::1]:443")),
        ("dns:///[::1]:443", ("dns", "", "/[::1]:443")),
        ("ipv6:[::1]:80,[2001:db8::1]", ("ipv6", "", "[::1]:80,[2001:db8::1]")),
        ("ipv6:[fe80::1%25eth0]:80", ("ipv6", "", "[fe80::1%eth0]:80")),
        ("ipv6:%5B::1%5D:80", ("ipv6", "", "[::1]:80")),
        ("dns://[::1]:53/[::1]:443", ("dns", "[::1]:53", "/[::1]:443")),
        ("dns://[fe80::1%25eth0]/x", ("dns", "[fe80::1%eth0]", "/x")),
        # percent-decoding of authority and path
        ("unix-abstract:foo%00bar", ("unix-abstract", "", "foo\0bar")),
        ("unix:/a%20b%2Fc", ("unix", "", "/a b/c")),
        ("unix:/%FF%C3%A9", ("unix", "", "/\udcffé")),
        ("k8s://arn%3Aaws%3A1/orders", ("k8s", "arn:aws:1", "/orders")),
        ("k8s://Cluster%2FA/orders.prod:grpc", ("k8s", "Cluster/A", "/orders.prod:grpc")),
        ("unix:a+b", ("unix", "", "a+b")),
        # absent and empty authority mean the same; the fragment plays no part
        ("unix:/run/x", ("unix", "", "/run/x")),
        ("unix:///run/x", ("unix", "", "/run/x")),
        ("unix:////x", ("unix", "", "//x")),
        ("dns:orders#top", ("dns", "", "orders")),
        ("k8s:", ("k8s", "", "")),
        # of no resolver: read all the same, refused when somebody is to answer
        ("dsn:orders", ("dsn", "", "orders")),
        ("http://h/a", ("http", "h", "/a")),
        ("localhost:", ("localhost", "", "")),
    ],
)
def test_a_target_has_these_parts(text: str, expected: tuple[str, str, str]) -> None:
    assert parts(read(text)) == expected


@pytest.mark.parametrize(
    ("text", "endpoint"),
    [("dns:x:80", "x:80"), ("dns:///x:80", "x:80"), ("dns:/x:80", "x:80"), ("dns:////x", "/x"), ("dns:", "")],
)
def test_the_endpoint_is_the_path_less_one_leading_slash(text: str, endpoint: str) -> None:
    assert read(text).endpoint == endpoint


@pytest.mark.parametrize(
    ("query", "options"),
    [
        ("", {}),
        ("?", {}),
        ("?&&", {}),
        ("?a=1&b=2", {"a": "1", "b": "2"}),
        ("?a", {"a": ""}),
        ("?a=1=2", {"a": "1=2"}),
        ("?a=b+c%2Bd", {"a": "b c+d"}),
        ("?%61=%26", {"a": "&"}),
        ("?a=%FF", {"a": "\udcff"}),
        ("?a=/?:@", {"a": "/?:@"}),
    ],
)
def test_options_are_read_as_forms_write_them(query: str, options: dict[str, str]) -> None:
    assert read(f"k8s:x{query}").options == options


# --- what is refused, and what to write instead


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "write a scheme"),
        ("/run/x.sock", "write unix:/run/x.sock"),
        ("/run/my app.sock", "write unix:/run/my%20app.sock"),
        ("//host/path", "write the scheme first"),
        ("orders/x", "write the scheme first"),
        ("a?b", "write the scheme first"),
        ("a#b", "write the scheme first"),
        ("user@host:80", "write the scheme first"),
        ("my_service:http", "write the scheme first"),
        ("10.0.0.1:", "write the scheme first"),
        ("10.0.0.1:80x", "write the scheme first"),
        (" orders:80", "write the scheme first"),
        ("[::1", "write the scheme first"),
        ("[orders]:80", "write the scheme first"),
        ("[v1.a:b]:80", "write the scheme first"),
        ("[fe80::1%25%zz]:80", "write the scheme first"),
        ("bücher:80", "write the scheme first"),
        ("host:٨٠", "write the ASCII digit"),
        ("host:65536", "at most 65535"),
        ("[::1]:65536", "at most 65535"),
        ("host:" + "9" * 5000, "at most 65535"),
        ("dns:[::1", "brackets"),
        ("dns:::1]", "%5D"),
        ("dns:[orders]:80", "brackets"),
        ("dns:[10.0.0.1]", "brackets"),
        ("dns:[[::1]]", "brackets"),
        ("ipv6:[v1.a:b]", "brackets"),
        ("unix:[::1]", "%5B"),  # brackets are allowed in dns and ipv6 alone
        ("k8s:[::1]", "%5B"),
        ("dns:a b", "%20"),
        ("dns:%[::1]", "%25"),
        ("dns:%zz", "%25"),
        ("dns:a\\b", "%5C"),
        ("k8s://orders.prod:grpc", "write k8s:///orders.prod:grpc"),
        ("k8s://orders.prod:grpc?via=cluster-ip", "write k8s:///orders.prod:grpc?via=cluster-ip"),
        ("nobody://orders.prod:grpc", "write nobody:///orders.prod:grpc"),
        ("k8s:x?a=1&a=2", "a is given twice"),
        ("k8s:x?a=1&%61=2", "a is given twice"),
    ],
)
def test_what_is_refused_says_what_to_write(text: str, says: str) -> None:
    with pytest.raises((ParseError, TargetError)) as caught:
        read(text)
    assert says in str(caught.value)
    assert getattr(caught.value, "text", None) == text


@pytest.mark.parametrize(
    ("text", "says"),
    [
        # authority
        ("ipv4://10.0.0.1:80", "takes no authority; write ipv4:10.0.0.1:80"),
        ("ipv4://8.8.8.8/10.0.0.1:80", "takes no authority; write ipv4:10.0.0.1:80"),
        ("ipv6://[::1]:80", "takes no authority; write ipv6:[::1]:80"),
        ("unix://run/x.sock", "takes no authority; write unix:///run/x.sock"),
        ("unix-abstract://a/b", "takes no authority; write unix-abstract:a/b"),
        ("vsock://2:1234", "takes no authority; write vsock:2:1234"),
        # ipv4, ipv6
        ("ipv4:", "write ipv4:address:port"),
        ("ipv4:,", "write ipv4:address:port"),
        ("ipv4:10.0.0.256", "not an IPv4 address"),
        ("ipv4:010.0.0.1", "not an IPv4 address"),
        ("ipv4:::1", "not an IPv4 address"),
        ("ipv4:10.0.0.1:80,orders:80", "'orders' is not an IPv4 address"),
        ("ipv6:10.0.0.1:80", "not an IPv6 address"),
        ("ipv6:[::1]80", "after ]"),
        ("ipv4:10.0.0.1:", "no port after the colon"),
        ("ipv4:10.0.0.1:80x", "digits"),
        ("ipv4:10.0.0.1:65536", "at most 65535"),
        ("ipv6:[fe80::1%254294967296]:80", "a zone is"),
        ("ipv6:[fe80::1%25%00]:80", "a zone is"),
        # unix, unix-abstract
        ("unix:", "not empty"),
        ("unix:/a%00b", "write unix-abstract:"),
        ("unix:/" + "x" * 107, "at most 107 bytes"),
        ("unix-abstract:", "not empty"),
        ("unix-abstract:" + "%00" * 108, "at most 107 bytes"),
        # vsock
        ("vsock:", "write vsock:cid:port"),
        ("vsock:2", "write vsock:cid:port"),
        ("vsock:2:", "write vsock:cid:port"),
        ("vsock::80", "write vsock:cid:port"),
        ("vsock:host:80", "numbers from 0 to 4294967295"),
        ("vsock:4294967296:80", "numbers from 0 to 4294967295"),
        ("vsock:2:4294967296", "numbers from 0 to 4294967295"),
        ("vsock:2:80:90", "numbers from 0 to 4294967295"),
        # options: static schemes have none
        ("ipv4:10.0.0.1?lb=rr", "no option 'lb'; it takes none"),
    ],
)
def test_a_scheme_refuses_without_asking_anybody(text: str, says: str) -> None:
    with pytest.raises(TargetError) as caught:
        urischeme.check(text)
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        "/run/my app.sock",
        "ipv4://8.8.8.8/10.0.0.1:80",
        "ipv6://[::1]:80",
        "unix://run/a%20b",
        "unix-abstract://a%00/b",
        "vsock://2:1234",
    ],
)
def test_what_a_message_says_to_write_is_accepted(text: str) -> None:
    with pytest.raises(TargetError) as caught:
        urischeme.check(text)
    urischeme.check(str(caught.value).rpartition("write ")[2])


def test_an_unknown_option_is_refused_with_those_that_there_are() -> None:
    class Consul:
        options = frozenset({"tag", "near"})

        async def resolve(self, target: Target) -> str:
            return "10.0.0.1:80"

    registry = Registry()
    registry.register("consul", Consul())
    urischeme.check("consul:orders?tag=a&near=b", registry=registry)
    with pytest.raises(TargetError, match=r"consul has no option 'dc'; it takes near, tag"):
        urischeme.check("consul:orders?dc=1&tag=a", registry=registry)


def test_what_has_a_scheme_depends_on_the_registry() -> None:
    mine = Registry()
    assert parts(Target.parse("consul:8500", registry=mine)) == ("dns", "", "consul:8500")
    mine.register("consul", lambda target: "10.0.0.1:8500")
    assert parts(Target.parse("consul:8500", registry=mine)) == ("consul", "", "8500")
    assert parts(Target.parse("orders:80", registry=Registry(default_scheme="consul"))) == ("consul", "", "orders:80")


def test_the_default_port_goes_with_the_target() -> None:
    assert Target.parse("orders", default_port=80).default_port == 80
    assert Target.parse("dns:orders", default_port=0).default_port == 0
    assert Target.parse("orders").default_port is None
    with pytest.raises(urischeme.PortError):
        Target.parse("orders", default_port=65536)
    with pytest.raises(ValueError, match="from 0 to 65535"):
        Target.parse("orders", default_port=-1)


@pytest.mark.parametrize("value", [None, b"dns:orders", 80, ["dns:orders"]])
def test_anything_but_text_is_a_type_error_that_says_so(value: object) -> None:
    with pytest.raises(TypeError, match=f"a str.* not {type(value).__name__}"):
        Target.parse(value)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=f"a str.* not {type(value).__name__}"):
        urischeme.check(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("scheme", "authority", "path"),
    [("", "", "x"), ("a b", "", "x"), ("1a", "", "x"), ("dns", "a", "x"), ("dns", "", "\ud800"), ("dns", "\ud800", "")],
)
def test_what_no_text_could_say_is_no_target(scheme: str, authority: str, path: str) -> None:
    with pytest.raises(ValueError):
        Target(scheme, authority, path)


# --- laws

# What the target layer looks for, and what tends to break it.
_PIECES = [
    "dns",
    "ipv6",
    "unix",
    "k8s",
    "host",
    "10.0.0.1",
    "::1",
    "[::1]",
    "[fe80::1%25eth0]",
    "80",
    "99999",
    ",",
    ".",
]
_PIECES += [
    *":/?#[]@%&=+ ",
    "//",
    ":///",
    "%00",
    "%FF",
    "%5B",
    "%5D",
    "%25",
    "%2F",
    "%40",
    "%C3%A9",
    "é",
    "\0",
    "\ud800",
]
target_like = st.lists(st.sampled_from(_PIECES), max_size=10).map("".join)
texts = st.text(st.characters()) | target_like | target_like.map("dns:".__add__) | target_like.map("k8s://".__add__)

# Any bytes at all, in the text that stands for them.
_octets = st.binary(max_size=12).map(lambda octets: octets.decode("utf-8", "surrogateescape"))
_parts = _octets | st.sampled_from(
    ["[::1]:53", "[fe80::1%eth0]", "[::1%]", "[fe80::1%a]b]", "u:p@q@h", "a:b:c", "[", "]@"]
)
_path = st.lists(_parts | st.sampled_from(["/", "//", ".", "..", "?", "#", "%", "[::1]"]), max_size=4).map("".join)


@st.composite
def targets(draw: st.DrawFn) -> Target:
    authority, path = draw(_parts), draw(_path)
    path = f"/{path}" if authority and path else path
    return Target(
        draw(st.sampled_from(["dns", "ipv6", "unix", "k8s"])), authority, path, draw(st.dictionaries(_parts, _parts))
    )


@given(texts)
@example("[v1.a]:80")
@example("dns://[::1%25%zz]/x")
def test_any_text_is_a_target_or_refused(text: str) -> None:
    with contextlib.suppress(*REFUSALS):
        read(text)
    with contextlib.suppress(*REFUSALS):
        urischeme.check(text)


@given(texts)
@example("dns://user:pa%40ss@host/x")
@example("dns://a%3Ab%3Ac/x")
@example("dns:[fe80::1%25a%5D]")
def test_a_target_that_was_read_reads_back(text: str) -> None:
    with contextlib.suppress(*REFUSALS):
        target = read(text)
        if target.scheme in registry:  # else `x:8%30` would come back as the host x
            assert read(str(target)) == target


@given(targets())
def test_a_target_that_was_made_reads_back(target: Target) -> None:
    assert read(str(target)) == target


@given(targets())
def test_a_target_is_a_value(target: Target) -> None:
    twin = Target(target.scheme.upper(), target.authority, target.path, dict(target.options))
    for other in (twin, copy.copy(target), copy.deepcopy(target), pickle.loads(pickle.dumps(target))):
        assert other == target
        assert hash(other) == hash(target)
    with pytest.raises(AttributeError):
        target.path = "other"  # type: ignore[misc]
    with pytest.raises(TypeError):
        target.options["a"] = "b"  # type: ignore[index]


# --- passwords

SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        f"dns://user:{SECRET}@8.8.8.8/orders?bogus=1",
        f"dns://user:{SECRET}@8.8.8.8/orders?a&a",
        f"dns://user:{SECRET}%40x@8.8.8.8/orders?bogus=1",
        f"dns://user:{SECRET}/x@8.8.8.8/orders",
        f"dns://user:{SECRET} x@8.8.8.8/orders",
        f"http://user:{SECRET}@host/",
        f"//user:{SECRET}@host/",
        f"k8s://user:{SECRET}@orders:grpc",
        *(f"{scheme}://user:{SECRET}@host/x" for scheme in ["ipv4", "ipv6", "unix", "unix-abstract", "vsock"]),
        *(f"{scheme}://user:{SECRET}@host" for scheme in ["ipv4", "ipv6", "unix", "unix-abstract", "vsock"]),
        f"ipv6:///user:{SECRET}:x@host",
        f"ipv4:/a//user:{SECRET}@10.0.0.1:80",
    ],
)
def test_no_refusal_shows_a_password(text: str) -> None:
    with pytest.raises(REFUSALS) as caught:
        urischeme.check(text)
    assert SECRET not in f"{caught.value} {caught.value!r}"


@pytest.mark.parametrize("userinfo", [f"user:{SECRET}", f"user:a@{SECRET}", f"user:/{SECRET}", f":{SECRET}"])
def test_no_repr_shows_a_password(userinfo: str) -> None:
    target = Target("dns", f"{userinfo}@8.8.8.8", "/orders")
    assert SECRET not in repr(target)
    assert SECRET in str(target)
    assert SECRET not in str(target.error("no"))


@given(texts)
def test_a_repr_is_one_line_that_any_terminal_can_show(text: str) -> None:
    with contextlib.suppress(*REFUSALS):
        assert repr(read(text)).isprintable()


@pytest.mark.parametrize("text", ["a" * 1_000_000, "dns:" + "[::1]," * 50_000, "dns:x?" + "a=1&b" * 50_000])
def test_a_huge_target_is_read_or_refused_like_any_other(text: str) -> None:
    with contextlib.suppress(*REFUSALS):
        read(text)
    with pytest.raises(TargetError) as caught:
        urischeme.check(text)
    assert len(str(caught.value)) < 1000
