"""What a run shows and takes while it goes on."""

from __future__ import annotations

import fcntl
import gc
import os
import pty
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pytest

from tests.cli.files.measure import make, measure, urls
from tests.cli.process import DEADLINE, environment, run
from urischeme.cli.files.normal import Rules
from urischeme.cli.files.text_rows import Text


def test_a_terminal_sees_how_far_it_is_how_fast_and_how_long_it_will_take(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("".join(f"{url}\n" for url in islice(urls(), 100_000)))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 120, 0, 0))
    arguments = ["normalize", "--file", str(source), "--out", str(out), "--part-size", "65536"]
    with subprocess.Popen(
        [sys.executable, "-m", "urischeme", *arguments],
        stderr=theirs,
        env=environment({"TERM": "xterm"}),
    ) as process:
        os.close(theirs)
        shown = b""
        with suppress(OSError):  # which is how a terminal says that nobody writes to it any more
            while read := os.read(ours, 4096):
                shown += read
        process.wait(DEADLINE)
    os.close(ours)
    assert process.returncode == 1
    assert b"%" in shown
    assert b" rows, " in shown
    assert b" refused" in shown
    assert b"B/s" in shown
    assert b"100,000 rows, 100 refused" in shown.splitlines()[-1]


def test_elsewhere_it_prints_one_line_at_its_end(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("a:b\n")
    done = run("normalize", "--file", str(source), "--out", str(tmp_path / "out.txt"))
    assert (done.code, done.out, done.err) == (0, "", f"{tmp_path / 'out.txt'}: 1 rows, none refused\n")


@pytest.mark.skipif(not Path("/proc/self/smaps_rollup").exists(), reason="needs Linux's /proc to see memory")
@pytest.mark.parametrize("name", ["in.txt.gz", "in.parquet"])
def test_a_large_file_takes_no_more_memory_than_a_part_does(tmp_path: Path, name: str) -> None:
    source, out = tmp_path / name, tmp_path / f"out-{name}"
    column = ["--column", "url"] if source.suffix == ".parquet" else []
    make(source, 30_000_000)
    taken = measure("normalize", "--file", str(source), "--out", str(out), *column)
    assert taken.code == 1
    assert taken.together < 500_000_000


def test_what_a_part_took_is_free_once_it_is_done() -> None:
    """Not when the garbage is collected: by then a file may have gone through memory, and stayed there."""
    part, rules = b"HTTP://h\na b\n" * 1000, Rules("scheme", zone_ids=False)
    Text().normalized(part, rules)  # makes what is made once
    gc.collect()
    gc.disable()
    try:
        before = pa.total_allocated_bytes()
        Text().normalized(part, rules)
        assert pa.total_allocated_bytes() == before
    finally:
        gc.enable()
