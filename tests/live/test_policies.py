from __future__ import annotations

import itertools
import threading
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.endpoints import endpoint, endpoints
from urischeme import Endpoint, Policy, ResolveError, TCPAddress
from urischeme.live.policies import (
    PickFirst,
    Random,
    RoundRobin,
    WeightedRoundRobin,
    policy_configured,
    policy_named,
)

KINDS = [PickFirst, RoundRobin, WeightedRoundRobin, Random]
kinds = pytest.mark.parametrize("kind", KINDS)

ALL = endpoints(range(13))
numbers = st.integers(0, 12)
several = st.lists(numbers, min_size=1, max_size=6, unique=True)
weights = st.lists(st.integers(1, 12), min_size=1, max_size=6)


def picks(policy: Policy, count: int) -> list[Endpoint]:
    return [policy.pick() for _ in range(count)]


def weighted(weights: list[Any]) -> tuple[Endpoint, ...]:
    return tuple(endpoint(number, weight=weight) for number, weight in enumerate(weights))


# --- what all of them keep to


@kinds
@given(before=several, after=several)
def test_only_those_that_are_there_are_picked(kind: type[Policy], before: list[int], after: list[int]) -> None:
    policy = kind(endpoints(before))
    assert set(picks(policy, 20)) <= set(endpoints(before))
    policy = policy.updated(endpoints(after))
    assert type(policy) is kind
    assert set(picks(policy, 20)) <= set(endpoints(after))


@kinds
@given(there=several)
def test_candidates_are_all_of_them_once_each(kind: type[Policy], there: list[int]) -> None:
    candidates = kind(endpoints(there)).candidates()
    assert sorted(map(str, candidates)) == sorted(map(str, endpoints(there)))


@kinds
def test_an_update_may_change_the_attributes(kind: type[Policy]) -> None:
    policy = kind((endpoint(1, weight=1), endpoint(2, weight=1)))
    picks(policy, 3)
    renewed = (endpoint(1, weight=2), endpoint(2, weight=0, zone="b"))
    assert set(picks(policy.updated(renewed), 20)) <= set(renewed)


@kinds
def test_attributes_need_no_hash(kind: type[Policy]) -> None:
    there = (endpoint(1, tags=["a"]), endpoint(2, tags=["b"]))
    policy = kind(there).updated(there)
    policy.report(policy.pick(), None)
    assert policy.pick() in there


