"""One question to one server: again over TCP where the answer does not fit UDP, without EDNS where it knows none."""

from __future__ import annotations

import copy
from typing import Final, cast

import dns.asyncbackend
import dns.asyncquery
import dns.exception
import dns.message
import dns.name
import dns.rcode

from urischeme.display import escape, shorten
from urischeme.resolvers.dns.question import Place

_UDP_PAYLOAD: Final = 1232  # bytes that no network splits into fragments

_KNOWS_NO_EDNS: Final = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP, dns.rcode.BADVERS})

# Asyncio's sockets, those of UDP connected: the system then says at once that nobody listens there, and passes on no
# datagram of anybody else.
_BACKEND: Final = copy.copy(dns.asyncbackend.get_backend("asyncio"))
_BACKEND.datagram_connection_required = lambda: True  # type: ignore[method-assign] # pyright: ignore[reportAttributeAccessIssue]


class Unusable(Exception):
    """A reply that is no answer. The message is for people."""


async def exchange(server: Place, name: dns.name.Name, record_type: str, timeout: float) -> dns.message.QueryMessage:
    """What a server says: that there are such records, that there are none, or that there is no such name.

    Args:
        server: its host is an address.
        name: whole.
        record_type: as in `"A"`.
        timeout: seconds that a reply is waited for.

    Raises:
        dns.exception.Timeout: where nothing came that could be a reply to this question.
        Unusable: where something came that is no answer.
        OSError: where the server cannot be reached.
    """
    reply = await _ask(server, name, record_type, timeout, edns=True)
    if reply.rcode() in _KNOWS_NO_EDNS:
        # RFC 6891 section 6.2.2: a server that knows no EDNS may refuse it.
        reply = await _ask(server, name, record_type, timeout, edns=False)
    if reply.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        raise Unusable(dns.rcode.to_text(reply.rcode()))
    try:
        reply.resolve_chaining()
    except dns.exception.DNSException as error:
        raise Unusable(shorten(str(error))) from error
    return reply


async def _ask(
    server: Place, name: dns.name.Name, record_type: str, timeout: float, *, edns: bool
) -> dns.message.QueryMessage:
    query = dns.message.make_query(name, record_type)
    query.use_edns(edns, payload=_UDP_PAYLOAD)
    try:
        reply, _ = await dns.asyncquery.udp_with_fallback(
            query,
            server.host,
            timeout,
            server.port,
            # What is no reply to this question is passed over, and the right one waited for.
            ignore_unexpected=True,
            ignore_errors=True,
            backend=_BACKEND,
        )
    except (dns.exception.Timeout, OSError):
        raise
    except Exception as error:
        # Whatever a stranger's bytes may have led to.
        raise Unusable(shorten(str(error) or type(error).__name__)) from error
    return cast("dns.message.QueryMessage", reply)


def reason(error: Exception) -> str:
    """Why an exchange gave no answer, in a word or two."""
    if isinstance(error, (dns.exception.Timeout, TimeoutError)):
        return "no reply"
    if isinstance(error, OSError):
        return escape(error.strerror or str(error))
    return str(error)
