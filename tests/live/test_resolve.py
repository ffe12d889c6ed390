from __future__ import annotations

import asyncio
import contextlib
import pickle
import subprocess
import sys
import threading
from collections.abc import Awaitable, Callable, Generator
from typing import Any

import pytest

import urischeme
from urischeme import NotFound, ParseError, PortError, Registry, Resolution, ResolveError, Target, TargetError
from urischeme.routing.deadline import seconds_left

DEADLINE = 20
SHORT = 0.05


def resolve_async(target: str | Target, **options: Any) -> Resolution:
    return asyncio.run(urischeme.aio.resolve(target, **options))


async def sync_in_a_loop(target: str | Target, **options: Any) -> Resolution:
    return urischeme.resolve(target, **options)


def resolve_in_a_loop(target: str | Target, **options: Any) -> Resolution:
    return asyncio.run(sync_in_a_loop(target, **options))


Resolve = Callable[..., Resolution]
faces = pytest.mark.parametrize("resolve", [urischeme.resolve, resolve_async, resolve_in_a_loop])


def registry_of(resolver: object) -> Registry:
    registry = Registry()
    registry.register("mine", resolver)  # type: ignore[call-overload]
    return registry


# --- answers


def plain(target: Target) -> tuple[str, int]:
    return "10.0.0.1", 80


async def coroutine(target: Target) -> tuple[str, int]:
    await asyncio.sleep(0)
    return "10.0.0.1", 80


def returns_awaitable(target: Target) -> Awaitable[tuple[str, int]]:
    return coroutine(target)


class Object:
    async def resolve(self, target: Target) -> tuple[str, int]:
        return "10.0.0.1", 80


@faces
@pytest.mark.parametrize("resolver", [plain, coroutine, returns_awaitable, Object()])
def test_each_face_asks_each_kind_of_resolver(resolve: Resolve, resolver: object) -> None:
    assert str(resolve("mine:x", registry=registry_of(resolver)).endpoints[0]) == "ipv4:10.0.0.1:80"


@faces
def test_the_target_comes_as_text_or_as_a_target(resolve: Resolve) -> None:
    seen: list[Target] = []

    async def resolver(target: Target) -> str:
        seen.append(target)
        return "10.0.0.1:80"

    registry = registry_of(resolver)
    given = Target.parse("mine://a/x", registry=registry)
    resolve("mine://a/x", registry=registry)
    resolve(given, registry=registry)
    assert seen == [given, given]


@faces
def test_a_static_answer_is_remembered_until_another_resolver_takes_its_place(resolve: Resolve) -> None:
    registry = urischeme.Registry()
    target = "ipv4:10.0.0.1:80"
    assert resolve(target, registry=registry) is resolve(target, registry=registry)
    with registry.overriding({"ipv4": lambda _: ("127.0.0.1", 1)}):
        assert str(resolve(target, registry=registry).addresses[0]) == "ipv4:127.0.0.1:1"
    assert str(resolve(target, registry=registry).addresses[0]) == target
    registry.register("ipv4", lambda _: ("127.0.0.1", 2), replace=True)
    assert str(resolve(target, registry=registry).addresses[0]) == "ipv4:127.0.0.1:2"


@faces
def test_the_default_port_is_for_targets_that_name_none(resolve: Resolve) -> None:
    for target in ("ipv4:10.0.0.1", Target.parse("ipv4:10.0.0.1"), Target.parse("ipv4:10.0.0.1", default_port=1)):
        assert str(resolve(target, default_port=8080).endpoints[0]) == "ipv4:10.0.0.1:8080"
    assert str(resolve("ipv4:10.0.0.1:80", default_port=8080).endpoints[0]) == "ipv4:10.0.0.1:80"
    assert str(resolve(Target.parse("ipv4:10.0.0.1", default_port=1)).endpoints[0]) == "ipv4:10.0.0.1:1"
    assert str(resolve("ipv6:[::1],[::2]:2", default_port=0).endpoints[0]) == "ipv6:[::1]:0"


@faces
@pytest.mark.parametrize(
    ("target", "addresses", "authority"),
    [
        ("ipv4:10.0.0.1:80,10.0.0.2", ["ipv4:10.0.0.1:80", "ipv4:10.0.0.2:443"], "10.0.0.1"),
        ("ipv6:[2001:DB8::1]:80,::1", ["ipv6:[2001:db8::1]:80", "ipv6:[::1]:443"], "2001:db8::1"),
        ("unix:/run/x", ["unix:/run/x"], "localhost"),
        ("unix:///run/x", ["unix:/run/x"], "localhost"),
        ("unix:x", ["unix:x"], "localhost"),
        ("unix-abstract:foo%00bar", ["unix-abstract:foo%00bar"], "localhost"),
        ("vsock:4294967295:0", ["vsock:4294967295:0"], "localhost"),
    ],
)
def test_schemes_that_only_compute(resolve: Resolve, target: str, addresses: list[str], authority: str) -> None:
    resolution = resolve(target)
    assert [str(endpoint) for endpoint in resolution.endpoints] == addresses
    assert resolution.authority == authority
    assert resolution.ttl is None
    urischeme.check(target)


# --- in time


@pytest.fixture
def released() -> Generator[threading.Event]:
    """What resolvers that block wait for: set at the end of the test, so that no thread outlives it for long."""
    event = threading.Event()
    yield event
    event.set()


class Stuck:
    """A resolver that gives its answer when the test is over, and knows whether it has."""

    def __init__(self, released: threading.Event) -> None:
        self.asked = threading.Event()
        self.released = released
        self.over = threading.Event()

    def block(self) -> str:
        self.asked.set()
        self.released.wait(DEADLINE)
        self.over.set()
        return "10.0.0.1:80"

    def function(self, target: Target) -> str:
        return self.block()

    def generator(self, target: Target) -> Generator[str]:
        yield self.block()

    async def loop_blocker(self, target: Target) -> str:
        return self.block()

    async def never(self, target: Target) -> str:
        self.asked.set()
        await asyncio.Event().wait()
        raise AssertionError("nobody sets it")

    async def executor(self, target: Target) -> str:
        return await asyncio.to_thread(self.block)

    async def stubborn(self, target: Target) -> str:
        self.asked.set()
        while not self.released.is_set():
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.sleep(0.001)
        self.over.set()
        return "10.0.0.1:80"


@pytest.mark.parametrize("resolve", [urischeme.resolve, resolve_in_a_loop])
@pytest.mark.parametrize("kind", ["function", "generator", "loop_blocker", "never", "executor", "stubborn"])
def test_no_blocking_call_outlasts_its_timeout(resolve: Resolve, kind: str, released: threading.Event) -> None:
    stuck = Stuck(released)
    with pytest.raises(ResolveError, match=r"mine:x: no answer within 0\.05 s") as caught:
        resolve("mine:x", timeout=SHORT, registry=registry_of(getattr(stuck, kind)))
    assert caught.value.retryable
    assert stuck.asked.is_set()
    assert not stuck.over.is_set(), "it came back while the resolver was still at it"


@pytest.mark.parametrize("kind", ["function", "generator", "never", "executor"])
def test_no_async_call_outlasts_its_timeout(kind: str, released: threading.Event) -> None:
    stuck = Stuck(released)

    async def main() -> None:
        with pytest.raises(ResolveError, match=r"mine:x: no answer within 0\.05 s") as caught:
            await urischeme.aio.resolve("mine:x", timeout=SHORT, registry=registry_of(getattr(stuck, kind)))
        assert caught.value.retryable
        assert stuck.asked.is_set()
        assert not stuck.over.is_set()
        released.set()  # asyncio.run() waits for what is left in the executor

    asyncio.run(main())


@faces
def test_a_resolver_may_know_how_long_it_has(resolve: Resolve) -> None:
    left: list[float | None] = []

    async def resolver(target: Target) -> str:
        left.append(seconds_left())
        return "10.0.0.1:80"

    resolve("mine:x", timeout=5, registry=registry_of(resolver))
    asyncio.run(resolver(Target("mine", "", "x")))
    assert left[0] is not None
    assert 0 < left[0] <= 5
    assert left[1] is None


def test_what_the_resolver_leaves_behind_does_not_hold_back_its_answer(released: threading.Event) -> None:
    stuck = Stuck(released)

    async def resolver(target: Target) -> str:
        _ = asyncio.get_running_loop().run_in_executor(None, stuck.block)
        return "10.0.0.1:80"

    assert len(urischeme.resolve("mine:x", registry=registry_of(resolver)).endpoints) == 1
    assert not stuck.over.is_set()


def test_a_loop_goes_on_while_a_plain_function_blocks(released: threading.Event) -> None:
    stuck = Stuck(released)

    async def main() -> Resolution:
        task = asyncio.create_task(urischeme.aio.resolve("mine:x", registry=registry_of(stuck.function)))
        async with asyncio.timeout(DEADLINE):
            await asyncio.to_thread(stuck.asked.wait)
            assert not task.done()
            released.set()
            return await task

    assert len(asyncio.run(main()).endpoints) == 1


@pytest.mark.parametrize("kind", ["function", "never"])
def test_a_cancelled_call_is_cancelled_at_once(kind: str, released: threading.Event) -> None:
    stuck = Stuck(released)

    async def main() -> None:
        task = asyncio.create_task(urischeme.aio.resolve("mine:x", registry=registry_of(getattr(stuck, kind))))
        async with asyncio.timeout(DEADLINE):
            await asyncio.to_thread(stuck.asked.wait)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert not stuck.over.is_set()

    asyncio.run(main())


def test_a_cancelled_resolver_may_clean_up() -> None:
    cleaned = threading.Event()

    async def resolver(target: Target) -> str:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            cleaned.set()
        raise AssertionError("nobody sets it")

    with pytest.raises(ResolveError):
        urischeme.resolve("mine:x", timeout=SHORT, registry=registry_of(resolver))
    assert cleaned.wait(DEADLINE)


@faces
@pytest.mark.parametrize("timeout", [0, -1, float("nan"), float("inf"), -0.0])
def test_a_timeout_is_more_than_nothing_and_has_an_end(resolve: Resolve, timeout: float) -> None:
    with pytest.raises(ValueError, match="a timeout is a number of seconds above 0"):
        resolve("ipv4:10.0.0.1", timeout=timeout)


@faces
@pytest.mark.parametrize("timeout", ["5", None])
def test_a_timeout_is_a_number(resolve: Resolve, timeout: object) -> None:
    with pytest.raises(TypeError, match=f"a timeout is a number of seconds, not {type(timeout).__name__}"):
        resolve("ipv4:10.0.0.1", timeout=timeout)


@faces
@pytest.mark.parametrize("timeout", [1, 1e10, 1e300])
def test_a_timeout_may_be_long(resolve: Resolve, timeout: float) -> None:
    assert resolve("mine:x", timeout=timeout, registry=registry_of(plain)).addresses


# --- what goes wrong


class Trouble(Exception):
    pass


# Raised under its own name by a `next()` that found nothing; no future can carry it.
STOP = StopIteration("nothing")


@faces
@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize(
    ("error", "retryable", "says"),
    [
        (Trouble("too bad"), False, "Trouble: too bad"),
        (KeyError("x"), False, "KeyError: 'x'"),
        (ConnectionRefusedError(111, "refused"), True, "ConnectionRefusedError: [Errno 111] refused"),
        (TimeoutError("its own"), True, "TimeoutError: its own"),
        (ValueError("a\n\x1b[2J"), False, r"ValueError: a\n\x1b[2J"),
        (ValueError("no route to http://user:hunter2@consul/"), False, "http://user:***@consul/"),
        (STOP, False, "StopIteration"),
    ],
)
def test_what_a_resolver_raises_becomes_a_resolve_error(
    resolve: Resolve, is_async: bool, error: Exception, retryable: bool, says: str
) -> None:
    def fail(target: Target) -> str:
        raise error

    async def fail_async(target: Target) -> str:
        raise error

    with pytest.raises(ResolveError) as caught:
        resolve("mine:x", registry=registry_of(fail_async if is_async else fail))
    assert caught.value.retryable is retryable
    assert says in str(caught.value)
    assert "mine:x" in str(caught.value)
    assert fail.__qualname__ in str(caught.value), "it says whose resolver it was"
    assert caught.value.__cause__ is not None
    assert isinstance(caught.value.__cause__, RuntimeError if error is STOP else type(error))
    assert not isinstance(caught.value, NotFound)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@faces
@pytest.mark.parametrize(
    "error", [NotFound("no such name"), ResolveError("later", retryable=True), TargetError("mine:x", "no x today")]
)
def test_what_a_resolver_means_to_raise_passes(resolve: Resolve, error: urischeme.Error) -> None:
    async def fail(target: Target) -> str:
        raise error

    with pytest.raises(type(error)) as caught:
        resolve("mine:x", registry=registry_of(fail))
    assert str(caught.value) == str(error)


@pytest.mark.parametrize("is_async", [False, True])
@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_ends_a_program_passes_the_blocking_face(is_async: bool, error: type[BaseException]) -> None:
    def fail(target: Target) -> str:
        raise error

    async def fail_async(target: Target) -> str:
        raise error

    with pytest.raises(error):
        urischeme.resolve("mine:x", registry=registry_of(fail_async if is_async else fail))


