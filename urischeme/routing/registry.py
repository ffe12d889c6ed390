"""Which resolver a scheme has: built in, registered, or declared by an installed package."""

from __future__ import annotations

import pkgutil
import re
import threading
from collections.abc import Callable, Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TypeVar, overload

import attrs

from urischeme.errors import BrokenPlugin, RegistrationError, UnknownScheme
from urischeme.routing.options import Option
from urischeme.routing.resolver import Handler, Resolver, ResolverFunction
from urischeme.routing.target import Target
from urischeme.syntax import abnf, iana
from urischeme.syntax.scheme_rules import checked_scheme

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

    from urischeme.routing.endpoint import Resolution

__all__ = ["Registry", "SchemeDetails", "SchemeInfo", "default_registry", "register", "schemes"]

ENTRY_POINT_GROUP: Final = "urischeme.resolvers"

# Names, not imports: a scheme loads when it is first asked for, and routing knows nothing of the floor above it.
_BUILT_IN: Final = {
    "dns": "urischeme.resolvers.dns:Dns",
    "ipv4": "urischeme.resolvers.ip:ipv4",
    "ipv6": "urischeme.resolvers.ip:ipv6",
    "k8s": "urischeme.resolvers.k8s:K8s",
    "kubernetes": "urischeme.resolvers.k8s:K8s",
    "unix": "urischeme.resolvers.unix:unix",
    "unix-abstract": "urischeme.resolvers.unix:unix_abstract",
    "vsock": "urischeme.resolvers.vsock:vsock",
}
_BUILT_IN_ORIGIN: Final = "urischeme"

_is_scheme = re.compile(abnf.SCHEME).fullmatch

R = TypeVar("R", bound="Resolver | ResolverFunction | type[Resolver] | str")


@attrs.frozen
class SchemeInfo:
    """One scheme of a registry.

    Attributes:
        scheme: in lower case.
        origin: who brought it: "urischeme", a package and its version, or where it was registered.
        iana: "permanent", "provisional" or "historical" in IANA's registry of schemes, or None.
        error: why it cannot be used, or None.
    """

    scheme: str
    origin: str
    iana: str | None
    error: str | None = None


@attrs.frozen
class SchemeDetails:
    """One scheme of a registry, its resolver loaded.

    Attributes:
        info: what is known without loading it; `error` also says why it does not load.
        resolver: where it is: "module:name".
        options: those that a target of this scheme may have.
        pushes: whether it tells of changes by itself, of some targets at least.
    """

    info: SchemeInfo
    resolver: str
    options: tuple[Option, ...] = ()
    pushes: bool = False


@attrs.frozen
class _Source:
    """Where a scheme's resolver comes from, and is: already there, or loaded on first use."""

    origin: str
    name: str
    load: Callable[[], object]
    error: str | None = None


