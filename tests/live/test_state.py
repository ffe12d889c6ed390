from __future__ import annotations

from collections.abc import Mapping

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from urischeme import Address, Endpoint, NotFound, Resolution, ResolveError, TargetError, TCPAddress, UnixAddress
from urischeme.live.state import State, differs

ONE = TCPAddress("10.0.0.1", 80)
TWO = TCPAddress("10.0.0.2", 80)
SIX = TCPAddress("2001:db8::1", 80)
DUAL = Endpoint([TCPAddress("10.0.0.9", 80), TCPAddress("2001:db8::9", 80)])
RETRYABLE = ResolveError("later", retryable=True)
HOPELESS = ResolveError("never", retryable=False)
ABSENT = NotFound("not there")


def shown(state: State) -> list[str]:
    assert state.resolution is not None
    return [str(endpoint) for endpoint in state.resolution.endpoints]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Resolution([Endpoint(ONE), Endpoint(TWO)]), Resolution([Endpoint(TWO), Endpoint(ONE)])),
        (Resolution([Endpoint([ONE, SIX])]), Resolution([Endpoint([SIX, ONE])])),
        (Resolution([Endpoint(ONE)]), Resolution([Endpoint(ONE), Endpoint(ONE)])),
        (Resolution([Endpoint(ONE)], ttl=1), Resolution([Endpoint(ONE)], ttl=2)),
        (Resolution([Endpoint(ONE)], authority="a"), Resolution([Endpoint(ONE)], attributes={"a": 1})),
        (Resolution([Endpoint(ONE, {"tags": ["a"]})]), Resolution([Endpoint(ONE, {"tags": ["a"]})])),
        (
            Resolution([Endpoint(ONE, {"zone": "a"}), Endpoint(ONE, {"zone": "b"})]),
            Resolution([Endpoint(ONE, {"zone": "b"}), Endpoint(ONE, {"zone": "a"})]),
        ),
    ],
)
def test_what_is_no_change(one: Resolution, other: Resolution) -> None:
    assert not differs(one, other)
    assert not differs(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Resolution([Endpoint(ONE)]), Resolution([])),
        (Resolution([Endpoint(ONE)]), Resolution([Endpoint(TWO)])),
        (Resolution([Endpoint(ONE)]), Resolution([Endpoint(ONE), Endpoint(TWO)])),
        (Resolution([Endpoint(ONE), Endpoint(SIX)]), Resolution([Endpoint([ONE, SIX])])),
        (Resolution([Endpoint(ONE)]), Resolution([Endpoint(ONE, {"zone": "a"})])),
        (Resolution([Endpoint(ONE, {"tags": ["a"]})]), Resolution([Endpoint(ONE, {"tags": ["b"]})])),
        (
            Resolution([Endpoint(ONE, {"zone": "a"}), Endpoint(ONE, {"zone": "b"})]),
            Resolution([Endpoint(ONE, {"zone": "a"})]),
        ),
        (Resolution([Endpoint(ONE)]), Resolution([Endpoint(ONE)], service_config={})),
        (Resolution([], service_config={"a": [1]}), Resolution([], service_config={"a": [2]})),
    ],
)
def test_what_is_a_change(one: Resolution, other: Resolution) -> None:
    assert differs(one, other)
    assert differs(other, one)


# Some of them at one address, and of each an equal one that is another object.
THERE = [Endpoint(address, {"zone": zone}) for address in ([ONE], [SIX], [ONE, SIX], [SIX, ONE]) for zone in "ab"]
some = st.lists(st.sampled_from([*THERE, *(attrs.evolve(endpoint) for endpoint in THERE)]))


@given(one=some, other=some)
def test_whether_endpoints_are_the_same_objects_changes_nothing(one: list[Endpoint], other: list[Endpoint]) -> None:
    def as_a_set(endpoints: list[Endpoint]) -> set[tuple[frozenset[Address], Mapping[str, object]]]:
        return {(frozenset(endpoint.addresses), endpoint.attributes) for endpoint in endpoints}

    assert differs(Resolution(one), Resolution(other)) is (as_a_set(one) != as_a_set(other))


def test_an_answer_without_a_change_shows_the_one_before() -> None:
    first = State().answered(Resolution([Endpoint(ONE), Endpoint(TWO)]))
    assert first.answered(Resolution([Endpoint(TWO), Endpoint(ONE)], ttl=5)).resolution is first.resolution


