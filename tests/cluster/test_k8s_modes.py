"""What `k8s` targets give for each kind of Service, pod and port."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

import pytest

import urischeme
from tests.cluster.asking import pods, with_cluster_dns
from tests.cluster.control_plane import ZONE, ControlPlane
from tests.cluster.lookup import wait_for_records
from tests.cluster.namespace import Namespace
from tests.cluster.pods import ask
from urischeme import Endpoint, NotFound, Resolution, ResolveError, TCPAddress


@pytest.fixture(autouse=True)
def _kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))


def addresses(found: Resolution | Endpoint) -> list[tuple[str, int]]:
    """Host and port of each, in order."""
    return [(each.host, each.port) for each in found.addresses if isinstance(each, TCPAddress)]


def at(hosts: Sequence[str], port: int) -> list[tuple[str, int]]:
    return [(host, port) for host in hosts]


def refused(target: str) -> ResolveError:
    with pytest.raises(ResolveError) as error:
        urischeme.resolve(target)
    return error.value


# Ports


def test_each_pod_has_its_own_port_and_answers_there(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "web"), ("grpc", 90, 9000))
    one = namespace.pod("one", ("web", 8080), ("any", 9000), app="orders")
    two = namespace.pod("two", ("web", 8181), ("any", 9000), app="orders")
    # Without a port of that name; and one that is no backend.
    three = namespace.pod("three", ("any", 9000), app="orders")
    namespace.pod("other", ("web", 8080), app="others")
    namespace.wait_for_ready("orders", [*one, *two, *three])
    by_name = urischeme.resolve(f"k8s:orders.{namespace.name}:http")
    assert sorted(addresses(by_name)) == sorted(at(one, 8080) + at(two, 8181))
    assert set(urischeme.resolve(f"k8s:orders.{namespace.name}:80").endpoints) == set(by_name.endpoints)
    by_number = urischeme.resolve(f"k8s:orders.{namespace.name}:grpc")
    assert pods(by_number) == ["one", "three", "two"]
    for resolution in (by_name, by_number):
        for endpoint in resolution.endpoints:
            assert {ask(*address) for address in addresses(endpoint)} == {endpoint.attributes["pod"]}


def test_the_only_port_of_a_service_needs_no_name(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, 8080))
    one = namespace.pod("one", ("any", 8080), app="orders")
    namespace.wait_for_ready("orders", one)
    resolution = urischeme.resolve(f"k8s:orders.{namespace.name}")
    assert addresses(resolution) == at(one, 8080)
    assert resolution == urischeme.resolve(f"k8s:orders.{namespace.name}:http")


def test_a_port_that_has_no_name(namespace: Namespace) -> None:
    namespace.service("orders", ports=[{"port": 80, "targetPort": 8080}])
    one = namespace.pod("one", ("any", 8080), app="orders")
    namespace.wait_for_ready("orders", one)
    for port in ("", ":80"):
        assert addresses(urischeme.resolve(f"k8s:orders.{namespace.name}{port}")) == at(one, 8080)
    assert "has no port http; write one of 80" in str(refused(f"k8s:orders.{namespace.name}:http"))


def test_the_number_of_a_pod_is_not_that_of_the_service(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, 8080), ("grpc", 90, 9090))
    error = refused(f"k8s:orders.{namespace.name}:8080")
    assert str(error) == "the Service orders has no port 8080; write one of 80 (http), 90 (grpc)"
    assert not error.retryable


def test_udp_and_tcp_on_one_number(namespace: Namespace) -> None:
    ports = [
        {"name": "udp", "port": 53, "targetPort": 1053, "protocol": "UDP"},
        {"name": "tcp", "port": 53, "targetPort": 1054, "protocol": "TCP"},
        {"name": "quic", "port": 443, "targetPort": 8443, "protocol": "UDP"},
    ]
    namespace.service("names", ports=ports)
    one = namespace.pod("one", ("any", 1054), app="names")
    namespace.wait_for_ready("names", one)
    for port, number in {"53": 1054, "tcp": 1054, "udp": 1053, "quic": 8443}.items():
        assert addresses(urischeme.resolve(f"k8s:names.{namespace.name}:{port}")) == at(one, number)
    # UDP is found by its number, too, where nothing else has it.
    assert addresses(urischeme.resolve(f"k8s:names.{namespace.name}:443")) == at(one, 8443)
    assert "write one of 53/UDP (udp), 53 (tcp), 443/UDP (quic)" in str(refused(f"k8s:names.{namespace.name}:dns"))


# Kinds of Services


@pytest.mark.parametrize("headless", [False, True])
def test_a_headless_service_is_asked_as_any_other(namespace: Namespace, headless: bool) -> None:
    namespace.service("orders", ("http", 80, "http"), headless=headless)
    one = namespace.pod("one", ("http", 8080), app="orders")
    two = namespace.pod("two", ("http", 9090), app="orders")
    namespace.wait_for_ready("orders", [*one, *two])
    for port in ("", ":80", ":http"):
        resolution = urischeme.resolve(f"k8s:orders.{namespace.name}{port}")
        assert sorted(addresses(resolution)) == sorted(at(one, 8080) + at(two, 9090))


def test_a_headless_service_without_ports_takes_a_number(namespace: Namespace) -> None:
    namespace.service("workers", headless=True)
    one = namespace.pod("one", ("any", 9000), app="workers")
    namespace.wait_for_ready("workers", one)
    (endpoint,) = urischeme.resolve(f"k8s:workers.{namespace.name}:9000").endpoints
    assert addresses(endpoint) == at(one, 9000)
    assert ask(*addresses(endpoint)[0]) == "one"


def test_the_pods_of_a_stateful_set_by_name(namespace: Namespace) -> None:
    namespace.service("db", ("sql", 5432, "sql"), headless=True)
    namespace.stateful_set("db", ("sql", 15432), replicas=2)
    found = {name: namespace.run_pod(name) for name in ("db-0", "db-1")}
    namespace.wait_for_ready("db", [address for each in found.values() for address in each])
    for name, expected in found.items():
        resolution = urischeme.resolve(f"k8s:{name}.db.{namespace.name}:sql")
        (endpoint,) = resolution.endpoints
        assert addresses(endpoint) == at(expected, 15432)
        assert (endpoint.attributes["pod"], endpoint.attributes["hostname"]) == (name, name)
        assert resolution.authority == f"{name}.db.{namespace.name}.svc"
        long = urischeme.resolve(f"k8s:{name}.db.{namespace.name}.svc.cluster.local:5432")
        assert long.endpoints == resolution.endpoints
        assert long.authority == f"{name}.db.{namespace.name}.svc.cluster.local"
    assert pods(urischeme.resolve(f"k8s:db.{namespace.name}")) == ["db-0", "db-1"]


def test_short_and_long_names(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    short = f"orders.{namespace.name}"
    svc, full = f"{short}.svc", f"{short}.svc.cluster.local"
    expected = urischeme.resolve(f"k8s:{short}").endpoints
    for prefix in ("k8s:", "k8s:///", "kubernetes:///", "k8s://admin/"):
        for name, authority in {short: svc, svc: svc, full: full, f"{full}.": full}.items():
            resolution = urischeme.resolve(f"{prefix}{name}:http")
            assert (resolution.endpoints, resolution.authority) == (expected, authority)
            assert resolution.ttl is None


@pytest.mark.parametrize(("families", "others"), [(["IPv4"], "ipv6"), (["IPv6"], "ipv4")])
def test_the_cluster_ip_of_one_family(namespace: Namespace, families: list[str], others: str) -> None:
    written = namespace.service("orders", ("http", 80, 8080), families=families)
    target = f"k8s:orders.{namespace.name}:http?via=cluster-ip"
    # Whether anybody is ready behind it is its own business.
    resolution = urischeme.resolve(target)
    assert addresses(resolution) == at(written["spec"]["clusterIPs"], 80)
    assert resolution.authority == f"orders.{namespace.name}.svc"
    error = refused(f"{target}&family={others}")
    assert isinstance(error, NotFound)
    assert str(error) == f"the Service orders has no cluster IP of the family {others}"


@pytest.mark.parametrize("families", [["IPv4", "IPv6"], ["IPv6", "IPv4"]])
def test_the_cluster_ips_of_both_families_in_the_order_of_the_service(
    namespace: Namespace, families: list[str]
) -> None:
    ips = namespace.service("orders", ("http", 80, 8080), families=families)["spec"]["clusterIPs"]
    (endpoint,) = urischeme.resolve(f"k8s:orders.{namespace.name}?via=cluster-ip").endpoints
    assert addresses(endpoint) == at(ips, 80)
    for family, ip in zip(families, ips, strict=True):
        single = urischeme.resolve(f"k8s:orders.{namespace.name}?via=cluster-ip&family={family.lower()}")
        assert addresses(single) == at([ip], 80)


def test_an_external_name_is_asked_of_dns(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "http"), headless=True)
    one = namespace.pod("one", ("http", 8080), app="orders")
    name = f"orders.{namespace.name}.svc"
    namespace.service("away", ("http", 8080), type="ExternalName", externalName=f"{name}.cluster.local")
    for kind, address in zip(("A", "AAAA"), one, strict=True):
        wait_for_records(name, kind, [address])
    registry = with_cluster_dns()
    for port in ("", ":8080", ":http"):
        resolution = urischeme.resolve(f"k8s:away.{namespace.name}{port}", registry=registry)
        assert sorted(addresses(resolution)) == sorted(at(one, 8080))
        # The name of the certificate is the one that was asked for.
        assert resolution.authority == f"away.{namespace.name}.svc"
        assert resolution.ttl == 5
    single = urischeme.resolve(f"k8s:away.{namespace.name}?family=ipv6", registry=registry)
    assert addresses(single) == at([one[1]], 8080)


def test_an_external_name_that_is_not_there(namespace: Namespace) -> None:
    namespace.service("away", type="ExternalName", externalName="nobody.cluster.local")
    with pytest.raises(NotFound, match=r"nobody\.cluster\.local"):
        urischeme.resolve(f"k8s:away.{namespace.name}:80", registry=with_cluster_dns())


def test_an_external_name_is_whole(namespace: Namespace) -> None:
    """The names of a cluster's search list are not asked for, as DNS does not ask for them behind an alias."""
    namespace.service("orders", ("http", 80), headless=True)
    one = namespace.pod("one", ("http", 80), app="orders")
    namespace.service("away", type="ExternalName", externalName="orders")
    name = f"orders.{namespace.name}.svc"
    wait_for_records(name, "A", [one[0]])
    registry = with_cluster_dns(search=[f"{namespace.name}.svc.{ZONE}"])
    assert urischeme.resolve("dns:///orders:80", registry=registry).endpoints
    # CoreDNS knows of nothing outside of the cluster.
    with pytest.raises(ResolveError, match=r"^orders: no A answer .*SERVFAIL"):
        urischeme.resolve(f"k8s:away.{namespace.name}:80", registry=registry)


