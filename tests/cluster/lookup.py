"""What the cluster's DNS server says, asked with dnspython."""

from __future__ import annotations

from collections.abc import Sequence

import dns.message
import dns.query
import dns.rcode
import dns.rdatatype

from tests.cluster.control_plane import DNS_SERVERS, ZONE
from tests.cluster.waiting import DEADLINE, wait_until


class Nothing(Exception):
    """The name isn't there (NXDOMAIN), or the server could not say; the message is the response code."""


def lookup(name: str, kind: str, server: str = DNS_SERVERS[0]) -> list[str]:
    """The records of a kind, in order, at a name below the cluster's zone, as `orders.prod.svc`.

    Raises:
        Nothing
    """
    response = dns.query.udp(dns.message.make_query(f"{name}.{ZONE}", kind), server, timeout=DEADLINE)
    if response.rcode() != dns.rcode.NOERROR:
        raise Nothing(dns.rcode.to_text(response.rcode()))
    wanted = dns.rdatatype.from_text(kind)
    return sorted(record.to_text() for rrset in response.answer if rrset.rdtype == wanted for record in rrset)


def wait_for_records(name: str, kind: str, expected: Sequence[str]) -> None:
    """The DNS server hears of a change when everybody does, which may be a moment after it was made.

    Raises:
        TimeoutError: it goes on to say something else.
    """
    wait_until(lambda: _records(name, kind) == sorted(expected), f"{name} {kind} is {expected}")


def _records(name: str, kind: str) -> list[str]:
    try:
        return lookup(name, kind)
    except Nothing:
        return []
