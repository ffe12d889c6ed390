"""What every library has to answer to stand in the tables."""

from __future__ import annotations

from abc import ABC, abstractmethod
from importlib import metadata
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# The components of one URL as a library gives them, in its own notation; None where it refused the URL.
Read: TypeAlias = tuple[Any, ...] | None


class Components(NamedTuple):
    """The components of one URL in the notation that all answers are compared in.

    Absent is None, but for the path, which is never absent. A host has its brackets.
    """

    scheme: str
    userinfo: str | None
    host: str | None
    port: int | None
    path: str
    query: str | None
    fragment: str | None


class Contender(ABC):
    """A library: importing it is left to `__init__`, so that a missing one can be skipped.

    The loops over the URLs stand in the methods, so that all contenders pay the same for being called. They are
    generators: what is timed is what is checked, and nothing is kept.
    """

    name: ClassVar[str]
    # What it is installed as; None where it comes with Python.
    distribution: ClassVar[str | None]
    # What a reader of the tables should know about how it is used here.
    note: ClassVar[str] = ""

    @property
    def version(self) -> str:
        if self.distribution is None:
            return "with Python"
        try:
            return metadata.version(self.distribution)
        except metadata.PackageNotFoundError:
            return "this checkout"

    def clear_caches(self) -> None:  # noqa: B027 # most have none
        """Called before every round: no contender may remember the URLs of the last one."""

    @abstractmethod
    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        """Parse each URL and read its scheme, user information, host, port, path, query and fragment."""

    @abstractmethod
    def components(self, read: tuple[Any, ...]) -> Components:
        """What `parse_and_read` gave for a URL, in the common notation."""

    @abstractmethod
    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        """The normal form of each URL as text, None where it was refused."""


def userinfo(username: str | None, password: str | None) -> str | None:
    """The user information of a library that takes it apart and, absent or empty, makes no difference."""
    return f"{username or ''}:{password}" if password else username or None


def bracketed(host: str | None) -> str | None:
    """The host of a library that takes the brackets off an IPv6 address."""
    return f"[{host}]" if host and ":" in host else host
