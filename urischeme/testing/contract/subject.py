"""What a plugin's author tells of a resolver: where it is, what it can do, and how to change what it finds."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from typing import TypeAlias

from hypothesis import strategies as st

from urischeme.routing.resolver import Resolver, ResolverFunction

Registrable: TypeAlias = "Resolver | ResolverFunction | type[Resolver]"
"""What `urischeme.register` takes."""


class Subject:
    """The flags and hooks of a contract; `scheme`, `resolver` and `target` have to be given, the rest may be.

    Each law calls `resolver` anew, in a running event loop and within `environment`.

    Attributes:
        scheme: what targets begin with.
        ordered: whether the order of endpoints is the same for each question.
        has_ttl: whether every answer says for how many seconds it holds; None for "now and then".
        pushes: whether `target()` is pushed; None for what the resolver itself says.
        patience: seconds within which everything has to have happened: an answer, a close, news of a change.
        may_block: seconds for which an async resolver may keep the event loop from all others.
        examples: how many targets, and sequences of changes, Hypothesis tries for each law.
    """

    scheme: str
    ordered: bool = False
    has_ttl: bool | None = None
    pushes: bool | None = None
    patience: float = 10.0
    may_block: float = 0.2
    examples: int = 30

    def resolver(self) -> Registrable:
        """What `urischeme.register` takes, fresh for each law."""
        raise NotImplementedError(f"{type(self).__name__} has no resolver(): give what urischeme.register takes")

    def target(self) -> str:
        """A target that answers, with one endpoint at least."""
        raise NotImplementedError(f"{type(self).__name__} has no target(): give the text of a target that answers")

    def targets(self) -> st.SearchStrategy[str]:
        """More targets that are good, though nothing need be there; a Hypothesis strategy."""
        return st.just(self.target())

    def missing_target(self) -> str | None:
        """A good target where nothing is: `resolve` raises NotFound."""
        return None

    def unreachable_target(self) -> str | None:
        """A good target that nobody can be asked for now: its server is down."""
        return None

    def bad_targets(self) -> Iterable[str]:
        """Targets that have to be refused."""
        return ()

    def named(self, name: str) -> str | Awaitable[str | None] | None:
        """Put something under this very name, an endpoint that no other name has, and give the target that asks for it.

        None where there cannot be such a name. Names have spaces, slashes, percent signs, capitals, NULs and letters
        beyond ASCII in them.
        """
        return None

    def change(self) -> Awaitable[object] | None:
        """Change the set of endpoints behind `target()`, each time to another one; done when it returns, or is awaited.

        The set may become empty.
        """
        raise NotImplementedError

    def environment(self) -> AbstractContextManager[object] | AbstractAsyncContextManager[object]:
        """What has to be there while a law is tried, as a server; a plain or an async context manager.

        Entered before anything else is called, and left at the end; an async one in the loop of the resolver.
        """
        return nullcontext()


def can_change(subject: Subject) -> bool:
    """Whether its author wrote `change`."""
    return type(subject).change is not Subject.change


async def changed(subject: Subject) -> None:
    """After a change."""
    done = subject.change()
    if done is not None:
        await done
    # Whoever was told of it in this loop has its turn.
    await asyncio.sleep(0)


async def target_named(subject: Subject, name: str) -> str | None:
    """The target that asks for a name, which is there now; None where there cannot be one."""
    target = subject.named(name)
    return target if target is None or isinstance(target, str) else await target
