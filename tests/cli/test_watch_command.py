"""`watch`: every change, until somebody has seen enough."""

from __future__ import annotations

import json
import os
import pty
import re
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO, Any

import pytest
from rich.table import Table

from tests.cli.process import DEADLINE, environment, run, run_python, with_resolver
from urischeme import Endpoint, ResolveError, TCPAddress
from urischeme.cli.watching import Board

# Says what stands on its standard input, a JSON list of addresses a line; "boom" is an error.
PUSH = """
import asyncio, json, sys, urischeme
async def push(target):
    while line := await asyncio.to_thread(sys.stdin.readline):
        said = json.loads(line)
        if said == "boom":
            raise urischeme.ResolveError("x: no answer", retryable=True)
        yield urischeme.Resolution([urischeme.Endpoint(urischeme.TCPAddress(ip, 80)) for ip in said], ttl=5)
class Pushes:
    watch = staticmethod(push)
    async def resolve(self, target):
        raise AssertionError("it pushes")
"""


@contextmanager
def watching(*arguments: str, stdout: int = subprocess.PIPE) -> Iterator[subprocess.Popen[bytes]]:
    code = with_resolver("Pushes()", "watch", "test:x", *arguments)[1]
    with subprocess.Popen(
        [sys.executable, "-c", PUSH + code],
        stdin=subprocess.PIPE,
        stdout=stdout,
        stderr=subprocess.PIPE,
        env=environment({"TERM": "xterm"}),
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def say(process: subprocess.Popen[bytes], what: Any) -> None:
    assert process.stdin is not None
    process.stdin.write(json.dumps(what).encode() + b"\n")
    process.stdin.flush()


def heard(stream: IO[bytes] | None) -> dict[str, Any]:
    assert stream is not None
    line: dict[str, Any] = json.loads(stream.readline())
    return line


def addresses(endpoints: list[dict[str, Any]]) -> list[str]:
    return [address for endpoint in endpoints for address in endpoint["addresses"]]


def test_each_change_is_a_line_of_json() -> None:
    with watching() as process:
        say(process, ["10.0.0.1", "10.0.0.2"])
        first = heard(process.stdout)
        assert first["text"] == "test:x"
        assert addresses(first["added"]) == addresses(first["endpoints"]) == ["ipv4:10.0.0.1:80", "ipv4:10.0.0.2:80"]
        assert (first["gone"], first["ttl"]) == ([], 5)
        say(process, ["10.0.0.2", "10.0.0.1"])  # no change
        say(process, ["10.0.0.2", "10.0.0.3"])
        second = heard(process.stdout)
        assert addresses(second["added"]) == ["ipv4:10.0.0.3:80"]
        assert addresses(second["gone"]) == ["ipv4:10.0.0.1:80"]
        assert second["time"] > first["time"]
        say(process, "boom")
        error = heard(process.stdout)["error"]
        assert error == {"kind": "ResolveError", "reason": "x: no answer", "retryable": True}
        say(process, [])
        last = heard(process.stdout)
        assert last["endpoints"] == last["added"] == []
        assert addresses(last["gone"]) == ["ipv4:10.0.0.2:80", "ipv4:10.0.0.3:80"]


def test_ctrl_c_ends_it_cleanly() -> None:
    with watching() as process:
        say(process, ["10.0.0.1"])
        heard(process.stdout)
        process.send_signal(signal.SIGINT)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(DEADLINE) == 130
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_reader_that_has_seen_enough_ends_it_cleanly() -> None:
    with watching() as process:
        say(process, ["10.0.0.1"])
        heard(process.stdout)
        assert process.stdout is not None
        process.stdout.close()
        say(process, ["10.0.0.2"])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(DEADLINE) == 141
        assert process.stderr is not None
        assert process.stderr.read() == b""


def test_a_terminal_sees_a_table_that_lives() -> None:
    ours, theirs = pty.openpty()
    shown = b""

    def see(*patterns: bytes) -> None:
        nonlocal shown
        while not all(re.search(pattern, shown) for pattern in patterns):
            assert select.select([ours], [], [], DEADLINE)[0], shown
            shown += os.read(ours, 4096)

    with watching(stdout=theirs) as process:
        os.close(theirs)
        say(process, ["10.0.0.1"])
        see(rb"test:x", rb"ipv4:10\.0\.0\.1:80", rb"here for \d+ s", rb"1 endpoint, the answer holds for [0-5] s")
        shown = b""
        say(process, ["10.0.0.2"])
        see(rb"ipv4:10\.0\.0\.2:80", rb"gone \d+ s ago")
        shown = b""
        say(process, "boom")
        see(rb"x: no answer")
        process.send_signal(signal.SIGINT)
        assert process.stdin is not None
        process.stdin.close()
        with suppress(OSError):
            while os.read(ours, 4096):
                pass
        assert process.wait(DEADLINE) == 130
    os.close(ours)


@pytest.mark.parametrize(
    ("target", "code", "words"),
    [
        ("k8s:// x", 1, "a space may not stand"),
        ("dsn:orders", 1, "did you mean dns:?"),
        ("vsock:2", 1, "write vsock:cid:port"),
    ],
)
def test_what_is_no_target_ends_it_at_once(target: str, code: int, words: str) -> None:
    done = run("watch", target)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert "error" in run("watch", "--json", target).objects[0]


HOPELESS = "lambda target: (_ for _ in ()).throw(urischeme.ResolveError('never', retryable=False))"


def test_an_error_that_asking_again_cannot_help_ends_it() -> None:
    done = run_python(*with_resolver(HOPELESS, "watch", "test:x"))
    assert (done.code, done.err) == (4, "urischeme: never\n")


def test_it_ends_it_on_a_terminal_too() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, *with_resolver(HOPELESS, "watch", "test:x")],
        stdout=theirs,
        stderr=subprocess.PIPE,
        env=environment({"TERM": "xterm"}),
    ) as process:
        os.close(theirs)
        with suppress(OSError):
            while os.read(ours, 4096):
                pass
        assert process.wait(DEADLINE) == 4
        assert process.stderr is not None
        assert process.stderr.read() == b"urischeme: never\n"
    os.close(ours)


def test_what_is_gone_is_shown_for_a_while() -> None:
    one, two = (Endpoint(TCPAddress(host, 80)) for host in ("10.0.0.1", "10.0.0.2"))
    board = Board()
    board.update((one, two), 0.0)
    board.update((two,), 10.0)

    def rows(now: float) -> int:
        (table,) = (
            shown
            for shown in board.picture("x", now, None, ResolveError("e", retryable=True)).renderables
            if isinstance(shown, Table)
        )
        return table.row_count

    assert rows(60.0) == 2
    assert rows(80.0) == 1
    board.update((one, two), 90.0)
    assert rows(90.0) == 2
