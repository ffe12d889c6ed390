"""One law, tried: an event loop, the resolver in it, and a short way to ask and to say what is broken."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Collection, Coroutine, Generator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Final, NoReturn, TypeAlias, TypeVar
from unittest import SkipTest

import attrs
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from urischeme.display import shorten
from urischeme.errors import Error, NotFound, RegistrationError
from urischeme.live.ask import call
from urischeme.live.state import differs
from urischeme.routing.deadline import deadline_at
from urischeme.routing.endpoint import Resolution
from urischeme.routing.registry import Registry
from urischeme.routing.resolver import Handler
from urischeme.routing.target import Target
from urischeme.testing.contract.leftovers import GRACE, Held, left_since
from urischeme.testing.contract.subject import Registrable, Subject

WAITS: Final = "first mend what test_no_target_crashes_it says: it does not answer in time"

_LAST_TURNS: Final = 0.25
"""Seconds that the loop goes on for what was closed and is on its way; what never goes is for other laws."""

NOTHING: Final = Resolution(())
"""What NotFound means, as a watch yields it."""

Outcome: TypeAlias = Resolution | Target
"""What a resolver says of a target; the Target is the one it is handed on to."""

T = TypeVar("T")
X = TypeVar("X")


class Hung(Exception):
    """Something had not ended when patience was at its end.

    Attributes:
        target: what was asked for, or None.
    """

    target: Target | None = None


class Trial:
    """A resolver, fresh, in a loop of its own."""

    def __init__(self, subject: Subject, loop: asyncio.AbstractEventLoop) -> None:
        self.subject = subject
        self.loop = loop
        self.registry = Registry()
        self.background: list[str] = []
        loop.set_exception_handler(self._heard)
        resolver, text = self.run(self._made())
        self._register(resolver)
        self.target = self.parse(text)
        self.handler = self.registry.handler(self.target)

    async def _made(self) -> tuple[Registrable, str]:
        return self.subject.resolver(), self.subject.target()

    def _register(self, resolver: Registrable) -> None:
        self.registry.register(self.subject.scheme, resolver, replace=True)

    def _heard(self, loop: asyncio.AbstractEventLoop, context: Mapping[str, object]) -> None:
        error, task = context.get("exception"), context.get("task")
        if isinstance(error, BaseException):
            self.background.append(f"an error that nobody heard of, {said(error)}")
        elif isinstance(task, asyncio.Task):
            self.background.append("a task that nobody awaited")
        else:
            self.background.append(str(context.get("message")))

    @property
    def runs_in_loop(self) -> bool:
        """Whether it is a coroutine that is asked, and no function in a thread."""
        return inspect.iscoroutinefunction(self.handler.function)

    def parse(self, text: str) -> Target:
        """A target of the author's. Fails where it is none."""
        try:
            target = Target.parse(text, registry=self.registry)
        except Error as error:
            self.broken(f"{shorten(text)} is no target: {error}", "give the text of one, as people would write it")
        if target.scheme != self.subject.scheme.lower():
            self.broken(f"{shorten(text)} is of another scheme", f"give one that begins {self.subject.scheme}:")
        return target

    def broken(self, what: str, mend: str, cause: BaseException | None = None) -> NoReturn:
        """Fail: this is wrong, and that is what to write instead."""
        origin = self.handler.origin if hasattr(self, "handler") else type(self.subject).__name__
        raise AssertionError(f"{self.subject.scheme} ({origin}): {what}.\n  To mend it: {mend}.") from cause

    def skip(self, reason: str) -> NoReturn:
        """Leave the law open."""
        raise SkipTest(reason)

    def run(self, work: Coroutine[object, object, T]) -> T:
        """In the loop, to its end."""
        return self.loop.run_until_complete(work)

    async def within(self, work: Coroutine[object, object, T], seconds: float | None = None) -> T:
        """What it gives. Raises Hung where it does not end in time, even if it cannot be cancelled."""
        task = asyncio.create_task(work)
        await asyncio.wait({task}, timeout=self.subject.patience if seconds is None else seconds)
        if not task.done():
            await put_an_end_to(task)
            raise Hung
        return task.result()

    async def raw(self, target: Target, handler: Handler | None = None) -> object:
        """What the resolver gives back, as it is. Raises what it raises, and Hung."""
        handler = self.handler if handler is None else handler
        if handler.is_static:
            answer: object = handler.call(target)
            return answer
        with deadline_at(self.loop.time() + self.subject.patience):
            try:
                return await self.within(call(handler, target))
            except Hung as hung:
                hung.target = target
                raise

    async def ask(self, target: Target, handler: Handler | None = None) -> Outcome:
        """What the resolver says. Raises what it raises, Hung, and ResolveError for nonsense."""
        handler = self.handler if handler is None else handler
        try:
            return handler.answer(await self.raw(target, handler))
        except NotFound:
            return NOTHING

    async def checked(self, target: Target) -> None:
        """As `urischeme.check` does. Raises what the resolver raises."""
        self.handler.check(target)

    async def answer(self) -> Outcome:
        """What is there at the author's target. Leaves the law open where it does not answer: another one says so."""
        try:
            await self.checked(self.target)
            answer = await self.ask(self.target)
        except Exception as error:
            raise SkipTest(
                "it does not answer: first mend what test_a_valid_target_is_answered and test_answers_are_endpoints say"
            ) from error
        if is_empty(answer):
            self.skip("it does not answer: first mend what test_a_valid_target_is_answered says")
        return answer

    def warm_up(self) -> None:
        """Ask once: what is imported, connected or begun for all questions is no leak."""
        self.run(self.answer())


