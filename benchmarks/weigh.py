"""What the values of a parser take of memory: `python -m benchmarks.weigh CONTENDER traced|resident < texts`.

It has a process of its own, so that nothing that was freed before is there to be used again. Prints how many bytes a
value takes beyond its text, or `null` where that can't be known here.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import tracemalloc
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.contenders import CONTENDERS

if TYPE_CHECKING:
    from collections.abc import Callable

_STATM = Path("/proc/self/statm")

# Enough to be sure of the size of one; the largest values would otherwise fill the machine.
_ENOUGH = 512 * 2**20
_STEP = 1000


def main() -> None:
    name, how = sys.argv[1:]
    contender = next(contender for contender in CONTENDERS if contender.name == name)
    texts = sys.stdin.read().splitlines()
    run = contender.run("parse")
    # Whatever is made on first use is no part of a value.
    for _ in run(texts[:100]):
        pass
    if how == "traced":
        tracemalloc.start()
        weight = _weight(run, texts, lambda: tracemalloc.get_traced_memory()[0])
    elif _STATM.exists():
        weight = _weight(run, texts, resident)
    else:
        weight = None
    print(json.dumps(weight))


def resident() -> int:
    return int(_STATM.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _weight(run: Callable[[list[str]], Any], texts: list[str], used: Callable[[], int]) -> float:
    values: list[Any] = [None] * len(texts)
    gc.collect()
    before = used()
    answers = run(texts)
    count = 0
    while used() - before < _ENOUGH:
        chunk = list(islice(answers, _STEP))
        values[count : count + len(chunk)] = chunk
        count += len(chunk)
        if len(chunk) < _STEP:
            break
    del chunk
    gc.collect()
    return (used() - before) / sum(value is not None for value in values)


if __name__ == "__main__":
    main()
