"""By which way `k8s` gets at an API server: through a proxy, past it, and not by what is meant for others."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

import urischeme
from tests.cluster import connect_proxy, kubeconfig
from tests.cluster.asking import pods
from tests.cluster.connect_proxy import ConnectProxy
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from urischeme import ResolveError

API_SERVER = "10.96.0.1:443"


@pytest.fixture(autouse=True)
def _without(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "NO_PROXY", "no_proxy", "NETRC"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def proxy(plane: ControlPlane) -> Iterator[ConnectProxy]:
    with connect_proxy.running(plane.network.new_pod_addresses()[0]) as proxy:
        yield proxy


@pytest.fixture
def target(plane: ControlPlane, namespace: Namespace, monkeypatch: pytest.MonkeyPatch) -> str:
    """A Service with a pod behind it."""
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    return f"k8s:orders.{namespace.name}:http"


def works(target: str) -> bool:
    return pods(urischeme.resolve(target)) == ["one"]


def test_the_proxy_of_the_environment(proxy: ConnectProxy, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
    assert works(target)
    assert set(proxy.asked) == {(API_SERVER, None)}
    with urischeme.watch(target) as watch:
        proxy.asked.clear()
        assert pods(next(watch)) == ["one"]
        assert set(proxy.asked) == {(API_SERVER, None)}


def test_the_proxy_of_the_kubeconfig(
    plane: ControlPlane, proxy: ConnectProxy, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = attrs.evolve(plane.contexts["admin"], cluster={"proxy-url": f"http://{proxy.host}"})
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig.write(tmp_path / "kubeconfig", {"c": context}, current="c")))
    # It goes before that of the environment, and past nothing.
    monkeypatch.setenv("HTTPS_PROXY", "http://10.244.0.0:1")
    monkeypatch.setenv("NO_PROXY", "*")
    assert works(target)
    assert set(proxy.asked) == {(API_SERVER, None)}


@pytest.mark.parametrize("past", ["*", "10.96.0.1", "other.example, 10.96.0.1:443", "10.96.0.0/12,fd00::/8"])
def test_past_the_proxy(proxy: ConnectProxy, target: str, monkeypatch: pytest.MonkeyPatch, past: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy.host}")
    monkeypatch.setenv("NO_PROXY", past)
    assert works(target)
    assert proxy.asked == []


@pytest.mark.parametrize("past", ["10.97.0.0/16", "10.96.0.2", "example.com", "10.96.0.1:80", "0.1"])
def test_not_past_the_proxy(proxy: ConnectProxy, target: str, monkeypatch: pytest.MonkeyPatch, past: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy.host)
    monkeypatch.setenv("NO_PROXY", past)
    assert works(target)
    assert proxy.asked


def test_a_proxy_that_wants_a_password(proxy: ConnectProxy, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:swordfish@{proxy.host}")
    assert works(target)
    assert set(proxy.asked) == {(API_SERVER, f"Basic {base64.b64encode(b'ada:swordfish').decode()}")}
    proxy.is_closed = True
    with pytest.raises(ResolveError, match="407") as refused:
        urischeme.resolve(target)
    assert "swordfish" not in str(refused.value)


def test_a_proxy_that_is_not_there(plane: ControlPlane, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = f"{plane.network.new_pod_addresses()[0]}:3128"
    monkeypatch.setenv("HTTPS_PROXY", f"http://ada:swordfish@{nobody}")
    with pytest.raises(ResolveError) as refused:
        urischeme.resolve(target)
    assert refused.value.retryable
    assert f"{nobody}: Connection refused" in str(refused.value)
    assert "swordfish" not in str(refused.value)


@pytest.mark.parametrize("proxy", ["socks5://10.244.0.0:1080", "http://10.244.0.0:port", "http://"])
def test_a_proxy_of_a_kind_that_is_of_no_use(target: str, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    with pytest.raises(ResolveError, match="the proxy") as refused:
        urischeme.resolve(target)
    assert not refused.value.retryable


@pytest.mark.parametrize("context", ["admin", "token"])
def test_the_passwords_of_netrc_are_for_others(
    target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, context: str
) -> None:
    (tmp_path / "netrc").write_text("default login ada password swordfish\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    assert works(target.replace("k8s:", f"k8s://{context}/"))
