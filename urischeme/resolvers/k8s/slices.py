"""EndpointSlices (discovery.k8s.io/v1): the backends of a Service, joined over all of its slices."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

import attrs

from urischeme.resolvers.dns.host_name import family_of
from urischeme.resolvers.k8s.objects import EndpointObject, EndpointPort, SliceObject
from urischeme.resolvers.k8s.question import Question
from urischeme.resolvers.k8s.service import Port, Service
from urischeme.routing.endpoint import Endpoint, TCPAddress
from urischeme.routing.frozen import FrozenMapping

_MANAGED_BY: Final = "endpointslice.kubernetes.io/managed-by"
_CONTROLLER: Final = "endpointslice-controller.k8s.io"

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
        is_managed: whether Kubernetes' own controller keeps it as the Service says, and not somebody else.
    """

    backends: tuple[Backend, ...]
    ports: Mapping[tuple[str, str], int | None]
    is_managed: bool = False

    @classmethod
    def of(cls, written: SliceObject) -> Slice:
        """What the API server wrote."""
        if written.get("addressType") not in _IP_TYPES:
            return cls((), {})
        return cls(
            tuple(map(_backend, written.get("endpoints") or ())),
            dict(map(_named_port, written.get("ports") or ())),
            (written["metadata"].get("labels") or {}).get(_MANAGED_BY) == _CONTROLLER,
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
        is_wanted: whether it answers the question.
        is_fallback: whether it does where no other is left.
    """

    backend: Backend
    port: int
    address: tuple[str, int]
    pod: tuple[str, int]
    is_wanted: bool
    is_fallback: bool

    @classmethod
    def of(cls, backend: Backend, port: int, question: Question) -> _Place:
        """What a backend is to a question."""
        is_asked = question.hostname in {None, backend.hostname} and family_of(backend.address) in question.families
        return cls(
            backend,
            port,
            (backend.address, port),
            (backend.uid or backend.address, port),
            is_asked and (question.any_ready or backend.ready),
            is_asked and question.terminating and backend.serving and backend.terminating,
        )

    @property
    def is_ipv6(self) -> bool:
        return family_of(self.backend.address) == "ipv6"

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Which of two that are at one address is believed: the one that is ready, as kube-proxy has it."""
        return self.backend.ready, self.backend.serving, self.backend.uid is not None


@attrs.frozen(eq=False)
class _Part:
    """The places of one slice.

    Attributes:
        names: their addresses and pods, by which it may have to do with other slices.
    """

    places: tuple[_Place, ...]
    names: frozenset[tuple[str, int]]

    @classmethod
    def of(cls, whole: Slice, port: int, question: Question) -> _Part:
        """What a slice is to a question."""
        places = tuple(_Place.of(backend, port, question) for backend in whole.backends)
        return cls(places, frozenset(chain.from_iterable((place.address, place.pod) for place in places)))


class Endpoints:
    """Makes endpoints of slices for one question, again and again: those of unchanged slices are made once."""

    def __init__(self, question: Question) -> None:
        self._question = question
        # What the last answer was made of, and no more.
        self._numbers: dict[Slice, int] = {}
        self._parts: dict[tuple[Slice, int], _Part] = {}
        self._of_part: dict[_Part, tuple[Endpoint, ...]] = {}
        self._of_pod: dict[tuple[_Place, ...], Endpoint] = {}

    def of(self, service: Service, slices: Iterable[Slice]) -> tuple[Endpoint, ...]:
        """The endpoints that the question asks for.

        Raises ResolveError where the Service has no such port.
        """
        port = service.port(self._question.port)
        self._numbers = {each: number for each in slices if (number := self._number(each, port)) is not None}
        numbers = self._numbers.items()
        self._parts = {each: self._parts.get(each) or _Part.of(*each, self._question) for each in numbers}
        return self._apart() or self._together(ipv6_first=service.families[:1] == ("ipv6",))

    def _number(self, each: Slice, port: Port) -> int | None:
        number = each.number(port)
        if number is None and each.is_managed:
            # The Service's port has another name, of which the controller has not told this slice yet.
            return self._numbers.get(each)
        return number

    def _apart(self) -> tuple[Endpoint, ...]:
        """Those of each slice, which are the same until it changes; none where slices have to do with each other."""
        names = [part.names for part in self._parts.values()]
        are_apart = len(frozenset[object]().union(*names)) == sum(map(len, names))
        parts = self._parts.values() if are_apart else ()
        self._of_part = {part: self._of_part.get(part) or _wanted(part) for part in parts}
        return tuple(chain.from_iterable(self._of_part.values()))

    def _together(self, *, ipv6_first: bool) -> tuple[Endpoint, ...]:
        """Those of all slices: two may have one address, or the two of a pod; and a fallback is for all or none."""
        places = _distinct(chain.from_iterable(part.places for part in self._parts.values()))
        wanted = [place for place in places if place.is_wanted] or [place for place in places if place.is_fallback]
        pods = _joined(wanted, ipv6_first=ipv6_first)
        self._of_pod = {pod: self._of_pod.get(pod) or _endpoint(pod) for pod in pods}
        return tuple(self._of_pod.values())


def _wanted(part: _Part) -> tuple[Endpoint, ...]:
    places = [place for place in _distinct(part.places) if place.is_wanted]
    return tuple(map(_endpoint, _joined(places, ipv6_first=False)))


def _distinct(places: Iterable[_Place]) -> Collection[_Place]:
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
