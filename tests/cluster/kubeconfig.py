"""kubeconfig files: how clients are told of a cluster and of who they are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs


@attrs.frozen
class Context:
    """A server, the authority that signed its certificate, and a user, as a kubeconfig's `users` has them.

    Without an authority that of the system counts; `cluster` is for more of a kubeconfig's fields for the server.
    """

    server: str
    authority: Path | None
    user: Mapping[str, Any]
    namespace: str | None = None
    cluster: Mapping[str, Any] = {}


def write(path: Path, contexts: Mapping[str, Context], *, current: str | None = None) -> Path:
    """A kubeconfig with these contexts, by name; `current` is the one used where none is named."""
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [
            {
                "name": f"{name}-cluster",
                "cluster": {"server": context.server, **context.cluster}
                | ({"certificate-authority": str(context.authority)} if context.authority else {}),
            }
            for name, context in contexts.items()
        ],
        "users": [{"name": f"{name}-user", "user": context.user} for name, context in contexts.items()],
        "contexts": [
            {
                "name": name,
                "context": {"cluster": f"{name}-cluster", "user": f"{name}-user"}
                | ({"namespace": context.namespace} if context.namespace else {}),
            }
            for name, context in contexts.items()
        ],
    } | ({"current-context": current} if current else {})
    # JSON is YAML, too.
    path.write_text(json.dumps(config, indent=2))
    return path


def certificate(certificate: Path, key: Path) -> dict[str, Any]:
    return {"client-certificate": str(certificate), "client-key": str(key)}


def token(token: str) -> dict[str, Any]:
    return {"token": token}


def token_file(path: Path) -> dict[str, Any]:
    """The file's content is the token, and may change."""
    return {"tokenFile": str(path)}


def exec_plugin(folder: Path, token: str) -> dict[str, Any]:
    """A program that prints the credential: the content of `credential.json` beside it, which may change."""
    folder.mkdir(parents=True, exist_ok=True)
    credential = {
        "apiVersion": "client.authentication.k8s.io/v1",
        "kind": "ExecCredential",
        "status": {"token": token},
    }
    (folder / "credential.json").write_text(json.dumps(credential))
    program = folder / "login"
    program.write_text('#!/bin/sh\nexec cat "$(dirname "$0")/credential.json"\n')
    program.chmod(0o755)
    return {
        "exec": {
            "apiVersion": "client.authentication.k8s.io/v1",
            "command": str(program),
            "interactiveMode": "Never",
        }
    }
