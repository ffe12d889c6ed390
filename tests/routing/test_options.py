"""Options of a target, read into the types of the resolver's own annotations."""

from __future__ import annotations

import enum
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from urischeme import RegistrationError, Registry, Target, TargetError

if TYPE_CHECKING:
    # An annotation of other parameters may name what is there for a type checker only.
    from somewhere import Whatever  # type: ignore[import-not-found]


class Level(enum.Enum):
    STRONG = "strong"
    STALE = "stale"


def asked(function: Callable[..., Any], query: str) -> dict[str, Any]:
    """The options that the function is called with."""
    calls: list[dict[str, Any]] = []
    registry = Registry()

    # As an author's own decorator would.
    import functools

    @functools.wraps(function)
    def recording(target: Target, **options: Any) -> tuple[str, int]:
        calls.append(options)
        return ("10.0.0.1", 80)

    registry.register("consul", recording)
    urischeme.resolve(f"consul:orders{query}", registry=registry)
    return calls[0]


def consul(
    target: Target,
    *,
    dc: str = "dc1",
    passing: bool = True,
    near: int | None = None,
    share: float = 1.0,
    mode: Literal["stale", "consistent"] = "stale",
    level: Level = Level.STRONG,
) -> Whatever: ...


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {}),
        ("?dc=dc2&passing=0", {"dc": "dc2", "passing": False}),
        ("?passing=true", {"passing": True}),
        ("?dc=", {"dc": ""}),
        ("?dc=a%20b%26c", {"dc": "a b&c"}),
        ("?near=-5", {"near": -5}),
        ("?share=2.5e-1", {"share": 0.25}),
        ("?mode=consistent", {"mode": "consistent"}),
        ("?level=stale", {"level": Level.STALE}),
    ],
)
def test_what_is_written_is_read_and_what_is_not_is_left_to_the_default(query: str, expected: dict[str, Any]) -> None:
    assert asked(consul, query) == expected


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?passing=yes", "passing is true or false, 1 or 0, not 'yes'"),
        ("?near=1.5", "near is a whole number, not '1.5'"),
        ("?near=" + "9" * 10_000, "near is a whole number, not '999"),
        ("?share=inf", "share is a number, not 'inf'"),
        ("?share=1e999", "share is a number, not '1e999'"),
        ("?mode=fast", "mode is consistent or stale, not 'fast'"),
        ("?level=STALE", "level is stale or strong, not 'STALE'"),
        ("?tag=a", "consul has no option 'tag'; it takes dc, level, mode, near, passing, share"),
    ],
)
def test_what_cannot_be_read_is_refused_before_anybody_is_asked(query: str, said: str) -> None:
    registry = Registry()
    registry.register("consul", consul)
    with pytest.raises(TargetError) as refused:
        urischeme.check(f"consul:orders{query}", registry=registry)
    assert said in str(refused.value)


def test_each_method_of_an_object_names_its_own() -> None:
    seen: list[object] = []

    class Both:
        options = ("raw",)

        def check(self, target: Target, *, wait: int = 5, strict: bool = False) -> None:
            if strict:
                raise target.error(f"waits {wait}")

        async def resolve(self, target: Target, *, dc: str = "dc1") -> tuple[str, int]:
            seen.append((dc, dict(target.options)))
            return ("10.0.0.1", 80)

        async def watch(self, target: Target, *, dc: str = "dc1", wait: int = 5) -> Any:
            seen.append((dc, wait))
            yield ("10.0.0.2", 80)

    registry = Registry()
    registry.register("both", Both)
    urischeme.resolve("both:x?dc=a&wait=1&raw=2", registry=registry)
    with urischeme.watch("both:x?dc=a&wait=1&raw=2", registry=registry) as watch:
        assert str(next(watch).endpoints[0]) == "ipv4:10.0.0.2:80"
    assert seen == [("a", {"dc": "a", "wait": "1", "raw": "2"}), ("a", 1)]
    with pytest.raises(TargetError, match="waits 1"):
        urischeme.check("both:x?wait=1&strict=true", registry=registry)
    with pytest.raises(TargetError, match="it takes dc, raw, strict, wait"):
        urischeme.check("both:x?nothing=1", registry=registry)


def no_target(*, dc: str = "") -> Any: ...
def two_targets(target: Target, dc: str = "") -> Any: ...
def no_default(target: Target, *, dc: str) -> Any: ...
def no_type(target, *, dc="") -> Any: ...  # type: ignore[no-untyped-def]
def a_list(target: Target, *, dc: list[str] = []) -> Any: ...  # noqa: B006
def two_types(target: Target, *, dc: int | str = 0) -> Any: ...
def numbers(target: Target, *, dc: Literal[1, 2] = 1) -> Any: ...
def nothing(target: Target, *, dc: Nowhere = 1) -> Any: ...  # type: ignore[name-defined]  # noqa: F821


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (no_target, "takes no Target"),
        (two_targets, "write * before dc, which makes it an option"),
        (no_default, "has an option without a default, dc; write dc=…"),
        (no_type, "says no type for its option dc"),
        (a_list, "an option dc of the type list[str]; an option is a str, int"),
        (two_types, "an option dc of the type int | str"),
        (numbers, "an option dc of the type typing.Literal[1, 2]"),
        (nothing, "has annotations that name nothing: name 'Nowhere' is not defined"),
    ],
)
def test_a_function_whose_options_no_target_can_give_is_refused_when_it_is_registered(
    function: Callable[..., Any], said: str
) -> None:
    with pytest.raises(RegistrationError) as refused:
        Registry().register("consul", function)
    assert said in str(refused.value)
    assert function.__name__ in str(refused.value)


@given(st.integers(-(10**30), 10**30), st.booleans(), st.text(st.characters(exclude_categories=["Cs"])))
def test_every_value_survives_the_way_through_a_target(near: int, passing: bool, dc: str) -> None:
    target = Target("consul", "", "orders", {"near": str(near), "passing": str(passing).lower(), "dc": dc})
    assert asked(consul, "?" + str(target).partition("?")[2]) == {"near": near, "passing": passing, "dc": dc}
