"""Laws on what is raised."""

from __future__ import annotations

import asyncio
import pickle
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias
from unittest import SkipTest
from urllib.parse import quote

from urischeme.display import shorten
from urischeme.errors import Error, NotFound, ResolveError
from urischeme.routing.target import Target
from urischeme.testing.contract.odd import odd_paths, plainly_odd, with_password
from urischeme.testing.contract.subject import Subject
from urischeme.testing.contract.trial import WAITS, Hung, Trial, for_all, said, trial
from urischeme.testing.contract.watching import QUIET, Stream, follows

_PASSWORDS: Final = ("s3cr3t-of-ada", "s3cr3t/of:ada", "s3cr3t%2Fof")


_Law: TypeAlias = Callable[[Trial, str, Error], None]
"""What has to hold of an error that was raised for a target."""


class ErrorLaws(Subject):
    """On what is raised."""

    def test_errors_say_whether_to_ask_again(self) -> None:
        """Each ResolveError has `retryable`, True or False, and no NotFound is retryable."""
        with trial(self) as tried:
            self._for_each_error(tried, _says_whether_to_ask_again)

    def test_errors_can_be_pickled(self) -> None:
        """Each error can be sent to another process, and is the same there."""
        with trial(self) as tried:
            self._for_each_error(tried, _can_be_pickled)

    def test_no_error_shows_a_password(self) -> None:
        """What stands before the `@` of an authority is in no text, repr, note or cause of any error."""
        with trial(self) as tried:
            for password in _PASSWORDS:
                tried.run(_keeps_all_secret(tried, password))

    def _for_each_error(self, tried: Trial, law: _Law) -> None:
        for text in (self.missing_target(), self.unreachable_target(), *self.bad_targets()):
            if text is not None:
                tried.run(_raises_well(tried, text, law))
        for target in plainly_odd(tried.target):
            tried.run(_raises_well(tried, target, law))
        for_all(self, odd_paths(tried.target), lambda target: tried.run(_raises_well(tried, target, law)))


async def _raises_well(tried: Trial, target: Target | str, law: _Law) -> None:
    for error in await _raised(tried, target):
        if isinstance(error, Error):
            law(tried, str(target), error)


async def _raised(tried: Trial, target: Target | str) -> list[BaseException]:
    """What is raised by `check` or, if it takes the target, by `resolve`."""
    try:
        parsed = Target.parse(target, registry=tried.registry) if isinstance(target, str) else target
        await tried.checked(parsed)
        _ = tried.handler.answer(await tried.raw(parsed))
    except Hung:
        tried.skip(WAITS)
    except Exception as error:
        return [error]
    return []


async def _watched(tried: Trial, target: Target) -> list[BaseException]:
    """What a watch raises, or begins with."""
    if not follows(tried):
        return []
    try:
        await tried.checked(target)
        async with Stream(tried, target) as stream:
            item = await stream.next(QUIET)
    except SkipTest:
        return []
    except Exception as error:
        return [error]
    return [item] if isinstance(item, Error) else []


def _says_whether_to_ask_again(tried: Trial, target: str, error: Error) -> None:
    if not isinstance(error, ResolveError):
        return
    retryable: object = getattr(error, "retryable", None)
    name = type(error).__name__
    if not isinstance(retryable, bool):
        tried.broken(
            f"for {shorten(target)} it raised a {name} whose retryable is "
            f"{'not there' if retryable is None else shorten(repr(retryable))}",
            "call super().__init__(message, retryable=True or False) in the class's __init__",
            error,
        )
    if isinstance(error, NotFound) and retryable:
        tried.broken(
            f"for {shorten(target)} it raised a {name} that is retryable",
            "raise ResolveError where asking again can help: NotFound is an answer",
            error,
        )


def _can_be_pickled(tried: Trial, target: str, error: Error) -> None:
    name = type(error).__name__
    mend = (
        "derive it from ResolveError with plain attributes only, and no __reduce__ of its own, in a module of its own"
    )
    try:
        copy = pickle.loads(pickle.dumps(error))
    except Exception as reason:
        tried.broken(f"for {shorten(target)} it raised a {name} that cannot be pickled: {said(reason)}", mend, error)
    same = type(copy) is type(error) and str(copy) == str(error)
    if not same or getattr(copy, "retryable", None) != getattr(error, "retryable", None):
        tried.broken(f"for {shorten(target)} it raised a {name} that is another when unpickled", mend, error)


async def _keeps_all_secret(tried: Trial, password: str) -> None:
    _ = await asyncio.gather(
        *(_keeps_secret(tried, target, password) for target in with_password(tried.target, password))
    )


async def _keeps_secret(tried: Trial, target: Target, password: str) -> None:
    spellings = {password, quote(password, safe=""), quote(password), repr(password)[1:-1]}
    for error in [*await _raised(tried, target), *await _watched(tried, target)]:
        for where, text in _texts(error):
            if any(spelling in text for spelling in spellings):
                # The message must not show it either.
                tried.broken(
                    f"asked for {shorten(str(target))} it raised a {type(error).__name__}, and the password stands in "
                    f"{where}",
                    "leave the authority out of messages, or raise target.error(…), which masks it; raise … from None "
                    "where the cause shows it",
                )


def _texts(error: BaseException) -> Iterator[tuple[str, str]]:
    """All that people see of an error, and where."""
    pending: list[tuple[BaseException, str]] = [(error, "its")]
    seen = set[int]()
    while pending:
        each, whose = pending.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        yield f"{whose} text", str(each)
        yield f"{whose} repr", repr(each)
        for note in getattr(each, "__notes__", ()):
            yield f"{whose} notes", note
        cause = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
        if cause is not None:
            pending.append((cause, "its cause's"))
        inner: tuple[BaseException, ...] = getattr(each, "exceptions", ())  # of a group
        pending += [(other, "its cause's") for other in inner]
