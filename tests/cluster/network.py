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
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path

PODS = (IPv4Network("10.244.0.0/16"), IPv6Network("fd00:10:244::/64"))
SERVICES = (IPv4Network("10.96.0.0/16"), IPv6Network("fd00:10:96::/112"))

_CLONE_NEWNET = 0x4000_0000
_OWN = "/proc/thread-self/ns/net"

# <linux/netlink.h>, <linux/rtnetlink.h>, <linux/if.h>
_NLMSG_ERROR = 2
_NLM_F_REQUEST, _NLM_F_ACK, _NLM_F_EXCL, _NLM_F_CREATE = 0x1, 0x4, 0x200, 0x400
_RTM_NEWLINK, _RTM_NEWROUTE = 16, 24
_RTA_DST, _RTA_OIF = 1, 4
_RT_TABLE_LOCAL, _RTPROT_STATIC, _RT_SCOPE_HOST, _RTN_LOCAL = 255, 4, 254, 2
_IFF_UP = 1
_LO = 1  # `lo` is the first interface of every namespace


class Network:
    """The namespace, there from the start until `close`.

    A network namespace belongs to a thread. One that has entered it hands it on to the threads and processes that it
    starts; whatever else runs in this process stays outside.

    Raises:
        PermissionError: whoever runs this is neither root nor in a user namespace with a network of its own.
    """

    def __init__(self) -> None:
        self._namespace = _in_another_thread(_make)
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

    def new_pod_addresses(self) -> tuple[str, str]:
        """An IPv4 and an IPv6 address that no pod has had."""
        number = next(self._pods)
        ipv4, ipv6 = PODS
        return str(ipv4[number]), str(ipv6[number])


def _in_another_thread(make: Callable[[], int]) -> int:
    """So that this thread stays where it is, even when making fails half-way."""
    result: list[int | OSError] = []

    def run() -> None:
        try:
            result.append(make())
        except OSError as error:
            result.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    (made,) = result
    if isinstance(made, OSError):
        raise made
    return made


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
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE) as netlink:
        _request(netlink, _RTM_NEWLINK, 0, struct.pack("=BxHiII", socket.AF_UNSPEC, 0, _LO, _IFF_UP, _IFF_UP))
        for network in (*PODS, *SERVICES):
            _request(netlink, _RTM_NEWROUTE, _NLM_F_CREATE | _NLM_F_EXCL, _local_route(network))


def _local_route(network: IPv4Network | IPv6Network) -> bytes:
    """What `ip route add local NETWORK dev lo` sends."""
    family = socket.AF_INET if network.version == 4 else socket.AF_INET6
    route = struct.pack(
        "=BBBBBBBBI", family, network.prefixlen, 0, 0, _RT_TABLE_LOCAL, _RTPROT_STATIC, _RT_SCOPE_HOST, _RTN_LOCAL, 0
    )
    return route + _attribute(_RTA_DST, network.network_address.packed) + _attribute(_RTA_OIF, struct.pack("=I", _LO))


def _attribute(kind: int, value: bytes) -> bytes:
    return struct.pack("=HH", 4 + len(value), kind) + value


def _request(netlink: socket.socket, kind: int, flags: int, body: bytes) -> None:
    header = struct.pack("=IHHII", 16 + len(body), kind, _NLM_F_REQUEST | _NLM_F_ACK | flags, 0, 0)
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
