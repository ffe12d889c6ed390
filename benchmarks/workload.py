"""What is measured."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from benchmarks.report import Report
    from benchmarks.session import Session


class Unable(Exception):
    """What a workload takes can't be had here; the message says why."""


class Workload(ABC):
    # Its name on the command line, and that of its page.
    name: ClassVar[str]
    title: ClassVar[str]

    @abstractmethod
    def measure(self, session: Session) -> Report:
        """Do the work with every contender of the session. Raises Unable."""
