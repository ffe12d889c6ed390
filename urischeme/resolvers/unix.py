"""`unix:relative`, `unix:/abs`, `unix:///abs`, and `unix-abstract:name`, NULs allowed."""

from __future__ import annotations

from urischeme.resolvers.static import explained, refuse_authority, resolution
from urischeme.routing.endpoint import Resolution, UnixAbstractAddress, UnixAddress
from urischeme.routing.resolver import static
from urischeme.routing.target import Target

_AUTHORITY = "localhost"


@static
def unix(target: Target) -> Resolution:
    """The socket at a path."""
    refuse_authority(target, f"/{target.authority}{target.path}")
    return resolution([explained(target, UnixAddress, target.path)], _AUTHORITY)


@static
def unix_abstract(target: Target) -> Resolution:
    """The socket of an abstract name."""
    refuse_authority(target, target.authority + target.path)
    return resolution([explained(target, _abstract, target.path)], _AUTHORITY)


def _abstract(path: str) -> UnixAbstractAddress:
    return UnixAbstractAddress(path.encode("utf-8", "surrogateescape"))
