"""What both faces of `watch` have in common: what they were told, and what they show of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final, Generic, TypeVar

from urischeme.errors import Error
from urischeme.live.clock import Clock
from urischeme.live.state import State, differs
from urischeme.routing.endpoint import Resolution

_logger: Final = logging.getLogger("urischeme")


class Inbox:
    """What a watch was told and has not yet given on: the latest answer alone, however slow its user is.

    It knows nothing of the watch, so that one which nobody holds any more is collected, and leaves.
    """

    def __init__(self, on_error: Callable[[Error], object] | None) -> None:
        self.state = State()
        self.given: Resolution | None = None
        # Whether there was an answer between the one given and the latest.
        self._skipped = False
        self._on_error = on_error
        self._is_over = False
        self._reason: BaseException | None = None

    def update(self, state: State) -> None:
        """See Watcher."""
        if state.resolution is not self.state.resolution:
            self._skipped = self.state.resolution is not self.given
        self.state = state

    def report(self, error: Error) -> None:
        """See Watcher."""
        if self._on_error is not None:
            try:
                self._on_error(error)
            except Exception:
                _logger.exception("the on_error of a watch failed")

    def end(self, reason: BaseException | None) -> None:
        """See Watcher."""
        self._is_over, self._reason = True, reason

    @property
    def is_over(self) -> bool:
        """Whether there will be no more."""
        return self._is_over

    def take(self) -> Resolution | None:
        """The latest answer, if it differs from the one given before. At the end, the reason for it is raised."""
        latest = self.state.resolution
        if not self._is_over and latest is not None and self._is_news(latest):
            self.given = latest
            return latest
        if self._reason is not None:
            raise self._reason
        return None

    def _is_news(self, latest: Resolution) -> bool:
        if self.given is None or latest is self.given:
            return self.given is None
        # By the state's own word it differs from the one before it; over several, all may be as it was.
        return not self._skipped or differs(self.given, latest)


InboxT = TypeVar("InboxT", bound=Inbox)


class Showing(Generic[InboxT]):
    """The part of a watch that only looks."""

    def __init__(self, inbox: InboxT, clock: Clock) -> None:
        self._inbox = inbox
        self._clock = clock

    @property
    def resolution(self) -> Resolution | None:
        """The last one that was yielded, or None."""
        return self._inbox.given

    @property
    def error(self) -> Error | None:
        """What went wrong since the last good answer, or None; a NotFound where nothing is there."""
        return self._inbox.state.error

    @property
    def stale(self) -> bool:
        """Whether the latest attempt did not confirm all of the last good answer."""
        return self._inbox.state.stale

    @property
    def ttl_left(self) -> float | None:
        """Seconds for which the last good answer still holds, as far as its source said; None where it did not."""
        expires = self._inbox.state.expires
        return None if expires is None else max(0.0, expires - self._clock.now())