@kinds
def test_many_threads_may_pick_at_once(kind: type[Policy]) -> None:
    policy = kind(weighted([1, 2, 3]))
    picked: list[list[Endpoint]] = []
    threads = [threading.Thread(target=lambda: picked.append(picks(policy, 600))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = Counter(str(one) for one in itertools.chain(*picked))
    assert counts.total() == 2400
    if kind is RoundRobin:
        assert set(counts.values()) == {800}
    if kind is WeightedRoundRobin:
        assert sorted(counts.values()) == [400, 800, 1200]


# --- pick_first


def test_pick_first_stays_with_the_first() -> None:
    assert picks(PickFirst(endpoints([3, 1, 2])), 3) == [endpoint(3)] * 3


def test_pick_first_stays_with_one_that_works_for_as_long_as_it_is_there() -> None:
    policy: Policy = PickFirst(endpoints([1, 2, 3]))
    policy.report(endpoint(2), OSError())
    policy.report(endpoint(9), None)
    assert policy.pick() == endpoint(1)
    policy.report(endpoint(2), None)
    assert policy.pick() == endpoint(2)
    assert policy.candidates() == endpoints([2, 3, 1])
    policy = policy.updated(endpoints([0, 3, 2]))
    assert policy.pick() == endpoint(2)
    policy = policy.updated(endpoints([0, 3]))
    assert policy.pick() == endpoint(0)


# --- round_robin


@given(there=several, rounds=st.integers(1, 4))
def test_round_robin_is_fair(there: list[int], rounds: int) -> None:
    picked = picks(RoundRobin(endpoints(there)), rounds * len(there))
    assert set(Counter(map(str, picked)).values()) == {rounds}
    assert len(set(map(str, picked[: len(there)]))) == len(there)


def test_round_robin_begins_anywhere() -> None:
    assert {RoundRobin(endpoints(range(3))).pick() for _ in range(200)} == set(endpoints(range(3)))


@given(st.lists(st.tuples(several, st.integers(0, 9)), min_size=1, max_size=8))
def test_round_robin_goes_on_where_it_was(updates: list[tuple[list[int], int]]) -> None:
    """Between two turns of one endpoint each other that was there all the time has its turn, exactly once."""
    policy: Policy | None = None
    turns: dict[Endpoint, list[Endpoint]] = {}
    there_since: dict[Endpoint, int] = {}
    step = 0
    for given_numbers, count in updates:
        # As a resolver gives them: some are the same objects as before, others equal ones.
        given_endpoints = tuple(ALL[number] if number % 2 else endpoint(number) for number in given_numbers)
        policy = RoundRobin(given_endpoints) if policy is None else policy.updated(given_endpoints)
        there_since = {one: there_since.get(one, step) for one in given_endpoints}
        turns = {one: turns[one] for one in given_endpoints if one in turns}
        for _ in range(count):
            step += 1
            picked = policy.pick()
            for between in turns.values():
                between.append(picked)
            if picked in turns:
                between = turns[picked][:-1]
                began = step - len(between) - 1
                stayed = [one for one, since in there_since.items() if since < began and one != picked]
                assert all(between.count(one) == 1 for one in stayed)
            turns[picked] = []


@given(st.lists(several, min_size=1, max_size=12))
def test_round_robin_lets_nobody_wait_for_ever(updates: list[list[int]]) -> None:
    """One pick after each update: whoever stays has a turn within as many picks as there ever were endpoints."""
    kept = endpoint(99)
    policy: Policy = RoundRobin((kept,))
    waited = 0
    for others in updates:
        policy = policy.updated((*endpoints(others), kept))
        waited = 0 if policy.pick() == kept else waited + 1
        assert waited <= 6


# --- weighted_round_robin


@given(weights, st.integers(0, 30))
def test_shares_are_exact_over_every_cycle(weights: list[int], start: int) -> None:
    policy = WeightedRoundRobin(weighted(weights))
    picks(policy, start)
    counts = Counter(map(str, picks(policy, sum(weights))))
    assert [counts[str(one)] for one in weighted(weights)] == weights


@given(weights)
def test_picks_are_evenly_spread(weights: list[int]) -> None:
    """At any time nobody is as much as one pick ahead of another, counted in what each is due."""
    there = weighted(weights)
    policy = WeightedRoundRobin(there)
    had = dict.fromkeys(range(len(weights)), 0)
    for _ in range(2 * sum(weights)):
        had[there.index(policy.pick())] += 1
        last = max(Fraction(2 * had[one] - 1, weight) for one, weight in enumerate(weights))
        due = min(Fraction(2 * had[one] + 1, weight) for one, weight in enumerate(weights))
        assert last <= due


@given(weights, weights, st.integers(0, 30))
def test_shares_are_exact_after_an_update_too(before: list[int], after: list[int], start: int) -> None:
    policy: Policy = WeightedRoundRobin(weighted(before))
    picks(policy, start)
    # In another order, so that ties go another way.
    policy = policy.updated(weighted(after)[::-1])
    counts = Counter(map(str, picks(policy, sum(after))))
    assert [counts[str(one)] for one in weighted(after)] == after


def test_an_update_between_picks_favours_nobody() -> None:
    policy: Policy = WeightedRoundRobin(weighted([5, 3, 2]))
    counts: Counter[str] = Counter()
    for _ in range(100):
        counts[str(policy.pick())] += 1
        policy = policy.updated(weighted([5, 3, 2]))
    assert [counts[str(one)] for one in weighted([5, 3, 2])] == [50, 30, 20]


@pytest.mark.parametrize(
    ("given_weights", "cycle", "counts"),
    [
        ([3, 1], 4, [3, 1]),
        ([0.5, 1.5], 4, [1, 3]),
        ([0.1, 0.1], 4, [2, 2]),
        ([None, 1], 4, [2, 2]),
        (["9", 1], 4, [2, 2]),
        ([-1, 1], 4, [2, 2]),
        ([float("inf"), float("nan")], 4, [2, 2]),
        ([0, 2], 4, [0, 4]),
        ([0, 0], 4, [2, 2]),
        ([0], 4, [4]),
        ([65535, 65534], 131069, [65535, 65534]),
    ],
)
def test_what_a_weight_may_be(given_weights: list[Any], cycle: int, counts: list[int]) -> None:
    there = weighted(given_weights)
    picked = Counter(map(str, picks(WeightedRoundRobin(there), cycle)))
    assert [picked[str(one)] for one in there] == counts


def test_an_endpoint_without_a_weight_has_the_weight_1() -> None:
    picked = Counter(map(str, picks(WeightedRoundRobin((endpoint(1), endpoint(2, weight=3))), 4)))
    assert [picked[str(endpoint(1))], picked[str(endpoint(2))]] == [1, 3]


# --- which one


def test_policies_are_chosen_by_name_or_given() -> None:
    assert [policy_named(name) for name in ("pick_first", "round_robin", "weighted_round_robin", "random")] == KINDS

    class Mine(Policy):
        def pick(self) -> Endpoint:
            return self.endpoints[-1]

    assert policy_named(Mine) is Mine


def test_an_unknown_name_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(ValueError) as caught:
        policy_named("round-robin\x1b")
    assert str(caught.value) == (
        r"no policy is named 'round-robin\\x1b'; there are pick_first, round_robin, weighted_round_robin, random"
    )


@pytest.mark.parametrize("policy", [1, None, object, RoundRobin((endpoint(1),))])
def test_what_is_no_policy(policy: Any) -> None:
    with pytest.raises(TypeError, match=r"a policy is a name or a subclass of urischeme\.Policy, not "):
        policy_named(policy)


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (None, PickFirst),
        ({}, PickFirst),
        ({"methodConfig": []}, PickFirst),
        ({"loadBalancingConfig": []}, PickFirst),
        ({"loadBalancingConfig": [{"round_robin": {}}]}, RoundRobin),
        ({"loadBalancingConfig": ({"random": {}},)}, Random),
        ({"loadBalancingConfig": [{"xds": {}}, {"weighted_round_robin": {}}, {"random": {}}]}, WeightedRoundRobin),
        ({"loadBalancingPolicy": "round_robin"}, RoundRobin),
        ({"loadBalancingPolicy": "ROUND_ROBIN"}, RoundRobin),
        ({"loadBalancingPolicy": "round_robin", "loadBalancingConfig": [{"random": {}}]}, Random),
    ],
)
def test_a_service_config_may_choose(config: dict[str, object] | None, kind: type[Policy]) -> None:
    assert policy_configured(config) is kind