def test_what_an_external_name_lacks(namespace: Namespace) -> None:
    namespace.service("away", type="ExternalName", externalName=f"kubernetes.default.svc.{ZONE}")
    error = refused(f"k8s:away.{namespace.name}:80?via=cluster-ip")
    assert str(error) == "the Service away is an ExternalName: it has no cluster IP; leave via=cluster-ip out"
    assert not error.retryable
    error = refused(f"k8s:db-0.away.{namespace.name}:80")
    assert isinstance(error, NotFound)
    assert str(error) == f"there is no pod db-0 behind the Service away in the namespace {namespace.name}"


# Where the endpoints come from


def test_a_service_without_a_selector_has_the_slices_that_somebody_writes(namespace: Namespace) -> None:
    namespace.service("legacy", ("http", 80), selector={}, families=["IPv4"])
    one = {"addresses": ["10.244.7.1"]}
    # Of several addresses of an endpoint the first alone counts.
    two = {"addresses": ["10.244.7.2", "10.244.7.22"], "conditions": {"ready": True}, "hostname": "two"}
    three = {"addresses": ["10.244.7.3"], "conditions": {"ready": False}}
    namespace.slice("legacy-1", "legacy", {"http": 8080}, one, two)
    namespace.slice("legacy-2", "legacy", {"http": 9090}, three)
    namespace.slice("legacy-3", "legacy", {"other": 9999}, {"addresses": ["10.244.7.4"]})
    namespace.slice("other-1", "other", {"http": 8080}, {"addresses": ["10.244.7.5"]})
    resolution = urischeme.resolve(f"k8s:legacy.{namespace.name}:http")
    assert sorted(addresses(resolution)) == at(["10.244.7.1", "10.244.7.2"], 8080)
    conditions = {"ready": True, "serving": True, "terminating": False}
    assert {str(each.addresses[0]): dict(each.attributes) for each in resolution.endpoints} == {
        "ipv4:10.244.7.1:8080": conditions,
        "ipv4:10.244.7.2:8080": conditions | {"hostname": "two"},
    }
    everyone = urischeme.resolve(f"k8s:legacy.{namespace.name}:http?ready=any")
    assert ("10.244.7.3", 9090) in addresses(everyone)
    assert addresses(urischeme.resolve(f"k8s:two.legacy.{namespace.name}")) == at(["10.244.7.2"], 8080)


