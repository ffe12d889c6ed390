"""`python -m urischeme`: the command line."""

import sys

from urischeme.cli import main

if __name__ == "__main__":
    sys.exit(main())