class Registry:
    """Schemes and their resolvers: the built-in ones, what was registered, and what installed packages declare.

    Args:
        allow: the only schemes that may be used, or None for all of them.
        default_scheme: where a target without a scheme goes.

    Safe to use from several threads.

    >>> registry = Registry(allow={"ipv4", "ipv6"})
    >>> "ipv4" in registry, "dns" in registry
    (True, False)
    """

    def __init__(self, *, allow: Collection[str] | None = None, default_scheme: str = "dns") -> None:
        self.allow = None if allow is None else frozenset(_checked_schemes(allow))
        self.default_scheme = checked_scheme(default_scheme)
        self._lock = threading.RLock()
        self._sources = {scheme: _Source(_BUILT_IN_ORIGIN, name, _named(name)) for scheme, name in _BUILT_IN.items()}
        self._handlers: dict[str, Handler] = {}
        self._declared: dict[str, _Source] | None = None
        # What targets lead to by these resolvers, where they only compute: `live.ask` remembers it here. Another one
        # takes its place when the resolvers change, so that nobody adds to it what the old ones said.
        self.static_answers: dict[str, tuple[Target, Handler, Resolution]] = {}

    @overload
    def register(self, scheme: str, resolver: R, *, replace: bool = False, aliases: Collection[str] = ()) -> R: ...
    @overload
    def register(
        self, scheme: str, resolver: None = None, *, replace: bool = False, aliases: Collection[str] = ()
    ) -> Callable[[R], R]: ...
    def register(
        self, scheme: str, resolver: R | None = None, *, replace: bool = False, aliases: Collection[str] = ()
    ) -> R | Callable[[R], R]:
        """Give a scheme its resolver, by a call or as a decorator.

        Args:
            scheme: RFC 3986's `scheme`, of any case.
            resolver: a function of a Target, plain or async; an object with `resolve`; a class of such objects; or the
                text "module:name" of one, to be loaded on first use.
            replace: whether it may take the place of another.
            aliases: further schemes that mean the same.

        Returns:
            The resolver, as it was given.

        Raises:
            RegistrationError: for a scheme that is none, one that is taken, or a resolver that is none.

        >>> registry = Registry()
        >>> @registry.register("consul")
        ... def consul(target):
        ...     return [("10.0.0.1", 8500)]
        >>> registry.register("consul", consul)
        Traceback (most recent call last):
        urischeme.errors.RegistrationError: the scheme consul is taken by ...; pass replace=True to take its place
        """
        if resolver is None:
            return lambda decorated: self.register(scheme, decorated, replace=replace, aliases=aliases)
        names = [checked_scheme(scheme), *_checked_schemes(aliases)]
        source = _registered(resolver)
        with self._lock:
            for name in names:
                taken = self._source(name)
                if taken is not None and not replace:
                    raise RegistrationError(
                        f"the scheme {name} is taken by {taken.origin}; pass replace=True to take its place"
                    )
            for name in names:
                self._sources[name] = source
                self._handlers.pop(name, None)
            self.static_answers = {}
        return resolver

    def __contains__(self, scheme: object) -> bool:
        """Whether the scheme has a resolver here; nothing is loaded to tell."""
        return isinstance(scheme, str) and _is_scheme(scheme) is not None and self._allowed(scheme.lower()) is not None

    def handler(self, target: Target) -> Handler:
        """The resolver for a target's scheme, loaded if it was not yet.

        Raises:
            UnknownScheme: where there is none, or it is not allowed.
            BrokenPlugin: where there is one, and it does not load.
        """
        scheme = target.scheme
        with self._lock:
            source, handler = self._allowed(scheme), self._handlers.get(scheme)
        if source is None:
            raise self._unknown(target)
        if handler is None:
            # Without the lock: what is imported now may take its time, and may register something itself.
            handler = _load(source, target)
            with self._lock:
                if self._source(scheme) is source:
                    handler = self._handlers.setdefault(scheme, handler)
        return handler

    def schemes(self) -> list[SchemeInfo]:
        """What may be used here, by whom, sorted by scheme; nothing is loaded to tell.

        >>> [info.scheme for info in Registry(allow=["ipv4", "unix"]).schemes()]
        ['ipv4', 'unix']
        """
        with self._lock:
            known = {**self._declarations(), **self._sources}
        return [_info(name, known[name]) for name in sorted(known) if self.allow is None or name in self.allow]

    def describe(self, scheme: str) -> SchemeDetails:
        """What there is to know of a scheme; its resolver is loaded to tell.

        Raises KeyError for a scheme that `schemes` does not list.

        >>> [f"{option.name}: {option.type}" for option in Registry().describe("dns").options]
        ['family: dual, ipv4 or ipv6', 'service_config: false or true', 'srv: _service._proto']
        """
        source = self._allowed(scheme.lower())
        if source is None:
            raise KeyError(scheme)
        info = _info(scheme.lower(), source)
        if info.error is not None:
            return SchemeDetails(info, source.name)
        try:
            handler = self.handler(Target(info.scheme, "", ""))
        except BrokenPlugin as error:
            return SchemeDetails(attrs.evolve(info, error=error.reason), source.name)
        return SchemeDetails(info, source.name, handler.options, handler.can_push)

    def nearest(self, scheme: str) -> str | None:
        """The scheme that somebody who wrote `scheme` may have meant, or None.

        >>> Registry().nearest("dsn")
        'dns'
        """
        import difflib

        near = difflib.get_close_matches(scheme[:_LONGEST_GUESS].lower(), [info.scheme for info in self.schemes()], n=1)
        return near[0] if near else None

    @contextmanager
    def overriding(self, resolvers: Mapping[str, Resolver | ResolverFunction] | None = None) -> Generator[Registry]:
        """For tests: what is registered within the block is forgotten at its end.

        Args:
            resolvers: to be registered at once, in the place of any others.

        >>> registry = Registry()
        >>> with registry.overriding({"dns": lambda target: ("127.0.0.1", 80)}):
        ...     registry.schemes()[0].origin == "urischeme"
        False
        >>> registry.schemes()[0].origin
        'urischeme'
        """
        with self._lock:
            sources, handlers = self._sources.copy(), self._handlers.copy()
        try:
            for scheme, resolver in (resolvers or {}).items():
                self.register(scheme, resolver, replace=True)
            yield self
        finally:
            with self._lock:
                self._sources, self._handlers = sources, handlers
                self.static_answers = {}

    def _allowed(self, scheme: str) -> _Source | None:
        return self._source(scheme) if self.allow is None or scheme in self.allow else None

    def _source(self, scheme: str) -> _Source | None:
        return self._sources.get(scheme) or self._declarations().get(scheme)

    def _declarations(self) -> dict[str, _Source]:
        """What installed packages declare: looked for once, when a scheme is asked for that is not here already."""
        with self._lock:
            if self._declared is None:
                self._declared = _declared_sources()
            return self._declared

    def _unknown(self, target: Target) -> UnknownScheme:
        scheme = target.scheme
        if self.allow is not None and scheme not in self.allow:
            reason = f"the scheme {scheme} is not allowed here; allowed: {', '.join(sorted(self.allow)) or 'none'}"
            return UnknownScheme(str(target), reason, scheme=scheme)
        near = self.nearest(scheme)
        advice = (
            f"did you mean {near}:?"
            if near
            else f"resolvers are there for {', '.join(info.scheme for info in self.schemes())}"
        )
        return UnknownScheme(
            str(target), f"no resolver for the scheme {scheme}; {advice}", scheme=scheme, suggestion=near
        )


