"""All faults, in the order in which the page has them."""

from __future__ import annotations

from typing import Final

# Each module lists its own as it is imported.
from tests.testing.broken import answers, leaving, refusals, watching
from tests.testing.broken.fault import FAULTS, Fault

MODULES: Final = (answers, refusals, leaving, watching)

CATALOGUE: Final[list[Fault]] = sorted(
    FAULTS, key=lambda fault: [module.__name__ for module in MODULES].index(fault.module)
)
