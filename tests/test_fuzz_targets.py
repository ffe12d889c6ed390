"""What the fuzzer would start from holds already; and so does all that it ever found."""

from pathlib import Path

import pytest

from fuzz.targets import TARGETS

CORPUS = sorted((Path(__file__).parent.parent / "fuzz" / "corpus").iterdir())


@pytest.mark.parametrize("target", TARGETS)
def test_the_seed_corpus(target: str) -> None:
    assert CORPUS
    for file in CORPUS:
        TARGETS[target](file.read_bytes().decode("utf-8", "surrogateescape"))
