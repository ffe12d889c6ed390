"""docs/kubernetes.md, tried on a cluster: what it shows is what comes."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

import urischeme
from tests.cli.process import run
from tests.cluster import manifests
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from tests.cluster.pods import Programs
from urischeme.resolvers.k8s import K8s
from urischeme.resolvers.k8s.role import role

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "kubernetes.md").read_text(encoding="utf-8")


@pytest.fixture
def prod(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> Iterator[Namespace]:
    """The namespace of which the page speaks."""
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    plane.api.create("/api/v1/namespaces", {"metadata": {"name": "prod"}})
    with Programs() as programs:
        yield Namespace(plane.api, "prod", plane.network, programs)
    plane.api.delete("/api/v1/namespaces/prod")
    plane.api.delete("/api/v1/namespaces/prod/pods", gracePeriodSeconds=0)
    plane.api.wait_for("/api/v1/namespaces", lambda items: all(item["metadata"]["name"] != "prod" for item in items))


def blocks(language: str) -> list[str]:
    found = re.findall(r"^```(\w*)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    return [block for written, block in found if written == language]


def transcripts() -> Iterator[tuple[str, str]]:
    """Each command that the page shows, and what it prints there."""
    for block in blocks(""):
        for shown in block.split("$ ")[1:]:
            command, _, output = shown.partition("\n")
            yield command, output


def test_the_roles_on_the_page_and_in_the_error_are_the_same() -> None:
    assert role("prod") in blocks("yaml")


def test_the_readme_shows_what_the_page_shows() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    command, output = next(transcripts())
    assert f"```\n$ {command}\n{output}```\n" in readme


def test_each_kind_of_service_gives_what_the_page_shows(prod: Namespace) -> None:
    for block in blocks("yaml"):
        for item in manifests.read(block):
            if item["metadata"]["name"] == "orders":
                item["spec"]["clusterIP"] = "10.96.0.40"
            manifests.apply(prod, item)
    prod.pod("orders-1", ("http", 8080), app="orders", addresses=["10.244.1.1"])
    prod.pod("orders-2", ("http", 8080), app="orders", addresses=["10.244.1.2"], node="node-b")
    prod.pod("workers-1", ("any", 9000), app="workers", addresses=["10.244.2.1"])
    prod.pod("web-1", ("http", 8080), ("grpc", 9090), app="web", addresses=["10.244.3.1"])
    prod.pod("mail-1", ("smtp", 25), app="mail", addresses=["10.244.5.1", "fd00:10:244::501"])
    prod.stateful_set("db", ("sql", 5432), replicas=2)
    prod.run_pod("db-0", addresses=["10.244.4.1"])
    prod.run_pod("db-1", addresses=["10.244.4.2"], ready=False)
    prod.wait_for("endpointslices", lambda slices: sum(len(item["endpoints"] or ()) for item in slices) == 9)
    commands = dict(transcripts())
    assert len(commands) == 10
    for command, output in commands.items():
        _, *arguments = shlex.split(command)
        done = run(*arguments)
        # A slice has its endpoints in any order.
        assert sorted((done.out + done.err).splitlines()) == sorted(output.splitlines()), command


@pytest.mark.parametrize("named", [False, True])
def test_the_role_is_enough_and_may_name_its_services(
    prod: Namespace, plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: bool
) -> None:
    permitted, binding = (
        next(item for block in blocks("yaml") for item in manifests.read(block) if item["kind"] == kind)
        for kind in ("Role", "RoleBinding")
    )
    if named:
        permitted["rules"][0]["resourceNames"] = ["orders"]
    prod.create("serviceaccounts", "client")
    manifests.apply(prod, permitted, binding)
    prod.service("orders", ("http", 80, "http"))
    addresses = prod.pod("one", ("http", 8080), app="orders")
    prod.wait_for_ready("orders", addresses)
    for name, value in plane.mount_service_account(tmp_path, "prod", "client").items():
        monkeypatch.setenv(name, value)
    prod.wait_until_granted("system:serviceaccount:prod:client", "discovery.k8s.io", "endpointslices", "watch")
    registry = urischeme.Registry()
    registry.register("k8s", K8s(service_account=str(tmp_path)), replace=True)
    # The namespace is the account's.
    target = "k8s://in-cluster/orders:http"
    resolution = urischeme.resolve(target, registry=registry)
    with urischeme.watch(target, registry=registry) as watch:
        assert next(watch) == resolution
    assert {address.sockaddr[0] for address in resolution.addresses} == set(addresses)
