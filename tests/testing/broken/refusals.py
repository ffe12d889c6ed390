"""Broken in which targets they take, in `check`, and in what they raise."""

from __future__ import annotations

import asyncio
import re
import socket
import threading
from typing import Any

from tests.testing.broken.fault import Asked, fault
from urischeme import NotFound, ResolveError, Target
from urischeme.testing import ResolverContract as C


@fault(
    "raises KeyError for a name that is not there",
    C.test_no_target_crashes_it,
    C.test_what_is_not_there_is_not_found,
)
class RaisesKeyError(Asked):
    async def resolve(self, target: Target) -> Any:
        return [(host, 80) for host in self.store.hosts[target.endpoint]]


@fault(
    "takes the path apart, and does not look whether that works",
    C.test_no_target_crashes_it,
    named=lambda self, name: None,
)
class Unpacks(Asked):
    async def resolve(self, target: Target) -> Any:
        (name,) = target.endpoint.split("/")
        return self.store.find(name)


@fault("waits for ever for a name that may yet come", C.test_no_target_crashes_it, patience=0.3)
class WaitsForEver(Asked):
    async def resolve(self, target: Target) -> Any:
        try:
            return self.store.find(target.endpoint)
        except NotFound:
            if target.endpoint == "nobody":
                raise
            await asyncio.Event().wait()


@fault("encodes the path without a thought for bytes that are no UTF-8", C.test_no_target_crashes_it)
class EncodesStrictly(Asked):
    async def resolve(self, target: Target) -> Any:
        _ = target.endpoint.encode()
        return self.store.find(target.endpoint)


@fault("raises an exception of its own, derived from Exception", C.test_no_target_crashes_it)
class RaisesItsOwn(Asked):
    class ConsulError(Exception):
        pass

    async def resolve(self, target: Target) -> Any:
        if ":" in target.endpoint:
            raise self.ConsulError("no leader")
        return self.store.find(target.endpoint)


@fault(
    "lets the OSError of its connection through, with the target in it",
    C.test_no_target_crashes_it,
    C.test_no_error_shows_a_password,
)
class RaisesOSError(Asked):
    async def resolve(self, target: Target) -> Any:
        if ":" in target.endpoint or target.authority:
            raise ConnectionRefusedError(f"{target} refused the connection")
        return self.store.find(target.endpoint)


@fault("raises ValueError in check", C.test_no_target_crashes_it)
class RaisesInCheck(Asked):
    def check(self, target: Target) -> None:
        super().check(target)
        if "\0" in target.path:
            raise ValueError("a name has no NUL")

    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.endpoint)


@fault("raises ResolveError in check", C.test_no_target_crashes_it)
class RaisesResolveErrorInCheck(Asked):
    def check(self, target: Target) -> None:
        super().check(target)
        if ":" in target.path:
            raise ResolveError("a name has no colon", retryable=False)


@fault("takes a target that names nothing", C.test_bad_targets_are_refused, C.test_check_refuses_what_resolve_refuses)
class TakesBadTargets(Asked):
    def check(self, target: Target) -> None:
        pass

    async def resolve(self, target: Target) -> Any:
        Asked.check(self, target)
        return self.store.find(target.endpoint)


@fault("looks a host up in check", C.test_check_does_no_io)
class LooksUpInCheck(Asked):
    def check(self, target: Target) -> None:
        super().check(target)
        _ = socket.getaddrinfo("127.0.0.1", None)


@fault("reads a file in check", C.test_check_does_no_io)
class ReadsInCheck(Asked):
    def check(self, target: Target) -> None:
        super().check(target)
        with open("/etc/hosts", encoding="utf-8"):  # noqa: PTH123
            pass


@fault("writes an async check, which nobody awaits", C.test_check_does_no_io, C.test_bad_targets_are_refused)
class ChecksAsync:
    def __init__(self, store: Any) -> None:
        self.store = store

    async def check(self, target: Target) -> None:
        Asked.check(self, target)  # type: ignore[arg-type]

    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.endpoint)


@fault("lets check take what resolve refuses", C.test_check_refuses_what_resolve_refuses)
class ChecksLess(Asked):
    async def resolve(self, target: Target) -> Any:
        if "," in target.endpoint:
            raise target.error("one service is asked for, not several")
        return self.store.find(target.endpoint)


