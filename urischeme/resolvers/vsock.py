"""`vsock:cid:port`: both are 32-bit numbers."""

from __future__ import annotations

from typing import Final

from urischeme.resolvers.static import explained, refuse_authority, resolution
from urischeme.routing.endpoint import Resolution, VsockAddress
from urischeme.routing.host_port import port_number
from urischeme.routing.resolver import static
from urischeme.routing.target import Target

_MAX: Final = 2**32 - 1
_ANY: Final = "-1"
"""VMADDR_CID_ANY, as gRPC lets people write it: -1 read as an unsigned number."""


@static
def vsock(target: Target) -> Resolution:
    """The socket of a virtual machine."""
    refuse_authority(target, target.endpoint or target.authority)
    return resolution([explained(target, _address, target.endpoint)], "localhost")


def _address(text: str) -> VsockAddress:
    cid, colon, port = text.partition(":")
    if not (cid and colon and port):
        raise ValueError("a vsock is a context id and a port; write vsock:cid:port")
    try:
        return VsockAddress(_MAX if cid == _ANY else port_number(cid, _MAX), port_number(port, _MAX))
    except ValueError:
        raise ValueError(f"context id and port are numbers from 0 to {_MAX}") from None
