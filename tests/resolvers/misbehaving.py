"""A DNS server that does what no good server does: whatever a test says."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager

import attrs
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset


@attrs.frozen
class Forged:
    """A datagram that comes from somewhere else than the server that was asked."""

    content: dns.message.Message | bytes


Datagram = dns.message.Message | bytes | Forged
Reply = Callable[[dns.message.Message], Datagram | Sequence[Datagram] | None]


def own_loopback() -> str:
    """An address of this machine that nobody else uses, out of sixteen million: any port of it is free."""
    return ".".join(["127", *(str(1 + secrets.randbelow(254)) for _ in range(3))])


@contextmanager
def server(reply: Reply, *, bind: tuple[str, int] = ("127.0.0.1", 0)) -> Generator[str]:
    """Answers each UDP query with what `reply` makes of it: one datagram, several or none; gives `address:port`."""
    with socket.socket(type=socket.SOCK_DGRAM) as sock, socket.socket(type=socket.SOCK_DGRAM) as other:
        sock.bind(bind)
        other.bind((bind[0], 0))
        thread = threading.Thread(target=_serve, args=(sock, other, reply))
        thread.start()
        host, port = sock.getsockname()
        try:
            yield f"{host}:{port}"
        finally:
            # An empty datagram from the socket to itself ends the loop.
            sock.sendto(b"", (host, port))
            thread.join()


def _serve(sock: socket.socket, other: socket.socket, reply: Reply) -> None:
    while True:
        data, client = sock.recvfrom(65535)
        if not data:
            return
        answer = reply(dns.message.from_wire(data))
        for datagram in answer if isinstance(answer, Sequence) and not isinstance(answer, bytes) else [answer]:
            if isinstance(datagram, Forged):
                other.sendto(_wire(datagram.content), client)
            elif datagram is not None:
                sock.sendto(_wire(datagram), client)


def _wire(content: dns.message.Message | bytes) -> bytes:
    return content if isinstance(content, bytes) else content.to_wire(max_size=65535)


def answer(
    query: dns.message.Message, *records: str, rcode: dns.rcode.Rcode = dns.rcode.NOERROR
) -> dns.message.Message:
    """What a good server would say: those of the records, `name ttl type data`, that are of the type asked for.

    Aliases and the other records all go with it, whatever their names.
    """
    response = dns.message.make_response(query)
    response.set_rcode(rcode)
    for record in records:
        name, ttl, kind, data = record.split(" ", 3)
        if kind in ("CNAME", dns.rdatatype.to_text(query.question[0].rdtype)):
            response.answer.append(dns.rrset.from_text(dns.name.from_text(name), int(ttl), "IN", kind, data))
    return response


def truncated(query: dns.message.Message) -> dns.message.Message:
    """It does not fit: ask again over TCP."""
    response = dns.message.make_response(query)
    response.flags |= dns.flags.TC
    return response
