"""What the client libraries for Kubernetes cost, of which `urischeme[k8s]` takes one.

`python -m benchmarks.kubernetes_clients` installs the latest of each by pip, into a folder of its own with all that it
brings, measures, and writes docs/benchmarks/kubernetes-clients.md.
"""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks import machine
from benchmarks.page import table_lines
from benchmarks.report import Table
from benchmarks.timing import measure
from benchmarks.workloads.imports import NOTHING, Process

_PAGE = Path(__file__).parent.parent / "docs" / "benchmarks" / "kubernetes-clients.md"
_ROUNDS = 15
_OURS = "kubernetes_asyncio"

# What reads a kubeconfig and asks by it, as asyncio has it.
_IMPORTS = {
    "kubernetes_asyncio": "import kubernetes_asyncio.client, kubernetes_asyncio.config",
    "kr8s": "import kr8s.asyncio",
    "lightkube": "import lightkube",
}

_RESIDENT = "print(next(line for line in open('/proc/self/status') if line.startswith('VmRSS:')).split()[1])"


class _Library:
    def __init__(self, name: str, folder: Path) -> None:
        self.name = name
        self.folder = folder
        self.code = f"import sys; sys.path.insert(0, {str(folder)!r}); {_IMPORTS[name]}"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(folder), name], check=True)
        brought = {each.metadata["Name"]: each.version for each in distributions(path=[str(folder)])}
        self.version = brought.pop(name)
        self.brought = len(brought)

    @property
    def megabytes(self) -> float:
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file()) / 1e6


def main() -> None:
    with TemporaryDirectory() as folder:
        libraries = [_Library(name, Path(folder, name)) for name in _IMPORTS]
        text = "\n".join(_page(libraries))
    print(text)
    _PAGE.write_text(f"{text}\n", encoding="utf-8")


def _page(libraries: list[_Library]) -> list[str]:
    processes = [Process(code) for code in (NOTHING, *(library.code for library in libraries))]
    for process in processes:
        process.lap()  # writes the bytecode
    nothing, *timings = (timing.minimum / 1e6 for timing in measure([each.lap for each in processes], _ROUNDS))
    taken = {library.name: timing - nothing for library, timing in zip(libraries, timings, strict=True)}
    rows = [
        [
            library.name,
            library.version,
            f"{taken[library.name]:.0f}",
            f"{taken[library.name] / taken[_OURS]:.2f}",
            f"{_resident(library.code):.0f}",
            f"{library.megabytes:.0f}",
            str(library.brought),
        ]
        for library in libraries
    ]
    header = ["library", "version", "import ms", f"× {_OURS}", "resident MB", "installed MB", "packages that it brings"]
    return [
        "# Client libraries for Kubernetes",
        "",
        "Written by `python -m benchmarks.kubernetes_clients`.",
        "",
        f"Each is installed by pip into a folder of its own. *Import*: the minimum of {_ROUNDS} rounds, in each of "
        "which every library is imported once, in a process of its own and an order drawn anew, its bytecode written "
        f"before, less what `python -I -c pass` takes ({nothing:.1f} ms). *Resident* is the whole process after it; "
        f"one that imports nothing has {_resident(NOTHING):.0f} MB. *Installed* is with the bytecode.",
        "",
        *table_lines(Table(header, rows, words=(0, 1))),
        "",
        f"- {machine.describe()}",
    ]


def _resident(code: str) -> float:
    """Megabytes."""
    command = [sys.executable, "-I", "-c", f"{code}\n{_RESIDENT}"]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout) * 1024 / 1e6


if __name__ == "__main__":
    main()
