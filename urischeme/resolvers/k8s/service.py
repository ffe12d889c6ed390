"""A Service: where it can be reached, and which of its ports is meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import attrs

from urischeme.errors import ResolveError
from urischeme.resolvers.k8s.objects import ServiceObject, ServicePort

_TCP: Final = "TCP"
_HEADLESS: Final = "None"
_FAMILIES: Final = {"IPv4": "ipv4", "IPv6": "ipv6"}


@attrs.frozen
class Port:
    """One port of a Service.

    Attributes:
        name: what it is called in the Service and in its EndpointSlices; `""` for the only one of a Service.
        number: the Service's own; the endpoints may have others.
        is_literal: whether the Service knows nothing of it: a number for a headless Service without ports.
    """

    name: str
    number: int
    protocol: str = _TCP
    is_literal: bool = False

    def __str__(self) -> str:
        protocol = "" if self.protocol == _TCP else f"/{self.protocol}"
        return f"{self.number}{protocol}" + (f" ({self.name})" if self.name else "")


@attrs.frozen
class Service:
    """What is read of a Service.

    Attributes:
        cluster_ips: its virtual addresses; none where it is headless or an ExternalName.
        external_name: the DNS name that it stands for, or None.
        families: of its addresses, `ipv4` and `ipv6`, the one that it prefers first.
    """

    name: str
    cluster_ips: tuple[str, ...]
    external_name: str | None
    families: tuple[str, ...]
    ports: tuple[Port, ...]

    @classmethod
    def of(cls, written: ServiceObject) -> Service:
        """What the API server wrote."""
        spec = written.get("spec") or {}
        is_external = spec.get("type") == "ExternalName"
        return cls(
            written["metadata"]["name"],
            () if is_external else tuple(ip for ip in spec.get("clusterIPs") or () if ip not in {"", _HEADLESS}),
            (spec.get("externalName") or "").removesuffix(".") if is_external else None,
            tuple(_FAMILIES[family] for family in spec.get("ipFamilies") or () if family in _FAMILIES),
            tuple(map(_port, spec.get("ports") or ())),
        )

    def port(self, wanted: int | str | None) -> Port:
        """The port that a target names, or the only one where it names none.

        Raises ResolveError, not retryable, listing the ports that there are.
        """
        if isinstance(wanted, int) and not self.ports and not self.cluster_ips:
            return Port("", wanted, is_literal=True)
        found = self._matching(wanted)
        if len(found) == 1:
            return found[0]
        raise ResolveError(f"{self._refusal(wanted)}; write {self._advice()}", retryable=False)

    def _matching(self, wanted: int | str | None) -> Sequence[Port]:
        if isinstance(wanted, str):
            return [port for port in self.ports if port.name == wanted]
        found = [port for port in self.ports if wanted in {None, port.number}]
        # The same number may be there for UDP too, as with DNS.
        return [port for port in found if port.protocol == _TCP] or found

    def _refusal(self, wanted: int | str | None) -> str:
        if wanted is None:
            return f"no port is named, and the Service {self.name} has {'several' if self.ports else 'none'}"
        return f"the Service {self.name} has no port {wanted}" + ("" if self.ports else ", nor any other")

    def _advice(self) -> str:
        if self.ports:
            return f"one of {', '.join(map(str, self.ports))}"
        if self.external_name is not None:
            return f"the number of a port of {self.external_name}"
        return "the number on which its pods listen"


def _port(written: ServicePort) -> Port:
    return Port(written.get("name") or "", written.get("port", 0), written.get("protocol") or _TCP)
