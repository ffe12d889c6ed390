"""Nothing is left of a watch of `k8s`, however it ends and whatever the API server is at: no task, socket or thread."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

import urischeme
from tests.cluster.asking import pods, until_pods
from tests.cluster.control_plane import ControlPlane
from tests.cluster.namespace import Namespace
from tests.cluster.waiting import DEADLINE
from tests.live.scripted import run
from tests.open_files import open_files
from urischeme.aio import watch


@pytest.fixture(autouse=True)
def _kubeconfig(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))


@pytest.fixture
def target(namespace: Namespace) -> str:
    """A Service with one pod."""
    namespace.service("orders", ("http", 80), headless=True)
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    return f"k8s:orders.{namespace.name}:http"


async def follow(target: str) -> None:
    async with watch(target) as resolutions:
        async for _ in resolutions:
            pass


async def steps(number: int) -> None:
    for _ in range(number):
        await asyncio.sleep(0)


async def until(condition: Callable[[], bool]) -> None:
    """For what nobody announces."""
    async with asyncio.timeout(DEADLINE):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0)


MOMENTS = range(0, 60, 3)
"""Steps of the loop after which a watch is ended: before it connects, in the handshake, while it lists, …"""


def test_one_that_is_cancelled(target: str) -> None:
    async def test() -> None:
        for moment in MOMENTS:
            following = asyncio.create_task(follow(target))
            await steps(moment)
            following.cancel()
            await asyncio.wait([following])
            assert asyncio.all_tasks() == {asyncio.current_task()}, f"after {moment} steps"

    run(test)


def test_one_that_is_cancelled_and_again_while_it_closes(target: str) -> None:
    """As at the end of a program, when the loop cancels whatever still runs."""

    async def test(moment: int, later: int) -> None:
        following = asyncio.create_task(follow(target))
        await steps(moment)
        following.cancel()
        await steps(later)

    before = open_files(), set(threading.enumerate())
    for moment in MOMENTS:
        for later in (1, 3, 8):
            asyncio.run(test(moment, later))
            assert (open_files(), set(threading.enumerate())) == before, (moment, later)


def test_one_that_nobody_holds_any_more(target: str) -> None:
    async def test() -> None:
        async for resolution in watch(target):
            if pods(resolution) == ["one"]:
                break
        del resolution
        gc.collect()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        if others:
            await asyncio.wait(others, timeout=30)

    run(test)


def test_many_and_then_half_of_them(namespace: Namespace) -> None:
    names = [f"orders-{number}" for number in range(20)]
    for name in names:
        namespace.service(name, ("http", 80), selector={"app": "orders"})
    namespace.pod("one", ("http", 80), app="orders")

    async def test() -> None:
        async with AsyncExitStack() as some, AsyncExitStack() as others:
            for stack in (some, others):
                before = open_files()
                for name in names[:10] if stack is some else names[10:]:
                    resolutions = await stack.enter_async_context(watch(f"k8s:{name}.{namespace.name}:http"))
                    await until_pods(resolutions, "one")
            await others.aclose()
            await until(lambda: open_files() == before)

    run(test)


def test_one_of_two_while_the_server_is_silent(plane: ControlPlane, namespace: Namespace, target: str) -> None:
    namespace.service("other", ("http", 80), selector={"app": "orders"})

    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(target) as resolutions:
            await until_pods(resolutions, "one")
            before = open_files()
            async with watch(f"k8s:other.{namespace.name}:http", on_error=errors.put_nowait) as others:
                await until_pods(others, "one")
                # Both of its streams are open: it hears of the Service, and of the slices.
                namespace.patch("services", "other", spec={"ports": [{"name": "web", "port": 80}]})
                await errors.get()
                namespace.set_ready("one", False)
                await errors.get()
                with plane.api_server.paused():
                    await others.aclose()
                    await steps(10)
                    assert open_files() == before

    run(test)


def test_one_while_the_server_is_silent(plane: ControlPlane, target: str) -> None:
    async def test() -> None:
        async with watch(target) as resolutions:
            await until_pods(resolutions, "one")
            with plane.api_server.paused():
                await resolutions.aclose()
            assert asyncio.all_tasks() == {asyncio.current_task()}

    run(test)


def test_one_that_waits_for_a_silent_server(plane: ControlPlane, target: str) -> None:
    """The kernel takes the connection, and nobody shakes hands."""

    async def test() -> None:
        following = asyncio.create_task(follow(target))
        before = open_files()
        await until(lambda: open_files() == before + 2)
        await steps(20)
        following.cancel()
        await asyncio.wait([following])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with plane.api_server.paused():
        run(test)


def test_one_that_connects_in_vain(plane: ControlPlane, target: str) -> None:
    async def test() -> None:
        following = asyncio.create_task(follow(target))
        before = open_files()
        await until(lambda: open_files() == before + 2)
        following.cancel()
        await asyncio.wait([following])
        assert asyncio.all_tasks() == {asyncio.current_task()}

    with plane.network.cut_off("10.96.0.1"):
        run(test)


def test_one_while_the_server_is_gone(plane: ControlPlane, target: str) -> None:
    async def test() -> None:
        errors = asyncio.Queue[urischeme.Error]()
        async with watch(target, on_error=errors.put_nowait):
            assert "Connection refused" in str(await errors.get())

    plane.api_server.kill()
    run(test)


def test_one_that_is_open_when_the_loop_ends(target: str) -> None:
    async def test() -> None:
        await until_pods(await watch(target).__aenter__(), "one")

    for _ in range(2):
        before = open_files(), set(threading.enumerate())
        asyncio.run(test())
    assert (open_files(), set(threading.enumerate())) == before


def test_one_that_is_blocking(target: str) -> None:
    for _ in range(2):
        # The second time: the first loads what it needs.
        before = open_files(), set(threading.enumerate())
        with urischeme.watch(target) as resolutions:
            assert pods(next(resolutions)) == ["one"]
    assert (open_files(), set(threading.enumerate())) == before


FORK = """
import os, sys, urischeme
target, = sys.argv[1:]
with urischeme.watch(target) as watch:
    while not next(watch).endpoints:
        pass
    child = os.fork()
    if not child:
        try:
            next(watch)
        except urischeme.ResolveError:
            pass
        with urischeme.watch(target) as another:
            next(another)
        sys.exit(0)
    print(os.waitpid(child, 0)[1], flush=True)
    input()
    while next(watch).endpoints:
        pass
"""


def test_a_process_that_is_forked(namespace: Namespace, target: str) -> None:
    """What the child does, and that it ends, is nothing to the parent's watch."""
    command = [sys.executable, "-W", "error", "-W", "ignore:This process:DeprecationWarning", "-c", FORK, target]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdin is not None
        assert parent.stdout is not None
        assert parent.stderr is not None
        assert parent.stdout.readline() == "0\n"
        namespace.set_ready("one", False)
        parent.stdin.write("\n")
        parent.stdin.close()
        assert parent.stderr.read() == ""
    assert parent.returncode == 0
