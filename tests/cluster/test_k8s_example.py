"""examples/kubernetes, as it stands: its manifest on the API server, its programs in the pods that come of it."""

from __future__ import annotations

import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.cluster import manifests
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from tests.cluster.waiting import DEADLINE

EXAMPLE = Path(__file__).parents[2] / "examples" / "kubernetes"
MANIFEST = (EXAMPLE / "orders.yaml").read_text(encoding="utf-8")
SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount"


def command(pod: Mapping[str, Any], *more: str) -> list[str]:
    """What the pod's one container runs, with this Python and this urischeme."""
    (container,) = pod["spec"]["containers"]
    python, program, *arguments = container["command"]
    assert python == "python"
    return [sys.executable, str(EXAMPLE / program), *arguments, *more]


class Servers:
    """The pods of the Deployment `orders`, each with the server of the example in it."""

    def __init__(self, plane: ControlPlane, namespace: Namespace, stack: ExitStack) -> None:
        self._network = plane.network
        self._namespace = namespace
        self._stack = stack
        self.addresses: dict[str, str] = {}

    @property
    def names(self) -> set[str]:
        return set(self.addresses)

    def run(self, replicas: int) -> None:
        """The new ones of so many pods, as soon as the Deployment has made them."""
        for pod in self._namespace.wait_for("pods", lambda pods: len(pods) == replicas, labelSelector="app=orders"):
            name = pod["metadata"]["name"]
            if name in self.addresses:
                continue
            address = self._network.new_pod_addresses()[0]
            environment = os.environ | {"POD_NAME": name}
            process = subprocess.Popen(command(pod, "--host", address), env=environment, stderr=subprocess.DEVNULL)
            self._stack.callback(process.wait)
            self._stack.callback(process.kill)
            self._namespace.run_pod(name, addresses=[address], listen=False)
            self.addresses[name] = address

    def drain(self, name: str) -> None:
        """No longer ready, as one that is to go; it still serves."""
        self._namespace.set_ready(name, False)
        del self.addresses[name]


class Client:
    """The client of the example, and who answered it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: queue.Queue[str] = queue.Queue()
        assert process.stdout is not None
        # A reader of its own: a line that does not come is found out by the deadline.
        self._thread = threading.Thread(target=self._read, args=[process.stdout], daemon=True)
        self._thread.start()

    def _read(self, lines: Iterator[str]) -> None:
        for line in lines:
            self._lines.put(line.rstrip())

    def wait_until_asks(self, names: set[str]) -> None:
        """Until these, and no others, take turns."""
        deadline = time.monotonic() + DEADLINE
        latest = deque[str](maxlen=2 * len(names))
        while latest.maxlen != len(latest) or set(latest) != names:
            latest.append(self._lines.get(timeout=max(0.0, deadline - time.monotonic())))

    def end(self) -> str:
        """Stops it. Gives what it complained of."""
        self._process.kill()
        assert self._process.stderr is not None
        complaints = self._process.stderr.read()
        self._process.wait()
        self._thread.join()
        return complaints


@contextmanager
def client(plane: ControlPlane, namespace: Namespace, folder: Path) -> Iterator[Client]:
    """The program of the Deployment `client`, in a process that has what its pod would have."""
    (pod,) = namespace.wait_for("pods", bool, labelSelector="app=client")
    account = pod["spec"]["serviceAccountName"]
    environment = plane.mount_service_account(folder, namespace.name, account)
    namespace.wait_until_granted(
        f"system:serviceaccount:{namespace.name}:{account}", "discovery.k8s.io", "endpointslices", "list"
    )
    # Mounts of its own: the credentials are where a kubelet puts them, for this process alone.
    mounted = f"mount -t tmpfs none /run && mkdir -p {SERVICE_ACCOUNT} && mount --bind {folder} {SERVICE_ACCOUNT}"
    process = subprocess.Popen(
        ["unshare", "--mount", "sh", "-c", f'{mounted} && exec "$@"', "sh", *command(pod, "--pause", "0.01")],
        env={**os.environ, **environment, "HOME": str(folder), "KUBECONFIG": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield Client(process)
        finally:
            process.kill()


@pytest.fixture
def servers(plane: ControlPlane, namespace: Namespace) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield Servers(plane, namespace, stack)


def test_the_client_asks_every_pod_and_follows_what_changes(
    plane: ControlPlane, namespace: Namespace, servers: Servers, tmp_path: Path
) -> None:
    manifests.apply(namespace, *manifests.read(MANIFEST))
    servers.run(3)
    namespace.wait_for_ready("orders", list(servers.addresses.values()))
    with client(plane, namespace, tmp_path) as asking:
        asking.wait_until_asks(servers.names)
        namespace.patch("deployments", "orders", spec={"replicas": 5})
        servers.run(5)
        asking.wait_until_asks(servers.names)
        servers.drain(min(servers.names))
        servers.drain(min(servers.names))
        asking.wait_until_asks(servers.names)
        # No request was in vain.
        assert asking.end() == ""
    assert len(servers.names) == 3
