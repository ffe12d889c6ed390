"""A cluster of three pods on loopback: their servers, a virtual IP, and DNS for all of it."""

from __future__ import annotations

import errno
import socket
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from typing import Final

import attrs
import dns.name

from urischeme.cli.demo.dns_server import dns_server
from urischeme.cli.demo.servers import forwarding, listener, saying, serving
from urischeme.routing.endpoint import TCPAddress

SERVICE: Final = "orders.prod.svc.cluster.local"
HEADLESS: Final = "orders-headless.prod.svc.cluster.local"
FIRST_POD: Final = f"orders-0.{HEADLESS}"
NOBODY: Final = "payments.prod.svc.cluster.local"

# As 10.96.14.7 and 10.244.x.y in a cluster, but of this machine alone: all of 127.0.0.0/8 is loopback.
VIRTUAL_IP: Final = "127.96.14.7"
POD_IPS: Final = {"orders-0": "127.244.1.17", "orders-1": "127.244.2.8", "orders-2": "127.244.3.5"}

_ATTEMPTS: Final = 20


@attrs.frozen
class Cluster:
    """Where things are.

    Attributes:
        dns_port: of the DNS server, on 127.0.0.1.
        virtual: the address of the ClusterIP Service.
        pods: the address of each pod.
    """

    dns_port: int
    virtual: TCPAddress
    pods: dict[str, TCPAddress]

    def target(self, name: str) -> str:
        """What to resolve to reach a name of this cluster."""
        return f"dns://127.0.0.1:{self.dns_port}/{name}:{self.virtual.port}"


@asynccontextmanager
async def cluster() -> AsyncGenerator[Cluster]:
    """A cluster that runs within the block. Raises Unsupported where this machine has only one loopback address."""
    first, *others = pod_listeners([VIRTUAL_IP, *POD_IPS.values()], 0)
    async with AsyncExitStack() as stack:
        addresses = {name: TCPAddress(*sock.getsockname()) for name, sock in zip(POD_IPS, others, strict=True)}
        await stack.enter_async_context(serving(first, forwarding(list(addresses.values()))))
        for name, sock in zip(addresses, others, strict=True):
            await stack.enter_async_context(serving(sock, saying(name)))
        records = {
            SERVICE: [VIRTUAL_IP],
            HEADLESS: list(POD_IPS.values()),
            **{f"{pod}.{HEADLESS}": [ip] for pod, ip in POD_IPS.items()},
        }
        port = await stack.enter_async_context(
            dns_server({dns.name.from_text(name): ips for name, ips in records.items()})
        )
        yield Cluster(port, TCPAddress(*first.getsockname()), addresses)


def pod_listeners(ips: Sequence[str], port: int) -> list[socket.socket]:
    """A socket for each address, all on one port: the kernel picks it for the first where it is 0.

    Raises:
        Unsupported: where this machine has only one loopback address.
        OSError: for any other trouble; the port may be taken.
    """
    for _ in range(_ATTEMPTS):
        with ExitStack() as opened:
            first = opened.enter_context(listener(TCPAddress(ips[0], port)))
            same: int = first.getsockname()[1]
            try:
                others = [opened.enter_context(listener(TCPAddress(ip, same))) for ip in ips[1:]]
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
            else:
                opened.pop_all()
                return [first, *others]
    raise OSError(errno.EADDRINUSE, f"no port was free on all of {_ATTEMPTS} attempts")
