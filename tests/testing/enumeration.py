"""Every text that a strategy gives from few draws: what can come is looked at, not waited for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import product
from typing import Any, TypeVar

from hypothesis.control import BuildContext
from hypothesis.internal.conjecture.data import ConjectureData
from hypothesis.internal.conjecture.providers import COLLECTION_DEFAULT_MAX_SIZE, PrimitiveProvider
from hypothesis.internal.intervalsets import IntervalSet
from hypothesis.strategies import SearchStrategy

T = TypeVar("T")


class _Choices:
    """A walk through a tree of choices, whose branches are known only when they are met."""

    def __init__(self) -> None:
        self._taken: list[int] = []
        self._open: list[int] = []
        self._depth = 0

    def choose(self, options: list[T]) -> T:
        if self._depth == len(self._taken):
            self._taken.append(0)
            self._open.append(len(options))
        self._depth += 1
        return options[self._taken[self._depth - 1]]

    def advance(self) -> bool:
        """To the next leaf; False after the last."""
        self._depth = 0
        while self._taken and self._taken[-1] == self._open[-1] - 1:
            self._taken.pop()
            self._open.pop()
        if self._taken:
            self._taken[-1] += 1
        return bool(self._taken)


class _Provider(PrimitiveProvider):
    def __init__(
        self, data: ConjectureData | None, *, choices: _Choices, alphabet: str, chars: int, widest: int
    ) -> None:
        super().__init__(data)
        self._choices, self._alphabet, self._left, self._widest = choices, alphabet, chars, widest

    def draw_boolean(self, p: float = 0.5) -> bool:
        return self._choices.choose([False, True]) if 0 < p < 1 else p == 1

    def draw_integer(
        self,
        min_value: int | None = None,
        max_value: int | None = None,
        *,
        weights: Mapping[int, float] | None = None,
        shrink_towards: int = 0,
    ) -> int:
        assert min_value is not None
        assert max_value is not None
        # A few numbers are the alternatives of a rule, many are words or octets.
        few = max_value - min_value < self._widest
        return self._choices.choose(list(range(min_value, max_value + 1)) if few else [min_value])

    def draw_string(
        self, intervals: IntervalSet, *, min_size: int = 0, max_size: int = COLLECTION_DEFAULT_MAX_SIZE
    ) -> str:
        chars = [char for char in self._alphabet if char in intervals]
        if intervals[-1] >= 0xE0000:
            chars.append(chr(intervals[-1]))  # what stands for the last escape
        if min_size >= self._left:
            return chars[0] * min_size if chars else ""
        sizes = range(min_size, min(max_size, max(self._left, min_size)) + 1)
        drawn = self._choices.choose(["".join(text) for size in sizes for text in product(chars, repeat=size)])
        self._left = max(0, self._left - len(drawn))
        return drawn

    def draw_bytes(self, min_size: int = 0, max_size: int = COLLECTION_DEFAULT_MAX_SIZE) -> bytes:
        return self._choices.choose([bytes(min_size)])

    def draw_float(self, **_: Any) -> float:
        raise NotImplementedError


def every(strategy: Callable[[], SearchStrategy[str]], alphabet: str, chars: int, *, widest: int = 6) -> Iterator[str]:
    """All that comes of drawing so many characters, all of the alphabet or the escape that the strategy knows last.

    Of choices between more than `widest` only the first is taken.
    """
    choices = _Choices()
    parameters = {"choices": choices, "alphabet": alphabet, "chars": chars, "widest": widest}
    while True:
        data = ConjectureData(random=None, provider=_Provider, provider_kw=parameters)
        with BuildContext(data, wrapped_test=every):
            yield data.draw(strategy())
        if not choices.advance():
            return
