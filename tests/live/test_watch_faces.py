"""`urischeme.watch`: for code that is not async, in several threads, after a fork, at the end of the program."""

from __future__ import annotations

import asyncio
import gc
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

import urischeme
from tests.live.clock import DEADLINE
from tests.live.scripted import ABSENT, HOPELESS, ONE, RETRYABLE, TWO, registry_of
from tests.open_files import open_files
from urischeme import NotFound, Resolution, ResolveError, Target, Watch


class Told:
    """A resolver that pushes what a test tells it from its own thread; an exception is raised, None ends the stream."""

    def __init__(self, *first: object) -> None:
        self.first = first
        self.begun = 0
        self.closed = 0
        self.is_open = threading.Event()
        self._loop: asyncio.AbstractEventLoop
        self._queue: asyncio.Queue[object]

    async def resolve(self, target: Target) -> str:
        raise AssertionError("it pushes")

    def tell(self, *outcomes: object) -> None:
        assert self.is_open.wait(DEADLINE)
        for outcome in outcomes:
            self._loop.call_soon_threadsafe(self._queue.put_nowait, outcome)

    async def watch(self, target: Target) -> AsyncIterator[Any]:
        self._loop, self._queue = asyncio.get_running_loop(), asyncio.Queue()
        self.begun += 1
        for outcome in self.first:
            self._queue.put_nowait(outcome)
        self.is_open.set()
        try:
            while (outcome := await self._queue.get()) is not None:
                if isinstance(outcome, BaseException):
                    raise outcome
                yield outcome
        finally:
            await asyncio.sleep(0)
            self.closed += 1


@pytest.fixture(autouse=True)
def _nothing_is_left() -> Generator[None]:
    gc.collect()
    before = open_files(), threading.active_count()
    yield
    gc.collect()
    for thread in threading.enumerate():
        if thread.name == "urischeme watch":
            thread.join(DEADLINE)
    assert (open_files(), threading.active_count()) == before


def test_the_first_answer_at_once_then_the_changes() -> None:
    resolver = Told(ONE)
    with urischeme.watch("mine:x", registry=registry_of(resolver)) as watch:
        assert watch.resolution is None
        assert next(watch) == ONE == watch.resolution
        resolver.tell(ONE, TWO)
        assert next(watch) == TWO
        assert (watch.error, watch.stale) == (None, False)
        resolver.tell(Resolution([]))
        for resolution in watch:
            assert resolution == Resolution([])
            break
    assert resolver.closed == 1


def test_a_static_scheme() -> None:
    with urischeme.watch("ipv4:10.0.0.1", default_port=80) as watch:
        assert next(watch) == urischeme.resolve("ipv4:10.0.0.1:80")
        watch.refresh()


def test_an_error_is_reported_and_the_last_good_answer_kept() -> None:
    reported: list[urischeme.Error] = []
    is_reported = threading.Event()

    def report(error: urischeme.Error) -> None:
        reported.append(error)
        is_reported.set()

    resolver = Told(ONE)
    with urischeme.watch("mine:x", registry=registry_of(resolver), on_error=report) as watch:
        next(watch)
        resolver.tell(RETRYABLE)
        assert is_reported.wait(DEADLINE)
        assert (reported, watch.error, watch.stale, watch.resolution) == ([RETRYABLE], RETRYABLE, True, ONE)


def test_before_the_first_answer() -> None:
    with urischeme.watch("mine:x", registry=registry_of(Told(HOPELESS))) as watch:
        for _ in range(2):
            with pytest.raises(ResolveError, match="no use"):
                next(watch)
    with pytest.raises(StopIteration):
        next(watch)
    with urischeme.watch("mine:x", registry=registry_of(Told(ABSENT))) as watch:
        assert next(watch) == Resolution([])
        assert isinstance(watch.error, NotFound)


