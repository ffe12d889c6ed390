"""The parts are what the other tests take them for."""

from __future__ import annotations

import pytest

from tests.cluster.api import ApiError
from tests.cluster.control_plane import DNS_SERVERS, ZONE, ControlPlane
from tests.cluster.lookup import Nothing, lookup, wait_for_records
from tests.cluster.namespace import Namespace
from tests.cluster.pods import ask


def test_ready_pods_are_in_slices_and_answer(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 80, "http"))
    first = namespace.pod("one", ("http", 8080), app="orders")
    second = namespace.pod("two", ("http", 9090), app="orders")
    namespace.pod("three", ("http", 8080), app="orders", ready=False)
    slices = namespace.wait_for_ready("orders", [*first, *second])
    assert {item["addressType"] for item in slices} == {"IPv4", "IPv6"}
    assert [ask(address, 8080) for address in first] == ["one", "one"]
    assert [ask(address, 9090) for address in second] == ["two", "two"]
    namespace.set_ready("one", False)
    namespace.wait_for_ready("orders", second)


def test_a_stopped_pod_is_in_no_slice_and_refuses(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 8080))
    address, _ = namespace.pod("one", ("http", 8080), app="orders")
    namespace.stop_pod("one")
    namespace.wait_for_ready("orders", [])
    with pytest.raises(ConnectionRefusedError):
        ask(address, 8080)


def test_a_pod_with_a_grace_goes_on_serving_while_it_terminates(namespace: Namespace) -> None:
    namespace.service("orders", ("http", 8080))
    address, _ = addresses = namespace.pod("one", ("http", 8080), app="orders")
    namespace.wait_for_ready("orders", addresses)
    namespace.stop_pod("one", grace=30)
    slices = namespace.wait_for_ready("orders", [])
    conditions = {"ready": False, "serving": True, "terminating": True}
    assert [endpoint["conditions"] for item in slices for endpoint in item["endpoints"]] == [conditions] * 2
    assert ask(address, 8080) == "one"


def test_the_dns_server_gives_a_services_virtual_address(namespace: Namespace) -> None:
    ipv4, ipv6 = namespace.service("web", ("http", 80, 8080))["spec"]["clusterIPs"]
    name = f"web.{namespace.name}.svc"
    wait_for_records(name, "A", [ipv4])
    assert lookup(name, "AAAA") == [ipv6]
    assert lookup(name, "AAAA", server=DNS_SERVERS[1]) == [ipv6]
    assert targets(f"_http._tcp.{name}") == [("80", f"{name}.{ZONE}.")]


def test_the_dns_server_gives_each_pod_of_a_stateful_set(namespace: Namespace) -> None:
    namespace.service("db", ("sql", 5432, "sql"), headless=True)
    namespace.stateful_set("db", ("sql", 15432), replicas=2)
    # The second is made when the first is ready.
    first, second = (namespace.run_pod(name) for name in ("db-0", "db-1"))
    name = f"db.{namespace.name}.svc"
    wait_for_records(name, "A", [first[0], second[0]])
    wait_for_records(name, "AAAA", [first[1], second[1]])
    assert lookup(f"db-1.{name}", "A") == [second[0]]
    assert targets(f"_sql._tcp.{name}") == [("15432", f"{pod}.{name}.{ZONE}.") for pod in ("db-0", "db-1")]
    with pytest.raises(Nothing, match="NXDOMAIN"):
        lookup(f"db-2.{name}", "A")


def targets(name: str) -> list[tuple[str, str]]:
    """The ports and hosts of SRV records; their weights are the DNS server's own business."""
    records = [record.split() for record in lookup(name, "SRV")]
    return [(port, host) for _priority, _weight, port, host in records]


def test_what_is_stored_outlives_the_servers(plane: ControlPlane, namespace: Namespace) -> None:
    uid = namespace.service("orders", ("http", 80))["metadata"]["uid"]
    plane.api_server.kill()
    with pytest.raises(ConnectionRefusedError):
        plane.api.get("/version")
    plane.etcd.kill()
    plane.etcd.start()
    plane.api_server.start()
    assert namespace.get("services", "orders")["metadata"]["uid"] == uid


def test_history_that_is_compacted_is_gone(plane: ControlPlane, namespace: Namespace) -> None:
    before = namespace.service("orders", ("http", 80))["metadata"]["resourceVersion"]
    namespace.patch("services", "orders", spec={"type": "NodePort"})
    with plane.another_api_server("--watch-cache=false") as server:
        services = namespace.path("services")
        event = next(server.api.watch(services, resource_version=before))
        assert event["object"]["spec"]["type"] == "NodePort"
        plane.compact()
        with pytest.raises(ApiError) as refused:
            next(server.api.watch(services, resource_version=before))
        assert refused.value.code == 410
