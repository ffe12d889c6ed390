"""Programs that give credentials, as the API server takes them: exec plugins of a kubeconfig."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

import urischeme
from tests.cli.process import environment
from tests.cluster import kubeconfig
from tests.cluster.asking import pods
from tests.cluster.certificates import Authority
from tests.cluster.control_plane import ADMIN_TOKEN, ControlPlane
from tests.cluster.namespace import Namespace

V1 = "client.authentication.k8s.io/v1"
TOKEN = {"token": ADMIN_TOKEN}


class Plugin:
    """A program in a folder, and a kubeconfig there that names it."""

    def __init__(self, plane: ControlPlane, folder: Path) -> None:
        self.kubeconfig = folder / "kubeconfig"
        self._context = plane.contexts["token"]
        self._folder = folder

    def write(
        self, script: str, *given: Mapping[str, str], cluster: Mapping[str, Any] | None = None, **fields: Any
    ) -> None:
        """It runs the script, then gives one thing after the other, each time that it is run."""
        for number, status in enumerate(given):
            credential = {"apiVersion": V1, "kind": "ExecCredential", "status": status}
            (self._folder / f"credential-{number}").write_text(json.dumps(credential))
        # Each run leaves a line, and counts them.
        latest = f'$(($(wc -l <"{self._folder}/runs") - 1))'
        give = f'echo run >>"{self._folder}/runs"; cat "{self._folder}/credential-{latest}"'
        program = self._folder / "login"
        program.write_text(f"#!/bin/sh\n{script}\n{give}\n")
        program.chmod(0o755)
        plugin = {"apiVersion": V1, "command": str(program), "interactiveMode": "Never", **fields}
        context = attrs.evolve(self._context, user={"exec": plugin}, cluster=cluster or {})
        kubeconfig.write(self.kubeconfig, {"staging": context}, current="staging")

    @property
    def runs(self) -> int:
        return len((self._folder / "runs").read_text().splitlines())


@pytest.fixture
def plugin(plane: ControlPlane, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Plugin:
    made = Plugin(plane, tmp_path)
    monkeypatch.setenv("KUBECONFIG", str(made.kubeconfig))
    return made


@pytest.fixture
def target(namespace: Namespace) -> str:
    """A Service with a pod behind it."""
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    return f"k8s:orders.{namespace.name}:http"


def works(target: str) -> bool:
    return pods(urischeme.resolve(target)) == ["one"]


def certificate(files: Mapping[str, str]) -> dict[str, str]:
    return {
        "clientCertificateData": Path(files["client-certificate"]).read_text(),
        "clientKeyData": Path(files["client-key"]).read_text(),
    }


def test_a_plugin_is_told_what_for(plugin: Plugin, target: str, tmp_path: Path) -> None:
    plugin.write(f'echo "$KUBERNETES_EXEC_INFO" >{tmp_path}/told', TOKEN)
    assert works(target)
    told = json.loads((tmp_path / "told").read_text())
    assert told == {"apiVersion": V1, "kind": "ExecCredential", "spec": {"interactive": False}}


@pytest.mark.parametrize("is_data", [False, True])
def test_a_plugin_is_told_of_the_cluster_where_it_asks_to(
    plane: ControlPlane, plugin: Plugin, target: str, tmp_path: Path, is_data: bool
) -> None:
    data = base64.b64encode(plane.authority.read_bytes()).decode()
    cluster = {
        "tls-server-name": "kubernetes.default.svc",
        "extensions": [
            {"name": "other"},
            {"name": "client.authentication.k8s.io/exec", "extension": {"audience": "a"}},
        ],
        **({"certificate-authority-data": data} if is_data else {}),
    }
    script = f'echo "$KUBERNETES_EXEC_INFO" >{tmp_path}/told'
    plugin.write(script, TOKEN, cluster=cluster, provideClusterInfo=True)
    assert works(target)
    assert json.loads((tmp_path / "told").read_text())["spec"]["cluster"] == {
        "server": plane.api_server.url,
        "tls-server-name": "kubernetes.default.svc",
        "certificate-authority-data": data,
        "config": {"audience": "a"},
    }


def test_a_plugin_has_arguments_and_an_environment_of_its_own(
    plugin: Plugin, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.setenv("CHANGED", "before")
    script = f'echo "$KEPT $CHANGED $*" >{tmp_path}/had'
    plugin.write(script, TOKEN, args=["get", "a token"], env=[{"name": "CHANGED", "value": "after"}])
    assert works(target)
    assert (tmp_path / "had").read_text() == "kept after get a token\n"


def test_a_path_to_a_plugin_begins_at_the_kubeconfig(plugin: Plugin, target: str) -> None:
    plugin.write("", TOKEN, command="./login")
    assert works(target)


def test_a_plugin_may_say_much_beside(plugin: Plugin, target: str, capfd: pytest.CaptureFixture[str]) -> None:
    plugin.write("head -c 300000 /dev/zero | tr '\\0' x >&2", TOKEN)
    assert works(target)
    assert capfd.readouterr() == ("", "")


def test_a_plugin_may_give_a_token_and_a_certificate(plane: ControlPlane, plugin: Plugin, target: str) -> None:
    plugin.write("", TOKEN | certificate(plane.contexts["admin"].user))
    assert works(target)


@pytest.mark.parametrize("kind", ["token", "certificate"])
def test_a_plugin_is_run_again_when_what_it_gave_is_refused(
    plane: ControlPlane, plugin: Plugin, target: str, tmp_path: Path, kind: str
) -> None:
    stranger = Authority(tmp_path / "stranger").user("admin", ["system:masters"])
    first, second = {
        "token": ({"token": "the-token-of-nobody"}, TOKEN),
        "certificate": (
            certificate(kubeconfig.certificate(*stranger)),
            certificate(plane.contexts["admin"].user),
        ),
    }[kind]
    plugin.write("", first, second)
    assert works(target)
    assert plugin.runs == 2


@pytest.mark.parametrize("mode", ["IfAvailable", "Always"])
def test_a_plugin_may_ask_whoever_sits_at_the_terminal(plugin: Plugin, target: str, tmp_path: Path, mode: str) -> None:
    script = f'printf "the word: " >&2; read -r word; echo "$word" >{tmp_path}/said'
    plugin.write(script, TOKEN, interactiveMode=mode)
    ours, theirs = os.openpty()
    with os.fdopen(ours, "r+b", buffering=0) as terminal:
        command = [sys.executable, "-m", "urischeme", "resolve", "--json", target]
        program = subprocess.Popen(command, stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment())
        os.close(theirs)
        shown = b""
        while not shown.endswith(b"the word: "):
            shown += terminal.read(1)
        terminal.write(b"swordfish\n")
        out, _ = program.communicate(timeout=60)
    assert program.returncode == 0
    assert b'"pod": "one"' in out
    assert (tmp_path / "said").read_text() == "swordfish\n"
