"""Laws on targets that are odd, or bad, and on `check`."""

from __future__ import annotations

import contextlib
import inspect
import time
from collections.abc import Callable, Iterator
from typing import Final, NoReturn

from urischeme.display import shorten
from urischeme.errors import Error, TargetError
from urischeme.live.thread import call_in_thread
from urischeme.routing.target import Target
from urischeme.testing.contract.audit import io_seen
from urischeme.testing.contract.odd import (
    UNKNOWN,
    WRONG_VALUES,
    long_targets,
    odd_paths,
    odd_targets,
    plainly_odd,
    with_option,
)
from urischeme.testing.contract.subject import Subject
from urischeme.testing.contract.trial import WAITS, Hung, Trial, for_all, said, trial

_PLENTY: Final = 0.1
"""Seconds of the processor's time: what takes less is never slow."""

_TOO_MUCH: Final = 1.0
"""Seconds after which nothing longer is tried."""

_STEEPEST: Final = 2.0
"""How much more than in proportion to its length a target may take, compared to one of a quarter of the length."""


class RefusalLaws(Subject):
    """On targets that are odd, or bad, and on `check`."""

    def test_no_target_crashes_it(self) -> None:
        """Whatever stands in a target, `check` and `resolve` answer or raise an error of ours, in time."""
        with trial(self) as tried:
            try:
                self._try_targets(tried)
            except Hung as hung:
                tried.broken(
                    f"{shorten(str(hung.target))} has no answer after {tried.subject.patience:g} s",
                    "give up by yourself: raise ResolveError(…, retryable=True)",
                )

    def _try_targets(self, tried: Trial) -> None:
        for_all(self, self.targets(), lambda text: tried.run(_is_handled(tried, tried.parse(text))))
        for target in plainly_odd(tried.target):
            tried.run(_is_handled(tried, target))
        for_all(self, odd_paths(tried.target), lambda target: tried.run(_is_handled(tried, target)))
        for_all(self, odd_targets(tried.target), lambda target: _does_not_crash_check(tried, target))

    def test_bad_targets_are_refused(self) -> None:
        """Each of `bad_targets()` is refused with a TargetError; by `check`, where there is one."""
        with trial(self) as tried:
            texts = list(self.bad_targets())
            if not texts:
                tried.skip("there are no bad_targets()")
            for text in texts:
                tried.run(_is_refused(tried, text))

    def test_check_does_no_io(self) -> None:
        """`check` opens no file and no socket, asks for no name, and starts no thread and no process."""
        with trial(self) as tried:
            _checks_plainly(tried)
            _ = _is_checked(tried, tried.target, lenient=True)
            for_all(self, self.targets(), lambda text: _does_no_io(tried, tried.parse(text)))
            for_all(self, odd_targets(tried.target), lambda target: _does_no_io(tried, target))

    def test_check_refuses_what_resolve_refuses(self) -> None:
        """What `resolve` refuses with a TargetError, `check` refuses too, where there is one."""
        with trial(self) as tried:
            if not hasattr(tried.handler.resolver, "check"):
                tried.skip("it has no check")
            for target in plainly_odd(tried.target):
                tried.run(_is_no_surprise(tried, target))
            for_all(self, odd_paths(tried.target), lambda target: tried.run(_is_no_surprise(tried, target)))

    def test_unknown_options_are_refused(self) -> None:
        """An option that the resolver does not declare is refused, and one that it reads is declared."""
        with trial(self) as tried:
            _declares_options(tried)
            _refuses_unknown_option(tried)

    def test_values_of_options_are_checked(self) -> None:
        """A value that an option cannot have is refused, by `check` or `resolve`, and crashes neither."""
        with trial(self) as tried:
            if not tried.handler.options:
                tried.skip("it takes no options")
            for option in tried.handler.options:
                for value in WRONG_VALUES:
                    tried.run(_is_checked_option(tried, option.name, value))

    def test_long_targets_take_time_by_their_length(self) -> None:
        """A target twice as long takes about twice the time of the processor, and none is too long to be refused."""
        with trial(self) as tried:
            for targets in long_targets(tried.target):
                _takes_time_by_length(tried, targets)


