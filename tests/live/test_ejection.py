from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from tests.live.endpoints import Clock, endpoint, endpoints
from urischeme import Endpoint
from urischeme.live.ejection import Ejection
from urischeme.live.policies import Addresses

ERROR = ConnectionRefusedError()


def ejection(count: int) -> tuple[Ejection, Clock]:
    clock = Clock()
    made = Ejection(clock)
    made.update(places(range(count)))
    return made, clock


def places(numbers: Iterable[int]) -> set[Addresses]:
    return {endpoint(number).addresses for number in numbers}


def fail(made: Ejection, one: Endpoint, times: int = 5) -> bool:
    return [made.report(one, ERROR) for _ in range(times)].count(True) > 0


def aside(made: Ejection) -> set[str]:
    return {str(Endpoint(addresses)) for addresses in made.aside()}


def test_five_failures_in_a_row_put_one_aside_for_30_seconds() -> None:
    made, clock = ejection(2)
    assert not fail(made, endpoint(0), 4)
    assert made.report(endpoint(0), ERROR)
    assert made.aside() == {endpoint(0).addresses: clock.now + 30}
    clock.now += 29.999
    assert aside(made) == {str(endpoint(0))}
    clock.now += 0.001
    assert not aside(made)


def test_a_success_begins_the_count_anew() -> None:
    made, _ = ejection(2)
    for _ in range(3):
        assert not fail(made, endpoint(0), 4)
        assert not made.report(endpoint(0), None)
    fail(made, endpoint(1), 4)
    made.report(endpoint(0), None)
    assert made.report(endpoint(1), ERROR), "another's success is nothing to it"


def test_each_ejection_is_longer_than_the_one_before_up_to_300_seconds() -> None:
    made, clock = ejection(2)
    lasted = []
    for _ in range(12):
        assert fail(made, endpoint(0))
        (until,) = made.aside().values()
        lasted.append(until - clock.now)
        clock.now = until
        made.report(endpoint(0), None)
    assert lasted == [30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 300, 300]


def test_who_was_good_for_300_seconds_begins_anew() -> None:
    made, clock = ejection(2)
    for pause, lasts in ((0, 30), (300, 60), (300.001, 30)):
        clock.now += pause
        fail(made, endpoint(0))
        (until,) = made.aside().values()
        assert until - clock.now == lasts
        clock.now = until


def test_never_more_than_half_are_put_aside() -> None:
    for count in range(6):
        made, _ = ejection(count)
        for one in endpoints(range(count)):
            fail(made, one, 20)
        assert len(made.aside()) == count // 2


def test_one_that_could_not_be_put_aside_is_as_soon_as_it_may_be() -> None:
    made, clock = ejection(3)
    assert fail(made, endpoint(0))
    assert not fail(made, endpoint(1), 9)
    clock.now += 30
    assert made.report(endpoint(1), ERROR)
    assert aside(made) == {str(endpoint(1))}


def test_failures_of_one_that_is_aside_do_not_count() -> None:
    made, clock = ejection(2)
    fail(made, endpoint(0))
    assert not fail(made, endpoint(0), 9)
    clock.now += 30
    assert not fail(made, endpoint(0), 4)
    assert made.report(endpoint(0), ERROR)


def test_an_update_that_keeps_an_endpoint_keeps_its_record() -> None:
    made, clock = ejection(4)
    fail(made, endpoint(0))
    fail(made, endpoint(1), 4)
    fail(made, endpoint(2), 4)
    made.update(places([0, 1, 8, 9]))
    assert aside(made) == {str(endpoint(0))}
    assert made.report(endpoint(1), ERROR), "the fifth"
    made.update(places(range(4)))
    assert not fail(made, endpoint(2), 4), "it was gone in between"
    clock.now += 30
    fail(made, endpoint(0))
    assert made.aside()[endpoint(0).addresses] == clock.now + 60


def test_a_set_that_shrinks_brings_back_who_would_be_back_first() -> None:
    made, clock = ejection(6)
    for number in (0, 1, 2):
        fail(made, endpoint(number))
        clock.now += 1
    made.update(places([0, 1, 2, 3]))
    assert aside(made) == {str(endpoint(1)), str(endpoint(2))}
    made.update(places([0]))
    assert not aside(made)


def test_who_is_not_there_is_nobodys_concern() -> None:
    made, _ = ejection(2)
    assert not fail(made, endpoint(9))
    assert not made.report(endpoint(9), None)
    assert not made.aside()


@given(
    st.integers(0, 7),
    st.lists(
        st.one_of(
            st.tuples(st.just("fail"), st.integers(0, 7)),
            st.tuples(st.just("work"), st.integers(0, 7)),
            st.tuples(st.just("wait"), st.integers(0, 400)),
            st.tuples(st.just("size"), st.integers(0, 7)),
        ),
        max_size=60,
    ),
)
def test_never_more_than_half_whatever_happens(size: int, events: list[tuple[str, int]]) -> None:
    made, clock = ejection(size)
    for kind, number in events:
        match kind:
            case "fail":
                fail(made, endpoint(number), 3)
            case "work":
                made.report(endpoint(number), None)
            case "wait":
                clock.now += number
            case _:
                size = number
                made.update(places(range(size)))
        until = made.aside()
        assert len(until) <= size // 2
        assert until.keys() <= places(range(size))
        assert all(clock.now < back <= clock.now + 300 for back in until.values())
