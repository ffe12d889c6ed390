"""No text makes an operation take more memory than a small multiple of its own, whatever it is one long run of."""

import tracemalloc
from contextlib import suppress

import pytest

import urischeme
from benchmarks.hostile import OPERATIONS, PATTERNS

LENGTH = 20_000
MOST = 128  # bytes a character, in the worst case: lists of segments of one character each


@pytest.mark.parametrize("operation", OPERATIONS)
def test_memory_is_a_small_multiple(operation: str) -> None:
    for pattern in PATTERNS:
        text = pattern.text(LENGTH)
        tracemalloc.start()
        with suppress(urischeme.Error):
            OPERATIONS[operation](text)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        # What is loaded or compiled on first use counts once, and is not the text's.
        assert peak < MOST * LENGTH + 2_000_000
