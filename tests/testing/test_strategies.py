"""What each strategy gives is of its rule, all of the rule can come, and it shrinks well."""

import re
import subprocess
import sys
from collections.abc import Callable
from itertools import product
from random import Random

import idna
import pytest
from hypothesis import HealthCheck, Phase, find, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

import urischeme
from tests.automaton import automaton
from tests.testing.enumeration import every
from urischeme.testing import strategies as uri_st
from urischeme.testing.hypothesis_plugin import register_types

RULES: dict[str, Callable[[], SearchStrategy[str]]] = {
    "URI": uri_st.uris,
    "URI-reference": uri_st.references,
    "relative-ref": uri_st.relative_references,
    "scheme": uri_st.schemes,
    "authority": uri_st.authorities,
    "userinfo": uri_st.userinfos,
    "host": uri_st.hosts,
    "reg-name": uri_st.reg_names,
    "IP-literal": uri_st.ip_literals,
    "IPv4address": uri_st.ipv4,
    "IPv6address": uri_st.ipv6,
    "IPvFuture": uri_st.ipvfuture,
    "port": uri_st.ports,
    "path": uri_st.paths,
    "path-abempty": uri_st.path_abempty,
    "path-absolute": uri_st.path_absolute,
    "path-noscheme": uri_st.path_noscheme,
    "path-rootless": uri_st.path_rootless,
    "segment": uri_st.segments,
    "query": uri_st.queries,
    "fragment": uri_st.fragments,
}
# No health check is off: the strategies are fast, and throw nothing away.
checked = settings(max_examples=100, suppress_health_check=[], deadline=None)
searched = settings(max_examples=10_000, suppress_health_check=list(HealthCheck), deadline=None, database=None)


@pytest.mark.parametrize("rule", RULES)
def test_every_text_is_of_its_rule(rule: str) -> None:
    @checked
    @given(RULES[rule]())
    def accepted(text: str) -> None:
        assert automaton(rule).accepts(text)

    accepted()


@pytest.mark.parametrize(
    ("rule", "alphabet", "drawn", "longest"),
    [
        ("relative-ref", "a/?#@", 1, 1),
        ("scheme", "Ab0+-.", 2, 2),
        ("authority", "a:@", 1, 1),
        ("host", "a.[", 2, 2),
        ("userinfo", "a:", 3, 3),
        ("IPvFuture", "v1.a:", 3, 4),
        ("port", "09", 3, 3),
        ("path", "a:/@", 2, 2),
        ("path-abempty", "a:/@", 3, 4),
        ("path-absolute", "a:/@", 3, 4),
        ("path-noscheme", "a:/@", 3, 3),
        ("path-rootless", "a:/@", 3, 3),
        ("segment", "a:@!", 3, 3),
        ("query", "a/?@", 3, 3),
    ],
)
def test_every_short_text_of_the_rule_can_come(rule: str, alphabet: str, drawn: int, longest: int) -> None:
    of_rule = automaton(rule).accepts
    texts = {"".join(text) for size in range(longest + 1) for text in product(alphabet, repeat=size)}
    can_come = set(every(RULES[rule], alphabet, drawn))
    assert {text for text in texts if of_rule(text)} - can_come == set()
    assert {text for text in can_come if not of_rule(text)} == set()


def test_every_form_of_ipv6_can_come() -> None:
    shapes = {re.sub("[0-9a-f.]+", lambda match: "4" if "." in match[0] else "h", text) for text in every_ipv6()}
    groups = [["h"] * n for n in range(9)] + [["h"] * n + ["4"] for n in range(7)]
    possible = {":".join(whole) for whole in groups} | {
        ":".join(left) + "::" + ":".join(right) for left in groups for right in groups
    }
    sample = {"h": "a", "4": "1.2.3.4"}
    valid = {
        shape
        for shape in possible
        if automaton("IPv6address").accepts("".join(sample.get(char, char) for char in shape))
    }
    assert shapes == valid
    assert len(valid) == 59


