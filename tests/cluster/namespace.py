"""One Kubernetes namespace, and what a test puts into it: Services, pods that run, slices by hand."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.cluster.api import Api, Object
from tests.cluster.network import Network
from tests.cluster.pods import Programs
from tests.cluster.waiting import wait_until

_GROUPS = {
    "configmaps": "/api/v1",
    "endpoints": "/api/v1",
    "pods": "/api/v1",
    "serviceaccounts": "/api/v1",
    "services": "/api/v1",
    "deployments": "/apis/apps/v1",
    "replicasets": "/apis/apps/v1",
    "statefulsets": "/apis/apps/v1",
    "endpointslices": "/apis/discovery.k8s.io/v1",
    "rolebindings": "/apis/rbac.authorization.k8s.io/v1",
    "roles": "/apis/rbac.authorization.k8s.io/v1",
}

NODE = "node-a"

Addresses = Sequence[str]
Port = tuple[str, int] | tuple[str, int, int | str]


class Namespace:
    """`create`, `get`, `patch` and `delete` take a resource in the plural, as the API's paths have it.

    Pods and Services belong together by the label `app`, unless told otherwise.
    """

    def __init__(self, api: Api, name: str, network: Network, programs: Programs) -> None:
        self.name = name
        self.api = api
        self._network = network
        self._programs = programs
        self._listening: dict[str, list[tuple[str, int]]] = {}

    def path(self, resource: str, name: str = "") -> str:
        path = f"{_GROUPS[resource]}/namespaces/{self.name}/{resource}"
        return f"{path}/{name}" if name else path

    def create(self, resource: str, name: str, **fields: Any) -> Object:
        """`fields` are the object's; of its metadata those beyond the name."""
        metadata = {"name": name} | fields.pop("metadata", {})
        return self.api.create(self.path(resource), {"metadata": metadata, **fields})

    def get(self, resource: str, name: str) -> Object:
        return self.api.get(self.path(resource, name))

    def patch(self, resource: str, name: str, **fields: Any) -> Object:
        return self.api.patch(self.path(resource, name), fields)

    def delete(self, resource: str, name: str, **options: Any) -> None:
        self.api.delete(self.path(resource, name), **options)

    def wait_for(self, resource: str, condition: Callable[[list[Object]], bool], **query: str) -> list[Object]:
        """All of a resource, as soon as the condition holds of it. See `Api.wait_for`."""
        return self.api.wait_for(self.path(resource), condition, **query)

    def service(
        self,
        name: str,
        *ports: Port,
        headless: bool = False,
        selector: Mapping[str, str] | None = None,
        families: Sequence[str] = ("IPv4", "IPv6"),
        **spec: Any,
    ) -> Object:
        """A port is its name, its number, and the target port where that is another; `spec` is for the rest.

        `selector={}` is a Service without one.
        """
        default: dict[str, Any] = {
            "selector": {"app": name} if selector is None else selector,
            "ports": [{"name": port[0], "port": port[1], "targetPort": port[-1]} for port in ports],
        }
        if spec.get("type") != "ExternalName":
            policy = "SingleStack" if len(families) == 1 else "RequireDualStack"
            default |= {"ipFamilies": list(families), "ipFamilyPolicy": policy}
        if headless:
            default |= {"clusterIP": "None"}
        return self.create("services", name, spec=default | spec)

    def pod(
        self,
        name: str,
        *ports: tuple[str, int],
        app: str,
        addresses: Addresses | None = None,
        node: str = NODE,
        ready: bool = True,
        labels: Mapping[str, str] | None = None,
        **spec: Any,
    ) -> Addresses:
        """A pod with these ports that runs; gives its addresses. Something listens on each of them at each port."""
        pod = self.create(
            "pods",
            name,
            metadata={"labels": {"app": app, **(labels or {})}},
            spec={"containers": _containers(ports), **spec},
        )
        return self._run(pod, addresses or self._network.new_pod_addresses(), node, ready)

    def run_pod(
        self,
        name: str,
        *,
        addresses: Addresses | None = None,
        node: str = NODE,
        ready: bool = True,
        listen: bool = True,
    ) -> Addresses:
        """What a scheduler and a kubelet do for a pod, as soon as it is there: it runs. Gives its addresses.

        With `listen=False` its programs are whatever the test has started there.
        """
        (pod,) = self.wait_for("pods", bool, fieldSelector=f"metadata.name={name}")
        return self._run(pod, addresses or self._network.new_pod_addresses(), node, ready, listen=listen)

    def _run(self, pod: Object, addresses: Addresses, node: str, ready: bool, *, listen: bool = True) -> Addresses:
        name = pod["metadata"]["name"]
        self._listening[name] = [
            (address, port["containerPort"])
            for container in pod["spec"]["containers"]
            for port in container.get("ports", [])
            for address in addresses
            if listen
        ]
        for address, port in self._listening[name]:
            self._programs.listen(name, address, port)
        binding = {"metadata": {"name": name}, "target": {"kind": "Node", "name": node}}
        self.api.create(f"{self.path('pods', name)}/binding", binding)
        self.pod_status(
            name,
            phase="Running",
            podIP=addresses[0],
            podIPs=[{"ip": address} for address in addresses],
            conditions=[_ready(ready)],
        )
        return addresses

    def stateful_set(self, name: str, *ports: tuple[str, int], replicas: int, **spec: Any) -> Object:
        """Its pods are made by its controller, one after the other, and want `run_pod`. Its Service has its name."""
        labels = {"app": name}
        default = {
            "serviceName": name,
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": _containers(ports)}},
        }
        return self.create("statefulsets", name, spec=default | spec)

    def set_ready(self, name: str, ready: bool) -> None:
        """What a readiness probe makes of a pod."""
        self.pod_status(name, conditions=[_ready(ready)])

    def pod_status(self, name: str, **status: Any) -> None:
        self.api.patch(f"{self.path('pods', name)}/status", {"status": status})

    def stop_pod(self, name: str, *, grace: int = 0) -> None:
        """Deletes a pod and ends its programs. With a grace in seconds it goes on, terminating, until stopped again."""
        self.delete("pods", name, gracePeriodSeconds=grace)
        if not grace:
            for address, port in self._listening.pop(name, []):
                self._programs.stop(address, port)

    def slice(
        self, name: str, service: str, ports: Mapping[str, int], *endpoints: Mapping[str, Any], **fields: Any
    ) -> Object:
        """An EndpointSlice by hand, of IPv4 unless `addressType=` says otherwise."""
        return self.create(
            "endpointslices",
            name,
            metadata={
                "labels": {
                    "kubernetes.io/service-name": service,
                    "endpointslice.kubernetes.io/managed-by": "tests",
                }
            },
            ports=[{"name": port_name, "port": number} for port_name, number in ports.items()],
            endpoints=list(endpoints),
            **({"addressType": "IPv4"} | fields),
        )

    def grant(self, user: str, group: str, resources: Sequence[str], verbs: Sequence[str]) -> None:
        """From now on a user may do that here, to resources of that API group; those of before stay allowed, too."""
        role = f"role-{secrets.token_hex(4)}"
        rules = [{"apiGroups": [group], "resources": list(resources), "verbs": list(verbs)}]
        self.create("roles", role, rules=rules)
        self.create(
            "rolebindings",
            role,
            roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role},
            subjects=[{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
        )
        # The API server hears of its own roles by a watch.
        self.wait_until_granted(user, group, resources[0], verbs[0])

    def wait_until_granted(self, user: str, group: str, resource: str, verb: str) -> None:
        """Until the API server lets a user do that here."""
        asked = {"namespace": self.name, "group": group, "resource": resource, "verb": verb}
        review = {"spec": {"user": user, "resourceAttributes": asked}}

        def granted() -> bool:
            answer = self.api.create("/apis/authorization.k8s.io/v1/subjectaccessreviews", review)
            allowed: bool = answer["status"]["allowed"]
            return allowed

        wait_until(granted, f"{user} may {verb} {resource}")

    def wait_for_ready(self, service: str, addresses: Sequence[str]) -> list[Object]:
        """The Service's slices, as soon as exactly these addresses are ready in them."""
        return self.wait_for(
            "endpointslices",
            lambda slices: ready_addresses(slices) == sorted(addresses),
            labelSelector=f"kubernetes.io/service-name={service}",
        )


def _ready(ready: bool) -> Object:
    return {"type": "Ready", "status": "True" if ready else "False"}


def _containers(ports: Sequence[tuple[str, int]]) -> list[Object]:
    numbers = [{"name": name, "containerPort": number} for name, number in ports]
    return [{"name": "main", "image": "none", "ports": numbers}]


def ready_addresses(slices: Sequence[Object]) -> list[str]:
    return sorted(
        endpoint["addresses"][0]
        for item in slices
        for endpoint in item["endpoints"] or []
        if endpoint.get("conditions", {}).get("ready", True)
    )
