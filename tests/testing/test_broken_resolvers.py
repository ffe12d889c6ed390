"""The contract proves itself: each resolver that is broken in one way is caught by the law that names the fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from tests.testing.broken import page
from tests.testing.broken.catalogue import CATALOGUE
from tests.testing.broken.fault import LAWS, Asked, Fault, OfStore, Store, outcome
from urischeme import NotFound, Target
from urischeme.testing import ResolverContract

_ENOUGH: Final = 30
_LONGEST_LINE: Final = 1000

_said: Final[dict[str, str]] = {}
"""What was said of each fault, so that the page is compared with this run."""


class TestGood(OfStore):
    """What the broken ones differ from."""

    pushes = True
    ordered = True


class TestAsked(OfStore):
    """The same, which does not push."""

    broken = Asked
    pushes = False


class TestPlainFunction(OfStore):
    """It runs in a thread, and may block."""

    def resolver(self) -> Any:
        store = self.store = Store()

        def mine(target: Target, *, limit: int = 10) -> list[tuple[str, int]]:
            if not target.endpoint:
                raise target.error("no service is named")
            return store.find(target.endpoint)[:limit]

        return mine


class TestGenerator(OfStore):
    """A plain function that yields."""

    def resolver(self) -> Any:
        store = self.store = Store()

        def mine(target: Target) -> Iterator[tuple[str, int]]:
            if not target.endpoint:
                raise target.error("no service is named")
            yield from store.find(target.endpoint)

        return mine


class TestHandedOn(ResolverContract):
    """It answers by another target."""

    scheme = "svc"

    def resolver(self) -> Any:
        async def svc(target: Target) -> Target:
            await asyncio.sleep(0)
            return Target("k8s", "", f"/{target.endpoint}.prod")

        return svc

    def target(self) -> str:
        return "svc:orders"


class TestInItsOwnLoop(ResolverContract):
    """Of a server that runs in the loop in which it is asked."""

    scheme = "lines"
    may_block = 0.5

    @asynccontextmanager
    async def environment(self) -> AsyncGenerator[None]:
        self._host = "10.0.0.1"
        async with await asyncio.start_server(self._answer, "127.0.0.1", 0) as server:
            self._port = server.sockets[0].getsockname()[1]
            yield

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        name = await reader.readline()
        writer.write(f"{self._host}:80\n".encode() if name == b"orders\n" else b"\n")
        writer.close()

    async def change(self) -> None:
        await asyncio.sleep(0)
        self._host = "10.0.0.2" if self._host == "10.0.0.1" else "10.0.0.1"

    def resolver(self) -> Any:
        port = self._port

        async def lines(target: Target) -> list[str]:
            if "\n" in target.endpoint or len(target.endpoint) > _LONGEST_LINE:
                raise target.error("that is no line")
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            try:
                writer.write(target.endpoint.encode(errors="surrogateescape") + b"\n")
                address = (await reader.readline()).decode().strip()
            finally:
                writer.close()
            if not address:
                raise NotFound("it knows no such name")
            return [address]

        return lines

    def target(self) -> str:
        return "lines:orders"

    def missing_target(self) -> str:
        return "lines:nobody"


@pytest.mark.parametrize("fault", CATALOGUE, ids=lambda fault: fault.name)
def test_each_fault_is_caught_by_the_law_that_names_it(fault: Fault) -> None:
    # That no other law is broken is looked at where the page is written: it takes four times as long.
    message = outcome(fault.contract, fault.law)
    assert message is not None
    assert message.startswith(f"mine ({fault.origin}): ") or fault.law == "test_it_can_be_registered"
    assert "To mend it: " in message
    _said[fault.name] = message


def test_there_are_enough_faults_and_one_at_least_for_each_law() -> None:
    assert len(CATALOGUE) >= _ENOUGH
    assert {fault.law for fault in CATALOGUE} == set(LAWS)


def test_the_page_has_every_law_and_every_fault() -> None:
    lines = page.PAGE.read_text(encoding="utf-8").splitlines()
    expected = [*page.laws_table().splitlines(), *page.faults_table(_said).splitlines()]
    assert [line for line in expected if line not in lines] == [], "run python -m tests.testing.broken"
