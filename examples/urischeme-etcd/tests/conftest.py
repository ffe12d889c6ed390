from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence

import etcd_cluster
import pytest
from etcd_cluster import Cluster


@pytest.fixture(scope="session")
def etcd() -> Sequence[str]:
    """How to start an etcd."""
    return etcd_cluster.command()


@pytest.fixture(scope="session")
def cluster(etcd: Sequence[str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """One server, which no test stops."""
    with etcd_cluster.running(etcd, tmp_path_factory.mktemp("etcd")) as cluster:
        yield cluster


@pytest.fixture
def prefix() -> str:
    """Where no other test has keys."""
    return f"services/{secrets.token_hex(4)}"
