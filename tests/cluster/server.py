"""One server, one process, which can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cluster.network import Network

_DEADLINE = 60.0  # seconds
_PAUSE = 0.02  # seconds, from one look to the next
_TAIL = 4000  # characters


class ServerError(Exception):
    """A server ended, or was not ready in time; the message has the end of its output."""


class Server:
    """`command`, run within the network; what it writes is appended to the file `output`.

    It is ready when `ready` returns True, which is asked again and again after the start.
    """

    def __init__(self, network: Network, command: Sequence[str], output: Path, ready: Callable[[], bool]) -> None:
        self._network = network
        self._command = command
        self._output = output
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process's, such as whoever measures it wants."""
        return self._started().pid

    def start(self) -> None:
        """It is ready when this returns.

        Raises:
            ServerError
        """
        self.launch()
        self.wait_until_ready()

    def launch(self) -> None:
        """As `start`, without waiting."""
        assert not self.running, f"{self._output.stem} is running"
        self.kill()
        with self._output.open("ab") as output, self._network.entered():
            self._process = subprocess.Popen(
                self._command,
                # Of this pipe the other end is here: if this process dies, however that may be, so does the server.
                stdin=subprocess.PIPE,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd=self._output.parent,
                # Ctrl-C is for the tests, which stop their servers themselves.
                process_group=0,
            )

    def wait_until_ready(self) -> None:
        """See `start`."""
        process = self._started()
        deadline = time.monotonic() + _DEADLINE
        with self._network.entered():
            while not self._ready():
                try:
                    process.wait(_PAUSE)
                except subprocess.TimeoutExpired:
                    if time.monotonic() < deadline:
                        continue
                    self.kill()
                    raise ServerError(f"not ready after {_DEADLINE:.0f} s: {self._tail()}") from None
                self.kill()
                raise ServerError(f"ended at once: {self._tail()}")

    def kill(self) -> None:
        """At once, without a word to anybody. It may be started again."""
        if self._process is None:
            return
        self._process.kill()
        self._process.wait()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Meanwhile it does nothing at all; its connections stay, and the kernel goes on to take in what is sent."""
        process = self._started()
        process.send_signal(signal.SIGSTOP)
        # Until each of its threads has heard of that, the others go on answering.
        os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def _started(self) -> subprocess.Popen[bytes]:
        assert self._process is not None, f"{self._output.stem} is not running"
        return self._process

    def _tail(self) -> str:
        text = self._output.read_text(errors="replace")
        return f"{' '.join(self._command)}\n…{text[-_TAIL:]}\n(all of it in {self._output})"
