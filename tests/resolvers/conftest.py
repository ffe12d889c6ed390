from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.resolvers import knot


@pytest.fixture(scope="session")
def knot_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """An authoritative server for `example.test`. Tests change only names of their own."""
    with knot.running(tmp_path_factory.mktemp("knot")) as port:
        yield port


@pytest.fixture
def server(knot_port: int) -> str:
    return f"127.0.0.1:{knot_port}"


@pytest.fixture
def zone(knot_port: int) -> knot.Zone:
    return knot.Zone(knot_port)
