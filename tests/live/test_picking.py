from __future__ import annotations

import logging
import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.endpoints import Clock, endpoint, endpoints
from urischeme import Endpoint, Error, NotFound, Policy, Resolution, ResolveError, TCPAddress
from urischeme.live.picking import Picker
from urischeme.live.policies import PickFirst, Random, RoundRobin, WeightedRoundRobin

ERROR = ConnectionRefusedError()
GRPCLB: dict[str, object] = {"loadBalancingConfig": [{"grpclb": {}}]}


def picker(*there: Endpoint, policy: type[Policy] | None = RoundRobin) -> tuple[Picker, Clock]:
    clock = Clock()
    made = Picker("mine:x", policy, clock)
    made.update(Resolution(there))
    return made, clock


def fail(made: Picker, one: Endpoint, times: int = 5) -> None:
    for _ in range(times):
        made.report(one, ERROR)


def picked(made: Picker, count: int = 20) -> set[str]:
    return {str(made.pick()) for _ in range(count)}


def names(*numbers: int) -> set[str]:
    return set(map(str, endpoints(numbers)))


def problem(made: Picker) -> Error:
    with pytest.raises(ResolveError) as caught:
        made.pick()
    with pytest.raises(ResolveError) as again:
        made.candidates()
    assert str(again.value) == str(caught.value)
    assert again.value is not caught.value
    return caught.value


def test_before_the_first_answer_there_is_none() -> None:
    made = Picker("mine:x")
    error = problem(made)
    assert isinstance(error, ResolveError)
    assert (str(error), error.retryable) == ("mine:x: there is no answer yet", True)
    assert not made.ready


def test_before_the_first_answer_the_latest_trouble_is_told() -> None:
    made = Picker("mine:x")
    made.trouble(ResolveError("no answer within 5 s", retryable=True))
    assert str(problem(made)) == "no answer within 5 s"
    made.update(Resolution([]))
    made.trouble(ResolveError("no answer within 5 s", retryable=True))
    assert str(problem(made)) == "mine:x: there is no endpoint"


def test_nobody_is_there() -> None:
    made, _ = picker()
    error = problem(made)
    assert isinstance(error, NotFound)
    assert str(error) == "mine:x: there is no endpoint"
    assert not made.ready
    made.update(Resolution([endpoint(1)]))
    assert made.ready
    assert made.pick() == endpoint(1)


def test_it_may_be_over() -> None:
    made, _ = picker(endpoint(1))
    made.end(ResolveError("the port is out of range", retryable=False))
    assert not made.ready
    assert str(problem(made)) == "the port is out of range"
    made.report(endpoint(1), ERROR)


def test_a_place_that_is_named_twice_is_one_place() -> None:
    first = Endpoint(TCPAddress("10.0.0.1", 80), {"zone": "a"})
    made, _ = picker(first, endpoint(2), endpoint(1))
    assert [made.pick() for _ in range(4)].count(first) == 2


# --- put aside


@pytest.mark.parametrize("policy", [PickFirst, RoundRobin, WeightedRoundRobin, Random])
def test_one_that_fails_is_not_picked_until_it_is_back(policy: type[Policy]) -> None:
    made, clock = picker(*endpoints(range(3)), policy=policy)
    fail(made, endpoint(0))
    assert picked(made) <= names(1, 2)
    assert all(endpoint(0) not in tier for tier in made.candidates())
    clock.now += 30
    if policy is not PickFirst:
        assert picked(made, 100) == names(0, 1, 2)
    assert endpoint(0) in made.candidates()[0]


def test_an_update_that_keeps_an_endpoint_does_not_bring_it_back() -> None:
    made, clock = picker(*endpoints(range(3)))
    fail(made, endpoint(0))
    made.update(Resolution([endpoint(0, zone="b"), *endpoints([1, 2, 3])]))
    assert picked(made) == names(1, 2, 3)
    clock.now += 30
    assert picked(made) == names(0, 1, 2, 3)


operations = st.one_of(
    st.tuples(st.just("pick"), st.integers(0, 1)),
    st.tuples(st.just("fail"), st.integers(0, 7)),
    st.tuples(st.just("work"), st.integers(0, 7)),
    st.tuples(st.just("wait"), st.integers(0, 100)),
    st.tuples(st.just("size"), st.integers(1, 7)),
)


