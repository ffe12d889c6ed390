"""For the examples in docstrings and pages too."""

from collections.abc import Iterator

import pytest

from urischeme.routing.registry import default_registry


@pytest.fixture(autouse=True)
def _registrations_are_undone() -> Iterator[None]:
    """What a test or an example registers, the next does not see, in whatever order they run."""
    with default_registry.overriding():
        yield
