from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["urischeme"]):
    from fuzz.targets import TARGETS

_CORPUS = Path(__file__).parent / "corpus"
_MAX_LENGTH = 512  # bytes: longer texts find nothing that shorter ones do not


def main() -> None:
    """Fuzz one target from the seed corpus; what it finds is printed, and the exit code is not 0."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=main.__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    options = parser.parse_args()
    target = TARGETS[options.target]

    def test_one_input(data: bytes) -> None:
        # Surrogates stand in the text where the bytes are no UTF-8: those are texts too.
        target(data.decode("utf-8", "surrogateescape"))

    # libFuzzer writes what it learns into the first folder, and only reads the second.
    with tempfile.TemporaryDirectory() as learnt:
        arguments = [
            sys.argv[0],
            f"-max_total_time={options.seconds}",
            f"-max_len={_MAX_LENGTH}",
            "-print_final_stats=1",
            f"-artifact_prefix={tempfile.gettempdir()}/urischeme-{options.target}-",
            learnt,
            str(_CORPUS),
        ]
        atheris.Setup(arguments, test_one_input)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
