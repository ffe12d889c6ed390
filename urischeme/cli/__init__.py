"""The command line. It is an extra: `pip install 'urischeme[cli]'`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Final

from urischeme.errors import MissingExtra

_EXTRA: Final = "cli"
_LIBRARIES: Final = frozenset({"click", "rich"})

_USAGE: Final = 2
_INTERRUPTED: Final = 130  # 128 + SIGINT, as a shell says it


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and give its exit code.

    Args:
        arguments: without the program's name; those of this process where it is None.
    """
    try:
        from urischeme.cli.program import run

        return run(sys.argv[1:] if arguments is None else arguments)
    except ModuleNotFoundError as error:
        library = (error.name or "").partition(".")[0]
        if library not in _LIBRARIES:
            raise
        print(f"urischeme: {MissingExtra(_EXTRA, missing=library)}", file=sys.stderr)
        return _USAGE
    except KeyboardInterrupt:
        return _INTERRUPTED
