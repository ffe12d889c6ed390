"""The control plane's one binary, built from the Go files here, once, into the user's cache.

    python3 -m tests.cluster.build      # prints its path

Only the standard library is needed, and a Go toolchain: the first build takes six minutes on two cores.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SOURCES = Path(__file__).parent


class NoGo(Exception):
    """There is no Go toolchain."""


class BuildError(Exception):
    """Go could not build it; the message is what Go said."""


def cluster() -> Path:
    """The path of the binary; built first if it isn't there for these sources and this Go.

    Of two that ask at the same time, one builds, and the other waits for it.

    Raises:
        NoGo, BuildError
    """
    go = shutil.which("go", path=os.environ.get("PATH", "") + ":/usr/local/go/bin")
    if go is None:
        raise NoGo("needs Go to build Kubernetes' control plane")
    binary = _cache() / f"cluster-{_key(go)}" / "cluster"
    with _locked(binary.parent):
        if not binary.exists():
            _build(go, binary)
    return binary


def _cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "urischeme"


def _key(go: str) -> str:
    """A short hash of all that the binary is made from."""
    key = hashlib.sha256(_go(go, "env", "GOVERSION", "GOOS", "GOARCH").encode())
    for source in sorted([_SOURCES / "go.mod", _SOURCES / "go.sum", *_SOURCES.glob("*.go")]):
        key.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    return key.hexdigest()[:16]


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _build(go: str, binary: Path) -> None:
    # Go's own cache of this build is 4 GB. One that failed half-way is kept for the next try.
    objects = binary.parent / "go-build"
    unfinished = binary.with_suffix(".unfinished")
    _go(
        go,
        *("build", "-mod=readonly", "-buildvcs=false", "-trimpath", "-ldflags=-s -w", "-o", str(unfinished), "."),
        env=os.environ | {"GOCACHE": str(objects), "CGO_ENABLED": "0"},
    )
    unfinished.rename(binary)
    shutil.rmtree(objects)


def _go(go: str, *arguments: str, env: dict[str, str] | None = None) -> str:
    result = subprocess.run(
        [go, *arguments], cwd=_SOURCES, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    if result.returncode:
        raise BuildError(f"go {arguments[0]} failed:\n{result.stderr}")
    return result.stdout


if __name__ == "__main__":
    print(cluster())
