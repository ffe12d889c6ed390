"""A DNS server for whoever wants one, Hypothesis profiles, and Ctrl-C.

"thorough" is for many examples, and prints how to try a failing one again.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.resolvers import knot

# A shell makes what it starts in the background deaf to Ctrl-C, and so would be the programs that tests send it to.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

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