_ADVICE: Final[list[tuple[type[Exception], str]]] = [
    (KeyError, "raise NotFound(…) where there is nothing of that name"),
    (LookupError, "look whether it is there first, and raise target.error(…) or NotFound(…) where it is not"),
    (UnicodeError, "encode with errors='surrogateescape', or refuse the target by raise target.error(…)"),
    (OSError, "catch it: raise ResolveError(…, retryable=True) from error, and put no part of the authority there"),
    (RecursionError, "go through the text by a loop, not by a function that calls itself"),
    (ValueError, "refuse the target: raise target.error('what is wrong, and what to write')"),
    (TypeError, "refuse the target: raise target.error('what is wrong, and what to write')"),
]


def _crashed(tried: Trial, target: Target, error: Exception, where: str = "") -> NoReturn:
    advice = next((advice for kind, advice in _ADVICE if isinstance(error, kind)), None)
    tried.broken(
        f"for {shorten(str(target))} {where or 'it'} raised {said(error)}",
        advice
        or "raise NotFound, ResolveError(…, retryable=…) or target.error(…), or a class derived from one of them",
        error,
    )


def _is_checked(tried: Trial, target: Target, *, lenient: bool = False) -> bool:
    """Whether `check` takes it. Fails where it crashes, unless that is for another law to say."""
    try:
        tried.handler.check(target)
    except TargetError:
        return False
    except Error as error:
        if not lenient and not tried.handler.is_static:
            tried.broken(
                f"for {shorten(str(target))} check raised {said(error)}",
                "let check raise target.error('what is wrong, and what to write') and nothing else",
                error,
            )
        return False
    except Exception as error:
        if not lenient:
            _crashed(tried, target, error, "check")
        return False
    return True


def _does_not_crash_check(tried: Trial, target: Target) -> None:
    _ = _is_checked(tried, target)


async def _is_handled(tried: Trial, target: Target) -> None:
    if not _is_checked(tried, target):
        return
    try:
        _ = await tried.raw(target)
    except (Hung, Error) as error:
        if isinstance(error, Hung):
            raise
    except Exception as error:
        _crashed(tried, target, error)


async def _is_refused(tried: Trial, text: str) -> None:
    try:
        target = Target.parse(text, registry=tried.registry)
    except Error:
        return
    try:
        tried.handler.check(target)
        if not hasattr(tried.handler.resolver, "check"):
            _ = await tried.raw(target)
    except TargetError:
        return
    except Exception as error:
        _crashed(tried, target, error)
    where = "check" if hasattr(tried.handler.resolver, "check") else "it"
    tried.broken(f"{where} took {shorten(text)}", "refuse it: raise target.error('what is wrong, and what to write')")


def _checks_plainly(tried: Trial) -> None:
    check: object = getattr(tried.handler.resolver, "check", None)
    if check is not None and (inspect.iscoroutinefunction(check) or inspect.isasyncgenfunction(check)):
        tried.broken("check is async, and nobody awaits it", "write def check, and what takes I/O into resolve")


def _does_no_io(tried: Trial, target: Target) -> None:
    with io_seen() as seen:
        _ = _is_checked(tried, target, lenient=True)
    if seen:
        which = "the static function" if tried.handler.is_static else "check"
        tried.broken(
            f"for {shorten(str(target))} {which} did I/O: {', '.join(dict.fromkeys(seen))}",
            "look at the text alone there, and leave the rest to resolve",
        )


async def _is_no_surprise(tried: Trial, target: Target) -> None:
    if not _is_checked(tried, target, lenient=True):
        return
    try:
        _ = await tried.raw(target)
    except TargetError as error:
        tried.broken(
            f"check took {shorten(str(target))}, and resolve refused it: {error.reason}",
            "refuse it in check too: let both read the target by one function",
            error,
        )
    except Hung:
        tried.skip(WAITS)
    except Exception:
        return  # for other laws


