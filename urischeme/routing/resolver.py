"""What a plugin writes, and everything plain that it may give back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

import attrs

from urischeme.display import shorten
from urischeme.errors import RegistrationError, ResolveError
from urischeme.routing.endpoint import Address, Endpoint, Resolution, TCPAddress, UnixAddress
from urischeme.routing.frozen import EMPTY
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.options import Option, given, options_of
from urischeme.routing.target import Target

__all__ = ["Answer", "Handler", "Resolver", "ResolverFunction", "static"]

Plain: TypeAlias = "str | tuple[str, int] | Address | Endpoint"
"""One endpoint: text that begins with `/` is a Unix path, other text is `ip:port`; or a pair of the two."""

Answer: TypeAlias = "Resolution | Plain | Iterable[Plain] | Target"
"""What a resolver gives back; a Target is handed on to the resolver of its scheme."""

ResolverFunction: TypeAlias = "Callable[[Target], Answer | Awaitable[Answer]]"


@runtime_checkable
class Resolver(Protocol):
    """What is registered for a scheme: an object with `resolve`, or a function that does the same.

    A function may be plain or `async`; a plain one runs in a thread of its own, since it may block. Its keyword-only
    parameters, and those of `resolve`, `watch` and `check`, are the options that a target may have, read from the query
    into the types of their annotations: `str`, `int`, `float`, `bool`, a `Literal` of texts, an `Enum` of texts, or one
    of them or None. Every other option is refused before it is asked. An object may also have:

    * `check(target) -> None`: refuse a target with no I/O, by `raise target.error("what is wrong")`;
    * `options`: names of further options, which it reads by itself from `target.options`;
    * `watch(target)`: push. An async iterator, best an async generator, of all that is there: at first, and again when
      it has changed. Each item is what `resolve` gives back, or a Resolution without endpoints; or an error of ours,
      where something went wrong and it goes on by itself: a NotFound means that nothing is there, any other leaves
      open what is. It raises what `resolve` raises, and is then begun anew after a while, as when it ends. An async
      generator is closed when nobody watches any more. Where there is no `watch`, or it gives None for a target,
      `resolve` is asked again and again.
    """

    async def resolve(self, target: Target) -> Answer:
        """What the target leads to now.

        Raises ResolveError, saying whether asking again can help; NotFound where nothing is there.
        """
        ...


def static(function: Callable[[Target], Resolution]) -> Callable[[Target], Resolution]:
    """Mark a resolver function that only computes: no I/O, so it may run anywhere, and is its own `check`."""
    function.is_static = True  # type: ignore[attr-defined]
    return function


@attrs.frozen
class Handler:
    """A registered resolver, with one way to check and to ask it, whatever its author wrote.

    Attributes:
        resolver: the function or object.
        origin: who registered it, for messages.
        resolve_options: those that its annotations name, for `resolve`.
        watch_options: for `watch`.
        check_options: and for `check`.
    """

    resolver: Any
    origin: str
    resolve_options: Mapping[str, Option] = EMPTY
    watch_options: Mapping[str, Option] = EMPTY
    check_options: Mapping[str, Option] = EMPTY

    @classmethod
    def of(cls, resolver: object, origin: str) -> Handler:
        """Wrap what somebody registers: a function, an object, or a class of such objects.

        Raises RegistrationError for anything else, and for options that it cannot take.
        """
        made = _made(resolver, origin) if isinstance(resolver, type) else resolver
        resolve: object = getattr(made, "resolve", made)
        if not callable(resolve):
            raise RegistrationError(
                f"a resolver is a function of a Target, or an object with a resolve method; {origin} gave "
                f"{type(made).__name__}"
            )
        return cls(made, origin, options_of(resolve), _method_options(made, "watch"), _method_options(made, "check"))

    @property
    def is_static(self) -> bool:
        """Whether it only computes."""
        return bool(getattr(self.resolver, "is_static", False))

    @property
    def function(self) -> Callable[[Target], Any]:
        """What to call: it gives an answer, or something to await for one."""
        function: Callable[[Target], Any] = getattr(self.resolver, "resolve", self.resolver)
        return function

    @property
    def options(self) -> tuple[Option, ...]:
        """All that it knows, by name: those of its annotations, and those that it reads by itself."""
        found = {**_own_options(self.resolver), **self.check_options, **self.watch_options, **self.resolve_options}
        return tuple(found[name] for name in sorted(found))

    @property
    def can_push(self) -> bool:
        """Whether it tells of some targets by itself what has changed."""
        return callable(getattr(self.resolver, "watch", None))

    def call(self, target: Target) -> Any:
        """Ask it: an answer, or something to await for one. Raises TargetError for an option that it cannot read."""
        return self.function(target, **given(target, self.resolve_options))

    def watch(self, target: Target) -> AsyncIterator[object] | None:
        """What it pushes: answers in any form, and errors; None where it does not push for this target."""
        if not self.can_push:
            return None
        stream: AsyncIterator[object] | None = self.resolver.watch(target, **given(target, self.watch_options))
        return stream

    def check(self, target: Target) -> Resolution | Target | None:
        """Refuse, with no I/O, a target that this resolver does not take.

        Returns:
            What the target leads to, or is handed on to, if to compute that was all there is to check; else None.

        Raises:
            TargetError: for one that it does not take.
        """
        if target.options:
            self._check_options(target)
        if self.is_static:
            return self.answer(self.call(target))
        if hasattr(self.resolver, "check"):
            self.resolver.check(target, **given(target, self.check_options))
        return None

    def _check_options(self, target: Target) -> None:
        known = [option.name for option in self.options]
        unknown = sorted(set(target.options).difference(known))
        if unknown:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise target.error(f"{target.scheme} has no option {shorten(unknown[0])!r}; {takes}")
        # To read them is to check them.
        for options in (self.resolve_options, self.watch_options, self.check_options):
            _ = given(target, options)

    def answer(self, answer: object) -> Resolution | Target:
        """What it gave back, as a Resolution or as the target that it hands on to. Raises as `resolution` does."""
        return answer if isinstance(answer, Target) else self.resolution(answer)

    def resolution(self, answer: object) -> Resolution:
        """What it gave back, as a Resolution. Raises ResolveError, not retryable, where it makes no sense."""
        if isinstance(answer, Resolution):
            return answer
        try:
            return Resolution(map(_endpoint, _several(answer)))
        except (TypeError, ValueError) as error:
            message = f"the resolver of {self.origin} gave back what is no endpoint: {error}"
            raise ResolveError(message, retryable=False) from error


def _made(resolver: type[object], origin: str) -> object:
    try:
        return resolver()
    except TypeError as error:
        # Most of all where it takes arguments.
        raise RegistrationError(
            f"{origin} cannot be made without arguments ({error}); register an object of it, made with them"
        ) from error


def _method_options(resolver: object, name: str) -> Mapping[str, Option]:
    method: object = getattr(resolver, name, None)
    return options_of(method) if callable(method) else EMPTY


def _own_options(resolver: object) -> Mapping[str, Option]:
    declared: Iterable[str | Option] = getattr(resolver, "options", ())
    options = (each if isinstance(each, Option) else Option(each, "a text", None) for each in declared)
    return {option.name: option for option in options}


def _several(answer: object) -> Iterable[object]:
    match answer:
        case tuple((str() as host, int() as port)):
            return ((host, port),)
        case _ if isinstance(answer, str | Endpoint | Address):
            return (answer,)
        case Iterable() if not isinstance(answer, bytes | dict):
            return cast("Iterable[object]", answer)
        case _:
            raise TypeError(f"{type(answer).__name__} is no list of endpoints")


def _endpoint(value: object) -> Endpoint:
    match value:
        case Endpoint():
            return value
        case str():
            return Endpoint(_plain_address(value))
        case tuple((str(host), int(port))):
            return Endpoint(TCPAddress(host, port))
        case _ if isinstance(value, Address):
            return Endpoint(value)
        case _:
            raise TypeError(f"{value!r} is neither 'ip:port', a path, a pair of the two, an Address nor an Endpoint")


def _plain_address(text: str) -> Address:
    if text.startswith("/"):
        return UnixAddress(text)
    host, port = split_host_port(text)
    if port is None:
        raise ValueError(f"{text!r} has no port")
    return TCPAddress(host, port_number(port))
