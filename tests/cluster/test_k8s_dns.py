"""docs/kubernetes-dns.md, tried: what the API server and CoreDNS tell of the same Services, side by side."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import urischeme
from tests.cluster.asking import with_cluster_dns
from tests.cluster.control_plane import ControlPlane
from tests.cluster.lookup import Nothing, lookup, wait_for_records
from tests.cluster.namespace import Namespace
from tests.cluster.pods import Programs
from urischeme import Endpoint, NotFound, Resolution, ResolveError, Target, TargetError, TCPAddress

PAGE = (Path(__file__).parents[2] / "docs" / "kubernetes-dns.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("| ") and "`dns:" in line
]
CLUSTER_IP = "cluster IP"
DUAL = {"nine", "ten", "eleven"}


@attrs.frozen
class Scene:
    """The Services of the page; `names` says whose an address is."""

    namespace: Namespace
    names: dict[str, str]

    def resolve(self, target: str) -> Resolution:
        """A target as the page has it, of the namespace `prod`."""
        return urischeme.resolve(target.replace(".prod", f".{self.namespace.name}"), registry=with_cluster_dns())

    def seen(self, target: str) -> str:
        """What comes of it, as the page has it."""
        try:
            return ", ".join(sorted(map(self._shown, self.resolve(target).endpoints)))
        except NotFound:
            return "not there"
        except ResolveError:
            return "an error"

    def _shown(self, endpoint: Endpoint) -> str:
        found = [address for address in endpoint.addresses if isinstance(address, TCPAddress)]
        ((name, port),) = {(self.names[address.host], address.port) for address in found}
        families = sorted("IPv6" if ":" in address.host else "IPv4" for address in found)
        # Only those of dual stack are told apart.
        is_dual = name in DUAL or any(address.host in self._dual_ips for address in found)
        return f"{name}:{port}" + (f" ({', '.join(families)})" if is_dual else "")

    @property
    def _dual_ips(self) -> list[str]:
        ips: list[str] = self.namespace.get("services", "mail")["spec"]["clusterIPs"]
        return ips


@pytest.fixture(scope="module")
def scene(plane: ControlPlane) -> Iterator[Scene]:
    name = f"test-{secrets.token_hex(4)}"
    with plane.network.entered(), Programs() as programs, pytest.MonkeyPatch.context() as environment:
        environment.setenv("KUBECONFIG", str(plane.kubeconfig))
        plane.api.create("/api/v1/namespaces", {"metadata": {"name": name}})
        made = Scene(Namespace(plane.api, name, plane.network, programs), {})
        _build(made)
        yield made
        plane.api.delete(f"/api/v1/namespaces/{name}")
        plane.api.delete(f"/api/v1/namespaces/{name}/pods", gracePeriodSeconds=0)


def _build(scene: Scene) -> None:
    namespace, names = scene.namespace, scene.names
    ipv4 = ["IPv4"]
    http = ("http", 80, "http")
    shop = {"app": "shop"}
    namespace.service("orders", http, families=ipv4, selector=shop)
    namespace.service("peers", http, families=ipv4, selector=shop, headless=True)
    namespace.service("mixed", http, families=ipv4, headless=True)
    namespace.service("db", ("sql", 5432), families=ipv4, headless=True)
    namespace.service("early", http, families=ipv4, headless=True, publishNotReadyAddresses=True)
    namespace.service("ending", http, families=ipv4, headless=True)
    namespace.service("none", http, families=ipv4)
    namespace.service("empty", http, families=ipv4, headless=True)
    namespace.service("workers", families=ipv4, headless=True)
    peers = f"peers.{namespace.name}.svc.cluster.local"
    namespace.service("away", type="ExternalName", externalName=peers)
    namespace.service("mail", ("smtp", 25))
    namespace.service("mx", ("smtp", 25), headless=True)
    namespace.service("mq", ("amqp", 5672), headless=True)
    for name, app, port, ready in [
        ("one", "shop", ("http", 8080), True),
        ("two", "shop", ("http", 8080), True),
        ("three", "shop", ("http", 8080), False),
        ("four", "early", ("http", 8080), False),
        ("five", "ending", ("http", 8080), True),
        ("six", "mixed", ("http", 8080), True),
        ("seven", "mixed", ("http", 9090), True),
        ("eight", "workers", ("any", 9000), True),
        ("nine", "mail", ("smtp", 25), True),
        ("ten", "mx", ("smtp", 25), True),
    ]:
        for address in namespace.pod(name, port, app=app, ready=ready):
            names[address] = name
    for address in namespace.pod("eleven", ("amqp", 5672), app="mq", hostname="eleven", subdomain="mq"):
        names[address] = "eleven"
    namespace.stateful_set("db", ("sql", 5432), replicas=2)
    for name, ready in {"db-0": True, "db-1": False}.items():
        for address in namespace.run_pod(name, ready=ready):
            names[address] = name
    namespace.stop_pod("five", grace=600)
    for service in ("orders", "none", "mail"):
        for address in namespace.get("services", service)["spec"]["clusterIPs"]:
            names[address] = CLUSTER_IP
    _wait_until_told(scene)


def _wait_until_told(scene: Scene) -> None:
    """Until CoreDNS knows it all, too: it hears of slices in order, and of this one last."""
    namespace, names = scene.namespace, scene.names
    of = {name: address for address, name in names.items() if ":" not in address}
    both = [address for address, name in names.items() if name in DUAL]
    ready = [of[name] for name in ("one", "two", "one", "two", "four", "six", "seven", "eight", "db-0")]
    namespace.wait_for(
        "endpointslices",
        lambda slices: (
            sorted(
                endpoint["addresses"][0]
                for item in slices
                for endpoint in item["endpoints"] or ()
                if endpoint["conditions"]["ready"]
            )
            == sorted([*ready, *both])
            and sum(len(item["endpoints"] or ()) for item in slices) == len([*ready, *both]) + 4
        ),
    )
    namespace.service("last", headless=True, selector={}, families=["IPv4"])
    namespace.slice("last", "last", {}, {"addresses": ["10.244.99.1"]})
    wait_for_records(f"last.{namespace.name}.svc", "A", ["10.244.99.1"])


def via_dns(target: str) -> str:
    """The target of `k8s` that asks for the same, as the page says."""
    read = Target.parse(target)
    name, _, number = read.endpoint.partition(":")
    service = re.fullmatch(r"(?:_(\w+)\._tcp\.)?(.*)\.svc\.cluster\.local", name)
    assert service is not None
    port = service[1] or number
    family = f"&family={read.options['family']}" if read.options else ""
    return f"k8s:///{service[2]}:{port or 443}?via=dns{family}"


def test_the_page_has_all_of_it() -> None:
    assert len(ROWS) == 29
    assert all(len(row) == 5 for row in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[f"{number}-{row[0]}" for number, row in enumerate(ROWS)])
def test_each_way_sees_what_the_page_shows(scene: Scene, plane: ControlPlane, row: list[str]) -> None:
    _, by_dns, seen_by_dns, by_api, seen_by_api = row
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("KUBECONFIG", str(plane.kubeconfig))
        assert scene.seen(by_dns) == seen_by_dns
        assert scene.seen(via_dns(by_dns)) == seen_by_dns
        assert scene.seen(by_api) == seen_by_api


def test_what_is_not_there_is_nxdomain(scene: Scene) -> None:
    for name in ("empty", "ending", "nobody", "db-1.db", "db-7.db", "_grpc._tcp.peers"):
        with pytest.raises(Nothing, match="NXDOMAIN"):
            lookup(f"{name}.{scene.namespace.name}.svc", "A")


def test_how_long_an_answer_holds(scene: Scene) -> None:
    assert "| an answer holds for (its TTL) | 5 s, " in PAGE
    assert '| "not there" holds for | 5 s |' in PAGE
    for target in ("dns:///peers.prod.svc.cluster.local:80", "k8s:///peers.prod:http?via=dns"):
        assert scene.resolve(target).ttl == 5
    for target in ("dns:///empty.prod.svc.cluster.local:80", "k8s:///empty.prod:http?via=dns"):
        with pytest.raises(NotFound) as error:
            scene.resolve(target)
        assert error.value.ttl == 5
    assert scene.resolve("k8s:///peers.prod:http").ttl is None
    with pytest.raises(NotFound) as error:
        scene.resolve("k8s:///empty.prod:http")
    assert error.value.ttl is None


def test_the_name_for_tls(scene: Scene) -> None:
    name = f"peers.{scene.namespace.name}.svc"
    assert scene.resolve("dns:///peers.prod.svc.cluster.local:8080").authority == f"{name}.cluster.local"
    for target in ("k8s:///peers.prod:8080?via=dns", "k8s:///peers.prod:http?via=dns", "k8s:///peers.prod:http"):
        assert scene.resolve(target).authority == name
    full = scene.resolve("k8s:///peers.prod.svc.cluster.local:http?via=dns")
    assert full.authority == f"{name}.cluster.local"


def test_what_dns_cannot_tell(scene: Scene) -> None:
    for target in ("k8s:///peers.prod?via=dns", "k8s:///db-0.db.prod:sql?via=dns"):
        with pytest.raises(TargetError, match="via=dns"):
            scene.resolve(target)
    # SRV records are those of whole Services.
    with pytest.raises(Nothing, match="NXDOMAIN"):
        lookup(f"_sql._tcp.db-0.db.{scene.namespace.name}.svc", "SRV")
    for endpoint in scene.resolve("k8s:///peers.prod:8080?via=dns").endpoints:
        assert "pod" not in endpoint.attributes


def test_neither_a_kubeconfig_nor_a_permission_is_needed(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", "/nobody")
    assert scene.seen("k8s:///peers.prod:http?via=dns") == "one:8080, two:8080"
