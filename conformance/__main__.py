from __future__ import annotations

import argparse
from pathlib import Path

from conformance import page, refusals

_DOCS = Path(__file__).parent.parent / "docs"


def main() -> None:
    argparse.ArgumentParser(
        prog="python -m conformance",
        description=f"Ask every library that is installed about every case, and write the pages in {_DOCS}.",
    ).parse_args()
    for name, text in {"conformance.md": page.generate(), "refusals.md": refusals.generate()}.items():
        (_DOCS / name).write_text(text, encoding="utf-8")
        print(f"wrote {_DOCS / name}")


if __name__ == "__main__":
    main()
