"""`ipv4:addr[:port][,addr[:port]…]` and `ipv6:…`: the list, in order."""

from __future__ import annotations

import socket
from typing import Final

from urischeme.display import quote_host
from urischeme.resolvers.static import explained, refuse_authority, resolution
from urischeme.routing.endpoint import Resolution, TCPAddress
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.resolver import static
from urischeme.routing.target import Target

_NAMES: Final = {socket.AF_INET: "IPv4", socket.AF_INET6: "IPv6"}

DEFAULT_PORT: Final = 443
"""gRPC's doc/naming.md: "if the port is omitted, it defaults to 443"."""


@static
def ipv4(target: Target) -> Resolution:
    """The IPv4 addresses that the target lists."""
    return _resolve(target, socket.AF_INET)


@static
def ipv6(target: Target) -> Resolution:
    """The IPv6 addresses that the target lists."""
    return _resolve(target, socket.AF_INET6)


def _resolve(target: Target, family: socket.AddressFamily) -> Resolution:
    refuse_authority(target, target.endpoint or target.authority)
    default_port = DEFAULT_PORT if target.default_port is None else target.default_port

    def address(text: str) -> TCPAddress:
        host, port = split_host_port(text)
        if (":" in host) == (family is socket.AF_INET6):
            try:
                return TCPAddress(host, default_port if port is None else port_number(port))
            except ValueError:
                if _is_address(host):
                    raise
        raise ValueError(f"{quote_host(host)} is not an {_NAMES[family]} address")

    # An empty member of the list is passed over, as gRPC does.
    addresses = [explained(target, address, text) for text in target.endpoint.split(",") if text]
    if not addresses:
        raise target.error(f"there is no address; write {target.scheme}:address:port")
    return resolution(addresses, addresses[0].host)


def _is_address(host: str) -> bool:
    import ipaddress

    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
