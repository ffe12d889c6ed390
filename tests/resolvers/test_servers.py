"""The real servers that other tests stand on: a change is there at once, and a recursor is in front."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import dns.message
import dns.query
import pytest

from tests.resolvers import knot, unbound

DEADLINE = 20


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    with knot.running(tmp_path_factory.mktemp("knot")) as port:
        yield port


def ask(port: int, name: str, kind: str) -> set[str]:
    query = dns.message.make_query(name, kind)
    response = dns.query.udp(query, "127.0.0.1", port=port, timeout=DEADLINE)
    return {f"{rrset.ttl} {record}" for rrset in response.answer for record in rrset}


def test_a_zone_is_what_it_was_last_told(port: int) -> None:
    zone = knot.Zone(port)
    zone.update("new 5 A 10.2.0.1", "new 5 A 10.2.0.2", "new 6 AAAA 2001:db8::2")
    assert ask(port, "new.example.test", "A") == {"5 10.2.0.1", "5 10.2.0.2"}
    zone.update("new 7 A 10.2.0.3")
    assert ask(port, "new.example.test", "A") == {"7 10.2.0.3"}
    assert ask(port, "new.example.test", "AAAA") == {"6 2001:db8::2"}
    zone.remove("new")
    assert ask(port, "new.example.test", "A") == ask(port, "new.example.test", "AAAA") == set()


def test_a_recursor_in_front_of_it(port: int, tmp_path: Path) -> None:
    with unbound.running(tmp_path, port) as recursor:
        assert ask(recursor, "v4.example.test", "A") == {"30 10.0.0.1", "30 10.0.0.2"}
