"""`aio.watch` against a model of a few lines, over any course of answers, errors and time."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any, TypeVar

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import urischeme
from tests.live.clock import DEADLINE, FakeClock
from tests.live.scripted import ABSENT, HOPELESS, RETRYABLE, Script, watching
from urischeme import Endpoint, Registry, Resolution, TCPAddress
from urischeme.live.watch import Watch

T = TypeVar("T")

ADDRESSES = [TCPAddress(host, 80) for host in ("10.0.0.1", "10.0.0.2", "2001:db8::1")]
CONFIGS: list[dict[str, object] | None] = [None, {"loadBalancingConfig": [{"round_robin": {}}]}]

endpoints = st.builds(
    Endpoint,
    st.lists(st.sampled_from(ADDRESSES), min_size=1, max_size=2, unique=True),
    st.sampled_from([{}, {"zone": "a"}, {"tags": ["a", "b"]}]),
)
answers = st.builds(
    Resolution,
    st.lists(endpoints, min_size=1, max_size=3),
    ttl=st.none() | st.sampled_from([0, 1, 5, 30, 600]),
    service_config=st.sampled_from(CONFIGS),
)

# A set, as the model knows it: what is in it, in whatever order.
Set = tuple[frozenset[str], str]
NOTHING: Set = (frozenset(), "None")


def as_set(resolution: Resolution) -> Set:
    texts = (f"{sorted(map(str, each.addresses))} {dict(each.attributes)}" for each in resolution.endpoints)
    return frozenset(texts), repr(resolution.service_config)


@attrs.define
class Model:
    """What the design's page says, for a resolver that is polled."""

    now: float
    due: float
    shown: Set | None = None
    error: Exception | None = None
    absent: bool = False
    failures: int = 0
    answered_at: float | None = None
    questions: int = 0

    def pass_time(self, seconds: float, outcome: object) -> None:
        end = self.now + seconds
        while self.due <= end:
            self.now = self.due
            self.ask(outcome)
        self.now = end

    def ask(self, outcome: object) -> None:
        self.questions += 1
        if isinstance(outcome, Exception) and outcome is not ABSENT:
            self.error, self.answered_at = outcome, None
            self.due = self.now + min(120, 1.6**self.failures)
            self.failures += 1
            return
        if isinstance(outcome, Resolution):
            self.shown, self.error, self.absent = as_set(outcome), None, False
            ttl = 30 if outcome.ttl is None else outcome.ttl
        else:
            if self.shown is None or self.absent:
                self.shown = NOTHING
            self.error, self.absent, ttl = ABSENT, True, 30
        self.failures, self.answered_at = 0, self.now
        self.due = self.now + min(30, max(1, ttl)) * 1.05

    def refresh(self, outcome: object) -> None:
        if self.answered_at is not None:
            self.due = min(self.due, max(self.now, self.answered_at + 1))
            self.pass_time(0, outcome)

    @property
    def stale(self) -> bool:
        unconfirmed = self.error is not None and self.error is not ABSENT
        return self.shown is not None and (unconfirmed or (self.absent and self.shown != NOTHING))


class Watching(RuleBasedStateMachine):
    """Two watchers of one target; the second comes and goes."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.registry = Registry()
        self.watches: dict[int, tuple[Watch, list[Set]]] = {}

    def run(self, test: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(asyncio.wait_for(test, DEADLINE))

    @initialize(first=answers | st.sampled_from([RETRYABLE, ABSENT]))
    def begin(self, first: object) -> None:
        self.resolver = Script(self.clock, first)
        self.registry.register("mine", self.resolver)
        self.model = Model(self.clock.now(), self.clock.now())
        self.model.pass_time(0, first)
        self.enter(0)
        self.run(self.clock.rest())

    def enter(self, which: int) -> None:
        watch = watching(self.resolver, self.clock, registry=self.registry)
        self.run(watch.__aenter__())
        self.watches[which] = watch, []

    @rule(outcome=answers | st.sampled_from([RETRYABLE, ABSENT]))
    def say(self, outcome: object) -> None:
        self.resolver.outcomes = [outcome]

    @precondition(lambda self: self.model.shown is not None)
    @rule(outcome=st.sampled_from([HOPELESS, urischeme.TargetError("mine:x", "no x today")]))
    def say_no_use(self, outcome: object) -> None:
        self.resolver.outcomes = [outcome]

    @rule(seconds=st.sampled_from([0.1, 1, 2, 31.5, 300]) | st.floats(0, 100))
    def pass_time(self, seconds: float) -> None:
        self.run(self.clock.advance(seconds))
        self.model.pass_time(seconds, self.resolver.outcomes[0])

    @rule(times=st.integers(1, 3))
    def refresh(self, times: int) -> None:
        self.run(refresh(self.watches[0][0], times, self.clock))
        self.model.refresh(self.resolver.outcomes[0])

    @precondition(lambda self: 1 not in self.watches)
    @rule()
    def join(self) -> None:
        self.enter(1)

    @precondition(lambda self: 1 in self.watches)
    @rule()
    def leave(self) -> None:
        watch, _ = self.watches.pop(1)
        self.run(watch.aclose())

    @rule(which=st.integers(0, 1))
    def take(self, which: int) -> None:
        if which not in self.watches:
            return
        watch, given = self.watches[which]
        got = self.run(next_if_any(watch))
        if self.model.shown is None or given[-1:] == [self.model.shown]:
            assert got is None
        else:
            assert got is not None
            assert as_set(got) == self.model.shown
            assert watch.resolution is got
            given.append(self.model.shown)

    @invariant()
    def the_rest_is_as_the_model_has_it(self) -> None:
        if not self.watches:
            return
        assert len(self.resolver.asked) == self.model.questions
        for watch, _ in self.watches.values():
            assert watch.error is self.model.error
            assert watch.stale == self.model.stale

    def teardown(self) -> None:
        for watch, given in self.watches.values():
            self.run(watch.aclose())
            assert all(one != other for one, other in pairwise(given))
        assert not asyncio.all_tasks(self.loop)
        self.loop.close()


async def next_if_any(watch: Watch) -> Resolution | None:
    """What it gives without any time passing."""
    waiting = asyncio.ensure_future(anext(watch))
    for _ in range(3):
        await asyncio.sleep(0)
    if waiting.done():
        return waiting.result()
    waiting.cancel()
    await asyncio.wait([waiting])
    return None


async def refresh(watch: Watch, times: int, clock: FakeClock) -> None:
    for _ in range(times):
        watch.refresh()
    for _ in range(5):
        await asyncio.sleep(0)  # for a nap to end
    await clock.rest()


TestWatching = Watching.TestCase