def test_endpoints_are_mirrored(namespace: Namespace) -> None:
    namespace.service("legacy", ("http", 80), selector={}, families=["IPv4"])
    subset = {
        "addresses": [{"ip": "10.244.8.1", "hostname": "one"}],
        "notReadyAddresses": [{"ip": "10.244.8.2"}],
        "ports": [{"name": "http", "port": 8080}],
    }
    namespace.create("endpoints", "legacy", subsets=[subset])
    namespace.wait_for_ready("legacy", ["10.244.8.1"])
    assert addresses(urischeme.resolve(f"k8s:legacy.{namespace.name}")) == at(["10.244.8.1"], 8080)
    assert addresses(urischeme.resolve(f"k8s:one.legacy.{namespace.name}")) == at(["10.244.8.1"], 8080)
    everyone = urischeme.resolve(f"k8s:legacy.{namespace.name}?ready=any")
    assert sorted(addresses(everyone)) == at(["10.244.8.1", "10.244.8.2"], 8080)


def test_slices_of_two_controllers_that_overlap(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    one, two = (namespace.pod(name, ("http", 80), app="orders") for name in ("one", "two"))
    namespace.wait_for_ready("orders", [*one, *two])
    # Another controller has the first pod, too, thinks the second is not ready, and has one of its own.
    namespace.slice(
        "theirs",
        "orders",
        {"http": 80},
        {"addresses": [one[0]]},
        {"addresses": [two[0]], "conditions": {"ready": False}},
        {"addresses": ["10.244.9.9"]},
    )
    resolution = urischeme.resolve(f"k8s:orders.{namespace.name}")
    assert pods(resolution) == ["None", "one", "two"]
    assert sorted(addresses(resolution)) == sorted(at([*one, *two, "10.244.9.9"], 80))


def test_a_thousand_endpoints_over_many_slices(namespace: Namespace) -> None:
    namespace.service("large", ("http", 80), selector={}, families=["IPv4"])
    hosts = [str(IPv4Address("10.244.100.0") + number) for number in range(1000)]
    for number in range(0, 1000, 80):
        # An endpoint that moves between slices is in both for a while.
        endpoints = [{"addresses": [host]} for host in hosts[max(0, number - 10) : number + 80]]
        namespace.slice(f"large-{number}", "large", {"http": 8080}, *endpoints)
    resolution = urischeme.resolve(f"k8s:large.{namespace.name}")
    assert len(resolution.endpoints) == 1000
    assert sorted(addresses(resolution)) == sorted(at(hosts, 8080))


# Families


@pytest.mark.parametrize("families", [["IPv4", "IPv6"], ["IPv6", "IPv4"]])
def test_a_pod_is_one_endpoint_with_the_services_first_family_first(namespace: Namespace, families: list[str]) -> None:
    namespace.service("mail", ("smtp", 25), families=families)
    pod = namespace.pod("one", ("smtp", 25), app="mail")
    namespace.wait_for_ready("mail", pod)
    ipv4, ipv6 = at(pod, 25)
    for query in ("", "?family=dual"):
        (endpoint,) = urischeme.resolve(f"k8s:mail.{namespace.name}{query}").endpoints
        assert addresses(endpoint) == ([ipv4, ipv6] if families[0] == "IPv4" else [ipv6, ipv4])
    for family, expected in {"ipv4": ipv4, "ipv6": ipv6}.items():
        assert addresses(urischeme.resolve(f"k8s:mail.{namespace.name}?family={family}")) == [expected]


def test_a_family_that_the_service_lacks(namespace: Namespace) -> None:
    namespace.service("mail", ("smtp", 25), families=["IPv6"])
    _, ipv6 = namespace.pod("one", ("smtp", 25), app="mail")
    namespace.wait_for_ready("mail", [ipv6])
    assert addresses(urischeme.resolve(f"k8s:mail.{namespace.name}")) == at([ipv6], 25)
    assert isinstance(refused(f"k8s:mail.{namespace.name}?family=ipv4"), NotFound)


# Readiness


def test_pods_that_are_not_ready(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80), families=["IPv4"])
    one = namespace.pod("one", ("http", 80), app="orders")
    two = namespace.pod("two", ("http", 80), app="orders", ready=False)
    target = f"k8s:orders.{namespace.name}"
    namespace.wait_for("endpointslices", lambda slices: sum(len(each["endpoints"] or ()) for each in slices) == 2)
    namespace.wait_for_ready("orders", one[:1])
    assert addresses(urischeme.resolve(target)) == at(one[:1], 80)
    everyone = urischeme.resolve(f"{target}?ready=any")
    assert sorted(addresses(everyone)) == at([one[0], two[0]], 80)
    assert {each.attributes["pod"]: each.attributes["ready"] for each in everyone.endpoints} == {
        "one": True,
        "two": False,
    }
    namespace.set_ready("one", False)
    namespace.wait_for_ready("orders", [])
    where = f"behind the Service orders in the namespace {namespace.name}"
    error = refused(target)
    assert isinstance(error, NotFound)
    assert str(error) == f"there is no ready endpoint {where}; ready=any gives 2"
    # They do not terminate.
    assert isinstance(refused(f"{target}?terminating=fallback"), NotFound)


