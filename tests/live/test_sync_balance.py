"""`urischeme.Balancer`: what it adds to `aio.Balancer`, which test_balance.py is about."""

from __future__ import annotations

import gc
import os
import signal
import threading
import time
import warnings
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import urischeme
from tests.live.endpoints import Clock
from tests.live.sockets import listening, listening_abstract, listening_unix, refusing
from tests.open_files import open_files
from urischeme import Balancer, NotFound, Registry, Resolution, ResolveError, Target

DEADLINE = 20


def loop_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "urischeme watch"]


def nobody_left() -> bool:
    return not loop_threads()


class Held:
    """A resolver that says nothing before it may."""

    def __init__(self) -> None:
        self.released = threading.Event()

    def resolve(self, target: Target) -> str:
        assert self.released.wait(DEADLINE)
        return "10.0.0.1:80"


def registry_of(resolver: object) -> Registry:
    registry = Registry()
    registry.register("mine", resolver)  # type: ignore[call-overload]
    return registry


def test_it_picks() -> None:
    with Balancer("ipv4:10.0.0.1:80,10.0.0.2:80", policy="round_robin") as balancer:
        balancer.ready()
        there = {str(balancer.pick()) for _ in range(4)}
        assert there == {"ipv4:10.0.0.1:80", "ipv4:10.0.0.2:80"}
        assert balancer.resolution is not None
        assert balancer.resolution.authority == "10.0.0.1"
    assert nobody_left()
    with pytest.raises(ResolveError, match="the balancer is closed"):
        balancer.pick()
    with pytest.raises(ResolveError, match="the balancer is closed"):
        balancer.ready()
    balancer.close()


def test_it_waits_for_the_first_answer() -> None:
    resolver = Held()
    with Balancer("mine:x", registry=registry_of(resolver)) as balancer:
        with pytest.raises(ResolveError, match="mine:x: there is no answer yet") as caught:
            balancer.pick()
        assert caught.value.retryable
        # The loop says the one; where it has no time to say so, it is the other.
        with pytest.raises(ResolveError, match=r"mine:x: (there is no answer yet|no answer within)"):
            balancer.ready(timeout=0.05)
        resolver.released.set()
        balancer.ready()
        assert str(balancer.pick()) == "ipv4:10.0.0.1:80"


def test_nobody_is_there() -> None:
    def nobody(target: Target) -> Resolution:
        return Resolution([])

    with Balancer("mine:x", registry=registry_of(nobody)) as balancer:
        deadline = time.monotonic() + DEADLINE
        error = None
        while not isinstance(error, NotFound):
            assert time.monotonic() < deadline
            with pytest.raises(ResolveError) as caught:
                balancer.pick()
            error = caught.value
        assert str(error) == "mine:x: there is no endpoint"


def test_what_fails_is_put_aside() -> None:
    clock = Clock()
    with Balancer("ipv4:10.0.0.1:80,10.0.0.2:80", clock=clock) as balancer:
        balancer.ready()
        for _ in range(4):
            with pytest.raises(OSError), balancer.using():
                raise ConnectionRefusedError
        with balancer.using() as first:
            assert str(first) == "ipv4:10.0.0.1:80"
        for _ in range(5):
            balancer.report(first, ConnectionRefusedError())
        assert str(balancer.pick()) == "ipv4:10.0.0.2:80"


def test_it_connects(tmp_path: Path) -> None:
    before = open_files()
    for listener in (listening(), listening("::1"), listening_unix(tmp_path), listening_abstract()):
        with (
            listener as (server, address),
            Balancer(str(address)) as balancer,
            closing(balancer.connect()) as sock,
            closing(server.accept()[0]) as accepted,
        ):
            assert sock.getblocking()
            accepted.sendall(b"hello")
            assert sock.recv(5) == b"hello"
    assert open_files() == before
    assert nobody_left()


def test_where_all_fail_the_error_says_why() -> None:
    with refusing() as first, refusing("::1") as second:
        target = f"ipv4:{first.host}:{first.port}"
        registry = registry_of(lambda target: [first, second])
        with Balancer("mine:x", registry=registry) as balancer, pytest.raises(ResolveError) as caught:
            balancer.connect()
    assert str(caught.value) == f"mine:x: no connection: {target}: Connection refused; {second}: Connection refused"
    assert caught.value.retryable