def every_ipv6() -> set[str]:
    return set(every(uri_st.ipv6, "a", 0, widest=100))


@pytest.mark.parametrize(
    ("rule", "chars"),
    [
        ("reg-name", "!$&'()*+,;=-._~09azAZ"),
        ("userinfo", "!$&'()*+,;=-._~09azAZ:"),
        ("segment", "!$&'()*+,;=-._~09azAZ:@"),
        ("path-rootless", "!$&'()*+,;=-._~09azAZ:@"),
        ("query", "!$&'()*+,;=-._~09azAZ:@/?"),
        ("IPvFuture", "!$&'()*+,;=-._~0zZ:"),
    ],
)
def test_every_character_of_the_rule_can_come(rule: str, chars: str) -> None:
    seen = set("".join(every(RULES[rule], chars, 3 if rule == "IPvFuture" else 2)))
    assert set(chars) <= seen
    if rule != "IPvFuture":
        assert "%" in seen


def test_every_escape_can_come() -> None:
    seen: set[str] = set()

    @settings(searched, max_examples=500, derandomize=True)
    @given(uri_st.queries())
    def look(text: str) -> None:
        seen.update(re.findall("%(.).", text))
        seen.update(re.findall("%.(.)", text))

    look()
    assert seen == set("0123456789abcdefABCDEF")


@pytest.mark.parametrize(
    ("strategy", "wanted", "shortest"),
    [
        (uri_st.uris(), "", "a:"),
        (uri_st.uris(), "//", "a://"),
        (uri_st.uris(), "%", "a:%00"),
        (uri_st.uris(), "[", "a://[::]"),
        (uri_st.uris(), "@", "a:@"),
        (uri_st.uris(), "?", "a:?"),
        (uri_st.uris(), "#", "a:#"),
        (uri_st.references(), "", ""),
        (uri_st.references(), "..", ".."),
        (uri_st.authorities(), "@", "@"),
        (uri_st.hosts(), "[v", "[v0.0]"),
        (uri_st.ipv4(), "", "0.0.0.0"),
        (uri_st.ipv6(), "", "::"),
        (uri_st.ipv6(), ".", "::0.0.0.0"),
        (uri_st.near_misses(), "", "%"),
        (uri_st.iris(), "", "a:"),
        (uri_st.idn_hosts(), "", "com"),
        (uri_st.targets("dns"), "://", "dns:///0"),
        (uri_st.targets("unix"), "", "unix:0"),
        (uri_st.targets("ipv6"), "", "ipv6:[::]"),
    ],
)
def test_shrinking(strategy: SearchStrategy[str], wanted: str, shortest: str) -> None:
    found = find(strategy, lambda text: wanted in text, settings=searched, random=Random(0))
    # Hypothesis may stop at another of about the same length, with the character in a query say.
    assert wanted in found
    assert len(found) <= len(shortest) + 3


@checked
@given(uri_st.near_misses())
def test_near_misses_are_none_and_one_edit_away_from_one(text: str) -> None:
    of_rule = automaton("URI-reference").accepts
    assert not of_rule(text)
    grammar = "a0:/?#@[].%!vV~"
    assert any(
        of_rule(text[:place] + put + text[place + gone :])
        for place in range(len(text) + 1)
        for put, gone in [("", 1), *((char, gone) for char in hints(text, grammar) for gone in (0, 1))]
    )


def hints(text: str, grammar: str) -> list[str]:
    # What was taken away or replaced may have been any digit of an address, but few of them matter at a time.
    return [*dict.fromkeys(grammar + "".join(char for char in text if char.isascii()) + "123456789abcdefABCDEFzZ")]


