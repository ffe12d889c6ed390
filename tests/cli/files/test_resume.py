"""A run that is stopped, whatever stops it, goes on where it was, and in the end nobody could tell."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache, partial
from itertools import count, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.files.measure import session, urls
from tests.cli.process import DEADLINE, Done, environment, run, run_python
from tests.missing import missing

ROWS = 20_000
KILLS = 10
SOURCES = ("in.txt.gz", "in.csv.zst", "in.jsonl", "in.parquet")


def make(path: Path, rows: int = ROWS) -> None:
    """A file of that many URLs, some of them to be refused, in the format of its name."""
    some = list(islice(urls(), rows))
    if path.suffix == ".parquet":
        pq.write_table(pa.table({"id": range(rows), "url": some}), path)
        return
    lines = {
        ".txt": ("{url}\n", ""),
        ".csv": ('{id},"{url}"\n', "id,url\n"),
        ".jsonl": ('{{"id": {id}, "url": "{url}"}}\n', ""),
    }
    line, head = next(its for ending, its in lines.items() if ending in path.suffixes)
    text = head + "".join(line.format(id=number, url=url) for number, url in enumerate(some))
    with pa.output_stream(path, compression="detect") as file:
        file.write(text.encode())


def command(source: Path, out: Path, *options: str) -> list[str]:
    column = [] if ".txt" in source.suffixes else ["--column", "url"]
    return ["normalize", "--file", str(source), "--out", str(out), *column, "--part-size", "65536", *options]


@contextmanager
def started(arguments: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A run, in a session of its own; afterwards none of its processes is left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "urischeme", *arguments],
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    )
    with process:
        try:
            yield process
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def wait_until(condition: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
    """Return once it holds; the run has to be going on until then."""
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert process.poll() is None, "the run has ended"
        assert time.monotonic() < deadline, "it never came"


def results(out: Path) -> tuple[bytes, bytes]:
    return out.read_bytes(), out.with_name(f"{out.name}.rejects.jsonl").read_bytes()


def only_results(out: Path) -> bool:
    """Whether nothing else is left beside the output."""
    return sorted(path.name for path in out.parent.iterdir()) == [out.name, f"{out.name}.rejects.jsonl"]


def done_parts(out: Path) -> list[str]:
    return sorted(path.name for path in out.parent.glob(f"{out.name}.parts/*.part"))


def more_parts(out: Path, than: list[str]) -> bool:
    return set(than) < set(done_parts(out))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Path, tuple[bytes, bytes], float]]:
    """For a source of this name, where it is, what an uninterrupted run gives, and how many seconds that takes."""
    folder = tmp_path_factory.mktemp("whole")

    @cache
    def make_whole(name: str) -> tuple[Path, tuple[bytes, bytes], float]:
        source, out = folder / name, folder / name.replace("in", "out")
        make(source)
        begun = time.monotonic()
        assert run(*command(source, out)).code == 1
        return source, results(out), time.monotonic() - begun

    return make_whole


def killed_after(seconds: float, arguments: list[str]) -> bool:
    """Kill a run, and wait until its workers have seen for themselves that it is gone; False if it ended before."""
    with started(arguments) as process:
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
        deadline = time.monotonic() + DEADLINE
        while left := session(process.pid):
            said = [(folder / "cmdline").read_bytes() for folder in left]
            assert time.monotonic() < deadline, f"a worker goes on without its parent: {said}"
    return process.returncode == -signal.SIGKILL


@pytest.mark.parametrize("seed", range(KILLS))
def test_killed_at_a_random_moment_and_resumed_it_is_the_same_to_the_byte(
    tmp_path: Path, whole: Callable[[str], tuple[Path, tuple[bytes, bytes], float]], seed: int
) -> None:
    source, expected, seconds = whole(SOURCES[seed % len(SOURCES)])
    out = tmp_path / "out" / source.name
    out.parent.mkdir()
    moment = random.Random(seed).uniform(0.1, 0.9) * seconds
    while not killed_after(moment, command(source, out, "--force")) or only_results(out):
        moment /= 2  # it was done sooner than the other, or all but the process itself was
    finished = done_parts(out)
    done = run(*command(source, out, "--resume"))
    assert done.code == 1, (done.err, finished)
    assert results(out) == expected
    assert only_results(out)


def killed_at(step: int, arguments: list[str]) -> int:
    """Run until the main process is about to touch a file for the time of this number, and kill it then.

    A moment that is chosen by the clock seldom falls into the last thousandth, where files take their places.
    """
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "steps = 0\n"
        "def watch(event, args):\n"
        "    global steps\n"
        "    touches = event in {'open', 'os.mkdir', 'os.rename', 'os.remove', 'os.rmdir'}\n"
        "    if touches and str(args[0]).startswith(begin):\n"
        "        steps += 1\n"
        f"        if steps == {step}: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"begin = {arguments[arguments.index('--out') + 1]!r}\n"
        "from urischeme.cli import main\n"
        "if __name__ == '__main__':\n"
        "    sys.addaudithook(watch)\n"
        f"    sys.exit(main({arguments!r}))\n"
    )
    return run_python("-c", code).code


def test_killed_at_any_step_it_is_the_same_to_the_byte(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out" / "out.txt"
    source.write_text("HTTP://h\na b\n" * 5)
    out.parent.mkdir()
    arguments = command(source, out, "--jobs", "1")
    for step in count(1):
        code = killed_at(step, arguments)
        if code >= 0:
            break
        assert code == -signal.SIGKILL
        done = run(*command(source, out, "--jobs", "1", "--resume"))
        assert done.code == 1, (step, done.err)
        assert results(out)[0] == b"http://h/\n" * 5
        assert results(out)[1].count(b"\n") == 5
        assert only_results(out)
        for file in out.parent.iterdir():
            file.unlink()
    assert (code, step > 10) == (1, True)


def test_killed_over_and_over_it_gets_on_all_the_same(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source)
    arguments = command(source, out)
    for times in range(1, 6):
        before = done_parts(out)
        with started(arguments) as process:
            wait_until(partial(more_parts, out, before), process)
        arguments = command(source, out, "--resume")
        assert len(done_parts(out)) >= times
    assert run(*arguments).code == 1
    assert run(*command(source, tmp_path / "whole.txt")).code == 1
    assert results(out) == results(tmp_path / "whole.txt")


def stopped_half_way(source: Path, out: Path) -> None:
    with started(command(source, out)) as process:
        wait_until(lambda: done_parts(out), process)


def test_a_worker_that_is_killed_ends_the_run_with_one_line(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source, 10 * ROWS)
    with started(command(source, out)) as process:

        def workers() -> list[Path]:
            return [its for its in session(process.pid) if b"spawn_main" in (its / "cmdline").read_bytes()]

        wait_until(lambda: done_parts(out), process)
        os.kill(int(workers()[0].name), signal.SIGKILL)
        _, said = process.communicate(timeout=DEADLINE)
    assert process.returncode == 4
    assert said == b"urischeme: a worker was killed; what is finished is kept: run the same with --resume\n"
    kept = done_parts(out)
    assert kept
    assert run(*command(source, out, "--resume")).code == 1
    assert run(*command(source, tmp_path / "whole.txt")).code == 1
    assert results(out) == results(tmp_path / "whole.txt")


def test_ctrl_c_ends_it_with_one_line(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source, 10 * ROWS)
    with started(command(source, out)) as process:
        wait_until(lambda: done_parts(out), process)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all of them
        _, said = process.communicate(timeout=DEADLINE)
    assert process.returncode == 130
    assert said == b"urischeme: interrupted; what is finished is kept: run the same with --resume\n"
    assert done_parts(out)
    assert not out.exists()


# A Ctrl-C that comes between the two halves of hearing what a worker says, and a worker that hears of it in time.
INTERRUPTED = """
import sys
from multiprocessing import active_children
from multiprocessing.connection import Connection, wait
from urischeme.cli import main

