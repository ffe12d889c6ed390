"""`k8s` keeps to the contract, against a real API server."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import attrs
import pytest
from hypothesis import strategies as st

from tests.cluster import kubeconfig
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from tests.resolvers.knot import free_port
from urischeme.resolvers.k8s import K8s
from urischeme.testing import ResolverContract


class TestK8s(ResolverContract):
    """A Service whose EndpointSlice is written by hand, so that a change is one request."""

    scheme = "k8s"
    pushes = True

    @pytest.fixture(autouse=True)
    def _with_service(self, plane: ControlPlane, namespace: Namespace, tmp_path: Path) -> None:
        self._namespace = namespace
        self._hosts = (f"10.244.{high}.{low}" for high in range(100, 256) for low in range(1, 255))
        namespace.service("orders", ("grpc", 80, "grpc"), selector={}, families=("IPv4",))
        namespace.slice("orders-by-hand", "orders", {"grpc": 8080}, *self._new_endpoints())
        down = attrs.evolve(plane.contexts["admin"], server=f"https://127.0.0.1:{free_port()}")
        contexts = {"up": plane.contexts["admin"], "down": down}
        self._kubeconfig = kubeconfig.write(tmp_path / "kubeconfig", contexts, current="up")

    def _new_endpoints(self) -> list[dict[str, list[str]]]:
        return [{"addresses": [host]} for host in itertools.islice(self._hosts, 2)]

    async def change(self) -> None:
        endpoints = self._new_endpoints()
        await asyncio.to_thread(lambda: self._namespace.patch("endpointslices", "orders-by-hand", endpoints=endpoints))

    def resolver(self) -> K8s:
        return K8s(kubeconfig=str(self._kubeconfig))

    def target(self) -> str:
        return f"k8s:///orders.{self._namespace.name}:grpc"

    def targets(self) -> st.SearchStrategy[str]:
        written = ("orders.{}", "orders.{}:80", "orders.{}:none", "one.orders.{}", "orders.{}?via=cluster-ip")
        return st.sampled_from([f"k8s:///{text.format(self._namespace.name)}" for text in written])

    def missing_target(self) -> str:
        return f"k8s:///nobody.{self._namespace.name}:grpc"

    def unreachable_target(self) -> str:
        return f"k8s://down/orders.{self._namespace.name}:grpc"

    def bad_targets(self) -> list[str]:
        return ["k8s:", "k8s:///Orders", "k8s:///orders:0", "k8s:///a/b", "k8s:///orders?via=nothing"]
