"""How the program ends where something is in its way."""

from __future__ import annotations

import signal
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from tests.cli.process import DEADLINE, environment, run, run_python, start

COMMANDS = ["parse", "normalize", "join", "relativize", "resolve", "watch", "check", "schemes", "demo"]

needs_dev_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


def test_a_closed_pipe_ends_it_quietly(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text("http://h/a/./b\n" * 100_000)
    for command in (["normalize"], ["parse"], ["parse", "--json"]):
        with start(*command, "--file", str(lines)) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stdout.readline()
            process.stdout.close()
            assert process.stderr.read() == b""
            assert process.wait(DEADLINE) == 128 + signal.SIGPIPE


def test_head_has_its_line_and_nobody_complains(tmp_path: Path) -> None:
    lines = tmp_path / "lines"
    lines.write_text("HTTP://h\n" * 100_000)
    pipeline = f"'{sys.executable}' -m urischeme normalize --file '{lines}' | head -n 1"
    done = subprocess.run(["sh", "-c", pipeline], capture_output=True, env=environment(), timeout=DEADLINE)
    assert (done.stdout, done.stderr) == (b"http://h/\n", b"")


def test_ctrl_c_ends_it_quietly_and_keeps_what_was_answered() -> None:
    with start("normalize", "--file", "-") as process:
        assert process.stdin is not None
        assert process.stderr is not None
        assert process.stdout is not None
        process.stdin.write(b"HTTP://h\n\xff\n")
        process.stdin.flush()
        assert process.stderr.readline().startswith(b"<stdin>:2: ")  # it reads
        process.send_signal(signal.SIGINT)
        assert process.wait(DEADLINE) == 128 + signal.SIGINT
        assert process.stdout.read() == b"http://h/\n"
        assert b"Traceback" not in process.stderr.read()


@needs_dev_full
@pytest.mark.parametrize("arguments", [["parse", "a:b"], ["normalize", "a:b"], ["schemes"], ["demo"], ["--help"]])
def test_a_full_disk_is_one_line(arguments: list[str]) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "urischeme", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            timeout=DEADLINE,
        )
    assert done.returncode == 4
    assert done.stderr == b"urischeme: No space left on device\n"


def test_closed_standard_streams_are_one_line_each() -> None:
    command = f"'{sys.executable}' -m urischeme parse"
    for redirection, code in (("a:b >&-", 4), ("--file - <&-", 2)):
        done = subprocess.run(["sh", "-c", f"{command} {redirection}"], capture_output=True, env=environment())
        assert done.returncode == code
        assert done.stderr.startswith(b"urischeme: ")
        assert done.stderr.count(b"\n") == 1


@pytest.mark.parametrize("library", ["click", "rich"])
def test_a_missing_library_is_one_line_that_names_the_extra(library: str) -> None:
    blocked = f"import runpy, sys; sys.modules[{library!r}] = None; sys.argv[1:] = ['parse', 'a:b']; "
    done = run_python("-c", blocked + "runpy.run_module('urischeme', run_name='__main__')")
    assert (done.code, done.out) == (2, "")
    assert done.err == f"urischeme: {library} is not installed; run: pip install 'urischeme[cli]'\n"


def test_the_package_of_the_command_line_needs_neither_library() -> None:
    code = "import sys, urischeme.cli; assert not {'click', 'rich', 'dns'} & set(sys.modules)"
    assert run_python("-c", code).code == 0


@pytest.mark.parametrize("command", ["parse", "normalize", "resolve", "check"])
def test_nothing_to_work_on_is_a_mistake_of_usage(command: str) -> None:
    done = run(command, stdin=b"a:b\n")
    assert (done.code, done.out) == (2, "")
    assert "--file -" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["no-such-command"],
        ["parse", "--no-such-option", "a:b"],
        ["join"],
        ["join", "a:b"],
        ["normalize", "--level", "none", "a:b"],
        ["resolve", "--timeout", "0", "x"],
        ["resolve", "--timeout", "nan", "x"],
        ["resolve", "--timeout", "inf", "x"],
        ["resolve", "--timeout", "1e300", "x"],
        ["resolve", "--default-port", "65536", "x"],
        ["schemes", "x"],
        ["demo", "x"],
    ],
)
def test_a_mistake_of_usage_is_exit_code_2(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("Usage: urischeme ")


def test_help_has_examples_and_exit_codes() -> None:
    overview = run("--help")
    assert overview.code == 0
    assert all(f"  {command} " in overview.out for command in COMMANDS)
    assert "Exit codes" in overview.out
    for command in COMMANDS:
        done = run(command, "--help")
        assert (done.code, done.err) == (0, "")
        assert max(map(len, done.out.split("\n"))) <= 80


def test_version() -> None:
    done = run("--version")
    assert (done.code, done.out) == (0, f"urischeme, version {version('urischeme')}\n")


def test_a_text_that_begins_with_a_dash_comes_after_two() -> None:
    assert run("normalize", "--", "--x").out == "--x\n"
