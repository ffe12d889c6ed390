from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator

import pytest

from tests.cluster import build, control_plane
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from tests.cluster.network import Network
from tests.cluster.pods import Programs
from tests.missing import missing


@pytest.fixture(scope="package")
def plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """The control plane, all of it running. Whatever a test makes in it is in a namespace of its own."""
    try:
        network = Network()
    except OSError as error:
        missing(f"needs a network namespace of its own ({error}): run it as root, or as CONTRIBUTING.md says")
    with contextlib.closing(network):
        try:
            binary = build.cluster()
        except build.NoGo as error:
            missing(str(error))
        with control_plane.running(binary, network, tmp_path_factory.mktemp("cluster")) as plane:
            yield plane


@pytest.fixture(autouse=True)
def _inside(plane: ControlPlane) -> Iterator[None]:
    """Each test here runs in the cluster's network, and every other test of this process outside."""
    with plane.network.entered():
        api_server = plane.api_server.pid
        yield
        if not plane.api_server.running or plane.api_server.pid != api_server:
            # They would wait up to half a minute, and with each outage longer, before they look for it again.
            plane.controllers.kill()
        plane.start()


@pytest.fixture
def namespace(plane: ControlPlane) -> Iterator[Namespace]:
    """A Kubernetes namespace of the test's own."""
    name = f"test-{secrets.token_hex(4)}"
    plane.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
    with Programs() as programs:
        yield Namespace(plane.api, name, plane.network, programs)
    plane.start()
    plane.api.delete(f"/api/v1/namespaces/{name}")
    # No kubelet will say that they have ended.
    plane.api.delete(f"/api/v1/namespaces/{name}/pods", gracePeriodSeconds=0)
