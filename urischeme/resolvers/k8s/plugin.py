"""Credential plugins (`exec` of a kubeconfig): programs that print an ExecCredential of client.authentication.k8s.io.

They are run here, as kubernetes_asyncio leaves one that is no longer waited for to itself.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, cast

from urischeme.display import shorten


class PluginError(Exception):
    """A plugin gave nothing by which anybody can be asked; the message says why."""


async def credentials(plugin: Mapping[str, Any]) -> dict[str, str]:
    """What a plugin gives, written as for a user of a kubeconfig. It has ended when this is over, even by force.

    Raises PluginError.
    """
    try:
        command = [str(plugin["command"]), *map(str, plugin.get("args") or ())]
        version = str(plugin["apiVersion"])
        added = {str(each["name"]): str(each["value"]) for each in plugin.get("env") or ()}
    except (AttributeError, LookupError, TypeError) as error:
        raise PluginError("exec names no plugin: that has an apiVersion and a command") from error
    is_interactive = plugin.get("interactiveMode") != "Never" and sys.stdin is not None and sys.stdin.isatty()
    asked = {"apiVersion": version, "kind": "ExecCredential", "spec": {"interactive": is_interactive}}
    environment = {**os.environ, **added, "KUBERNETES_EXEC_INFO": json.dumps(asked)}
    return _user(await _printed(command, environment, is_interactive=is_interactive), version)


async def _printed(command: list[str], environment: Mapping[str, str], *, is_interactive: bool) -> bytes:
    try:
        transport, program = await asyncio.get_running_loop().subprocess_exec(
            _Program, *command, env=environment, stdin=None if is_interactive else subprocess.DEVNULL
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise PluginError(f"the plugin {shorten(command[0])} cannot be run: {reason}") from error
    try:
        await program.over.wait()
    finally:
        transport.close()
        await program.exited.wait()
    if code := transport.get_returncode():
        said = shorten(" ".join(program.output[2].decode("utf-8", "replace").split()), 300)
        raise PluginError(f"the plugin {shorten(command[0])} ended with {code}" + (f": {said}" if said else ""))
    return bytes(program.output[1])


class _Program(asyncio.SubprocessProtocol):
    """What it writes; that it exited; and that nobody is left who could write."""

    def __init__(self) -> None:
        self.output = {1: bytearray(), 2: bytearray()}
        self.exited = asyncio.Event()
        self.over = asyncio.Event()

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        self.output[fd] += data

    def process_exited(self) -> None:
        self.exited.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.over.set()


def _user(printed: bytes, version: str) -> dict[str, str]:
    # Nothing of it is quoted: it may well be a secret.
    try:
        given = json.loads(printed)
        if given["kind"] != "ExecCredential" or not isinstance(given["status"], dict):
            raise LookupError
        status = cast("Mapping[str, object]", given["status"])
        if given["apiVersion"] != version:
            raise PluginError(f"the plugin gave no ExecCredential of {shorten(version)}, for which it was asked")
    except (LookupError, TypeError, ValueError):
        raise PluginError("the plugin gave no ExecCredential") from None
    token, certificate, key = (status.get(name) for name in ("token", "clientCertificateData", "clientKeyData"))
    found: dict[str, str] = {}
    if token and isinstance(token, str):
        found["token"] = token
    if certificate and key and isinstance(certificate, str) and isinstance(key, str):
        found |= {"client-certificate-data": _base64(certificate), "client-key-data": _base64(key)}
    if not found:
        # The API server would be asked by nobody, and say that nobody may.
        raise PluginError("the plugin gave neither a token nor a certificate with its key")
    return found


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
