"""Credential plugins (`exec` of a kubeconfig): programs that print an ExecCredential of client.authentication.k8s.io.

They are run here: kubernetes_asyncio leaves one that nobody waits for any more to itself, tells it nothing of the
cluster, and takes one that gives nothing for one that gave credentials.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import signal
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, Final, cast

from urischeme.display import shorten
from urischeme.resolvers.k8s.kubeconfig import Fields, Unusable

_TOLD: Final = ("server", "tls-server-name", "insecure-skip-tls-verify", "proxy-url")
_SETTINGS: Final = "client.authentication.k8s.io/exec"
"""The name of a cluster's extension that is for its plugins."""


async def credentials(plugin: Fields, cluster: Fields) -> dict[str, str]:
    """What a plugin gives, written as for a user of a kubeconfig.

    It has ended when this is over. Where this is cancelled it is killed, and what it started with it.

    Args:
        plugin: the fields of a user's `exec`.
        cluster: those of the cluster that it is for.

    Raises Unusable where it gave nothing by which anybody can be asked.
    """
    try:
        command = [str(plugin["command"]), *map(str, plugin.get("args") or ())]
        version = str(plugin["apiVersion"])
        added = {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
    except (AttributeError, LookupError, TypeError) as error:
        raise Unusable("exec names no plugin: that has an apiVersion and a command") from error
    name, mode = shorten(command[0]), plugin.get("interactiveMode")
    is_interactive = mode != "Never" and sys.stdin is not None and sys.stdin.isatty()
    if mode == "Always" and not is_interactive:
        raise Unusable(f"the plugin {name} asks for a terminal, and there is none")
    spec = {"interactive": is_interactive, **({"cluster": _told(cluster)} if plugin.get("provideClusterInfo") else {})}
    asked = {"apiVersion": version, "kind": "ExecCredential", "spec": spec}
    environment = {**os.environ, **added, "KUBERNETES_EXEC_INFO": json.dumps(asked)}
    try:
        printed = await _printed(command, environment, is_interactive=is_interactive)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        hint = plugin.get("installHint")
        raise Unusable(
            f"the plugin {name} cannot be run: {reason}" + (f"; {one_line(str(hint))}" if hint else "")
        ) from error
    return _user(printed, version)


def _told(cluster: Fields) -> dict[str, object]:
    """What a plugin is told of the cluster, where it asks to be (ExecCredential's `spec.cluster`)."""
    told = {field: cluster[field] for field in _TOLD if field in cluster}
    authority: object = cluster.get("certificate-authority-data")
    if authority is None and "certificate-authority" in cluster:
        authority = _base64(Path(cluster["certificate-authority"]).read_bytes())
    if authority is not None:
        told["certificate-authority-data"] = authority
    for each in cluster.get("extensions") or ():
        if each["name"] == _SETTINGS:
            told["config"] = each["extension"]
    return told


async def _printed(command: list[str], environment: Mapping[str, str], *, is_interactive: bool) -> bytes:
    # Files, not pipes: those stay open for as long as whoever the program has started, which may be an agent.
    with TemporaryFile() as output, TemporaryFile() as complaints:
        process = await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            stdin=None if is_interactive else DEVNULL,
            stdout=output,
            # Whoever sits at the terminal has to see what they are asked.
            stderr=None if is_interactive else complaints,
            # A terminal listens to one group alone, that of whoever asks here.
            process_group=None if is_interactive else 0,
        )
        try:
            status = await process.wait()
        finally:
            if process.returncode is None:
                await _end(process, is_group=not is_interactive)
        output.seek(0)
        complaints.seek(0)
        if status:
            said = one_line(complaints.read().decode("utf-8", "replace"))
            raise Unusable(f"the plugin {shorten(command[0])} ended with {status}" + (f": {said}" if said else ""))
        return output.read()


async def _end(process: Process, *, is_group: bool) -> None:
    with suppress(ProcessLookupError):
        if is_group:
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    _ = await process.wait()


def _user(printed: bytes, version: str) -> dict[str, str]:
    # Nothing of it is quoted: it may well be a secret.
    try:
        given: Any = json.loads(printed)
        if given["kind"] != "ExecCredential" or not isinstance(given["status"], dict):
            raise LookupError
        status = cast("Mapping[str, object]", given["status"])
        if given["apiVersion"] != version:
            raise Unusable(f"the plugin gave no ExecCredential of {shorten(version)}, for which it was asked")
    except (LookupError, TypeError, ValueError):
        raise Unusable("the plugin gave no ExecCredential") from None
    token, certificate, key = (status.get(name) for name in ("token", "clientCertificateData", "clientKeyData"))
    found: dict[str, str] = {}
    if token and isinstance(token, str):
        found["token"] = token
    if certificate and key and isinstance(certificate, str) and isinstance(key, str):
        found |= {
            "client-certificate-data": _base64(certificate.encode()),
            "client-key-data": _base64(key.encode()),
        }
    if not found:
        # The API server would be asked by nobody, and say that nobody may.
        raise Unusable("the plugin gave neither a token nor a certificate with its key")
    return found


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def one_line(text: str) -> str:
    """What another's program or library said, fit for a message of ours."""
    return shorten(" ".join(text.split()), 300)
