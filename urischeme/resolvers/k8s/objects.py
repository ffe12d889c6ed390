"""The parts of the API's objects that are read here, as the API server writes them in JSON.

A field that has no value is missing or null, which mean the same.
"""

from __future__ import annotations

from typing import Required, TypedDict


class Metadata(TypedDict, total=False):
    """meta/v1 ObjectMeta and ListMeta."""

    name: Required[str]
    labels: dict[str, str] | None
    resourceVersion: str


class ServicePort(TypedDict, total=False):
    """core/v1 ServicePort."""

    name: str | None
    protocol: str | None
    port: int


class ServiceSpec(TypedDict, total=False):
    """core/v1 ServiceSpec."""

    type: str | None
    clusterIPs: list[str] | None
    externalName: str | None
    ipFamilies: list[str] | None
    ports: list[ServicePort] | None


class ServiceObject(TypedDict, total=False):
    """core/v1 Service."""

    metadata: Required[Metadata]
    spec: ServiceSpec | None


class Conditions(TypedDict, total=False):
    """discovery.k8s.io/v1 EndpointConditions."""

    ready: bool | None
    serving: bool | None
    terminating: bool | None


class ForZone(TypedDict):
    """discovery.k8s.io/v1 ForZone."""

    name: str


class Hints(TypedDict, total=False):
    """discovery.k8s.io/v1 EndpointHints."""

    forZones: list[ForZone] | None


class ObjectReference(TypedDict, total=False):
    """core/v1 ObjectReference."""

    kind: str | None
    name: str | None
    uid: str | None


class EndpointObject(TypedDict, total=False):
    """discovery.k8s.io/v1 Endpoint."""

    addresses: Required[list[str]]
    conditions: Conditions | None
    hostname: str | None
    targetRef: ObjectReference | None
    nodeName: str | None
    zone: str | None
    hints: Hints | None


class EndpointPort(TypedDict, total=False):
    """discovery.k8s.io/v1 EndpointPort."""

    name: str | None
    protocol: str | None
    port: int | None


class SliceObject(TypedDict, total=False):
    """discovery.k8s.io/v1 EndpointSlice."""

    metadata: Required[Metadata]
    addressType: str
    endpoints: list[EndpointObject] | None
    ports: list[EndpointPort] | None
