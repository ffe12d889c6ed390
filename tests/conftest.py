"""A DNS server for whoever wants one, and Hypothesis profiles.

"thorough" is for many examples, and prints how to try a failing one again.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.resolvers import knot

# No test is timed: a slow machine is no failure.
settings.register_profile("default", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile(
    "thorough",
    settings.get_profile("default"),
    max_examples=100_000,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    database=None,
    print_blob=True,
)
settings.load_profile("default")


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
