"""EndpointSlices (discovery.k8s.io/v1): the backends of a Service, joined over all of its slices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import attrs

from urischeme.resolvers.k8s.objects import EndpointObject, EndpointPort, SliceObject
from urischeme.resolvers.k8s.question import Question
from urischeme.resolvers.k8s.service import Port, Service
from urischeme.routing.endpoint import Endpoint, TCPAddress
from urischeme.routing.frozen import FrozenMapping

_IP_TYPES: Final = frozenset({"IPv4", "IPv6"})
"""The types of addresses that are any. The third, FQDN, is deprecated: no controller ever wrote it."""


# All by identity: an unchanged slice keeps its backends, and what was made of them is found again by them.
@attrs.frozen(eq=False)
class Backend:
    """One endpoint of one slice: one address, of a pod mostly.

    Attributes:
        uid: of the pod or whatever else is behind it, by which its addresses in other slices are known; or None.
    """

    uid: str | None
    address: str
    hostname: str | None
    ready: bool
    serving: bool
    terminating: bool
    attributes: FrozenMapping[object]


@attrs.frozen(eq=False)
class Slice:
    """What is read of an EndpointSlice.

    Attributes:
        ports: the number for each name and protocol; None where the slice leaves it to the Service.
    """

    backends: tuple[Backend, ...]
    ports: Mapping[tuple[str, str], int | None]

    @classmethod
    def of(cls, written: SliceObject) -> Slice:
        """What the API server wrote."""
        if written.get("addressType") not in _IP_TYPES:
            return cls((), {})
        return cls(
            tuple(map(_backend, written.get("endpoints") or ())),
            dict(map(_named_port, written.get("ports") or ())),
        )

    def number(self, port: Port) -> int | None:
        """On which port of theirs its backends are meant by a Service's port; None where they have no such port."""
        if port.is_literal:
            return port.number
        key = port.name, port.protocol
        return (self.ports[key] or port.number) if key in self.ports else None


def _backend(written: EndpointObject) -> Backend:
    conditions = written.get("conditions") or {}
    reference = written.get("targetRef") or {}
    # A condition that nobody set: ready is to be read as true, serving as ready is, terminating as false.
    ready = conditions.get("ready") is not False
    serving = conditions.get("serving")
    serving = ready if serving is None else serving
    terminating = bool(conditions.get("terminating"))
    hints = (written.get("hints") or {}).get("forZones") or ()
    known = {
        "pod": reference.get("name") if reference.get("kind") == "Pod" else None,
        "node": written.get("nodeName"),
        "zone": written.get("zone"),
        "zone_hints": tuple(hint["name"] for hint in hints) or None,
        "hostname": written.get("hostname"),
        "ready": ready,
        "serving": serving,
        "terminating": terminating,
    }
    return Backend(
        reference.get("uid"),
        # The API: consumers may use the first alone; the others are of no meaning.
        written["addresses"][0],
        written.get("hostname"),
        ready,
        serving,
        terminating,
        # As endpoints have them, so that theirs are the very same.
        FrozenMapping({name: value for name, value in known.items() if value is not None}),
    )


def _named_port(written: EndpointPort) -> tuple[tuple[str, str], int | None]:
    return (written.get("name") or "", written.get("protocol") or "TCP"), written.get("port")


@attrs.frozen(eq=False)
class _Place:
    """A backend, and the port of it that is meant.

    Attributes:
        address: by which it is told from others.
        pod: what it has in common with the other addresses of its pod.
        is_asked: whether the question is for such, be they ready or not.
    """

    backend: Backend
    port: int
    address: tuple[str, int]
    pod: tuple[str, int]
    is_asked: bool

    @property
    def is_ipv6(self) -> bool:
        return ":" in self.backend.address

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Which of two that are at one address is believed: the one that is ready, as kube-proxy has it."""
        return self.backend.ready, self.backend.serving, self.backend.uid is not None


class Endpoints:
    """Makes endpoints of slices for one question, again and again: those of unchanged slices are made once."""

    def __init__(self, question: Question) -> None:
        self._question = question
        self._places: dict[tuple[Slice, int], list[_Place]] = {}
        self._made: dict[tuple[_Place, ...], Endpoint] = {}

    def of(self, service: Service, slices: Iterable[Slice]) -> tuple[Endpoint, ...]:
        """The endpoints that the question asks for.

        Raises ResolveError where the Service has no such port.
        """
        port = service.port(self._question.port)
        numbers = [(each, number) for each in slices if (number := each.number(port)) is not None]
        self._places = {each: self._places.get(each) or self._places_of(*each) for each in numbers}
        places = self._wanted(_distinct(chain.from_iterable(self._places.values())))
        pods = _joined(places, ipv6_first=service.families[:1] == ("ipv6",))
        self._made = {pod: self._made.get(pod) or _endpoint(pod) for pod in pods}
        return tuple(self._made.values())

    def _places_of(self, each: Slice, number: int) -> list[_Place]:
        question = self._question
        return [
            _Place(
                backend,
                number,
                (backend.address, number),
                (backend.uid or backend.address, number),
                question.hostname in {None, backend.hostname}
                and ("ipv6" if ":" in backend.address else "ipv4") in question.families,
            )
            for backend in each.backends
        ]

    def _wanted(self, places: Iterable[_Place]) -> Sequence[_Place]:
        question = self._question
        asked = [place for place in places if place.is_asked]
        wanted = asked if question.any_ready else [place for place in asked if place.backend.ready]
        if not wanted and question.terminating:
            return [place for place in asked if place.backend.serving and place.backend.terminating]
        return wanted


def _distinct(places: Iterable[_Place]) -> Iterable[_Place]:
    """Each address once: slices of several controllers overlap, and a pod may be in two while it moves."""
    found: dict[tuple[str, int], _Place] = {}
    for place in places:
        other = found.setdefault(place.address, place)
        if other is not place and place.rank > other.rank:
            found[place.address] = place
    return found.values()


def _joined(places: Sequence[_Place], *, ipv6_first: bool) -> Iterable[tuple[_Place, ...]]:
    """The addresses of each pod together, those of the Service's first family first."""
    pods: dict[tuple[str, int], list[_Place]] = {}
    for place in places:
        pods.setdefault(place.pod, []).append(place)
    for pod in pods.values():
        if len(pod) > 1:
            pod.sort(key=lambda place: place.is_ipv6, reverse=ipv6_first)
    return map(tuple, pods.values())


def _endpoint(pod: tuple[_Place, ...]) -> Endpoint:
    return Endpoint((TCPAddress(place.backend.address, place.port) for place in pod), pod[0].backend.attributes)
