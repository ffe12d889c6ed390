"""What a `k8s` target asks for: read from its text, and refused where it makes no sense, before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Final

import attrs

from urischeme.display import shorten
from urischeme.resolvers.options import FAMILIES, chosen
from urischeme.routing.host_port import port_number
from urischeme.routing.options import Option, words
from urischeme.routing.target import Target

IN_CLUSTER: Final = "in-cluster"
"""The authority that stands for the cluster of the pod that asks."""


_SVC: Final = "svc"
_MAX_NAME: Final = 253  # of a DNS name, as text

# RFC 1123's label, in the one case that Kubernetes takes: the names of namespaces, Services, pods and ports.
_is_label = re.compile(r"[a-z0-9](?:[a-z0-9\-]{0,61}[a-z0-9])?").fullmatch
_is_digits = re.compile(r"[0-9]+").fullmatch


class Via(Enum):
    """By what the endpoints are found."""

    ENDPOINTS = "endpoints"
    CLUSTER_IP = "cluster-ip"
    DNS = "dns"


_VIA: Final[Mapping[str, Via]] = {"cluster-ip": Via.CLUSTER_IP, "dns": Via.DNS}
_ANY: Final[Mapping[str, bool]] = {"any": True}
_FALLBACK: Final[Mapping[str, bool]] = {"fallback": True}

OPTIONS: Final = (
    Option("family", words(FAMILIES), "dual"),
    Option("ready", words(_ANY), None),
    Option("terminating", words(_FALLBACK), None),
    Option("via", words(_VIA), None),
)


@attrs.frozen
class Question:
    """What is asked for, and of which cluster.

    Attributes:
        context: of the kubeconfig, or `in-cluster`; `""` where none is written.
        hostname: of the one pod that is meant, or None for all of them.
        service: the name of the Service.
        namespace: None for the context's own.
        zone: the cluster's domain, or `""` where it is not written.
        port: number or name of one of the Service's ports; None where none is written.
        families: the families of addresses that are wanted, `ipv4` and `ipv6`.
        any_ready: whether endpoints count that are not ready.
        terminating: whether those count that terminate and still serve, where no other is left.
        via: by what the endpoints are found.
    """

    context: str
    hostname: str | None
    service: str
    namespace: str | None
    zone: str
    port: int | str | None
    families: tuple[str, ...]
    any_ready: bool
    terminating: bool
    via: Via

    @classmethod
    def of(cls, target: Target) -> Question:
        """What a target asks for. Raises TargetError."""
        families = chosen(target, "family", FAMILIES, FAMILIES["dual"])
        any_ready = chosen(target, "ready", _ANY, False)
        terminating = chosen(target, "terminating", _FALLBACK, False)
        via = chosen(target, "via", _VIA, Via.ENDPOINTS)
        if via is not Via.ENDPOINTS and (any_ready or terminating):
            raise target.error(f"via={via.value} tells nothing of single pods; leave ready and terminating out")
        if via is Via.DNS and target.authority not in {"", IN_CLUSTER}:
            raise target.error("via=dns asks the name servers of this machine, whatever the context; leave it out")
        name, colon, port = target.endpoint.partition(":")
        hostname, service, namespace, zone = _names(target, name)
        if hostname is not None and via is Via.CLUSTER_IP:
            raise target.error("a pod is not behind the cluster IP; leave its hostname or via=cluster-ip out")
        wanted = _port(target, port) if colon else None
        if via is Via.DNS:
            _check_dns_port(target, wanted, hostname)
        return cls(
            target.authority,
            hostname,
            service,
            namespace,
            zone,
            wanted,
            families,
            any_ready,
            terminating,
            via,
        )

    def authority(self, namespace: str) -> str:
        """The name that TLS checks: the one asked for, with its namespace."""
        host = self.service if self.hostname is None else f"{self.hostname}.{self.service}"
        return ".".join(filter(None, [host, namespace, _SVC, self.zone]))


def is_label(text: str) -> bool:
    """Whether it may be the name of a namespace or a Service (RFC 1123 section 2.1, in lower case)."""
    return _is_label(text) is not None


def _names(target: Target, name: str) -> tuple[str | None, str, str | None, str]:
    """Hostname, Service, namespace and zone."""
    if not name:
        raise target.error(_nothing_asked(target))
    if "/" in name:
        raise target.error(f"one name is asked for; write {_advice(target, name)}")
    labels = name.removesuffix(".").split(".")
    for label in labels:
        if not is_label(label):
            raise target.error(
                f"{shorten(label)!r} is no name in Kubernetes: those have 1 to 63 of a-z, 0-9 and -, "
                "and neither begin nor end with -"
            )
    if len(name) > _MAX_NAME:
        raise target.error(f"a name has at most {_MAX_NAME} characters")
    match labels:
        case [service]:
            return None, service, None, ""
        case [service, namespace]:
            return None, service, namespace, ""
        # A third label `svc` is the marker, never a namespace.
        case [service, namespace, "svc", *zone]:
            return None, service, namespace, ".".join(zone)
        case [hostname, service, namespace]:
            return hostname, service, namespace, ""
        case [hostname, service, namespace, "svc", *zone]:
            return hostname, service, namespace, ".".join(zone)
        case _:
            raise target.error("svc stands before the zone; write service.namespace.svc.zone")


def _nothing_asked(target: Target) -> str:
    if not target.authority:
        return f"no Service is named; write {target.scheme}:///service.namespace"
    # As other resolvers have it; here the authority is a context of the kubeconfig.
    return f"the Service stands in the path; write {shorten(str(Target(target.scheme, '', '/' + target.authority)))}"


def _advice(target: Target, name: str) -> str:
    """For `namespace/service`, as kubectl prints it."""
    match name.split("/"):
        case [namespace, service] if is_label(namespace) and is_label(service):
            _, colon, port = target.endpoint.partition(":")
            path = f"/{service}.{namespace}{colon}{port}"
            return shorten(str(attrs.evolve(target, path=path)))
        case _:
            return "service.namespace"


def _port(target: Target, text: str) -> int | str:
    if _is_digits(text) or not text:
        try:
            number = port_number(text)
        except ValueError as error:
            raise target.error(str(error)) from None
        if not number:
            raise target.error("a Service has no port 0")
        return number
    if not is_label(text):
        raise target.error(
            f"{shorten(text)!r} is no port: write a number, or a name of a-z, 0-9 and - that the Service gives it"
        )
    return text


def _check_dns_port(target: Target, port: int | str | None, hostname: str | None) -> None:
    if port is None:
        raise target.error("via=dns cannot tell which ports there are; write one")
    # Kubernetes' SRV records are those of whole Services.
    if isinstance(port, str) and hostname is not None:
        raise target.error("via=dns knows no names of ports for a single pod; write its number")