def test_a_service_may_publish_pods_that_are_not_ready(namespace: Namespace) -> None:
    namespace.service("db", ("sql", 5432), headless=True, publishNotReadyAddresses=True)
    pod = namespace.pod("db-0", ("sql", 5432), app="db", ready=False, hostname="db-0", subdomain="db")
    namespace.wait_for_ready("db", pod)
    for name in ("db", "db-0.db"):
        assert addresses(urischeme.resolve(f"k8s:{name}.{namespace.name}")) == at(pod, 5432)


def test_pods_that_terminate_are_the_last_resort(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80))
    one, two = (namespace.pod(name, ("http", 80), app="orders") for name in ("one", "two"))
    namespace.wait_for_ready("orders", [*one, *two])
    target = f"k8s:orders.{namespace.name}"
    namespace.stop_pod("one", grace=30)
    namespace.wait_for_ready("orders", two)
    for query in ("", "?terminating=fallback"):
        assert pods(urischeme.resolve(target + query)) == ["two"]
    assert pods(urischeme.resolve(f"{target}?ready=any")) == ["one", "two"]
    namespace.stop_pod("two", grace=30)
    namespace.wait_for_ready("orders", [])
    assert isinstance(refused(target), NotFound)
    resolution = urischeme.resolve(f"{target}?terminating=fallback")
    assert pods(resolution) == ["one", "two"]
    for endpoint in resolution.endpoints:
        shown = {name: endpoint.attributes[name] for name in ("ready", "serving", "terminating")}
        assert shown == {"ready": False, "serving": True, "terminating": True}
        assert {ask(*address) for address in addresses(endpoint)} == {endpoint.attributes["pod"]}
    # One that terminates and no longer serves is of no use.
    namespace.set_ready("one", False)
    namespace.wait_for(
        "endpointslices",
        lambda slices: sum(not each["conditions"]["serving"] for item in slices for each in item["endpoints"]) == 2,
    )
    assert pods(urischeme.resolve(f"{target}?terminating=fallback")) == ["two"]


