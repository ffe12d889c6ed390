"""Programs that print credentials for `k8s`: none outlives the question, whatever it does."""

from __future__ import annotations

import asyncio
import gc
import json
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

import urischeme
from tests.cluster import kubeconfig
from tests.cluster.kubeconfig import Context
from tests.cluster.waiting import wait_until
from tests.live.scripted import run
from tests.resolvers.scripted_api import SERVICES, SLICES, serving, status
from urischeme import Registry, ResolveError
from urischeme.resolvers.k8s import K8s

TARGET = "k8s:orders.prod:http"
VERSION = "client.authentication.k8s.io/v1"
CREDENTIAL = json.dumps({"apiVersion": VERSION, "kind": "ExecCredential", "status": {"token": "t"}})


@pytest.fixture(autouse=True)
def _alone() -> None:
    """A blocking call has its answer before its thread is gone, which would be missed."""
    wait_until(lambda: all(thread.name != "urischeme" for thread in threading.enumerate()), "no call is under way")


@pytest.fixture
def login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The program of the kubeconfig that counts; the API server refuses every connection."""
    program = tmp_path / "login"
    user: Mapping[str, Any] = {"exec": {"apiVersion": VERSION, "command": str(program), "interactiveMode": "Never"}}
    context = Context("http://127.0.0.1:1", tmp_path / "none", user)
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig.write(tmp_path / "kubeconfig", {"c": context}, current="c")))
    return program


def write(program: Path, *lines: str) -> None:
    program.write_text("\n".join(("#!/bin/sh", *lines)))
    program.chmod(0o755)


def runs(pid: int) -> bool:
    # One whose end nobody has asked for yet is a zombie, which signals still find.
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("face", ["resolve", "watch"])
def test_one_that_waits_for_a_human_ends_with_the_question(login: Path, face: str) -> None:
    pid = login.with_name("pid")
    os.mkfifo(pid)
    write(login, "sleep 1000 &", f"echo $$ $! >{pid}", "wait")

    async def ask() -> None:
        if face == "resolve":
            await urischeme.aio.resolve(TARGET, timeout=1000)
        else:
            async with urischeme.aio.watch(TARGET) as watch:
                await anext(watch)

    async def test() -> None:
        asking = asyncio.create_task(ask())
        started, beside = map(int, (await asyncio.to_thread(pid.read_text)).split())
        assert runs(started)
        assert runs(beside)
        asking.cancel()
        await asyncio.wait([asking])
        assert asking.cancelled()
        assert not runs(started)
        # What it has started in its turn, whose end is no business of ours.
        await asyncio.to_thread(wait_until, lambda: not runs(beside), "what the plugin has started ends")

    run(test)


def test_what_it_has_started_may_go_on(login: Path) -> None:
    """Nobody waits for who still has its output open, as an agent does."""
    pid = login.with_name("pid")
    write(login, "sleep 1000 &", f"echo $! >{pid}", f"echo '{CREDENTIAL}'")

    async def test() -> None:
        with pytest.raises(ResolveError, match="Connection refused"):
            await urischeme.aio.resolve(TARGET)

    run(test)
    os.kill(int(pid.read_text()), 9)


def test_those_who_are_refused_one_after_the_other_share_one_run(login: Path, tmp_path: Path) -> None:
    runs_file = login.with_name("runs")
    write(login, f"echo run >>{runs_file}", f"echo '{CREDENTIAL}'")

    async def test() -> None:
        async with serving(tmp_path) as (api, served):

            async def at_last(request: web.Request) -> web.StreamResponse:
                await api.until_asked(SLICES, 2)
                return await status(401)(request)

            api.will(SLICES, status(401))
            api.will(SERVICES, at_last)
            written = yaml.safe_load(Path(served).read_text())
            plugin = {"apiVersion": VERSION, "command": str(login), "interactiveMode": "Never"}
            written["users"][0]["user"] = {"exec": plugin}
            Path(served).write_text(json.dumps(written))
            registry = Registry()
            registry.register("k8s", K8s(kubeconfig=served), replace=True)
            _ = await urischeme.aio.resolve("k8s:orders:http", registry=registry)

    run(test)
    assert runs_file.read_text() == "run\nrun\n"


def test_one_that_complains_at_length(login: Path) -> None:
    """More than a pipe holds."""
    write(login, "yes 'not today' | head -c 1000000 >&2", "exit 7")
    with pytest.raises(ResolveError, match="login ended with 7: not today not today") as refused:
        urischeme.resolve(TARGET)
    assert len(str(refused.value)) < 1000


def test_one_that_does_not_end_is_waited_for_no_longer_than_asked(login: Path) -> None:
    write(login, "exec sleep 1000")
    with pytest.raises(ResolveError) as refused:
        urischeme.resolve(TARGET, timeout=0.2)
    assert refused.value.retryable
    gc.collect()


def test_a_program_that_is_not_there(login: Path) -> None:
    with pytest.raises(
        ResolveError, match=r"cannot be used: the plugin .*login cannot be run: No such file"
    ) as refused:
        urischeme.resolve(TARGET)
    assert not refused.value.retryable


def test_how_to_install_it_is_told(login: Path) -> None:
    file = login.with_name("kubeconfig")
    file.write_text(file.read_text().replace('"interactiveMode"', '"installHint": "Ask\\n  Ada.", "interactiveMode"'))
    with pytest.raises(ResolveError, match=r"cannot be run: No such file or directory; Ask Ada\.$"):
        urischeme.resolve(TARGET)


def test_a_program_that_is_none(login: Path) -> None:
    login.mkdir()
    with pytest.raises(ResolveError, match="cannot be run: Permission denied"):
        urischeme.resolve(TARGET)
