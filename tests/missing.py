"""What a test needs and this machine has not."""

from __future__ import annotations

import os
import shutil
from typing import NoReturn

import pytest


def missing(reason: str) -> NoReturn:
    """Skip the test; under `CI=true` what it needs has to be there, and it fails."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def require_server(program: str, what: str) -> str:
    """The path of a server's program; without one the test is skipped, or fails where it has to be there."""
    # Where Debian puts them is not in everybody's PATH.
    path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin")
    if path is None:
        missing(f"needs {program}, {what}")
    return path
