"""`ipv4:addr[:port][,addr[:port]…]` and `ipv6:…`: the list, in order."""

from __future__ import annotations

import ipaddress
from typing import Final

from urischeme.display import quote_host
from urischeme.resolvers.static import explained, refuse_authority, resolution
from urischeme.routing.endpoint import Resolution, TCPAddress
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.resolver import static
from urischeme.routing.target import Target

DEFAULT_PORT: Final = 443
"""gRPC's doc/naming.md: "if the port is omitted, it defaults to 443"."""


@static
def ipv4(target: Target) -> Resolution:
    """The IPv4 addresses that the target lists."""
    return _resolve(target, ipaddress.IPv4Address)


@static
def ipv6(target: Target) -> Resolution:
    """The IPv6 addresses that the target lists."""
    return _resolve(target, ipaddress.IPv6Address)


def _resolve(target: Target, kind: type[ipaddress.IPv4Address | ipaddress.IPv6Address]) -> Resolution:
    refuse_authority(target, target.endpoint or target.authority)
    default_port = DEFAULT_PORT if target.default_port is None else target.default_port

    def address(text: str) -> TCPAddress:
        host, port = split_host_port(text)
        try:
            ip = kind(host)
        except ValueError:
            raise ValueError(f"{quote_host(host)} is not an {kind.__name__.removesuffix('Address')} address") from None
        return TCPAddress(str(ip), default_port if port is None else port_number(port))

    # An empty member of the list is passed over, as gRPC does.
    addresses = [explained(target, address, text) for text in target.endpoint.split(",") if text]
    if not addresses:
        raise target.error(f"there is no address; write {target.scheme}:address:port")
    return resolution(addresses, addresses[0].host)
