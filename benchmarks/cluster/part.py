"""One of the processes that are measured, or that it takes to measure them."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from typing import TYPE_CHECKING, Any, Self

from benchmarks.island import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class Part:
    """A module of this folder that runs until the end of the `with` block, and answers each line with one in JSON."""

    def __init__(self, module: str, *arguments: str, env: Mapping[str, str] | None = None) -> None:
        self._module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", f"benchmarks.cluster.{module}", *arguments],
            cwd=ROOT,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._turn = threading.Lock()

    def ask(self, line: str) -> Any:
        """Its answer to a line. For any number of threads. Raises RuntimeError where it has ended."""
        with self._turn:
            self.say(line)
            return self.answer()

    def say(self, line: str) -> None:
        """Give it a line, whose answer is waited for later."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def answer(self) -> Any:
        """The next line that it says."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"benchmarks.cluster.{self._module} has ended: {self._process.wait()}")
        return json.loads(line)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        # Its input ends, and it with that.
        self._process.communicate()
