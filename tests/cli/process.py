"""The program as somebody's shell starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

DEADLINE = 60.0

# What would change colours or widths.
_SCRUBBED = {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "PYTHONIOENCODING", "TTY_COMPATIBLE", "TTY_INTERACTIVE"}


def environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name not in _SCRUBBED}
    return {**kept, "PYTHONUTF8": "1", **(extra or {})}


def start(*arguments: str | bytes, stdin: int = subprocess.PIPE) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "urischeme", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
    )


class Done:
    """A run that has ended."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode()
        self.err = err.decode()

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.split("\n")[:-1]]


def run(*arguments: str | bytes, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    return run_python("-m", "urischeme", *arguments, stdin=stdin, env=env)


def run_python(*arguments: str | bytes, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> Done:
    done = subprocess.run(
        [sys.executable, *arguments], input=stdin, capture_output=True, env=environment(env), timeout=DEADLINE
    )
    return Done(done.returncode, done.stdout, done.stderr)


def with_resolver(resolver: str, *arguments: str) -> list[str]:
    """Python's arguments for a run in which `test:` has this resolver."""
    code = (
        "import sys, urischeme\n"
        "from urischeme.cli import main\n"
        f"urischeme.register('test', {resolver})\n"
        f"sys.exit(main({list(arguments)!r}))\n"
    )
    return ["-c", code]
