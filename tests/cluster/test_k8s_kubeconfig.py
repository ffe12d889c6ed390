"""What stands in kubeconfig files counts as it does for kubectl: paths, tokens that change, and a pod's own."""

from __future__ import annotations

import datetime
import shutil
from pathlib import Path

import attrs
import pytest

import urischeme
from tests.cluster import kubeconfig
from tests.cluster.asking import pods
from tests.cluster.control_plane import ADMIN_TOKEN, READER_TOKEN, ControlPlane
from tests.cluster.namespace import Namespace
from urischeme import Registry, ResolveError
from urischeme.resolvers.k8s import K8s


@pytest.fixture
def target(namespace: Namespace) -> str:
    """A Service with a pod behind it."""
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    return f"k8s:orders.{namespace.name}:http"


def works(target: str, registry: Registry | None = None) -> bool:
    return pods(urischeme.resolve(target, registry=registry)) == ["one"]


def test_paths_begin_at_the_file_in_which_they_stand(
    plane: ControlPlane, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = plane.contexts["admin"]
    files = []
    for name in ("one", "two"):
        folder = tmp_path / name
        (folder / "pki").mkdir(parents=True)
        shutil.copy(plane.authority, folder / "pki" / f"{name}.crt")
        shutil.copy(admin.user["client-certificate"], folder / "ada.crt")
        shutil.copy(admin.user["client-key"], folder / "ada.key")
        (folder / "token").write_text(ADMIN_TOKEN)
        files.append(f"{name}/kubeconfig")
        by_certificate = attrs.evolve(
            admin,
            authority=Path(f"pki/{name}.crt"),
            user={"client-certificate": "ada.crt", "client-key": "./ada.key"},
        )
        by_token = attrs.evolve(by_certificate, user={"tokenFile": "../two/token"})
        kubeconfig.write(folder / "kubeconfig", {name: by_certificate, f"{name}-token": by_token})
    # So are those of KUBECONFIG themselves, at the folder of whoever asks.
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("KUBECONFIG", ":".join(files))
    for context in ("one", "two", "one-token", "two-token"):
        assert works(target.replace("k8s:", f"k8s://{context}/"))


def test_a_token_file_goes_before_a_token_and_is_read_each_time(
    plane: ControlPlane, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "token"
    context = attrs.evolve(plane.contexts["token"], user={"token": "the-token-of-nobody", "tokenFile": str(file)})
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig.write(tmp_path / "kubeconfig", {"c": context}, current="c")))
    file.write_text(READER_TOKEN)
    with pytest.raises(ResolveError, match="permission"):
        urischeme.resolve(target)
    file.write_text(ADMIN_TOKEN)
    assert works(target)
    file.write_text("expired")
    with pytest.raises(ResolveError, match="does not take these credentials"):
        urischeme.resolve(target)


def test_a_token_of_a_pod_that_cannot_be_read_just_now_is_kept(
    plane: ControlPlane, namespace: Namespace, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where it is read, and where it is looked at whether that was long ago.
    monkeypatch.setattr("kubernetes_asyncio.config.incluster_config.TOKEN_REFRESH_PERIOD", datetime.timedelta(0))
    monkeypatch.setenv("KUBECONFIG", str(tmp_path / "none"))
    for name, value in plane.mount_service_account(tmp_path, namespace.name).items():
        monkeypatch.setenv(name, value)
    user = f"system:serviceaccount:{namespace.name}:default"
    namespace.grant(user, "", ["services"], ["get", "list", "watch"])
    namespace.grant(user, "discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"])
    namespace.service("others", ("http", 80), selector={"app": "orders"})
    namespace.wait_for("endpointslices", lambda slices: sum(len(each["endpoints"] or ()) for each in slices) == 4)
    registry = Registry()
    registry.register("k8s", K8s(service_account=str(tmp_path)), replace=True)
    with urischeme.watch(target, registry=registry) as watch:
        assert pods(next(watch)) == ["one"]
        token = (tmp_path / "token").read_text()
        # Somebody writes it anew, not in one step.
        (tmp_path / "token").write_text("")
        with urischeme.watch(target.replace("orders", "others"), registry=registry) as other:
            assert pods(next(other)) == ["one"]
        with pytest.raises(ResolveError, match="cannot be used: Token file exists but empty"):
            urischeme.resolve(target, registry=registry)
        (tmp_path / "token").write_text(token)
        assert works(target, registry)