def _declares_options(tried: Trial) -> None:
    asked = [tried.handler.function, *([tried.handler.resolver.watch] if tried.handler.can_push else [])]
    for function in asked:
        try:
            parameters = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            continue
        for each in parameters:
            if each.kind is each.VAR_KEYWORD:
                tried.broken(
                    f"it takes **{each.name}, by which no option ever comes",
                    "name each option: a keyword-only parameter with a type and a default, as in *, limit: int = 10",
                )
    declared: object = getattr(tried.handler.resolver, "options", ())
    if isinstance(declared, str):
        tried.broken(
            f"its options are the letters of {declared!r}", f"write a tuple of names: options = ({declared!r},)"
        )


def _refuses_unknown_option(tried: Trial) -> None:
    target = with_option(tried.target, UNKNOWN, "1")
    try:
        tried.handler.check(target)
    except TargetError:
        return
    except Exception as error:
        _crashed(tried, target, error, "check")
    tried.broken(
        f"check took {shorten(str(target))}", "declare the options that there are, each as a keyword-only parameter"
    )


async def _is_checked_option(tried: Trial, name: str, value: str) -> None:
    target = with_option(tried.target, name, value)
    try:
        await tried.checked(target)
        _ = await tried.raw(target)
    except Hung:
        tried.broken(
            f"{shorten(str(target))} has no answer after {tried.subject.patience:g} s", _mend_option(tried, name)
        )
    except Error:
        return
    except Exception as error:
        tried.broken(f"for {shorten(str(target))} it raised {said(error)}", _mend_option(tried, name), error)


def _mend_option(tried: Trial, name: str) -> str:
    return (
        f"declare {name} as a keyword-only parameter with its type, which is then read and refused for you, as in "
        f"*, {name.replace('-', '_')}: int = 10; or raise target.error(…)"
    )


def _takes_time_by_length(tried: Trial, targets: list[Target]) -> None:
    spent: dict[int, float] = {}
    for target in targets:
        length = len(target.path)
        try:
            seconds = spent[length] = _time_of(tried, target)
        except Exception as error:
            if not spent:
                return  # it is not the length; another law says so
            _crashed(tried, target, error)
        if seconds <= _PLENTY:
            continue
        shorter = max((each for each in spent if each <= length / 4), default=min(spent))
        in_proportion = spent[shorter] * length / shorter
        # The machine may have had a bad moment: it is slow if it is slow each time.
        if all(each > _STEEPEST * in_proportion for each in _times_of(tried, target, seconds)):
            tried.broken(
                f"a target of {length} characters, such as {shorten(str(target), 30)}, takes it much more than "
                f"{length // shorter} times as long as one of {shorter}",
                "refuse what is too long first; go through the text once, and look for regular expressions that go "
                "back, and for text that is copied in a loop",
            )
        if seconds > _TOO_MUCH:
            return


def _times_of(tried: Trial, target: Target, seconds: float) -> Iterator[float]:
    """As often as anybody wants to know."""
    yield seconds
    for _ in range(2):
        yield _time_of(tried, target)


def _time_of(tried: Trial, target: Target) -> float:
    """Seconds of the processor's time in this thread, or in the one that a plain function is called in."""

    def measured(function: Callable[[], object]) -> float:
        begun = time.thread_time()
        with contextlib.suppress(Error):
            _ = function()
        return time.thread_time() - begun

    def in_loop() -> object:
        tried.handler.check(target)
        return tried.run(tried.raw(target))

    def in_thread() -> object:
        tried.handler.check(target)
        return tried.handler.call(target)

    try:
        if tried.runs_in_loop or tried.handler.is_static:
            return measured(in_loop)
        return call_in_thread(lambda: measured(in_thread)).result(tried.subject.patience)
    except (Hung, TimeoutError):
        tried.skip(WAITS)