def test_what_is_told_of_a_pod(namespace: Namespace) -> None:
    namespace.service("db", ("sql", 5432), headless=True, families=["IPv4"])
    for name, node in {"db-0": "node-a", "db-1": "node-b"}.items():
        namespace.pod(name, ("sql", 5432), app="db", node=node, hostname=name, subdomain="db")
    namespace.wait_for("endpointslices", lambda slices: sum(len(each["endpoints"] or ()) for each in slices) == 2)
    found = urischeme.resolve(f"k8s:db.{namespace.name}?ready=any").endpoints
    conditions = {"ready": True, "serving": True, "terminating": False}
    assert sorted((dict(each.attributes) for each in found), key=lambda each: str(each["pod"])) == [
        {"pod": "db-0", "hostname": "db-0", "node": "node-a", "zone": "zone-a", **conditions},
        {"pod": "db-1", "hostname": "db-1", "node": "node-b", "zone": "zone-b", **conditions},
    ]


def test_zones_for_which_endpoints_are_meant(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80), selector={}, families=["IPv4"])
    hints = {"forZones": [{"name": "zone-a"}, {"name": "zone-b"}]}
    namespace.slice("by-hand", "orders", {"http": 80}, {"addresses": ["10.244.7.1"], "zone": "zone-a", "hints": hints})
    (endpoint,) = urischeme.resolve(f"k8s:orders.{namespace.name}").endpoints
    assert endpoint.attributes["zone"] == "zone-a"
    assert endpoint.attributes["zone_hints"] == ("zone-a", "zone-b")


# Nobody there


def test_a_service_or_a_namespace_that_is_not_there(namespace: Namespace) -> None:
    for name in (namespace.name, "no-such-namespace"):
        error = refused(f"k8s:orders.{name}:http")
        assert isinstance(error, NotFound)
        assert not error.retryable
        assert str(error) == f"there is no Service orders in the namespace {name}"


def test_a_pod_that_is_not_there(namespace: Namespace) -> None:
    namespace.service("db", ("sql", 5432), headless=True)
    error = refused(f"k8s:db-0.db.{namespace.name}")
    assert isinstance(error, NotFound)
    assert str(error) == f"there is no pod db-0 behind the Service db in the namespace {namespace.name}"