# difflib takes quadratic time, and no scheme that anyone meant is longer.
_LONGEST_GUESS: Final = 64


def _checked_schemes(schemes: Collection[str]) -> list[str]:
    if isinstance(schemes, str):
        raise TypeError(f"schemes are a collection of names, as in [{schemes!r}]")
    return [checked_scheme(scheme) for scheme in schemes]


def _info(scheme: str, source: _Source) -> SchemeInfo:
    return SchemeInfo(scheme, source.origin, iana.status(scheme), source.error)


def _load(source: _Source, target: Target) -> Handler:
    try:
        return Handler.of(source.load(), source.origin)
    # A plugin may fail in any way, and must fail alone.
    except (Exception, SystemExit) as error:
        reason = source.error or f"it does not load: {type(error).__name__}: {error}"
        raise BrokenPlugin(
            str(target),
            f"the resolver for {target.scheme} comes from {source.origin}; {reason}",
            scheme=target.scheme,
            package=source.origin,
        ) from error


def _named(name: str) -> Callable[[], object]:
    return lambda: pkgutil.resolve_name(name)


def _registered(resolver: object) -> _Source:
    if isinstance(resolver, str):
        return _Source(resolver, resolver, _named(resolver))
    module = getattr(resolver, "__module__", "?")
    name = getattr(resolver, "__qualname__", type(resolver).__qualname__)
    origin = f"{module}.{name}"
    handler = Handler.of(resolver, origin)
    return _Source(origin, f"{module}:{name}", lambda: handler.resolver)


def _declared_sources() -> dict[str, _Source]:
    from importlib.metadata import distributions

    found: dict[str, dict[str, EntryPoint]] = {}
    packages: set[str] = set()
    for package in distributions():
        # Not entry_points(): one package on the path with metadata that cannot be read would hide all the others.
        with suppress(Exception):
            points = package.entry_points.select(group=ENTRY_POINT_GROUP)
            # One package may be seen twice, as when it is installed both plainly and for editing: the first counts.
            if points and package.name not in packages:
                packages.add(package.name)
                for point in points:
                    found.setdefault(point.name.lower(), {})[f"{package.name} {package.version}"] = point
    return {scheme: _declared(scheme, points) for scheme, points in found.items()}


def _declared(scheme: str, points: dict[str, EntryPoint]) -> _Source:
    origin = " and ".join(sorted(points))
    name = " and ".join(points[package].value for package in sorted(points))
    if not _is_scheme(scheme):
        error = "that is no scheme: a letter, and then letters, digits, +, - and . (RFC 3986 section 3.1)"
        return _Source(origin, name, _refuse, error)
    if len(points) > 1:
        return _Source(origin, name, _refuse, "both declare it; uninstall one, or register the one you mean")
    (point,) = points.values()
    return _Source(origin, name, point.load)


def _refuse() -> object:
    raise RegistrationError("what was declared cannot be used")


default_registry: Final = Registry()
"""What is used where no other registry is named: the only state that the whole process shares."""

register = default_registry.register


def schemes() -> list[SchemeInfo]:
    """What is registered in the default registry, by whom, and its IANA status.

    >>> schemes()[0]
    SchemeInfo(scheme='dns', origin='urischeme', iana='permanent', error=None)
    """
    return default_registry.schemes()
