"""What every library has to answer."""

from __future__ import annotations

import platform
from abc import ABC, abstractmethod
from importlib import metadata
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from conformance.case import Components


class Library(ABC):
    """A library: importing it is left to `__init__`, so that a missing one can be skipped.

    Whatever exception a method raises, the library has refused.
    """

    name: ClassVar[str]
    # What it is installed as; None where it comes with Python.
    distribution: ClassVar[str | None]
    # How it is asked, for the reader of the page.
    how: ClassVar[str]
    # What it does not offer, it is not asked.
    takes_references: ClassVar[bool] = True
    joins: ClassVar[bool] = True
    normalizes: ClassVar[bool] = True

    @classmethod
    def version(cls) -> str:
        return platform.python_version() if cls.distribution is None else metadata.version(cls.distribution)

    @abstractmethod
    def components(self, text: str) -> Components:
        """What it takes the text to be made of, in the common notation; to have them is to accept the text."""

    def join(self, base: str, reference: str) -> str:
        """The URI that `reference` means at `base`."""
        raise NotImplementedError

    def normalize(self, text: str) -> str:
        """The normal form of the text."""
        raise NotImplementedError


def bracketed(host: str | None) -> str | None:
    """The host of a library that takes the brackets off an IP literal."""
    return f"[{host}]" if host and ":" in host else host


def userinfo(username: str | None, password: str | None) -> str | None:
    """The user information of a library that takes it apart."""
    return username if password is None else f"{username or ''}:{password}"
