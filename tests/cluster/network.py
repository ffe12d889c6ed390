"""A network namespace of the tests' own: pod and service addresses that are real, and reach nobody else.

The API server takes no loopback address for an endpoint. Here `lo` carries the whole ranges of a cluster instead: a
server can bind any address of them, a client can reach it, and nothing leaves the machine.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import socket
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path

PODS = (IPv4Network("10.244.0.0/16"), IPv6Network("fd00:10:244::/64"))
SERVICES = (IPv4Network("10.96.0.0/16"), IPv6Network("fd00:10:96::/112"))

_IPNetwork = IPv4Network | IPv6Network

_CLONE_NEWNET = 0x4000_0000
_OWN = "/proc/thread-self/ns/net"

# <linux/netlink.h>, <linux/rtnetlink.h>, <linux/if.h>
_NLMSG_ERROR = 2
_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_EXCL, _NLM_F_CREATE = 0x1, 0x4, 0x200, 0x400
_RTM_NEWLINK, _RTM_NEWROUTE, _RTM_DELROUTE = 16, 24, 25
_RTA_DST, _RTA_OIF = 1, 4
_RT_TABLE_LOCAL, _RTPROT_STATIC = 255, 4
_RT_SCOPE_LINK, _RT_SCOPE_HOST = 253, 254
_RTN_UNICAST, _RTN_LOCAL = 1, 2
_IFF_UP = 1
_LO = 1  # `lo` is the first interface of every namespace


class Network:
    """The namespace, there from the start until `close`.

    A network namespace belongs to a thread. One that has entered it hands it on to the threads and processes that it
    starts; whatever else runs in this process stays outside.

    Raises:
        OSError: not allowed to whoever is neither root nor in a user namespace with a network of its own.
    """

    def __init__(self) -> None:
        # Made by another thread, so that this one stays where it is, even if making fails half-way.
        with ThreadPoolExecutor(1) as thread:
            self._namespace = thread.submit(_make).result()
        self._pods = itertools.count(1)

    def close(self) -> None:
        """The namespace goes when the last process in it does."""
        os.close(self._namespace)

    @contextmanager
    def entered(self) -> Iterator[None]:
        """This thread, and what it starts meanwhile, is inside."""
        outside = os.open(_OWN, os.O_RDONLY)
        try:
            _setns(self._namespace)
            try:
                yield
            finally:
                _setns(outside)
        finally:
            os.close(outside)

    @contextmanager
    def cut_off(self, address: str) -> Iterator[None]:
        """Meanwhile what is sent to an address is lost, and nobody is told: as if its cable were pulled.

        Of a connection there neither end hears that the other is gone.
        """
        host = ip_network(address)
        with self.entered():
            _add_route(host, _RTN_UNICAST)
        try:
            yield
        finally:
            with self.entered():
                _remove_route(host, _RTN_UNICAST)

    def new_pod_addresses(self) -> tuple[str, str]:
        """An IPv4 and an IPv6 address that no pod has had."""
        number = next(self._pods)
        ipv4, ipv6 = PODS
        return str(ipv4[number]), str(ipv6[number])


def _make() -> int:
    """A file descriptor that keeps the namespace alive."""
    outside = os.open(_OWN, os.O_RDONLY)
    try:
        _checked(_libc().unshare(_CLONE_NEWNET), "unshare")
        _set_up()
        inside = os.open(_OWN, os.O_RDONLY)
        # In a user namespace without a network of its own there is no way back out.
        try:
            _setns(outside)
        except OSError:
            os.close(inside)
            raise
        return inside
    finally:
        os.close(outside)


def _set_up() -> None:
    # Linux lets a socket bind any IPv4 address that is routed as local, but an IPv6 one only if told so.
    Path("/proc/sys/net/ipv6/ip_nonlocal_bind").write_text("1")
    _request(_RTM_NEWLINK, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, _LO, _IFF_UP, _IFF_UP))
    for network in (*PODS, *SERVICES):
        _add_route(network, _RTN_LOCAL)


def _add_route(network: _IPNetwork, kind: int) -> None:
    """What `ip route add KIND NETWORK dev lo table local` does.

    A packet on a local route is delivered. One on a unicast route to `lo` comes back in, is not for this machine by
    the route that it has, and is dropped.
    """
    _request(_RTM_NEWROUTE, _route(network, kind), _NLM_F_CREATE | _NLM_F_EXCL)


def _remove_route(network: _IPNetwork, kind: int) -> None:
    _request(_RTM_DELROUTE, _route(network, kind))


def _route(network: _IPNetwork, kind: int) -> bytes:
    family = socket.AF_INET if network.version == 4 else socket.AF_INET6
    scope = _RT_SCOPE_HOST if kind == _RTN_LOCAL else _RT_SCOPE_LINK
    route = (family, network.prefixlen, 0, 0, _RT_TABLE_LOCAL, _RTPROT_STATIC, scope, kind, 0)
    return b"".join(
        (
            struct.pack("=BBBBBBBBI", *route),
            _attribute(_RTA_DST, network.network_address.packed),
            _attribute(_RTA_OIF, struct.pack("=I", _LO)),
        )
    )


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value


def _request(kind: int, body: bytes, flags: int = 0) -> None:
    header = struct.pack("=IHHII", 16 + len(body), kind, _NLM_F_REQUEST | _NLM_F_ACK | flags, 0, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        netlink.send(header + body)
        _, kind, _, _, _, error = struct.unpack_from("=IHHIIi", netlink.recv(65536))
    assert kind == _NLMSG_ERROR
    if error:
        raise OSError(-error, os.strerror(-error))


def _setns(namespace: int) -> None:
    # `os.setns` is there from Python 3.12 on.
    _checked(_libc().setns(namespace, _CLONE_NEWNET), "setns")


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _checked(result: int, call: str) -> None:
    if result:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
