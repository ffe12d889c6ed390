"""Each example is a package of its own: installed as one, it passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"


@pytest.mark.parametrize("example", sorted(path.parent.name for path in EXAMPLES.glob("*/pyproject.toml")))
def test_the_examples_own_tests_pass(example: str, tmp_path: Path) -> None:
    # Into a folder of the test's own: what an installed package declares, every other test would see too. All that it
    # needs is in the development environment, so nothing is asked of an index.
    run("pip", "install", "--no-deps", "--no-build-isolation", "--no-index", "--target", tmp_path, EXAMPLES / example)
    run("pytest", "-p", "no:cacheprovider", cwd=EXAMPLES / example, path=tmp_path)


def run(module: str, *arguments: str | Path, cwd: Path | None = None, path: Path | None = None) -> None:
    # Options for this pytest are not for that one.
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    if path is not None:
        env["PYTHONPATH"] = str(path)
    # -P: what is imported is what was installed, not what lies in the folder.
    done = subprocess.run(
        [sys.executable, "-P", "-m", module, *arguments],
        cwd=cwd,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout
