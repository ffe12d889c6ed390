from __future__ import annotations

import pickle
import sys
import textwrap
import threading
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import urischeme
from urischeme import BrokenPlugin, RegistrationError, Registry, SchemeInfo, Target, UnknownScheme

Install = Callable[..., None]


@pytest.fixture
def registry() -> Registry:
    return Registry()


def answer(registry: Registry, target: str) -> str:
    return str(urischeme.resolve(target, registry=registry).endpoints[0])


def consul(target: Target) -> str:
    return "10.0.0.1:8500"


async def consul_async(target: Target) -> str:
    return "10.0.0.1:8500"


class Consul:
    async def resolve(self, target: Target) -> str:
        return "10.0.0.1:8500"


class BlockingConsul:
    def resolve(self, target: Target) -> str:
        return "10.0.0.1:8500"


class CallableConsul:
    async def __call__(self, target: Target) -> str:
        return "10.0.0.1:8500"


# --- by hand


@pytest.mark.parametrize(
    "resolver",
    [
        consul,
        consul_async,
        Consul,
        Consul(),
        BlockingConsul(),
        CallableConsul(),
        lambda target: "10.0.0.1:8500",
        f"{__name__}:consul",
        f"{__name__}:Consul",
    ],
)
def test_a_resolver_is_a_function_an_object_a_class_or_the_name_of_one(registry: Registry, resolver: object) -> None:
    assert registry.register("consul", resolver) is resolver  # type: ignore[call-overload]
    assert answer(registry, "consul:orders") == "ipv4:10.0.0.1:8500"


def test_as_a_decorator(registry: Registry) -> None:
    @registry.register("consul", aliases=["Consul+HTTP"])
    async def decorated(target: Target) -> tuple[str, int]:
        return target.scheme.count("+") * "10.0.0.2" or "10.0.0.1", 8500

    assert answer(registry, "consul:x") == "ipv4:10.0.0.1:8500"
    assert answer(registry, "CONSUL+http:x") == "ipv4:10.0.0.2:8500"
    assert callable(decorated)


def test_a_class_makes_one_object_for_all_its_schemes(registry: Registry) -> None:
    made = []

    class Counted(Consul):
        def __init__(self) -> None:
            made.append(self)

    registry.register("consul", Counted, aliases=["c"])
    answer(registry, "consul:x")
    answer(registry, "c:x")
    assert len(made) == 1


@pytest.mark.parametrize("scheme", ["", "1a", "a b", "a_b", "a:", "bücher", "a\n"])
def test_what_is_no_scheme_cannot_be_registered(registry: Registry, scheme: str) -> None:
    for register in (
        lambda: registry.register(scheme, consul),
        lambda: registry.register("consul", consul, aliases=[scheme]),
        lambda: Registry(allow=[scheme]),
        lambda: Registry(default_scheme=scheme),
    ):
        with pytest.raises(RegistrationError, match="is no scheme"):
            register()
    assert "consul" not in registry


@pytest.mark.parametrize("resolver", [5, object(), {}, type("Empty", (), {})])
def test_what_is_no_resolver_cannot_be_registered(registry: Registry, resolver: object) -> None:
    with pytest.raises(RegistrationError, match="a resolver is a function of a Target"):
        registry.register("consul", resolver)  # type: ignore[call-overload]


@pytest.mark.parametrize("scheme", ["dns", "DNS", "consul"])
def test_a_scheme_that_is_taken_is_kept_unless_told(registry: Registry, scheme: str) -> None:
    registry.register("consul", consul)
    with pytest.raises(RegistrationError, match=rf"the scheme {scheme.lower()} is taken by .*replace=True"):
        registry.register(scheme, Consul())
    with pytest.raises(RegistrationError, match="is taken"):
        registry.register("fresh", consul, aliases=[scheme])
    assert "fresh" not in registry, "all or nothing"
    registry.register(scheme, lambda target: ("::1", 1), replace=True)
    assert answer(registry, f"{scheme}:x") == "ipv6:[::1]:1"


def test_replacing_takes_effect_after_first_use(registry: Registry) -> None:
    registry.register("consul", consul)
    answer(registry, "consul:x")
    registry.register("consul", lambda target: ("::1", 1), replace=True)
    assert answer(registry, "consul:x") == "ipv6:[::1]:1"


def test_registries_are_apart(registry: Registry) -> None:
    registry.register("consul", consul)
    assert "consul" in registry
    assert "CONSUL" in registry
    assert "consul" not in Registry()
    assert None not in registry
    assert "consul" not in [info.scheme for info in urischeme.schemes()]


def test_the_default_registry_is_what_register_and_schemes_speak_of() -> None:
    from urischeme.routing.registry import default_registry

    with default_registry.overriding():
        urischeme.register("test-consul", consul)
        assert str(urischeme.resolve("test-consul:x").endpoints[0]) == "ipv4:10.0.0.1:8500"
        assert "test-consul" in [info.scheme for info in urischeme.schemes()]
    with pytest.raises(UnknownScheme):
        urischeme.check("test-consul:x")


def test_a_default_scheme_takes_what_has_none() -> None:
    registry = Registry(default_scheme="Consul")
    registry.register("consul", consul)
    assert answer(registry, "orders:80") == "ipv4:10.0.0.1:8500"


def test_overriding_is_forgotten_at_the_end_of_the_block(registry: Registry) -> None:
    registry.register("consul", consul)
    with registry.overriding({"consul": lambda target: ("::1", 1), "dns": Consul()}) as inside:
        assert inside is registry
        assert answer(registry, "consul:x") == "ipv6:[::1]:1"
        assert answer(registry, "orders") == "ipv4:10.0.0.1:8500"
        registry.register("more", consul)
    assert answer(registry, "consul:x") == "ipv4:10.0.0.1:8500"
    assert "more" not in registry
    with pytest.raises(ZeroDivisionError), registry.overriding({"consul": Consul()}):
        1 / 0  # noqa: B018
    assert answer(registry, "ipv4:10.0.0.1") == "ipv4:10.0.0.1:443"


def test_an_allow_list_allows_nothing_else() -> None:
    registry = Registry(allow={"IPv4", "consul"})
    registry.register("consul", consul)
    assert answer(registry, "ipv4:10.0.0.1") == "ipv4:10.0.0.1:443"
    assert [info.scheme for info in registry.schemes()] == ["consul", "ipv4"]
    for text in ("unix:/run/x", "localhost:80", "nobody:x"):
        with pytest.raises(UnknownScheme, match="is not allowed here; allowed: consul, ipv4"):
            urischeme.check(text, registry=registry)
    with pytest.raises(UnknownScheme, match="allowed: none"):
        urischeme.check("ipv4:10.0.0.1", registry=Registry(allow=()))


@pytest.mark.parametrize(
    ("text", "scheme", "suggestion"),
    [
        ("dsn:orders", "dsn", "dns"),
        ("DSN:///orders", "dsn", "dns"),
        ("ipv66:%5B::1%5D:80", "ipv66", "ipv6"),
        ("unix-abstact:x", "unix-abstact", "unix-abstract"),
        ("http://h/", "http", None),
        ("x" * 100_000 + ":/", "x" * 100_000, None),
    ],
)
def test_an_unknown_scheme_names_the_nearest(text: str, scheme: str, suggestion: str | None) -> None:
    with pytest.raises(UnknownScheme) as caught:
        urischeme.check(text)
    error = caught.value
    assert (error.scheme, error.suggestion) == (scheme, suggestion)
    assert (
        f"did you mean {suggestion}:?"
        if suggestion
        else "resolvers are there for dns, ipv4, ipv6, k8s, kubernetes, unix"
    ) in str(error)
    twin = pickle.loads(pickle.dumps(error))
    assert (str(twin), twin.scheme, twin.suggestion) == (str(error), scheme, suggestion)


# --- by installed packages


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a package on the path as an installer would: modules, metadata and what it declares."""

    def install(name: str, declares: dict[str, str], version: str = "1.5", **modules: str) -> None:
        folder = tmp_path / f"{name}-{version}"
        info = folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = [f"{scheme} = {value}\n" if value else f"{scheme}\n" for scheme, value in declares.items()]
        (info / "entry_points.txt").write_text("[urischeme.resolvers]\n" + "".join(lines))
        for module, source in modules.items():
            (folder / f"{module}.py").write_text(textwrap.dedent(source))
            # So that it's imported anew by every test, and forgotten after it.
            monkeypatch.delitem(sys.modules, module, raising=False)
            monkeypatch.setitem(sys.modules, module, sys)
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.syspath_prepend(folder)

    return install


GOOD = """
    def resolve(target):
        return "10.0.0.7", 7
"""


def test_a_declared_scheme_loads_when_it_is_used(install: Install) -> None:
    install("urischeme-good", {"good": "plug_good:resolve", "GOOD2": "plug_good"}, plug_good=GOOD)
    registry = Registry()
    assert Target.parse("good:80", registry=registry).scheme == "good"
    assert SchemeInfo("good", "urischeme-good 1.5", None) in registry.schemes()
    assert "plug_good" not in sys.modules
    assert answer(registry, "good:x") == "ipv4:10.0.0.7:7"
    assert "plug_good" in sys.modules
    with pytest.raises(RegistrationError, match=r"taken by urischeme-good 1\.5"):
        registry.register("good", consul)


def test_a_module_with_a_function_resolve_will_do(install: Install) -> None:
    install("urischeme-good", {"GOOD2": "plug_module"}, plug_module=GOOD)
    assert answer(Registry(), "good2:x") == "ipv4:10.0.0.7:7"


@pytest.mark.parametrize(
    ("value", "source", "cause"),
    [
        ("plug_nowhere:resolve", "", ModuleNotFoundError),
        ("plug_bad:resolve", "", AttributeError),
        ("plug_bad:resolve", "from sys import nowhere", ImportError),
        ("plug_bad:resolve", "1 / 0", ZeroDivisionError),
        ("plug_bad:resolve", "raise SystemExit(3)", SystemExit),
        ("plug_bad:resolve", "resolve = 5", RegistrationError),
        ("plug_bad:Resolver", "class Resolver:\n    def __init__(self, url): ...", RegistrationError),
        ("plug_bad:resolve", "syntax error", SyntaxError),
    ],
)
def test_a_broken_plugin_breaks_only_its_own_scheme(
    install: Install, value: str, source: str, cause: type[BaseException]
) -> None:
    install("urischeme-bad", {"bad": value}, plug_bad=source)
    install("urischeme-good", {"good": "plug_good:resolve"}, plug_good=GOOD)
    registry = Registry()
    for _ in range(2):
        with pytest.raises(BrokenPlugin, match=r"the resolver for bad comes from urischeme-bad 1\.5") as caught:
            urischeme.check("bad:x", registry=registry)
        assert caught.value.package == "urischeme-bad 1.5"
        assert isinstance(caught.value.__cause__, cause)
        assert cause.__name__ in str(caught.value)
    assert answer(registry, "good:x") == "ipv4:10.0.0.7:7"
    assert answer(registry, "ipv4:10.0.0.1") == "ipv4:10.0.0.1:443"
    registry.register("bad", consul, replace=True)
    assert answer(registry, "bad:x") == "ipv4:10.0.0.1:8500"


def test_a_name_that_leads_nowhere_is_found_out_on_use(registry: Registry) -> None:
    registry.register("consul", "plug_nowhere:resolve")
    with pytest.raises(BrokenPlugin, match="comes from plug_nowhere:resolve; it does not load: ModuleNotFoundError"):
        urischeme.check("consul:x", registry=registry)


def test_two_packages_that_claim_one_scheme_are_both_named(install: Install) -> None:
    install("one", {"twice": "plug_one:resolve"}, plug_one=GOOD)
    install("two", {"TWICE": "plug_two:resolve"}, plug_two=GOOD)
    registry = Registry()
    (info,) = [info for info in registry.schemes() if info.scheme == "twice"]
    assert info.origin == "one 1.5 and two 1.5"
    assert info.error is not None
    with pytest.raises(BrokenPlugin, match=r"one 1\.5 and two 1\.5; both declare it; uninstall one"):
        urischeme.check("twice:x", registry=registry)
    assert not {"plug_one", "plug_two"} & set(sys.modules)
    registry.register("twice", "plug_two:resolve", replace=True)
    assert answer(registry, "twice:x") == "ipv4:10.0.0.7:7"


def test_a_package_cannot_take_a_built_in_scheme(install: Install) -> None:
    install("thief", {"ipv4": "plug_thief:resolve", "dns": "plug_thief:resolve"}, plug_thief=GOOD)
    registry = Registry()
    assert answer(registry, "ipv4:10.0.0.1") == "ipv4:10.0.0.1:443"
    assert {info.origin for info in registry.schemes() if info.scheme in {"ipv4", "dns"}} == {"urischeme"}
    assert "plug_thief" not in sys.modules


def test_a_declared_name_that_is_no_scheme_harms_nobody(install: Install) -> None:
    install("odd", {"no_scheme": "plug_odd:resolve", "odd": "plug_odd:resolve"}, plug_odd=GOOD)
    registry = Registry()
    assert "no_scheme" not in registry
    assert answer(registry, "odd:x") == "ipv4:10.0.0.7:7"
    (told,) = (info for info in registry.schemes() if info.scheme == "no_scheme")
    assert told.origin == "odd 1.5"
    assert "that is no scheme: a letter, and then" in str(told.error)
    assert registry.describe("odd").resolver == "plug_odd:resolve"


def test_a_class_that_takes_arguments_is_no_resolver_but_its_objects_are() -> None:
    class Consul:
        def __init__(self, server: str) -> None:
            self.server = server

        async def resolve(self, target: Target) -> str:
            return self.server

    registry = Registry()
    with pytest.raises(RegistrationError, match=r"register an object of it, made with them"):
        registry.register("consul", Consul)
    registry.register("consul", Consul("10.0.0.1:8500"))
    assert answer(registry, "consul:x") == "ipv4:10.0.0.1:8500"


def test_a_scheme_is_described_with_its_options_or_why_it_does_not_load(install: Install) -> None:
    install("urischeme-bad", {"bad": "plug_nowhere:resolve"})
    registry = Registry()

    @registry.register("consul")
    class Consul:
        options = ("raw",)

        async def resolve(self, target: Target, *, dc: str = "dc1", passing: bool = True) -> tuple[str, int]:
            return ("10.0.0.1", 80)

        async def watch(self, target: Target, *, wait: float = 5.0) -> AsyncIterator[tuple[str, int]]:
            yield ("10.0.0.1", 80)

    described = registry.describe("Consul")
    assert [(option.name, option.type, option.default) for option in described.options] == [
        ("dc", "a text", "dc1"),
        ("passing", "true or false, 1 or 0", True),
        ("raw", "a text", None),
        ("wait", "a number", 5.0),
    ]
    assert described.pushes
    assert described.info.error is None
    bad = registry.describe("bad")
    assert (bad.resolver, bad.pushes, bad.options) == ("plug_nowhere:resolve", False, ())
    assert "urischeme-bad 1.5; it does not load: ModuleNotFoundError" in str(bad.info.error)
    with pytest.raises(KeyError):
        registry.describe("nobody")


def test_a_package_with_unreadable_metadata_harms_nobody(install: Install) -> None:
    install("urischeme-good", {"good": "plug_good:resolve"}, plug_good=GOOD)
    install("malformed", {"no value": ""})
    registry = Registry()
    assert answer(registry, "good:x") == "ipv4:10.0.0.7:7"
    assert Target.parse("localhost:80", registry=registry).path == "localhost:80"


def test_of_a_package_that_is_there_twice_the_first_counts(install: Install) -> None:
    install("urischeme-good", {"good": "plug_old:resolve"}, version="1.4", plug_old="1 / 0")
    install("urischeme-good", {"good": "plug_good:resolve"}, version="1.5", plug_good=GOOD)
    registry = Registry()
    assert [info.origin for info in registry.schemes() if info.scheme == "good"] == ["urischeme-good 1.5"]
    assert answer(registry, "good:x") == "ipv4:10.0.0.7:7"


def test_the_list_of_schemes_says_who_brought_them_and_loads_nothing(install: Install) -> None:
    install("urischeme-bad", {"bad": "plug_nowhere:resolve", "http": "plug_nowhere:resolve"})
    registry = Registry()
    registry.register("mailto", consul)
    registry.register("gopher", "plug_nowhere:resolve")
    listed = {info.scheme: (info.origin, info.iana) for info in registry.schemes()}
    assert listed == {
        "bad": ("urischeme-bad 1.5", None),
        "dns": ("urischeme", "permanent"),
        "gopher": ("plug_nowhere:resolve", "permanent"),
        "http": ("urischeme-bad 1.5", "permanent"),
        "ipv4": ("urischeme", None),
        "ipv6": ("urischeme", None),
        "k8s": ("urischeme", None),
        "kubernetes": ("urischeme", None),
        "mailto": (f"{__name__}.consul", "permanent"),
        "unix": ("urischeme", None),
        "unix-abstract": ("urischeme", None),
        "vsock": ("urischeme", None),
    }
    assert [info.scheme for info in registry.schemes()] == sorted(listed)


# --- threads

THREADS = 16
DEADLINE = 20


def test_many_threads_may_ask_first_at_once(install: Install) -> None:
    install("slow", {"slow": "plug_slow:Slow"}, plug_slow="class Slow:\n    def resolve(self, target): return self")
    registry, barrier = Registry(), threading.Barrier(THREADS)

    def ask(_: int) -> object:
        barrier.wait(DEADLINE)
        return registry.handler(Target.parse("slow:x", registry=registry)).resolver

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(ask, range(THREADS)))) == 1


def test_a_plugin_that_loads_forever_holds_up_nobody_else(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    loading, go_on = threading.Event(), threading.Event()
    source = f"""
        import plug_events
        plug_events.loading.set()
        assert plug_events.go_on.wait({DEADLINE})
        def resolve(target):
            return "10.0.0.7", 7
    """
    install("slow", {"slow": "plug_slow:resolve"}, plug_slow=source)
    events = type(sys)("plug_events")
    events.__dict__.update(loading=loading, go_on=go_on)
    monkeypatch.setitem(sys.modules, "plug_events", events)
    registry = Registry()

    with ThreadPoolExecutor(2) as pool:
        slow = pool.submit(answer, registry, "slow:x")
        assert loading.wait(DEADLINE)
        try:
            assert pool.submit(answer, registry, "ipv4:10.0.0.1").result(DEADLINE) == "ipv4:10.0.0.1:443"
            # The module that is being imported may register things, in whatever thread.
            pool.submit(registry.register, "consul", consul).result(DEADLINE)
            assert not slow.done()
        finally:
            go_on.set()
        assert slow.result(DEADLINE) == "ipv4:10.0.0.7:7"
