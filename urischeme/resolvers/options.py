"""Options in a target whose values are words from a list, read in the same way by every scheme."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

from urischeme.display import shorten
from urischeme.routing.options import words
from urischeme.routing.target import Target

FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "dual": ("ipv4", "ipv6"),
    "ipv4": ("ipv4",),
    "ipv6": ("ipv6",),
}
"""What `family` may be, and the families of addresses that are then wanted."""

T = TypeVar("T")


def chosen(target: Target, option: str, meanings: Mapping[str, T], default: T) -> T:
    """What the word that was written for an option means, or the default where it was left out.

    Raises TargetError, naming the words there are, for any other.
    """
    written = target.options.get(option)
    if written is None:
        return default
    if written not in meanings:
        raise target.error(f"{option} is {words(meanings)}, not {shorten(written)!r}")
    return meanings[written]
