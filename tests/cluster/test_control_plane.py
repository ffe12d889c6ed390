"""The parts are what the other tests take them for."""

from __future__ import annotations

import json
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.cluster.api import Api, ApiError
from tests.cluster.control_plane import DNS_SERVERS, READER, READER_TOKEN, ZONE, ControlPlane
from tests.cluster.kubeconfig import Context
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


@pytest.mark.parametrize(
    ("context", "status"),
    [
        ("admin", 200),
        ("token", 200),
        ("token-file", 200),
        ("exec", 200),
        ("reader", 403),
        ("unknown-token", 401),
        ("expired-token", 401),
    ],
)
def test_users_may_do_what_they_should(plane: ControlPlane, context: str, status: int) -> None:
    assert status_of_nodes(plane.contexts[context]) == status


def status_of_nodes(context: Context) -> int:
    """What the API server says to the user of a context who asks for the nodes."""
    user = context.user
    if "exec" in user:
        printed = subprocess.run([user["exec"]["command"]], capture_output=True, check=True, timeout=10).stdout
        user = json.loads(printed)["status"]
    tls = ssl.create_default_context(cafile=context.authority)
    headers = {}
    if "client-certificate" in user:
        tls.load_cert_chain(user["client-certificate"], user["client-key"])
    else:
        token = Path(user["tokenFile"]).read_text() if "tokenFile" in user else user["token"]
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(f"{context.server}/api/v1/nodes", headers=headers)
    handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)]
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=10) as response:
            status: int = response.status
            return status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_the_wrong_authority_did_not_sign_the_servers_certificate(plane: ControlPlane) -> None:
    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        status_of_nodes(plane.contexts["wrong-authority"])


def test_the_reader_may_read_what_was_granted(plane: ControlPlane, namespace: Namespace) -> None:
    reader = Api(plane.api.host, plane.authority, READER_TOKEN)
    namespace.service("orders", ("http", 80))
    with pytest.raises(ApiError) as refused:
        reader.get(namespace.path("services"))
    assert refused.value.code == 403
    namespace.grant(READER, "", ["services"], ["get", "list"])
    assert reader.get(namespace.path("services", "orders"))["metadata"]["name"] == "orders"
    with pytest.raises(ApiError):
        reader.get(namespace.path("pods"))


def test_a_service_account_has_a_token_of_its_own(plane: ControlPlane, namespace: Namespace, tmp_path: Path) -> None:
    environment = plane.mount_service_account(tmp_path, namespace.name)
    user = f"system:serviceaccount:{namespace.name}:default"
    namespace.grant(user, "", ["pods"], ["list"])
    account = Api(
        environment["KUBERNETES_SERVICE_HOST"],
        tmp_path / "ca.crt",
        (tmp_path / "token").read_text(),
        int(environment["KUBERNETES_SERVICE_PORT"]),
    )
    assert account.get(namespace.path("pods"))["items"] == []
    with pytest.raises(ApiError, match=f'User "{user}" cannot list resource "services"'):
        account.get(namespace.path("services"))


def test_a_paused_server_lets_clients_wait(plane: ControlPlane) -> None:
    tls = ssl.create_default_context(cafile=plane.authority)
    with plane.api_server.paused(), socket.create_connection((plane.api.host, plane.api.port)) as client:
        client.settimeout(0.2)
        with pytest.raises(TimeoutError):
            tls.wrap_socket(client, server_hostname=plane.api.host)
    assert plane.api.ready()


def test_a_server_that_is_cut_off_hears_nothing_and_says_nothing(plane: ControlPlane, namespace: Namespace) -> None:
    namespace.service("orders", ("http", 8080))
    address, _ = namespace.pod("one", ("http", 8080), app="orders")
    with socket.create_connection((address, 8080)) as client:
        assert client.recv(3) == b"one"
        with plane.network.cut_off(address):
            namespace.stop_pod("one")
            with pytest.raises(TimeoutError):
                socket.create_connection((address, 8080), timeout=0.2)
    with pytest.raises(ConnectionRefusedError):
        ask(address, 8080)


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
