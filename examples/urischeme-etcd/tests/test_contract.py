"""The laws that every resolver keeps, against a real etcd."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from etcd_cluster import Cluster
from urischeme_etcd import Etcd

from urischeme.testing import ResolverContract


class TestEtcd(ResolverContract):
    scheme = "etcd"
    ordered = True
    has_ttl = False
    pushes = True

    @pytest.fixture(autouse=True)
    def _server(self, cluster: Cluster, prefix: str) -> None:
        self.cluster = cluster
        self.prefix = prefix
        self.hosts = (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}:80" for number in itertools.count(1))
        cluster.put(f"{prefix}/first", next(self.hosts))

    def resolver(self) -> Etcd:
        return Etcd()

    def target(self) -> str:
        return f"etcd://{self.cluster.endpoints}/{self.prefix}"

    def missing_target(self) -> str:
        return f"{self.target()}/nothing/here"

    def unreachable_target(self) -> str:
        return "etcd://127.0.0.1:1/orders"

    def bad_targets(self) -> Iterable[str]:
        return ["etcd:", "etcd:orders/", "etcd://h/orders?endpoints=h", "etcd:orders?endpoints=,", "etcd://me@h/orders"]

    def named(self, name: str) -> str | None:
        name = f"{self.prefix}/{name}"
        self.cluster.put(f"{name}/1", next(self.hosts))
        return f"etcd://{self.cluster.endpoints}/{quote(name, safe='')}"

    def change(self) -> None:
        self.cluster.put(f"{self.prefix}/changing", next(self.hosts))