@checked
@given(uri_st.iris())
def test_iris_are_of_rfc_3987(text: str) -> None:
    # Every ucschar is an unreserved character of an IRI; iprivate stands in the query alone.
    def as_unreserved(match: re.Match[str]) -> str:
        code = ord(match[0])
        refused = ((0xD800, 0xDFFF), (0xFDD0, 0xFDEF), (0xFFF0, 0xFFFF), (0xE0000, 0xE0FFF))
        assert not any(low <= code <= high for low, high in refused)
        assert code & 0xFFFF < 0xFFFE
        private = 0xE000 <= code <= 0xF8FF or code >= 0xF0000
        assert code >= 0xA0
        return "?" if private else "a"

    before, query, rest = re.fullmatch(r"([^?#]*)(\??[^#]*)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    plain = re.sub("[^\0-\x7f]", as_unreserved, text)
    assert automaton("URI").accepts(plain)
    assert not re.search("[\ue000-\uf8ff\U000f0000-\U0010ffff]", before + rest)
    assert query.startswith("?") or not query


def test_iris_have_what_uris_have_not() -> None:
    found_only = settings(searched, phases=[Phase.generate])
    find(uri_st.iris(), lambda text: not text.isascii(), settings=found_only, random=Random(0))
    find(
        uri_st.iris(),
        lambda text: bool(re.search("[\ue000-\uf8ff\U000f0000-\U0010fffd]", text)),
        settings=found_only,
        random=Random(0),
    )


@checked
@given(uri_st.idn_hosts())
def test_idn_hosts_are_what_idna_takes(host: str) -> None:
    assert idna.decode(idna.encode(host)) == idna.decode(host)


@pytest.mark.parametrize("scheme", ["dns", "ipv4", "ipv6", "unix", "unix-abstract", "vsock", None])
def test_targets_pass_the_check(scheme: str | None) -> None:
    @checked
    @given(uri_st.targets(scheme))
    def passes(text: str) -> None:
        urischeme.check(text)
        assert scheme in {None, urischeme.Target.parse(text).scheme}

    passes()


def test_targets_of_another_scheme_are_refused() -> None:
    with pytest.raises(ValueError, match="there are dns, ipv4"):
        uri_st.targets("http")


@pytest.mark.parametrize(
    "form",
    [
        r"dns:[^/:]+",
        r"dns:///[^/]+:\d+",
        r"dns://\[[^/]+/.*",
        r"dns:.*%[0-9A-F]{2}.*",
        r"[\w.-]+:\d+",
        r"\[.*\]",
        r"::",
        r"unix:///.+",
        r"unix:[^/]+",
        r"unix-abstract:.*%[0-9a-fA-F]{2}.*",
        r"ipv4:.*,.*,.*",
        r"ipv6:.*%25.*",
        r"vsock:-1:\d+",
    ],
)
def test_every_form_of_target_can_come(form: str) -> None:
    found_only = settings(searched, phases=[Phase.generate])
    find(uri_st.targets(), lambda text: bool(re.fullmatch(form, text)), settings=found_only, random=Random(0))


def test_nothing_is_as_long_as_a_page_when_hypothesis_shows_it() -> None:
    assert [name for name in uri_st.__all__ if len(repr(getattr(uri_st, name)())) > 1000] == []


# What Hypothesis calls through the entry point; here for a checkout that was not installed anew since.
register_types()


@checked
@given(st.from_type(urischeme.URI), st.from_type(urischeme.Reference), st.from_type(urischeme.Target))
def test_values(uri: urischeme.URI, reference: urischeme.Reference, target: urischeme.Target) -> None:
    assert type(uri) is urischeme.URI
    assert isinstance(reference, urischeme.Reference)
    urischeme.check(target)


def test_the_plugin_loads_no_strategy_before_one_is_asked_for() -> None:
    program = (
        "import sys, hypothesis\n"
        "from urischeme.testing.hypothesis_plugin import register_types\n"
        "assert 'hypothesis.strategies' in sys.modules\n"
        "register_types()\n"
        "assert 'urischeme.testing.strategies' not in sys.modules\n"
        "import urischeme\n"
        "assert isinstance(hypothesis.find(hypothesis.strategies.from_type(urischeme.URI), bool), urischeme.URI)\n"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", program], check=True)


def test_the_package_loads_no_hypothesis() -> None:
    program = "import sys, urischeme, urischeme.testing.hypothesis_plugin; sys.exit('hypothesis' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)