def recv(self):
    wait([self])
    raise KeyboardInterrupt

if __name__ == "__main__":
    Connection.recv = recv
    code = main({arguments!r})
    for worker in active_children():
        worker.join({deadline})
    sys.exit(code)
"""


def test_ctrl_c_as_a_worker_says_that_it_is_done(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source)
    done = run_python("-c", INTERRUPTED.format(arguments=command(source, out), deadline=DEADLINE))
    assert done.err == "urischeme: interrupted; what is finished is kept: run the same with --resume\n"
    assert done.code == 130


def test_a_full_disk_keeps_what_is_finished(tmp_path: Path) -> None:
    if shutil.which("unshare") is None or subprocess.run([*ON_A_DISK_OF_ITS_OWN, "true"]).returncode:
        missing("needs unshare, and the right to mount in a namespace of its own")
    source, disk = tmp_path / "in.txt", tmp_path / "disk"
    make(source)
    disk.mkdir()
    arguments = command(source, disk / "out.txt")
    program = f'"{sys.executable}" -m urischeme "$@"'
    script = (
        f'mount -t tmpfs -o size=1m tmpfs "{disk}" || exit 99\n'
        f"{program}; echo $?\n"
        f'ls "{disk}"/out.txt.parts | grep -c "\\.part$"\n'
        f'mount -o remount,size=64m "{disk}" || exit 99\n'
        f'{program} --resume; echo $?; cp "{disk}"/out.txt* "{tmp_path}"\n'
    )
    ended = subprocess.run(
        [*ON_A_DISK_OF_ITS_OWN, script, "sh", *arguments], capture_output=True, env=environment(), timeout=DEADLINE
    )
    done = Done(ended.returncode, ended.stdout, ended.stderr)
    first, kept, second = map(int, done.out.split())
    assert (done.code, first, second) == (0, 4, 1)
    assert kept > 0
    assert done.err.splitlines()[0] == (
        "urischeme: No space left on device; what is finished is kept: run the same with --resume"
    )
    assert run(*command(source, tmp_path / "whole.txt")).code == 1
    assert results(tmp_path / "out.txt") == results(tmp_path / "whole.txt")


ON_A_DISK_OF_ITS_OWN = ["unshare", *(["--user", "--map-root-user"] if os.getuid() else []), "--mount", "sh", "-c"]


def refused(done: Done, *words: str) -> None:
    assert (done.code, done.err.count("\n")) == (2, 1), done.err
    assert [word for word in words if word not in done.err] == []


def test_parts_are_neither_taken_nor_thrown_away_unless_told(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source)
    stopped_half_way(source, out)
    before = done_parts(out)
    refused(run(*command(source, out)), "out.txt.parts", "--resume", "--force")
    assert done_parts(out) == before
    assert run(*command(source, out, "--force")).code == 1
    assert not done_parts(out)


def test_only_parts_of_the_same_settings_are_taken(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source)
    stopped_half_way(source, out)
    before = done_parts(out)
    other = command(source, out, "--resume", "--level", "syntax")
    refused(run(*other), "--level was scheme, now syntax", "--force begins anew")
    with source.open("a") as file:
        file.write("http://one-more/\n")
    refused(run(*command(source, out, "--resume")), "size of the input was", "--force begins anew")
    assert done_parts(out) == before


def test_two_runs_do_not_meet_in_one_output(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source, 10 * ROWS)
    with started(command(source, out)) as process:
        wait_until(lambda: done_parts(out), process)
        process.send_signal(signal.SIGSTOP)  # so that it is at work for as long as this takes
        for option in ("--resume", "--force"):
            refused(run(*command(source, out, option)), "another run is at work in", "out.txt.parts")
        process.send_signal(signal.SIGCONT)
        process.wait(DEADLINE)
    assert process.returncode == 1


def test_what_came_to_the_place_of_the_output_meanwhile_is_not_overwritten(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    make(source)
    stopped_half_way(source, out)
    out.write_text("mine")
    refused(run(*command(source, out, "--resume")), "is there by now", "move it away, then --resume")
    assert out.read_text() == "mine"
    out.rename(tmp_path / "mine.txt")
    assert run(*command(source, out, "--resume")).code == 1


def test_a_file_that_breaks_off_keeps_what_was_finished(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt.gz", tmp_path / "out.txt"
    make(source)
    source.write_bytes(source.read_bytes()[:-1000])
    refused(run(*command(source, out)), "cannot read", "in.txt.gz")
    assert done_parts(out)
    assert not out.exists()