@pytest.mark.parametrize("error", [SystemExit, KeyboardInterrupt])
def test_what_ends_a_program_ends_the_watches_of_its_resolver_alone(error: type[BaseException]) -> None:
    other = Told(ONE)
    with (
        urischeme.watch("mine:x", registry=registry_of(other)) as unharmed,
        urischeme.watch("mine:x", registry=registry_of(Told(error()))) as watch,
    ):
        next(unharmed)
        with pytest.raises(error):
            next(watch)
        other.tell(TWO)
        assert next(unharmed) == TWO


def test_refresh_asks_again() -> None:
    asked = threading.Semaphore(0)

    def resolve(target: Target) -> Resolution:
        asked.release()
        return ONE

    with urischeme.watch("mine:x", registry=registry_of(resolve)) as watch:
        watch.refresh()
        next(watch)
        watch.refresh()
        for _ in range(2):
            assert asked.acquire(timeout=DEADLINE), "long before the 30 s of an answer without a TTL"


def test_all_share_one_thread_and_those_of_one_target_their_answers() -> None:
    resolver = Told(ONE)
    registry = registry_of(resolver)
    threads, descriptors = threading.active_count(), open_files()
    watches = [urischeme.watch("mine:x", registry=registry) for _ in range(50)]
    watches += [urischeme.watch(f"ipv4:10.0.0.{number}") for number in range(50)]
    for watch in watches:
        next(watch)
    assert resolver.begun == 1
    assert threading.active_count() == threads + 1
    assert open_files() == descriptors + 3, "a selector, and a pair of sockets to wake it"
    for watch in watches:
        watch.close()
    assert resolver.closed == 1
    assert (threading.active_count(), open_files()) == (threads, descriptors)


# --- closing


def test_closing_wakes_who_waits_and_may_be_done_twice() -> None:
    resolver = Told(ONE)
    watch = urischeme.watch("mine:x", registry=registry_of(resolver))
    next(watch)
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(list[Resolution], watch) for _ in range(3)]
        assert resolver.is_open.wait(DEADLINE)
        watch.close()
        watch.close()
        assert [future.result(DEADLINE) for future in waiting] == [[], [], []]
    assert list(watch) == []
    watch.refresh()


def test_a_watch_that_never_began() -> None:
    watch = urischeme.watch("mine:x", registry=registry_of(Told(ONE)))
    watch.refresh()
    watch.close()
    assert list(watch) == []
    with watch:
        assert list(watch) == []
    del watch
    urischeme.watch("ipv4:10.0.0.1")


def test_leaving_the_loop_is_enough() -> None:
    resolver = Told(ONE)
    for _ in urischeme.watch("mine:x", registry=registry_of(resolver)):
        break


def test_a_watch_that_closes_itself_when_it_hears_of_an_error() -> None:
    def close(error: urischeme.Error) -> None:
        watch.close()

    watch = urischeme.watch("mine:x", registry=registry_of(Told(ONE, RETRYABLE)), on_error=close)
    assert [resolution for resolution in watch if resolution != ONE] == []


def test_closing_does_not_wait_for_ever_for_a_resolver_that_blocks_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urischeme.live.sync_watch.PATIENCE", 0.05)
    monkeypatch.setattr("urischeme.live.loop_thread.PATIENCE", 0.05)
    asked, released = threading.Event(), threading.Event()

    async def blocks(target: Target) -> Resolution:
        asked.set()
        released.wait(DEADLINE)
        return ONE

    with urischeme.watch("mine:x", registry=registry_of(blocks)):
        assert asked.wait(DEADLINE)
    assert not released.is_set()
    released.set()


def test_a_watch_inside_a_running_loop() -> None:
    async def main() -> Resolution:
        with urischeme.watch("mine:x", registry=registry_of(Told(ONE))) as watch:
            return next(watch)

    assert asyncio.run(main()) == ONE


# --- threads


