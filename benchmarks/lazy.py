"""A lazy frame of polars that normalises a column: `POLARS_MAX_THREADS=2 python -m benchmarks.lazy < texts`.

Polars takes as many threads as it is told when it is loaded, so each number of them has a process of its own. Prints
how many nanoseconds the quickest of a few times took.
"""

from __future__ import annotations

import sys

import polars as pl

from benchmarks.timing import lap_of
from urischeme import columns

_TIMES = 3


def main() -> None:
    frame = pl.LazyFrame({"url": sys.stdin.read().splitlines()})
    lap = lap_of(frame.select(columns.normalize(pl.col("url"))).collect)
    lap()  # compiles what is compiled on first use
    print(min(lap() for _ in range(_TIMES)))


if __name__ == "__main__":
    main()