@fault("takes **options, and waits for them in vain", C.test_unknown_options_are_refused)
class TakesAnyOption(Asked):
    async def resolve(self, target: Target, **options: str) -> Any:
        return self.store.find(target.endpoint)[: int(options.get("limit", "10"))]


@fault("declares its one option as a text: options = 'limit'", C.test_unknown_options_are_refused)
class DeclaresLetters(Asked):
    options = "limit"


@fault("reads a number from an option by int() alone", C.test_values_of_options_are_checked)
class ReadsByInt(Asked):
    options = ("limit",)

    async def resolve(self, target: Target) -> Any:
        return self.store.find(target.endpoint)[: int(target.options.get("limit", "10"))]


@fault("goes through the path by recursion", C.test_long_targets_take_time_by_their_length)
class Recurses(Asked):
    async def resolve(self, target: Target) -> Any:
        return self.store.find(self._joined(target.endpoint.split("/")))

    def _joined(self, parts: list[str]) -> str:
        return parts[0] if len(parts) == 1 else f"{parts[0]}/{self._joined(parts[1:])}"


@fault("takes quadratic time", C.test_long_targets_take_time_by_their_length)
class IsQuadratic(Asked):
    async def resolve(self, target: Target) -> Any:
        rest, name = target.endpoint, ""
        while rest:
            name += rest[0]
            rest = rest[1:]
        return self.store.find(name)


@fault("holds the path against an expression that goes back", C.test_long_targets_take_time_by_their_length)
class GoesBack(Asked):
    def check(self, target: Target) -> None:
        super().check(target)
        _ = re.fullmatch(r"(?:a+)+", target.endpoint + "!")


@fault(
    "calls int() on any number of digits", C.test_no_target_crashes_it, C.test_long_targets_take_time_by_their_length
)
class ReadsAnyNumber(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.endpoint.isascii() and target.endpoint.isdigit():
            return [("10.0.0.1", int(target.endpoint) % 65536)]
        return self.store.find(target.endpoint)


class _NoLeader(ResolveError):
    def __init__(self, message: str) -> None:
        Exception.__init__(self, message)


@fault(
    "raises a ResolveError of its own that does not say whether to ask again", C.test_errors_say_whether_to_ask_again
)
class DoesNotSayRetryable(Asked):
    async def resolve(self, target: Target) -> Any:
        if ":" in target.endpoint:
            raise _NoLeader("no leader")
        return self.store.find(target.endpoint)


class _NotYet(NotFound):
    retryable = True

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.retryable = True


@fault("raises a NotFound that is retryable", C.test_errors_say_whether_to_ask_again)
class SaysNotYet(Asked):
    async def resolve(self, target: Target) -> Any:
        if ":" in target.endpoint:
            raise _NotYet("not yet there")
        return self.store.find(target.endpoint)


class _WithLock(ResolveError):
    def __init__(self, message: str) -> None:
        super().__init__(message, retryable=True)
        self.lock = threading.Lock()


@fault("keeps in an error what cannot be pickled", C.test_errors_can_be_pickled)
class KeepsLockInError(Asked):
    async def resolve(self, target: Target) -> Any:
        if ":" in target.endpoint:
            raise _WithLock("no leader")
        return self.store.find(target.endpoint)


@fault("names the whole target in an error", C.test_no_error_shows_a_password)
class ShowsTarget(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.authority:
            raise ResolveError(f"{target} does not answer", retryable=True)
        return self.store.find(target.endpoint)


@fault("keeps the error of its connection, whose text has the password, as the cause", C.test_no_error_shows_a_password)
class ShowsCause(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.authority:
            try:
                raise ConnectionRefusedError(f"cannot connect to http://{target.authority}/")
            except OSError as error:
                raise ResolveError("it does not answer", retryable=True) from error
        return self.store.find(target.endpoint)


class _OfServer(ResolveError):
    def __init__(self, server: str) -> None:
        super().__init__("the server does not answer", retryable=True)
        self.server = server

    def __repr__(self) -> str:
        return f"_OfServer({self.server!r})"


@fault("raises an error whose repr has the password", C.test_no_error_shows_a_password)
class ShowsInRepr(Asked):
    async def resolve(self, target: Target) -> Any:
        if target.authority:
            raise _OfServer(target.authority)
        return self.store.find(target.endpoint)
