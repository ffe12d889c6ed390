"""A DNS server on UDP that answers as CoreDNS with its kubernetes plugin does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final, cast

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

TTL: Final = 5
"""Seconds: the kubernetes plugin's default."""

ZONE: Final = dns.name.from_text("cluster.local.")
Records = Mapping[dns.name.Name, Sequence[str]]
"""The addresses of each name."""


@asynccontextmanager
async def dns_server(records: Records, ttl: int = TTL) -> AsyncGenerator[int]:
    """Serve the records, as they are when somebody asks, on 127.0.0.1 within the block. Gives the port."""
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Server(records, ttl), local_addr=("127.0.0.1", 0))
    try:
        port: int = transport.get_extra_info("sockname")[1]
        yield port
    finally:
        transport.close()


class _Server(asyncio.DatagramProtocol):
    def __init__(self, records: Records, ttl: int) -> None:
        self._records = records
        self._ttl = ttl

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        try:
            query = dns.message.from_wire(data)
        except dns.exception.DNSException:
            return  # noise is not answered
        self._transport.sendto(answer(query, self._records, self._ttl).to_wire(), addr)


def answer(query: dns.message.Message, records: Records, ttl: int = TTL) -> dns.message.Message:
    """The answer to one question: the addresses, "no such name" or "no data of that type"."""
    response = dns.message.make_response(query)
    if len(query.question) != 1 or not query.question[0].name.is_subdomain(ZONE):
        response.set_rcode(dns.rcode.REFUSED)
        return response
    response.flags |= dns.flags.AA
    question = query.question[0]
    addresses = [address for address in records.get(question.name, ()) if _kind(address) == question.rdtype]
    if addresses:
        response.answer.append(dns.rrset.from_text(question.name, ttl, "IN", question.rdtype, *addresses))
        return response
    # A name with others below it is there, with nothing in it (RFC 8020).
    if not any(name.is_subdomain(question.name) for name in records):
        response.set_rcode(dns.rcode.NXDOMAIN)
    soa = f"ns.dns.{ZONE} hostmaster.{ZONE} 1 7200 1800 86400 {ttl}"
    response.authority.append(dns.rrset.from_text(ZONE, ttl, "IN", "SOA", soa))
    return response


def _kind(address: str) -> dns.rdatatype.RdataType:
    return dns.rdatatype.AAAA if ":" in address else dns.rdatatype.A