@pytest.mark.parametrize(
    ("config", "says"),
    [
        (
            {"loadBalancingConfig": [{"xds": {}}, {"grpclb": {}}]},
            "asks for the policy xds, grpclb; there are pick_first",
        ),
        ({"loadBalancingPolicy": "grpclb"}, "asks for the policy grpclb; there are pick_first"),
        ({"loadBalancingConfig": "round_robin"}, "a list of objects, each with one key"),
        ({"loadBalancingConfig": {"round_robin": {}}}, "a list of objects, each with one key"),
        ({"loadBalancingConfig": ["round_robin"]}, "a list of objects, each with one key"),
        ({"loadBalancingConfig": [{"round_robin": {}, "random": {}}]}, "a list of objects, each with one key"),
        ({"loadBalancingConfig": [{}]}, "a list of objects, each with one key"),
        ({"loadBalancingConfig": 1}, "a list of objects, each with one key"),
    ],
)
def test_a_service_config_may_be_invalid(config: dict[str, object], says: str) -> None:
    with pytest.raises(ResolveError, match=says) as caught:
        policy_configured(config)
    assert not caught.value.retryable


def test_one_of_ones_own_takes_a_pick() -> None:
    class SameZone(Policy):
        def pick(self) -> Endpoint:
            return next((one for one in self.endpoints if one.attributes.get("zone") == "a"), self.endpoints[0])

    policy: Policy = SameZone((endpoint(1), endpoint(2, zone="a"), endpoint(3)))
    policy.report(policy.pick(), OSError())
    assert policy.candidates() == (endpoint(2, zone="a"), endpoint(3), endpoint(1))
    policy = policy.updated((endpoint(1), endpoint(3)))
    assert isinstance(policy, SameZone)
    assert policy.pick() == endpoint(1)


def test_addresses_alone_are_what_an_endpoint_is_known_by() -> None:
    two = Endpoint([TCPAddress("10.0.0.1", 80), TCPAddress("::1", 80)])
    policy: Policy = PickFirst((endpoint(1), two))
    policy.report(two, None)
    assert policy.updated((endpoint(1), Endpoint(two.addresses, {"zone": "b"}))).pick().attributes == {"zone": "b"}
