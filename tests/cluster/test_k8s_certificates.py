"""Client certificates in files, which are replaced as they run out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import urischeme
from tests.cluster import kubeconfig
from tests.cluster.certificates import Authority
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace

CREDENTIAL = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": "none"}}


def test_a_client_certificate_that_was_replaced_is_read_anew(
    plane: ControlPlane, namespace: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    namespace.service("orders", ("http", 80, "http"))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 8080), app="orders"))
    admin = plane.contexts["admin"].user
    certificate, key = Authority(tmp_path / "stranger").user("admin", ["system:masters"])
    # A login that puts new files in the place of old ones when it is run a second time: after a 401.
    login = tmp_path / "login"
    login.write_text(
        "#!/bin/sh\n"
        f"if [ -e {tmp_path}/again ]; then\n"
        f"cp {admin['client-certificate']} {certificate}; cp {admin['client-key']} {key}\n"
        f"fi; touch {tmp_path}/again; echo '{json.dumps(CREDENTIAL)}'\n"
    )
    login.chmod(0o755)
    plugin = {"apiVersion": CREDENTIAL["apiVersion"], "command": str(login), "interactiveMode": "Never"}
    user = {**kubeconfig.certificate(certificate, key), "exec": plugin}
    context = kubeconfig.Context(plane.api_server.url, plane.authority, user)
    file = kubeconfig.write(tmp_path / "kubeconfig", {"renewed": context}, current="renewed")
    monkeypatch.setenv("KUBECONFIG", str(file))
    assert len(urischeme.resolve(f"k8s:///orders.{namespace.name}:http").endpoints) == 1