@faces
def test_a_check_that_fails_is_a_resolve_error_too(resolve: Resolve) -> None:
    class Broken(Object):
        def check(self, target: Target) -> None:
            raise Trouble("too bad")

    with pytest.raises(ResolveError, match="Trouble: too bad"):
        resolve("mine:x", registry=registry_of(Broken()))


@faces
def test_a_check_refuses_before_anybody_is_asked(resolve: Resolve) -> None:
    class Careful:
        def check(self, target: Target) -> None:
            raise target.error("write something else")

        async def resolve(self, target: Target) -> str:
            raise AssertionError("asked")

    with pytest.raises(TargetError, match="mine:x: write something else"):
        resolve("mine:x", registry=registry_of(Careful()))


@faces
@pytest.mark.parametrize(
    ("target", "error"),
    [
        ("", TargetError),
        ("dns:a b", ParseError),
        ("nobody:x", urischeme.UnknownScheme),
        (Target("nobody", "", "x"), urischeme.UnknownScheme),
        ("unix:", TargetError),
        (Target("unix", "", ""), TargetError),
        (None, TypeError),
        (b"dns:x", TypeError),
        (urischeme.parse("dns:x"), TypeError),
    ],
)
def test_what_check_refuses_resolve_refuses(resolve: Resolve, target: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        resolve(target)
    with pytest.raises(error) as checked:
        urischeme.check(target)
    assert str(caught.value) == str(checked.value)


@faces
def test_a_default_port_that_is_none(resolve: Resolve) -> None:
    for target in ("ipv4:10.0.0.1", Target.parse("ipv4:10.0.0.1")):
        with pytest.raises(PortError):
            resolve(target, default_port=65536)
        with pytest.raises(ValueError):
            resolve(target, default_port=-1)


def not_there(target: Target) -> str:
    raise NotFound(f"{target.endpoint} is not there", ttl=7.0) from KeyError("cause")


@faces
@pytest.mark.parametrize(
    ("target", "advice"),
    [
        ("dsn:443", "; if a scheme was meant, write dns:443"),
        ("UNIT:443", "; if a scheme was meant, write unix:443"),
        ("orders:443", ""),
        ("dsn", ""),
        ("dns:dsn:443", ""),
        ("[::1]:443", ""),
        (Target.parse("dsn:443"), ""),
    ],
)
def test_a_host_that_is_not_found_may_have_been_meant_for_a_scheme(
    resolve: Resolve, target: str | Target, advice: str
) -> None:
    registry = Registry()
    with registry.overriding({"dns": not_there}), pytest.raises(NotFound) as caught:
        resolve(target, registry=registry)
    assert str(caught.value).endswith(f"is not there{advice}")
    assert (caught.value.retryable, caught.value.ttl) == (False, 7.0)
    assert isinstance(caught.value.__cause__, KeyError)


def test_a_machine_at_its_limits_is_trouble_that_may_pass() -> None:
    # In a process of its own, that has no file descriptor left for a loop.
    code = """if True:
        import asyncio, os, resource, urischeme
        urischeme.register("mine", lambda target: "10.0.0.1:80")
        urischeme.check("mine:x")
        before = resource.getrlimit(resource.RLIMIT_NOFILE)
        resource.setrlimit(resource.RLIMIT_NOFILE, (len(os.listdir("/dev/fd")) - 1, before[1]))
        try:
            urischeme.resolve("mine:x")
        except urischeme.ResolveError as error:
            print(error.retryable, error)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, before)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE)
    assert done.stdout.startswith("True mine:x: "), done.stderr
    assert "Too many open files" in done.stdout


# --- what an import costs


def test_importing_the_package_loads_nothing_heavy() -> None:
    heavy = {"asyncio", "attr", "attrs", "click", "dns", "hypothesis", "idna", "rich", "ipaddress", "socket", "ssl"}
    # Not what was there before it: whatever measures coverage, or installed the package for editing.
    code = f"import sys; old = set(sys.modules); import urischeme; print(sorted({heavy!r} & set(sys.modules) - old))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_every_public_name_is_there() -> None:
    assert set(urischeme.__all__) <= set(dir(urischeme))
    for name in set(urischeme.__all__) - {"__version__"}:  # only an installed package has one
        assert getattr(urischeme, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nowhere'"):
        _ = urischeme.nowhere
