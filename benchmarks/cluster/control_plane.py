"""The Kubernetes: the real control plane that the tests run too."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from benchmarks import island
from benchmarks.workload import Unable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cluster.control_plane import ControlPlane
    from tests.cluster.namespace import Namespace

NAMESPACE: Final = "benchmarks"


def why_there_is_none() -> str | None:
    """What keeps us from having one, or None. Where it was never built before, that is done, and takes minutes."""
    from tests.cluster import build

    try:
        import cryptography  # noqa: F401  makes the certificates

        build.cluster()
    except (ImportError, build.NoGo, build.BuildError) as error:
        return str(error)
    return island.why_there_is_none()


def measured(module: str, **settings: object) -> Any:
    """What a module of this folder finds out in a network of its own, given its settings as JSON.

    Raises Unable where there is no control plane.
    """
    obstacle = why_there_is_none()
    if obstacle is not None:
        raise Unable(obstacle)
    done = subprocess.run(
        [*island.ON_THE_ISLAND, sys.executable, "-m", f"benchmarks.cluster.{module}", json.dumps(settings)],
        cwd=island.ROOT,
        stdout=subprocess.PIPE,
        encoding="utf-8",
        check=True,
    )
    return json.loads(done.stdout)


@contextlib.contextmanager
def running() -> Iterator[tuple[ControlPlane, Namespace]]:
    """A control plane that is ready, and a namespace in it; this thread and what it starts are in its network."""
    from tests.cluster import build, control_plane
    from tests.cluster.namespace import Namespace
    from tests.cluster.network import Network
    from tests.cluster.pods import Programs

    with (
        contextlib.closing(Network()) as network,
        network.entered(),
        TemporaryDirectory(prefix="urischeme-") as folder,
        control_plane.running(build.cluster(), network, Path(folder)) as plane,
        Programs() as programs,
    ):
        plane.api.create("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        yield plane, Namespace(plane.api, NAMESPACE, network, programs)