def test_each_change_goes_to_one_of_the_threads_that_share_a_watch() -> None:
    resolver = Told(ONE)
    got: list[Resolution] = []
    received = threading.Semaphore(0)

    def use(watch: Watch) -> None:
        for resolution in watch:
            got.append(resolution)
            received.release()

    with ThreadPoolExecutor(4) as pool, urischeme.watch("mine:x", registry=registry_of(resolver)) as watch:
        users = [pool.submit(use, watch) for _ in range(4)]
        expected = [ONE]
        for number in range(20):
            assert received.acquire(timeout=DEADLINE)
            expected.append(TWO if number % 2 == 0 else ONE)
            resolver.tell(expected[-1])
        assert received.acquire(timeout=DEADLINE)
        watch.close()
        for user in users:
            user.result(DEADLINE)
    assert got == expected


def test_threads_that_open_and_close_all_the_time() -> None:
    registry = registry_of(lambda target: ONE)

    def use(number: int) -> None:
        for _ in range(25):
            with urischeme.watch(f"mine:{number % 3}", registry=registry) as watch:
                assert next(watch) == ONE

    with ThreadPoolExecutor(8) as pool:
        for user in [pool.submit(use, number) for number in range(8)]:
            user.result(DEADLINE)


# --- processes


PREAMBLE = """if True:
    import os, signal, sys, threading, urischeme
    from urischeme import Resolution, ResolveError
    asked = threading.Event()
    async def mine(target):
        asked.set()
        return "10.0.0.1:80"
    urischeme.register("mine", mine)
    def names():
        return sorted(thread.name for thread in threading.enumerate())
"""


# From 3.12 on, a fork with threads is warned of: that it is safe here is what is tested.
STRICT = ("-X", "dev", "-W", "error", "-W", "ignore:This process:DeprecationWarning")


def python(code: str, *, silent: bool = True) -> str:
    """What a program prints, that is to end by itself and, if it is silent, to say nothing on standard error."""
    command = [sys.executable, *STRICT, "-c", PREAMBLE + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=DEADLINE)
    assert not silent or done.stderr == ""
    assert done.returncode == 0
    return done.stdout


@pytest.mark.parametrize("wait", ["next(watch)", "for resolution in watch: pass", "watch.close(); signal.pause()"])
def test_a_ctrl_c_interrupts(wait: str) -> None:
    said = python(f"""
    watch = urischeme.watch("mine:x")
    next(watch)
    kill = threading.Timer(0.05, os.kill, [os.getpid(), signal.SIGINT])
    kill.start()
    try:
        {wait}
    except KeyboardInterrupt:
        print("interrupted", watch.error)
    kill.join()
    watch.close()
    print(names())
    """)
    assert said == "interrupted None\n['MainThread']\n"


@pytest.mark.parametrize(
    "end",
    [
        "",
        "watch.close()",
        "del watch",
        "sys.exit(0)",
        "threading.Thread(target=lambda: list(watch), daemon=True).start()",
        "import atexit; atexit.register(watch.close)",
        "import atexit; atexit.register(lambda: print(end='', *urischeme.watch('mine:y').__enter__().refresh() or ()))",
    ],
)
def test_a_program_with_open_watches_ends(end: str) -> None:
    assert python(f"""
    watch = urischeme.watch("mine:x")
    print(next(watch).endpoints[0])
    {end}
    """).startswith("ipv4:10.0.0.1:80\n")


def test_a_program_ends_while_its_last_watch_is_being_closed() -> None:
    said = python("""
    import asyncio
    main, closing = threading.current_thread(), threading.Event()
    def is_at_its_end():
        frame = sys._current_frames()[main.ident]
        while frame is not None and frame.f_code is not threading.Thread.join.__code__:
            frame = frame.f_back
        return frame is not None
    class Pushes:
        async def resolve(self, target):
            return "10.0.0.1:80"
        async def watch(self, target):
            try:
                yield await self.resolve(target)
                await asyncio.Event().wait()
            finally:
                closing.set()
                while not is_at_its_end():
                    pass  # in the loop, so that its stop is waiting when it goes on
                await asyncio.sleep(0)
                print("closed")
    urischeme.register("pushes", Pushes())
    watch = urischeme.watch("pushes:x")
    print(next(watch).endpoints[0])
    del watch
    closing.wait()
    """)
    assert said == "ipv4:10.0.0.1:80\nclosed\n"


