"""The command line on a cluster, as a stranger tries it: the first example, and the first mistakes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.cli.process import Done, environment, run
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from urischeme.resolvers.k8s.role import role


@pytest.fixture(autouse=True)
def _kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))


def refused(done: Done, code: int, *said: str) -> None:
    assert (done.code, done.out) == (code, "")
    assert done.err.startswith("urischeme: ")
    for words in said:
        assert words in done.err


def test_the_first_example(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "http"))
    ipv4, ipv6 = namespace.pod("one", ("http", 8080), app="orders")
    namespace.wait_for_ready("orders", [ipv4, ipv6])
    target = f"k8s:///orders.{namespace.name}:http"
    attributes = "pod=one  node=node-a  zone=zone-a  ready=true  serving=true  terminating=false"
    done = run("resolve", target)
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        f"{target}\n  ipv4:{ipv4}:8080, ipv6:[{ipv6}]:8080  {attributes}\n  TLS name: orders.{namespace.name}.svc\n"
    )
    connected = run("resolve", "--connect", target)
    assert connected.code == 0
    assert connected.out.count("connected in") == 2


def test_what_is_not_there(namespace: Namespace) -> None:
    name = namespace.name
    refused(run("resolve", f"k8s:///orders.{name}"), 3, f"there is no Service orders in the namespace {name}\n")
    namespace.service("db", ("sql", 5432), headless=True)
    refused(
        run("resolve", f"k8s:///db.{name}"), 3, f"there is no endpoint behind the Service db in the namespace {name}\n"
    )
    first = namespace.pod("db-0", ("sql", 5432), app="db", ready=False, hostname="db-0", subdomain="db")
    second = namespace.pod("db-1", ("sql", 5432), app="db", hostname="db-1", subdomain="db")
    namespace.wait_for("endpointslices", lambda slices: sum(len(each["endpoints"] or ()) for each in slices) == 4)
    behind = f"behind the Service db in the namespace {name}"
    refused(run("resolve", f"k8s:///db-0.db.{name}"), 3, f"there is no ready pod db-0 {behind}; ready=any gives 1\n")
    refused(run("resolve", f"k8s:///db-7.db.{name}"), 3, f"there is no pod db-7 {behind}\n")
    namespace.set_ready("db-1", False)
    namespace.wait_for_ready("db", [])
    refused(run("resolve", f"k8s:///db.{name}"), 3, f"there is no ready endpoint {behind}; ready=any gives 2\n")
    assert all(address in run("resolve", f"k8s:///db.{name}?ready=any").out for address in (*first, *second))


def test_a_port_that_is_missing(namespace: Namespace) -> None:
    namespace.service("web", ("http", 80), ("grpc", 90))
    namespace.service("bare", headless=True)
    namespace.service("away", type="ExternalName", externalName="orders.example")
    name = namespace.name
    one_of = "write one of 80 (http), 90 (grpc)\n"
    refused(run("resolve", f"k8s:///web.{name}"), 4, f"no port is named, and the Service web has several; {one_of}")
    refused(run("resolve", f"k8s:///web.{name}:grpcc"), 4, f"the Service web has no port grpcc; {one_of}")
    refused(
        run("resolve", f"k8s:///bare.{name}"),
        4,
        "no port is named, and the Service bare has none; write the number on which its pods listen\n",
    )
    refused(
        run("resolve", f"k8s:///bare.{name}:http"), 4, "the Service bare has no port http, nor any other; write the"
    )
    refused(run("resolve", f"k8s:///away.{name}"), 4, "has none; write the number of a port of orders.example\n")
    refused(
        run("resolve", f"k8s:///bare.{name}:80?via=cluster-ip"), 4, "the Service bare is headless: it has no cluster IP"
    )


def test_a_permission_that_is_missing_comes_with_the_role_to_copy(namespace: Namespace) -> None:
    target = f"k8s://reader/orders.{namespace.name}:http"
    for command in ("resolve", "watch"):
        done = run(command, target)
        refused(done, 4, f"in the namespace {namespace.name} is missing (", "; bind this Role to the account:\n")
        assert done.err.endswith(f":\n{role(namespace.name)}")
    (told,) = run("resolve", "--json", target).objects
    assert (told["error"]["kind"], told["error"]["retryable"]) == ("ResolveError", False)


@pytest.mark.parametrize(
    ("context", "said"),
    [
        ("unknown-token", "the API server does not take these credentials; renew them"),
        ("expired-token", "the API server does not take these credentials; renew them"),
        ("wrong-authority", "the certificate of the API server is not to be trusted"),
        ("prod", "has no context 'prod'; it has admin, "),
    ],
)
def test_a_context_that_is_of_no_use(namespace: Namespace, context: str, said: str) -> None:
    for command in ("resolve", "watch"):
        refused(run(command, f"k8s://{context}/orders.{namespace.name}"), 4, said)


def test_watch_shows_what_comes_and_goes(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "http"), families=["IPv4"])
    target = f"k8s:///orders.{namespace.name}:http"
    with subprocess.Popen(
        [sys.executable, "-m", "urischeme", "watch", target], stdout=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout is not None
        try:
            assert json.loads(process.stdout.readline())["endpoints"] == []
            ipv4, _ = namespace.pod("one", ("http", 8080), app="orders")
            (added,) = json.loads(process.stdout.readline())["added"]
            assert added["addresses"] == [f"ipv4:{ipv4}:8080"]
            assert added["attributes"]["pod"] == "one"
            namespace.stop_pod("one")
            assert json.loads(process.stdout.readline())["gone"] == [added]
        finally:
            process.kill()
