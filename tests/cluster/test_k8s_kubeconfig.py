"""What stands in kubeconfig files counts as it does for kubectl: paths, and tokens that change."""

from __future__ import annotations

import shutil
from pathlib import Path

import attrs
import pytest

import urischeme
from tests.cluster import kubeconfig
from tests.cluster.asking import pods
from tests.cluster.control_plane import ADMIN_TOKEN, READER_TOKEN, ControlPlane
from tests.cluster.namespace import Namespace
from urischeme import ResolveError


@pytest.fixture
def target(namespace: Namespace) -> str:
    """A Service with a pod behind it."""
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    return f"k8s:orders.{namespace.name}:http"


def works(target: str) -> bool:
    return pods(urischeme.resolve(target)) == ["one"]


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