def is_empty(outcome: Outcome) -> bool:
    """Whether it is that nothing is there."""
    return isinstance(outcome, Resolution) and not outcome.endpoints


def is_same(one: Outcome, other: Outcome) -> bool:
    """Whether they are the same set of endpoints and service config; order and TTL left out."""
    if isinstance(one, Resolution) and isinstance(other, Resolution):
        return not differs(one, other)
    return one == other


def shown(outcome: Outcome) -> str:
    """In a message."""
    if isinstance(outcome, Target):
        return str(outcome)
    return ", ".join(map(str, outcome.endpoints[:5])) + ", …" * (len(outcome.endpoints) > 5) or "nothing"


def said(error: BaseException) -> str:
    """What was raised, in a message."""
    return f"{type(error).__name__}: {shorten(str(error), 200)}" if str(error) else type(error).__name__


_MOST_CANCELS: Final = 3


async def put_an_end_to(task: asyncio.Task[object] | asyncio.Task[T], *, at_once: bool = True) -> bool:
    """Cancel it, more than once if need be; whether it has ended then. If not `at_once`, wait a little first."""
    if not at_once:
        await asyncio.wait({task}, timeout=GRACE)
    for _ in range(0 if task.done() else _MOST_CANCELS):
        task.cancel()
        await asyncio.wait({task}, timeout=GRACE / _MOST_CANCELS)
        if task.done():
            break
    if task.done():
        _ = task.cancelled() or task.exception()
    return task.done()


@contextmanager
def trial(subject: Subject) -> Generator[Trial]:
    """A law is tried within the block."""
    loop = asyncio.new_event_loop()
    try:
        with _entered(subject, loop):
            before = loop.run_until_complete(_held())
            try:
                yield _made(subject, loop)
            finally:
                # Not what the environment runs, which has to be there for what is closed.
                loop.run_until_complete(_end_all(before.tasks))
                # Threads need no loop.
                but_threads = attrs.evolve(before, threads=frozenset(threading.enumerate()))
                _ = loop.run_until_complete(left_since(but_threads, _LAST_TURNS))
    finally:
        loop.run_until_complete(_end_all())
        loop.close()


def _made(subject: Subject, loop: asyncio.AbstractEventLoop) -> Trial:
    try:
        return Trial(subject, loop)
    except RegistrationError as error:
        raise SkipTest("first mend what test_it_can_be_registered says") from error


async def _held() -> Held:
    return Held.now()


@contextmanager
def _entered(subject: Subject, loop: asyncio.AbstractEventLoop) -> Generator[None]:
    environment = subject.environment()
    if not isinstance(environment, AbstractAsyncContextManager):
        with environment:
            yield
        return
    loop.run_until_complete(environment.__aenter__())
    try:
        yield
    finally:
        loop.run_until_complete(_left(environment))


async def _left(environment: AbstractAsyncContextManager[object]) -> None:
    _ = await environment.__aexit__(None, None, None)


async def _end_all(but: Collection[asyncio.Task[object]] = ()) -> None:
    for task in asyncio.all_tasks() - {asyncio.current_task(), *but}:
        _ = await put_an_end_to(task)
    # What was left by a generator that did not end is not waited for either.
    _ = await put_an_end_to(asyncio.create_task(asyncio.get_running_loop().shutdown_asyncgens()), at_once=False)


def for_all(subject: Subject, examples: st.SearchStrategy[X], law: Callable[[X], None]) -> None:
    """Try a law on what Hypothesis finds; the same each time, so that no build fails by chance."""

    @tried(subject)
    @given(examples)
    def test(example: X) -> None:
        try:
            law(example)
        except Hung as hung:
            raise _AtOnce(hung) from None

    try:
        test()
    except _AtOnce as stop:
        raise stop.reason from None


class _AtOnce(BaseException):
    """Goes through Hypothesis, which would look for a simpler example; each of those takes all patience."""

    def __init__(self, reason: Hung) -> None:
        super().__init__()
        self.reason = reason


def tried(subject: Subject) -> settings:
    """How Hypothesis goes about it."""
    return settings(
        max_examples=subject.examples,
        deadline=None,
        database=None,
        derandomize=True,
        report_multiple_bugs=False,
        print_blob=False,
        suppress_health_check=[each for each in HealthCheck],  # noqa: C416  # pyright: ignore
        phases=[Phase.generate, Phase.shrink],
    )
