"""What a plugin writes, and everything plain that it may give back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Any, Protocol, TypeAlias, cast, runtime_checkable

import attrs

from urischeme.display import shorten
from urischeme.errors import RegistrationError, ResolveError
from urischeme.routing.endpoint import Address, Endpoint, Resolution, TCPAddress, UnixAddress
from urischeme.routing.host_port import port_number, split_host_port
from urischeme.routing.target import Target

__all__ = ["Answer", "Handler", "Resolver", "ResolverFunction", "static"]

Plain: TypeAlias = "str | tuple[str, int] | Address | Endpoint"
"""One endpoint: text that begins with `/` is a Unix path, other text is `ip:port`; or a pair of the two."""

Answer: TypeAlias = "Resolution | Plain | Iterable[Plain]"

ResolverFunction: TypeAlias = Callable[[Target], Answer] | Callable[[Target], Awaitable[Answer]]


@runtime_checkable
class Resolver(Protocol):
    """What is registered for a scheme: an object with `resolve`, or a function that does the same.

    A function may be plain or `async`; a plain one runs in a thread of its own, since it may block. An object may also
    have:

    * `check(target) -> None`: refuse a target with no I/O, by `raise target.error("what is wrong")`;
    * `options`: the names of the options that it knows. Every other option is refused before it is asked;
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
    """

    resolver: Any
    origin: str

    @classmethod
    def of(cls, resolver: object, origin: str) -> Handler:
        """Wrap what somebody registers: a function, an object, or a class of such objects.

        Raises RegistrationError for anything else.
        """
        made = resolver() if isinstance(resolver, type) else resolver
        if not callable(getattr(made, "resolve", made)):
            raise RegistrationError(
                f"a resolver is a function of a Target, or an object with a resolve method; {origin} gave "
                f"{type(made).__name__}"
            )
        return cls(made, origin)

    @property
    def is_static(self) -> bool:
        """Whether it only computes."""
        return bool(getattr(self.resolver, "is_static", False))

    @property
    def function(self) -> Callable[[Target], Any]:
        """What to call: it gives an answer, or something to await for one."""
        function: Callable[[Target], Any] = getattr(self.resolver, "resolve", self.resolver)
        return function

    def watch(self, target: Target) -> AsyncIterator[object] | None:
        """What it pushes: answers in any form, and errors; None where it does not push for this target."""
        watch: Callable[[Target], AsyncIterator[object] | None] | None = getattr(self.resolver, "watch", None)
        return watch(target) if callable(watch) else None

    def check(self, target: Target) -> Resolution | None:
        """Refuse, with no I/O, a target that this resolver does not take.

        Returns:
            What the target leads to, if to compute that was all there is to check; else None.

        Raises:
            TargetError: for one that it does not take.
        """
        if target.options:
            self._check_options(target)
        if self.is_static:
            return self.resolution(self.function(target))
        if hasattr(self.resolver, "check"):
            self.resolver.check(target)
        return None

    def _check_options(self, target: Target) -> None:
        known = sorted(getattr(self.resolver, "options", ()))
        unknown = sorted(set(target.options).difference(known))
        if unknown:
            takes = f"it takes {', '.join(known)}" if known else "it takes none"
            raise target.error(f"{target.scheme} has no option {shorten(unknown[0])!r}; {takes}")

    def resolution(self, answer: object) -> Resolution:
        """What it gave back, as a Resolution. Raises ResolveError, not retryable, where it makes no sense."""
        if isinstance(answer, Resolution):
            return answer
        try:
            return Resolution(map(_endpoint, _several(answer)))
        except (TypeError, ValueError) as error:
            message = f"the resolver of {self.origin} gave back what is no endpoint: {error}"
            raise ResolveError(message, retryable=False) from error


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