def test_watches_at_the_very_end_of_a_program() -> None:
    said = python("""
    import atexit
    def at_the_end():
        watch.refresh()
        watch.close()
        print(list(watch), list(another), names())
        with urischeme.watch("ipv4:10.0.0.2") as new:
            print(next(new).endpoints[0])
    atexit.register(at_the_end)  # before the first watch, so that it is called after the thread's end
    watch, another = urischeme.watch("mine:x"), urischeme.watch("mine:x")
    next(watch), next(another)
    """)
    assert said == "[] [] ['MainThread']\nipv4:10.0.0.2:443\n"


def test_a_program_with_a_resolver_that_blocks_the_loop_ends() -> None:
    assert (
        python("""
    import time
    asked = threading.Event()
    async def blocks(target):
        asked.set()
        time.sleep(3600)
    urischeme.register("blocks", blocks)
    watch = urischeme.watch("blocks:x").__enter__()
    asked.wait()
    """)
        == ""
    )


def test_after_a_fork_old_watches_raise_and_new_ones_start_afresh() -> None:
    said = python("""
    watch, unused = urischeme.watch("mine:x"), urischeme.watch("mine:x")
    next(watch)
    pid = os.fork()
    if not pid:
        for use in (watch.__next__, watch.__enter__, watch.refresh):
            try:
                use()
            except ResolveError as error:
                print(error.retryable, error)
        watch.close()
        print(names(), watch.resolution.endpoints[0])
        with unused, urischeme.watch("mine:y") as new:
            print(next(unused).endpoints[0], next(new).endpoints[0], names())
        print(names())
        del watch
        sys.exit(0)
    assert os.waitpid(pid, 0)[1] == 0
    print(names())
    watch.close()
    print(names())
    """)
    refusal = "False mine:x: this watch belongs to the process that was forked; call watch() again in this one\n"
    endpoint = "ipv4:10.0.0.1:80"
    assert said.replace("Thread-1", "") == (
        3 * refusal
        + f"['MainThread'] {endpoint}\n"
        + f"{endpoint} {endpoint} ['MainThread', 'urischeme watch']\n"
        + "['MainThread']\n"
        + "['MainThread', 'urischeme watch']\n"
        + "['MainThread']\n"
    )


def test_a_fork_while_threads_open_and_close() -> None:
    said = python("""
    watch = urischeme.watch  # a lock of Python's own import would not outlive the fork
    stop = threading.Event()
    def use():
        while not stop.is_set():
            with watch("mine:x") as opened:
                next(opened)
    users = [threading.Thread(target=use) for _ in range(3)]
    for user in users:
        user.start()
    for _ in range(10):
        pid = os.fork()
        if not pid:
            with watch("mine:x") as opened:
                next(opened)
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
    stop.set()
    for user in users:
        user.join()
    print(names())
    """)
    assert said == "['MainThread']\n"


def test_a_machine_at_its_limits() -> None:
    said = python(
        """
    import resource
    urischeme.check("mine:x")
    watch = urischeme.watch("mine:x")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) - 1, before[1]))
    try:
        next(watch)
    except ResolveError as error:
        print(error.retryable, error)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
    print(next(watch).endpoints[0])
    """,
        silent=False,  # asyncio is warned of the loop that it could not finish
    )
    assert said.startswith("True mine:x: ")
    assert said.endswith("Too many open files\nipv4:10.0.0.1:80\n")
