"""What the schemes that only compute have in common."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from urischeme.display import shorten
from urischeme.routing.endpoint import Address, Endpoint, Resolution
from urischeme.routing.target import Target

T = TypeVar("T")


def refuse_authority(target: Target, meant: str) -> None:
    """Raise a TargetError where there is an authority: what the target leads to stands in the path.

    Args:
        target: what was written.
        meant: the path that its writer may have meant.
    """
    if target.authority:
        # What stands before an @ may be a password, and was not meant as a path.
        advice = "" if "@" in meant else f"; write {shorten(str(Target(target.scheme, '', meant)))}"
        raise target.error(f"{target.scheme} takes no authority{advice}")


def explained(target: Target, function: Callable[[str], T], text: str) -> T:
    """`function(text)`, whose ValueError becomes a TargetError."""
    try:
        return function(text)
    except ValueError as error:
        raise target.error(str(error)) from None


def resolution(addresses: Iterable[Address], authority: str) -> Resolution:
    """Each address an endpoint of its own."""
    return Resolution(map(Endpoint, addresses), authority=authority)
