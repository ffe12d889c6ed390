from __future__ import annotations

import asyncio
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.clock import FakeClock
from urischeme.live.clock import SYSTEM_CLOCK, Nap
from urischeme.live.pace import Backoff, interval

chances = st.floats(0, 1, exclude_max=True)


@pytest.mark.parametrize(
    ("ttl", "least"), [(None, 30), (0, 1), (-5, 1), (0.5, 1), (1, 1), (7, 7), (30, 30), (3600, 30), (math.inf, 30)]
)
@given(chance=chances)
def test_the_ttl_within_bounds_a_tenth_late_at_most_and_never_early(
    ttl: float | None, least: float, chance: float
) -> None:
    assert least <= interval(ttl, FakeClock(lambda: chance)) <= least * 1.1


def test_the_lateness_is_spread() -> None:
    assert interval(10, FakeClock(lambda: 0.0)) == 10
    assert interval(10, FakeClock(lambda: 0.5)) == 10.5


def test_a_ttl_that_is_no_number_is_the_shortest() -> None:
    assert interval(math.nan, FakeClock(lambda: 0.0)) == 1


@given(st.lists(chances, min_size=20, max_size=20))
def test_backoff_grows_by_its_factor_to_its_limit(drawn: list[float]) -> None:
    left = iter(drawn)
    backoff = Backoff(FakeClock(lambda: next(left)))
    for failure in range(20):
        mean = min(120.0, 1.6**failure)
        assert mean * 0.799 <= backoff.step() <= min(120.0, mean * 1.201)


def test_backoff_begins_anew_after_an_answer() -> None:
    backoff = Backoff(FakeClock())
    steps = [backoff.step(), backoff.step()]
    backoff.reset()
    assert [backoff.step(), backoff.step()] == steps == [1.0, 1.6]


def test_the_systems_clock() -> None:
    before = SYSTEM_CLOCK.now()
    asyncio.run(SYSTEM_CLOCK.sleep(0.001))
    assert SYSTEM_CLOCK.now() > before
    assert 0 <= SYSTEM_CLOCK.random() < 1


def test_a_nap_is_cut_short() -> None:
    async def test() -> None:
        clock = FakeClock()
        nap = Nap(clock)
        nap.end()  # nobody sleeps
        sleeping = asyncio.create_task(nap.sleep(5))
        await clock.rest()
        nap.end()
        nap.end()
        await sleeping
        assert clock.now() == FakeClock().now()

    asyncio.run(test())


def test_a_nap_passes_on_what_the_clock_raises() -> None:
    class Broken(FakeClock):
        async def sleep(self, seconds: float) -> None:
            raise TimeoutError("of its own")

    with pytest.raises(TimeoutError, match="of its own"):
        asyncio.run(Nap(Broken()).sleep(1))