@given(
    st.sampled_from([PickFirst, RoundRobin, WeightedRoundRobin, Random]),
    st.integers(1, 7),
    st.lists(operations, max_size=60),
)
def test_no_ejected_one_is_picked_while_others_are_there(
    policy: type[Policy], size: int, events: list[tuple[str, int]]
) -> None:
    made, clock = picker(*endpoints(range(size)), policy=policy)
    failures = dict.fromkeys(endpoints(range(8)), 0)
    until = dict.fromkeys(endpoints(range(8)), 0.0)
    times = dict.fromkeys(endpoints(range(8)), 0)
    for kind, number in events:
        one = endpoint(number)
        match kind:
            case "fail" if number < size and until[one] <= clock.now:
                made.report(one, ERROR)
                failures[one] += 1
                out = sum(back > clock.now for other, back in until.items())
                if failures[one] >= 5 and out < size // 2:
                    times[one] = 1 if clock.now - until[one] > 300 else times[one] + 1
                    failures[one], until[one] = 0, clock.now + min(30 * times[one], 300)
            case "work" if number < size:
                made.report(one, None)
                failures[one] = 0
            case "wait":
                clock.now += number
            case "size" if number >= size:  # what a set that shrinks does is told elsewhere
                size = number
                made.update(Resolution(endpoints(range(size))))
            case _:
                pass
        there = set(endpoints(range(size)))
        assert made.pick() in {one for one in there if until[one] <= clock.now}


# --- priorities


def test_the_lowest_priority_is_picked_from_while_one_of_it_is_left() -> None:
    made, clock = picker(
        endpoint(0, priority=10),
        endpoint(1, priority=10),
        endpoint(2, priority=20),
        endpoint(3, priority=5),
        endpoint(4, priority=5),
        endpoint(5, priority=20),
    )
    assert picked(made) == names(3, 4)
    fail(made, endpoint(3))
    assert picked(made) == names(4)
    fail(made, endpoint(4))
    assert picked(made) == names(0, 1)
    assert [set(map(str, tier)) for tier in made.candidates()] == [names(0, 1), names(2, 5)]
    clock.now += 30
    assert picked(made) == names(3, 4)
    assert [set(map(str, tier)) for tier in made.candidates()] == [names(3, 4), names(0, 1), names(2, 5)]


def test_no_priority_is_priority_0() -> None:
    made, _ = picker(endpoint(0, priority=1), endpoint(1), endpoint(2, priority="high"))
    assert picked(made) == names(1, 2)


# --- which policy


def test_the_service_config_chooses_unless_the_caller_has() -> None:
    config: dict[str, object] = {"loadBalancingConfig": [{"round_robin": {}}]}
    for given_policy, expected in ((None, names(0, 1, 2)), (PickFirst, names(0))):
        made, _ = picker(policy=given_policy)
        made.update(Resolution(endpoints(range(3)), service_config=config))
        assert picked(made) == expected


def test_another_service_config_is_another_policy() -> None:
    made, _ = picker(*endpoints(range(3)), policy=None)
    assert picked(made) == names(0)
    made.update(Resolution(endpoints(range(3)), service_config={"loadBalancingPolicy": "round_robin"}))
    assert picked(made) == names(0, 1, 2)
    made.update(Resolution(endpoints(range(3))))
    assert picked(made) == names(0)


def test_an_invalid_service_config_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    made, _ = picker(*endpoints(range(3)), policy=None)
    made.update(Resolution(endpoints([7, 8]), service_config={"loadBalancingPolicy": "round_robin"}))
    with caplog.at_level(logging.WARNING, "urischeme"):
        made.update(Resolution(endpoints([8, 9]), service_config=GRPCLB))
    assert picked(made) == names(8, 9)
    assert "mine:x: the service config asks for the policy grpclb" in caplog.text
    made.update(Resolution([], service_config=GRPCLB))
    assert isinstance(problem(made), NotFound)


def test_an_invalid_service_config_without_one_before_it_is_no_answer() -> None:
    made = Picker("mine:x")
    made.update(Resolution(endpoints([1]), service_config=GRPCLB))
    assert str(problem(made)).startswith("mine:x: the service config asks for the policy grpclb")
    made.update(Resolution(endpoints([1])))
    assert made.pick() == endpoint(1)


def test_reports_reach_the_policy() -> None:
    heard: list[tuple[Endpoint, object]] = []

    class Listening(Policy):
        def pick(self) -> Endpoint:
            return self.endpoints[0]

        def report(self, endpoint: Endpoint, error: BaseException | None) -> None:
            heard.append((endpoint, error))

    made, _ = picker(endpoint(1), policy=Listening)
    made.report(endpoint(1), None)
    made.report(endpoint(1), ERROR)
    assert heard == [(endpoint(1), None), (endpoint(1), ERROR)]


# --- from several threads


def test_picks_reports_and_updates_at_once() -> None:
    made, clock = picker(*endpoints(range(4)))
    over = threading.Event()
    wrong: list[BaseException] = []

    def work() -> None:
        try:
            while not over.is_set():
                one = made.pick()
                made.report(one, ERROR if one == endpoint(0) else None)
        except BaseException as error:
            wrong.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for step in range(300):
        clock.now += 1
        made.update(Resolution(endpoints(range(4 + step % 3))))
    over.set()
    for thread in threads:
        thread.join()
    assert not wrong