@pytest.mark.parametrize("error", [RETRYABLE, HOPELESS, TargetError("mine:x", "no x today")])
def test_an_error_keeps_the_last_good_answer(error: urischeme.Error) -> None:
    good = State().answered(Resolution([Endpoint(ONE)]))
    failed = good.failed(error)
    assert failed.resolution is good.resolution
    assert (failed.error, failed.stale, failed.is_hopeless) == (error, True, False)
    assert failed.answered(Resolution([Endpoint(ONE)])) == good


@pytest.mark.parametrize(
    ("error", "hopeless"), [(RETRYABLE, False), (HOPELESS, True), (TargetError("mine:x", "no x today"), True)]
)
def test_an_error_before_any_answer(error: urischeme.Error, hopeless: bool) -> None:
    state = State().failed(error)
    assert (state.resolution, state.error, state.stale, state.is_hopeless) == (None, error, False, hopeless)


def test_nothing_there_is_believed_at_once_where_nothing_was() -> None:
    state = State().not_found(ABSENT)
    assert state.resolution == Resolution([])
    assert (state.error, state.stale, state.is_hopeless) == (ABSENT, False, False)
    assert state.not_found(ABSENT).resolution is state.resolution
    assert State().answered(Resolution([])).not_found(ABSENT).resolution == Resolution([])


def test_nothing_there_is_believed_when_it_comes_twice() -> None:
    good = State().answered(Resolution([Endpoint(ONE)]))
    once = good.not_found(ABSENT)
    assert once.resolution is good.resolution
    assert (once.error, once.stale) == (ABSENT, True)
    assert shown(once.not_found(ABSENT)) == []
    assert shown(once.answered(Resolution([Endpoint(ONE)])).not_found(ABSENT)) == ["ipv4:10.0.0.1:80"]
    # An error is no answer, so it does not stand between two.
    assert shown(once.failed(RETRYABLE)) == ["ipv4:10.0.0.1:80"]
    assert shown(once.failed(RETRYABLE).not_found(ABSENT)) == []


def test_a_resolver_that_says_the_set_is_empty_is_believed_at_once() -> None:
    assert shown(State().answered(Resolution([Endpoint(ONE)])).answered(Resolution([]))) == []


@pytest.mark.parametrize(
    ("failed", "expected"),
    [
        (("ipv6",), ["ipv4:10.0.0.2:80", "ipv6:[2001:db8::1]:80"]),
        (("ipv4",), ["ipv4:10.0.0.2:80", "ipv4:10.0.0.1:80"]),
        (("ipv4", "ipv6"), ["ipv4:10.0.0.2:80", "ipv4:10.0.0.1:80", "ipv6:[2001:db8::1]:80", str(DUAL)]),
        ((), ["ipv4:10.0.0.2:80"]),
    ],
)
def test_a_family_that_failed_keeps_its_last_good_endpoints(failed: tuple[str, ...], expected: list[str]) -> None:
    endpoints = [Endpoint(ONE), Endpoint(SIX), DUAL, Endpoint(UnixAddress("/run/x"))]
    good = State().answered(Resolution(endpoints))
    answer = Resolution([Endpoint(TWO)], ttl=5, attributes={"failed_families": failed, "also": "this"})
    state = good.answered(answer)
    assert shown(state) == expected
    assert state.resolution is not None
    assert state.resolution.attributes == {"also": "this"}
    assert state.resolution.ttl == 5
    assert state.stale is bool(failed)
    assert state.error is None


def test_an_endpoint_is_kept_once() -> None:
    answer = Resolution([Endpoint(ONE, {"new": 1})], attributes={"failed_families": ("ipv4", "ipv6")})
    state = State().answered(Resolution([Endpoint(ONE), Endpoint(SIX)])).answered(answer)
    assert shown(state) == ["ipv4:10.0.0.1:80", "ipv6:[2001:db8::1]:80"]
    assert shown(state.answered(answer)) == shown(state)
    assert state.answered(answer).resolution is state.resolution


def test_a_family_that_failed_at_first_has_nothing_to_keep() -> None:
    state = State().answered(Resolution([Endpoint(ONE)], attributes={"failed_families": ("ipv6",)}))
    assert state == State(Resolution([Endpoint(ONE)]))


def test_a_family_that_is_back_is_what_it_is_now() -> None:
    part = Resolution([Endpoint(ONE)], attributes={"failed_families": ("ipv6",)})
    state = State().answered(Resolution([Endpoint(ONE), Endpoint(SIX)])).answered(part)
    assert shown(state.answered(Resolution([Endpoint(ONE)]))) == ["ipv4:10.0.0.1:80"]
