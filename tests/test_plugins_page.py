"""docs/plugins.md, followed to the letter; and what a type checker says of a plugin as it stands there."""

from __future__ import annotations

import doctest
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import urischeme

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "plugins.md").read_text(encoding="utf-8")

_TOUR = "## From nothing to proven"
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_FILE_NAME = re.compile(r"`([\w.]+\.(?:py|toml))`")


def tour() -> Iterator[tuple[str, str, str]]:
    """The blocks of the tour: the language, the file that the words before it name, and what stands in it."""
    text = PAGE.partition(_TOUR)[2].partition("\n## ")[0]
    end = 0
    for block in _BLOCK.finditer(text):
        names = _FILE_NAME.findall(text, end, block.start())
        end = block.end()
        yield block[1], names[-1] if names else "", block[2]


def file_of_the_tour(wanted: str) -> str:
    [text] = [text for language, name, text in tour() if name == wanted and language in {"python", "toml"}]
    return text


def test_the_plugin_has_at_most_ten_lines() -> None:
    assert sum(bool(line.strip()) for line in file_of_the_tour("urischeme_env.py").splitlines()) <= 10


def test_the_tour_leads_from_an_empty_folder_to_a_proven_wheel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    env = environment(tmp_path / "given")
    folder = tmp_path / "empty"
    folder.mkdir()
    begun = time.monotonic()
    said = ""
    for language, name, text in tour():
        match language:
            case "python" | "toml":
                (folder / name).write_text(text, encoding="utf-8")
            case "sh":
                said = run("bash", "-euo", "pipefail", "-c", text, cwd=folder, env=env)
            case "text":
                assert said == text
            case _:
                raise AssertionError(f"what is to be done with {language}?")
    with capsys.disabled():
        print(f"\nthe tour of docs/plugins.md: {time.monotonic() - begun:.0f} s from an empty folder")


def environment(folder: Path) -> dict[str, str]:
    """As on a machine where `python3` is this Python, and an index has this urischeme and the locked versions."""
    folder.mkdir()
    run(sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT)
    constraints = folder / "constraints.txt"
    locked = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    constraints.write_text(f"{locked}\nurischeme=={urischeme.__version__}\n", encoding="utf-8")
    # Not a link: a venv would then believe that Python lives there.
    python = folder / "python3"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name not in {"PYTEST_ADDOPTS", "PYTHONPATH"}}
    return {
        **kept,
        "PATH": f"{folder}:{os.environ['PATH']}",
        "PIP_FIND_LINKS": str(folder),
        "PIP_CONSTRAINT": str(constraints),
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    }


def run(*command: str | Path, cwd: Path | None = None, env: dict[str, str] | None = None) -> str:
    """What it prints."""
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_a_strict_checker_finds_no_fault_with_the_page(tmp_path: Path) -> None:
    examples = doctest.DocTestParser().get_examples(PAGE)
    (tmp_path / "page.py").write_text("".join(example.source for example in examples if example.exc_msg is None))
    (tmp_path / "urischeme_env.py").write_text(
        file_of_the_tour("urischeme_env.py")
        + "\n\nimport urischeme\nfrom typing import assert_type\n"
        + 'registered = urischeme.register("env", env)\n'
        + 'assert_type(registered(Target.parse("env:X"), default="y"), list[str])\n'
    )
    (tmp_path / "test_env.py").write_text(file_of_the_tour("test_env.py"))
    assert faults(tmp_path) == {}


FAULTY = {
    "it returns no address": "def f(target: Target) -> int:\n    return 5\n",
    "it returns nothing": "def f(target: Target) -> None:\n    pass\n",
    "it returns bytes": 'def f(target: Target) -> bytes:\n    return b""\n',
    "its port is a text": 'async def f(target: Target) -> list[tuple[str, str]]:\n    return [("10.0.0.1", "80")]\n',
    "it takes no target": 'def f() -> str:\n    return "10.0.0.1:80"\n',
    "it takes a text": 'def f(target: str) -> str:\n    return "10.0.0.1:80"\n',
    "it is a generator": 'async def f(target: Target) -> AsyncIterator[str]:\n    yield "10.0.0.1:80"\n',
    "an option has no default": 'def f(target: Target, *, dc: str) -> str:\n    return "10.0.0.1:80"\n',
    "an option is positional": 'def f(target: Target, dc: str) -> str:\n    return "10.0.0.1:80"\n',
    "its class has no resolve": 'class F:\n    async def ask(self, target: Target) -> str:\n        return ""\n',
    "its class finds a number": "class F:\n    async def resolve(self, target: Target) -> int:\n        return 5\n",
    "its class blocks": 'class F:\n    def resolve(self, target: Target) -> str:\n        return "10.0.0.1:80"\n',
}


def test_a_strict_checker_finds_each_fault_where_the_plugin_is_defined(tmp_path: Path) -> None:
    head = "from collections.abc import AsyncIterator\nimport urischeme\nfrom urischeme import Target\n"
    for number, definition in enumerate(FAULTY.values()):
        (tmp_path / f"f{number}.py").write_text(f'{head}\n@urischeme.register("f")\n{definition}')
    found = faults(tmp_path)
    decorator = 5
    assert {name: found.get(f"f{number}.py", {}).keys() for number, name in enumerate(FAULTY)} == {
        name: {decorator} for name in FAULTY
    }
    assert '"int" is not assignable to type "Answer' in found["f0.py"][decorator]


def faults(folder: Path) -> dict[str, dict[int, str]]:
    """What pyright says in strict mode of the files in a folder: for each file, what it says of which line."""
    config = {
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
        "reportUnusedExpression": False,
        "reportUnusedImport": False,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "--project", folder],
        capture_output=True,
        text=True,
    )
    found: dict[str, dict[int, str]] = {}
    diagnostics: list[dict[str, Any]] = json.loads(done.stdout)["generalDiagnostics"]
    for each in diagnostics:
        said = found.setdefault(Path(each["file"]).name, {})
        line = each["range"]["start"]["line"] + 1
        said[line] = said.get(line, "") + each["message"]
    return found
