"""Our own schemes keep to the contract that they are there to show; `k8s` in tests/cluster."""

from __future__ import annotations

import itertools
import secrets
from urllib.parse import quote

import pytest
from hypothesis import strategies as st

from tests.resolvers.knot import Zone, free_port
from urischeme.resolvers.dns import Dns
from urischeme.resolvers.ip import ipv4, ipv6
from urischeme.resolvers.unix import unix, unix_abstract
from urischeme.resolvers.vsock import vsock
from urischeme.routing.resolver import ResolverFunction
from urischeme.testing import ResolverContract, strategies


class _Computed(ResolverContract):
    """All that is asked is in the target."""

    ordered = True

    def targets(self) -> st.SearchStrategy[str]:
        return strategies.targets(self.scheme)


class TestIpv4(_Computed):
    scheme = "ipv4"

    def resolver(self) -> ResolverFunction:
        return ipv4

    def target(self) -> str:
        return "ipv4:10.0.0.1:80,10.0.0.2:81"

    def bad_targets(self) -> list[str]:
        return ["ipv4:", "ipv4:host:80", "ipv4:[::1]:80", "ipv4:10.0.0.1:65536", "ipv4://10.0.0.1/"]


class TestIpv6(_Computed):
    scheme = "ipv6"

    def resolver(self) -> ResolverFunction:
        return ipv6

    def target(self) -> str:
        return "ipv6:[2001:db8::1]:80,[fe80::1%25eth0]:81"

    def bad_targets(self) -> list[str]:
        return ["ipv6:", "ipv6:host:80", "ipv6:10.0.0.1:80", "ipv6:[::1]:65536"]


class TestUnix(_Computed):
    scheme = "unix"

    def resolver(self) -> ResolverFunction:
        return unix

    def target(self) -> str:
        return "unix:/run/orders.sock"

    def bad_targets(self) -> list[str]:
        return ["unix:", "unix:a%00b", "unix://run/orders.sock", f"unix:/{'x' * 200}"]

    def named(self, name: str) -> str | None:
        return None if "\0" in name else f"unix:{quote(name, safe='')}"


class TestUnixAbstract(_Computed):
    scheme = "unix-abstract"

    def resolver(self) -> ResolverFunction:
        return unix_abstract

    def target(self) -> str:
        return "unix-abstract:orders%00one"

    def bad_targets(self) -> list[str]:
        return ["unix-abstract:", f"unix-abstract:{'x' * 200}"]

    def named(self, name: str) -> str:
        return f"unix-abstract:{quote(name, safe='')}"


class TestVsock(_Computed):
    scheme = "vsock"

    def resolver(self) -> ResolverFunction:
        return vsock

    def target(self) -> str:
        return "vsock:2:1234"

    def bad_targets(self) -> list[str]:
        return ["vsock:", "vsock:2", "vsock:2:4294967296", "vsock:-2:1"]


class TestDns(ResolverContract):
    """Against a real Knot, whose zone is changed by dynamic update."""

    scheme = "dns"
    has_ttl = True
    pushes = False

    @pytest.fixture(autouse=True)
    def _at_the_server(self, server: str, zone: Zone) -> None:
        self._server = server
        self._zone = zone
        self._name = f"contract-{secrets.token_hex(4)}"
        self._hosts = (f"10.{high}.0.{low}" for high in range(256) for low in range(1, 255))
        self.change()

    def change(self) -> None:
        self._zone.update(*(f"{self._name} 1 A {host}" for host in itertools.islice(self._hosts, 2)))

    def resolver(self) -> Dns:
        return Dns()

    def target(self) -> str:
        return f"dns://{self._server}/{self._name}.example.test:80?family=ipv4"

    def targets(self) -> st.SearchStrategy[str]:
        asked = ("v4", "alias", "b%C3%BCcher", "under_score", "many", "text", "dangling", "nobody")
        names = st.sampled_from(asked).map("{}.example.test".format)
        ports = st.sampled_from(("", ":80", ":https"))
        return st.builds(lambda name, port: f"dns://{self._server}/{name}{port}", names, ports)

    def missing_target(self) -> str:
        return f"dns://{self._server}/no-such-name.example.test"

    def unreachable_target(self) -> str:
        return f"dns://127.0.0.1:{free_port()}/v4.example.test"

    def bad_targets(self) -> list[str]:
        return ["dns:", "dns:///a..b", "dns:///a:65536", "dns:///v4?family=v4", "dns:///v4?srv=x", "dns://a b/v4"]
