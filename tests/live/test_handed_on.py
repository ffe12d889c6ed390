"""Schemes whose targets are handed on to other resolvers."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import urischeme
from tests.live.clock import FakeClock
from tests.live.scripted import HOPELESS, ONE, RETRYABLE, TWO, Pushes, Script, in_a_loop
from urischeme import Registry, ResolveError, Target
from urischeme.live.source import Question
from urischeme.live.watch import Watch


def to(text: str, registry: Registry) -> Any:
    async def resolver(target: Target) -> Target:
        return Target.parse(text, registry=registry)

    return resolver


def registry_of(**resolvers: Any) -> Registry:
    """`scheme="target"` hands on to that target."""
    registry = Registry()
    for scheme, resolver in resolvers.items():
        registry.register(scheme, to(resolver, registry) if isinstance(resolver, str) else resolver)
    return registry


def addresses(target: str, registry: Registry, **options: Any) -> list[str]:
    return [str(each) for each in urischeme.resolve(target, registry=registry, **options).endpoints]


def watching(target: str, registry: Registry, clock: FakeClock, **options: Any) -> Watch:
    question = Question.of(target, timeout=10, default_port=None, registry=registry, clock=clock)
    return Watch(question, **options)


def test_the_other_resolver_answers() -> None:
    registry = registry_of(svc="ipv4:10.0.0.1:80,10.0.0.2:80")
    assert addresses("svc:orders", registry) == ["ipv4:10.0.0.1:80", "ipv4:10.0.0.2:80"]
    assert asyncio.run(urischeme.aio.resolve("svc:orders", registry=registry)).authority == "10.0.0.1"


def test_plain_functions_and_static_ones_hand_on_too() -> None:
    registry = registry_of(svc=lambda target: Target("ipv4", "", f"10.0.0.1:{target.endpoint}"))
    assert addresses("svc:81", registry) == ["ipv4:10.0.0.1:81"]
    registry = registry_of(a="b:1", b="c:2", c="ipv4:10.0.0.3:80")
    assert addresses("a:0", registry) == ["ipv4:10.0.0.3:80"]


def test_the_default_port_goes_along() -> None:
    assert addresses("svc:x", registry_of(svc="ipv4:10.0.0.1"), default_port=5) == ["ipv4:10.0.0.1:5"]


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("a:x", "a:x → b:y → a:x: handed on in a circle"),
        ("self:x", "self:x → self:x: handed on in a circle"),
        ("nobody:x", "nobody:x → ipv4:10.0.0.1:x: a port is digits"),
        ("unknown:x", "unknown:x → nowhere:x: no resolver for the scheme nowhere"),
        ("option:x", "option:x → ipv4:10.0.0.1:80?zone=a: ipv4 has no option 'zone'; it takes none"),
    ],
)
def test_targets_that_lead_nowhere(target: str, said: str) -> None:
    registry = registry_of(
        a="b:y",
        b="a:x",
        self="self:x",
        nobody="ipv4:10.0.0.1:x",
        unknown=lambda target: Target("nowhere", "", "x"),
        option="ipv4:10.0.0.1:80?zone=a",
    )
    with pytest.raises(ResolveError) as refused:
        urischeme.resolve(target, registry=registry)
    assert said in str(refused.value)
    assert not refused.value.retryable

    async def watched() -> None:
        async with urischeme.aio.watch(target, registry=registry) as watch:
            await anext(watch)

    with pytest.raises(ResolveError) as refused:
        asyncio.run(watched())
    assert said.rpartition(" → ")[2] in str(refused.value)


@in_a_loop
async def test_a_watch_hears_what_the_other_resolver_pushes() -> None:
    clock = FakeClock()
    pushes = Pushes(clock, ONE, RETRYABLE, TWO)
    errors: list[Any] = []
    async with watching("svc:x", registry_of(svc="pushes:y", pushes=pushes), clock, on_error=errors.append) as watch:
        assert await anext(watch) == ONE
        await clock.rest(2)
        advancing = asyncio.create_task(clock.advance(20))
        assert await anext(watch) == TWO
        advancing.cancel()
        await asyncio.wait([advancing])
        assert errors == [RETRYABLE]
    assert pushes.closed == 2
    assert asyncio.all_tasks() == {asyncio.current_task()}


@in_a_loop
async def test_a_watch_goes_where_it_is_handed_on_to_now() -> None:
    clock = FakeClock()
    first, second = Pushes(clock, ONE), Pushes(clock, TWO)
    registry = registry_of(first=first, second=second)
    script = Script(clock, Target("first", "", "x"), Target("first", "", "x"), Target("second", "", "x"))
    registry.register("svc", script)
    async with watching("svc:x", registry, clock) as watch:
        assert await anext(watch) == ONE
        advancing = asyncio.create_task(clock.advance(100))
        assert await anext(watch) == TWO
        await advancing
        assert (first.closed, second.closed) == (1, 0)
        assert len(first.asked) == 1, "it was left alone while it was the same"
    assert second.closed == 1


@in_a_loop
async def test_what_is_hopeless_at_the_other_is_so_here_too() -> None:
    clock = FakeClock()
    async with watching("svc:x", registry_of(svc="pushes:y", pushes=Pushes(clock, HOPELESS)), clock) as watch:
        advancing = asyncio.create_task(clock.advance(5))
        with pytest.raises(ResolveError, match="no use"):
            await anext(watch)
        advancing.cancel()
        await asyncio.wait([advancing])


@in_a_loop
async def test_a_watch_of_the_other_target_shares_its_answers() -> None:
    clock = FakeClock()
    pushes = Pushes(clock, ONE)
    registry = registry_of(svc="pushes:y", pushes=pushes)
    async with watching("svc:x", registry, clock) as watch, watching("pushes:y", registry, clock) as other:
        assert await anext(watch) == await anext(other) == ONE
        assert len(pushes.asked) == 1
