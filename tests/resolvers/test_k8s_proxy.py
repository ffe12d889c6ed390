"""NO_PROXY, by the patterns that people write: as Go reads them."""

from __future__ import annotations

import pytest

from urischeme.resolvers.k8s.proxy import environment_proxy

PROXY = "http://proxy:3128"


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "http_proxy", "HTTP_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HTTPS_PROXY", PROXY)


@pytest.mark.parametrize(
    ("server", "excepted"),
    [
        ("https://api.example.org", "*"),
        ("https://api.example.org", "api.example.org"),
        ("https://api.example.org", "other.example,example.org"),
        ("https://api.example.org", " .example.org "),
        ("https://api.example.org", "*.example.org"),
        ("https://API.example.org:6443", "Api.Example.Org:6443"),
        ("https://api.example.org", "example.org:443"),
        ("https://10.96.0.1:6443", "10.96.0.1"),
        ("https://10.96.0.1:6443", "10.96.0.1:6443"),
        ("https://10.96.0.1", "10.0.0.0/8"),
        ("https://10.96.0.1", "10.96.0.7/12"),
        ("https://[fd00::1]:6443", "fd00::/8"),
        ("https://[fd00::1]:6443", "fd00:0::1"),
        ("https://[fd00::1]:6443", "[fd00::1]:6443"),
        ("https://localhost:6443", ""),
        ("https://127.0.0.7:6443", ""),
        ("https://[::1]:6443", ""),
    ],
)
def test_past_the_proxy(monkeypatch: pytest.MonkeyPatch, server: str, excepted: str) -> None:
    monkeypatch.setenv("NO_PROXY", excepted)
    assert environment_proxy(server) is None


@pytest.mark.parametrize(
    ("server", "excepted"),
    [
        ("https://api.example.org", ""),
        ("https://api.example.org", ","),
        ("https://api.example.org", "pi.example.org"),
        ("https://api.example.org", ".api.example.org"),
        ("https://api.example.org", "api.example.org:80"),
        ("https://api.example.org", "10.0.0.0/8"),
        ("https://10.96.0.1", "10.97.0.0/16"),
        ("https://10.96.0.1", "0.1"),
        ("https://10.96.0.1", ".0.1"),
        ("https://10.96.0.1", "fd00::/8"),
        ("https://10.96.0.1", "10.96.0.1/99,[,]"),
        ("https://[fd00::1]:6443", "[fd00::1]:80"),
    ],
)
def test_through_the_proxy(monkeypatch: pytest.MonkeyPatch, server: str, excepted: str) -> None:
    monkeypatch.setenv("NO_PROXY", excepted)
    assert environment_proxy(server) == PROXY


def test_each_scheme_has_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    assert environment_proxy("http://api.example.org") is None
    monkeypatch.setenv("HTTP_PROXY", "http://other:3128")
    assert environment_proxy("http://api.example.org") == "http://other:3128"
    monkeypatch.delenv("HTTPS_PROXY")
    assert environment_proxy("https://api.example.org") is None
