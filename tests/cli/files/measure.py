"""How much memory and time a large file takes: `python -m tests.cli.files.measure urls.parquet 10e9 [options]`.

The file is made in the working directory, and removed afterwards.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from itertools import count, islice
from pathlib import Path

import attrs
import pyarrow as pa
import pyarrow.parquet as pq

from tests.cli.process import environment

_BLOCK = 50_000
_GROUP = 1_000_000  # rows


def urls() -> Iterator[str]:
    """One in fifty is not normal yet, one in a thousand is refused."""
    for number in count():
        scheme = "HTTP" if number % 50 == 0 else "https"
        space = " " if number % 1000 == 999 else ""
        yield f"{scheme}://example-{number % 977}.org/path/{number * 2654435761 % 2**32:08x}/{space}page?x={number}"


def make(path: Path, size: int) -> int:
    """Write about as many bytes of URLs, the same block of rows over and over, and give how many rows they are."""
    block = list(islice(urls(), _BLOCK))
    rows = 0
    with path.open("wb") as file:
        if path.suffix == ".parquet":
            table = pa.table({"url": block, "id": range(_BLOCK)})
            with pq.ParquetWriter(file, table.schema, use_dictionary=False) as writer:
                group = pa.concat_tables([table] * (_GROUP // _BLOCK))
                while file.tell() < size:
                    writer.write_table(group, row_group_size=_GROUP)
                    rows += _GROUP
        else:
            text = "".join(f"{url}\n" for url in block).encode()
            if path.suffix == ".gz":
                text = pa.compress(text, "gzip", asbytes=True)
            while file.tell() < size:
                file.write(text)
                rows += _BLOCK
    return rows


@attrs.frozen
class Measured:
    """One run of the program.

    Attributes:
        code: how it ended.
        seconds: how long it took.
        largest: the most bytes that one of its processes had resident.
        together: the most that all of them had at a time; of what several share, each has its part.
    """

    code: int
    seconds: float
    largest: int
    together: int


def measure(*arguments: str) -> Measured:
    begun = time.monotonic()
    largest = together = 0
    with subprocess.Popen(
        [sys.executable, "-m", "urischeme", *arguments], env=environment(), start_new_session=True
    ) as process:
        while process.poll() is None:
            shares = 0
            for folder in session(process.pid):
                with suppress(OSError, KeyError):  # it may end meanwhile
                    largest = max(largest, _bytes(folder / "status", "VmHWM"))
                    shares += _bytes(folder / "smaps_rollup", "Pss")
            together = max(together, shares)
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
    return Measured(process.returncode, time.monotonic() - begun, largest, together)


def session(leader: int) -> list[Path]:
    """The folders in /proc of the processes that this one started as a session of its own, and of itself."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            if int(fields[3]) == leader and fields[0] != "Z":
                found.append(folder)
    return found


def _bytes(file: Path, name: str) -> int:
    lines = (line.split(":", 1) for line in file.read_text().splitlines() if ":" in line)
    return int(dict(lines)[name].split()[0]) * 1024


def main() -> None:
    name, size = sys.argv[1], int(float(sys.argv[2]))
    with tempfile.TemporaryDirectory(dir=".") as folder:
        file, out = Path(folder) / f"in-{name}", Path(folder) / f"out-{name}"
        rows = make(file, size)
        column = ["--column", "url"] if file.suffix == ".parquet" else []
        done = measure("normalize", "--file", str(file), "--out", str(out), *column, *sys.argv[3:])
        print(f"exit code {done.code}, {done.seconds:.0f} s, {rows / done.seconds:,.0f} rows a second")
        print(f"{file.stat().st_size / 1e6:,.0f} MB in, {out.stat().st_size / 1e6:,.0f} MB out, {rows:,} rows")
        print(f"resident: the largest process {done.largest / 1e6:.0f} MB, all together {done.together / 1e6:.0f} MB")


if __name__ == "__main__":
    main()