@pytest.mark.parametrize("timeout", [0, -1, float("nan"), "1"])
def test_a_timeout_is_a_number_of_seconds(timeout: Any) -> None:
    with Balancer("ipv4:10.0.0.1") as balancer:
        for call in (balancer.ready, balancer.connect):
            with pytest.raises((ValueError, TypeError), match="a timeout is a number of seconds"):
                call(timeout=timeout)


def test_no_call_outlasts_its_timeout_though_the_loop_is_blocked() -> None:
    over = threading.Event()
    blocked = threading.Event()

    async def blocker(target: Target) -> str:
        blocked.set()
        over.wait(DEADLINE)
        return "10.0.0.1:80"

    with Balancer("mine:x", registry=registry_of(blocker)) as balancer:
        with pytest.raises(ResolveError, match=r"mine:x: no answer within 0\.05 s"):
            balancer.ready(timeout=0.05)
        assert blocked.is_set()
        assert not over.is_set()
        over.set()


def test_many_threads_use_one() -> None:
    picked: list[str] = []
    with Balancer("ipv4:10.0.0.1:80,10.0.0.2:80", policy="round_robin") as balancer:

        def work() -> None:
            balancer.ready()
            for _ in range(500):
                with balancer.using() as endpoint:
                    picked.append(str(endpoint))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(DEADLINE)
    assert sorted(picked) == ["ipv4:10.0.0.1:80"] * 1000 + ["ipv4:10.0.0.2:80"] * 1000


def test_who_waits_hears_of_the_close() -> None:
    resolver = Held()
    errors: list[BaseException] = []
    balancer = Balancer("mine:x", registry=registry_of(resolver))

    def wait() -> None:
        try:
            balancer.ready()
        except ResolveError as error:
            errors.append(error)

    with balancer:
        thread = threading.Thread(target=wait)
        thread.start()
    thread.join(DEADLINE)
    resolver.released.set()
    assert [str(error) for error in errors] == ["mine:x: the balancer is closed"]


def test_one_that_nobody_holds_closes_itself() -> None:
    balancer = Balancer("ipv4:10.0.0.1")
    balancer.ready()
    (thread,) = loop_threads()
    del balancer
    gc.collect()
    thread.join(DEADLINE)
    assert nobody_left()


def test_one_that_was_never_used_leaves_nothing() -> None:
    balancer = Balancer("ipv4:10.0.0.1")
    balancer.close()
    assert nobody_left()
    with pytest.raises(ResolveError, match="closed"):
        balancer.connect()
    with pytest.raises(ValueError, match="no policy is named 'best'"):
        Balancer("ipv4:10.0.0.1", policy="best")


def test_a_forked_process_makes_its_own() -> None:
    with Balancer("ipv4:10.0.0.1:80") as balancer:
        balancer.ready()
        endpoint = balancer.pick()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that forking beside threads is a risk
            child = os.fork()
        if child == 0:
            status = 1
            try:
                signal.alarm(DEADLINE)
                for call in (balancer.pick, balancer.ready, balancer.connect, balancer.using):
                    with pytest.raises(ResolveError, match="belongs to the process that was forked"):
                        call()
                with pytest.raises(ResolveError, match="belongs to the process that was forked"):
                    balancer.report(endpoint, None)
                balancer.close()
                with Balancer("ipv4:10.0.0.2:80") as another:
                    another.ready()
                    assert str(another.pick()) == "ipv4:10.0.0.2:80"
                status = 0
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert balancer.pick() == endpoint


def test_it_may_be_closed_where_it_hears_of_an_error() -> None:
    closed = threading.Event()

    def fail(target: Target) -> str:
        raise ResolveError("later", retryable=True)

    def close(error: urischeme.Error) -> None:
        balancer.close()
        closed.set()

    balancer = Balancer("mine:x", registry=registry_of(fail), on_error=close)
    with pytest.raises(ResolveError):
        balancer.ready(timeout=DEADLINE)
    assert closed.wait(DEADLINE)
