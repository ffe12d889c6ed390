"""A mapping that does not change: options, attributes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final, TypeVar, cast, overload

T = TypeVar("T")
Value_co = TypeVar("Value_co", covariant=True)


class FrozenMapping(Mapping[str, Value_co]):
    """A read-only copy of a mapping: hashable when its values are, picklable, equal to any mapping with the same items.

    >>> FrozenMapping({"zone": "a"})["zone"]
    'a'
    """

    __slots__ = ("_items",)

    def __init__(self, items: Mapping[str, Value_co] | None = None) -> None:
        self._items = dict(items or {})

    def __getitem__(self, key: str) -> Value_co:
        return self._items[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    # What follows Mapping has already, many times as slow.

    @overload
    def get(self, key: str, /) -> Value_co | None: ...
    @overload
    def get(self, key: str, /, default: Value_co | T) -> Value_co | T: ...
    def get(self, key: str, /, default: object = None) -> object:
        """The value for a key, or the default where there is none."""
        return self._items.get(key, default)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, FrozenMapping):
            return self._items == cast("FrozenMapping[object]", other)._items
        return super().__eq__(other)

    def __hash__(self) -> int:
        return hash(frozenset(self._items.items()))

    def __repr__(self) -> str:
        return repr(self._items)


EMPTY: Final[FrozenMapping[Any]] = FrozenMapping()
