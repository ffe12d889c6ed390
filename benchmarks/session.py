"""What one run of the command measures with, and on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from benchmarks import inputs
from benchmarks.contenders import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from benchmarks.contender import Contender, Job
    from benchmarks.inputs import Inputs

_ROUNDS, _QUICK_ROUNDS = 15, 2


@dataclass(frozen=True)
class Session:
    # Few rounds over a sample, to see that all runs.
    quick: bool

    @cached_property
    def installed(self) -> dict[str, Contender]:
        """The contenders that are installed, by name."""
        return {contender.name: contender for contender in CONTENDERS if contender.name not in self.missing}

    @cached_property
    def missing(self) -> dict[str, str]:
        """Why the others are not here."""
        return dict(_missing())

    @property
    def rounds(self) -> int:
        return _QUICK_ROUNDS if self.quick else _ROUNDS

    @cached_property
    def real(self) -> Inputs:
        """URLs as people wrote them."""
        real = inputs.real()
        return real.sample(self.size(full=len(real.valid), quick=500)) if self.quick else real

    def size(self, *, full: int, quick: int) -> int:
        return quick if self.quick else full

    def able(self, job: Job) -> list[Contender]:
        """The contenders that have a way to do the job."""
        return [contender for contender in self.installed.values() if contender.code(job)]

    @property
    def skipped(self) -> list[str]:
        """A sentence on each contender that is not installed."""
        return [f"Skipped: {name} ({reason})." for name, reason in self.missing.items()]

    def absent(self, job: Job) -> list[str]:
        """A sentence on each contender that takes no part in the job."""
        unable = [contender.name for contender in self.installed.values() if not contender.code(job)]
        left_out = [f"Left out, having no way to do this: {', '.join(unable)}."] if unable else []
        return left_out + self.skipped


def _missing() -> Iterator[tuple[str, str]]:
    for contender in CONTENDERS:
        try:
            contender.load()
        except ImportError as error:
            yield contender.name, str(error)
