"""What is timed, and what the right answer is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.contender import Contender


class Mistake(NamedTuple):
    """One wrong answer: its kind, by which they are counted, and what was said instead of what."""

    kind: str
    detail: str = ""


class Workload(ABC):
    # Its name on the command line, and that of its page.
    name: ClassVar[str]
    title: ClassVar[str]
    # What is timed and what counts as wrong, in Markdown.
    description: ClassVar[str]

    @abstractmethod
    def run(self, contender: Contender, urls: Sequence[str]) -> Iterator[Any]:
        """Do the work: one answer for each URL, None where it was refused."""

    @abstractmethod
    def mistake(self, contender: Contender, url: str, answer: Any) -> Mistake | None:
        """What is wrong with an answer."""

    def about(self, urls: Sequence[str]) -> str:
        """A sentence, after a space, on what else a reader should know about these URLs."""
        return ""
