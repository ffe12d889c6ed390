"""The law on any sequence of changes, as a state machine."""

from __future__ import annotations

from typing import Final

from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from hypothesis.strategies import integers

from urischeme.testing.contract.answers import news
from urischeme.testing.contract.subject import Subject, can_change, changed
from urischeme.testing.contract.trial import Outcome, Trial, is_same, trial
from urischeme.testing.contract.trial import tried as settings_of
from urischeme.testing.contract.watching import Ended, Stream, arrives, follows

_MOST_WATCHES: Final = 3
_STEPS: Final = 12


class ChangeLaws(Subject):
    """On any sequence of changes."""

    def test_any_changes_are_followed(self) -> None:
        """Whatever the order in which the target changes, and watches begin and end, each sees what is there then."""
        with trial(self) as first:
            if not can_change(self):
                first.skip("there is no change()")
            first.warm_up()
            first.run(_changes_are_seen(first))

        class Machine(_Machine):
            subject = self

        run_state_machine_as_test(
            Machine,
            settings=settings(
                settings_of(self),
                max_examples=max(1, self.examples // 5),
                stateful_step_count=_STEPS,
                # A shorter example would be found by waiting, again and again, for what does not come.
                phases=[Phase.generate],
            ),
        )


async def _changes_are_seen(tried: Trial) -> None:
    before = await tried.answer()
    again = [await tried.ask(tried.target) for _ in range(3)]
    if not all(is_same(each, before) for each in again):
        tried.skip("first mend what test_resolve_is_repeatable says")
    await changed(tried.subject)
    if is_same(await news(tried, before), before):
        tried.skip("first mend what test_resolve_sees_what_changed says")
    if not follows(tried):
        return
    # One watch alone has laws of its own.
    async with Stream(tried) as stream:
        before = await tried.ask(tried.target)
        try:
            await arrives(tried, stream, before, "a watch")
            for _ in range(2):
                await changed(tried.subject)
                before = await news(tried, before)
                await arrives(tried, stream, before, "a watch")
        except (AssertionError, Ended):
            tried.skip("first mend what test_a_watch_yields_each_change says")


class _Machine(RuleBasedStateMachine):
    """One resolver, a target that changes, and those who watch it."""

    subject: Subject

    def __init__(self) -> None:
        super().__init__()
        self._block = trial(self.subject)
        self._tried = self._block.__enter__()
        self._streams: list[Stream] = []
        self._now: Outcome = self._tried.run(self._tried.answer())

    def teardown(self) -> None:
        for stream in self._streams:
            _ = self._tried.run(stream.aclose())
        _ = self._block.__exit__(None, None, None)

    @rule(times=integers(1, 2))
    def change(self, times: int) -> None:
        """Of two changes, a watch may leave the first out."""
        self._tried.run(self._changed(times))

    async def _changed(self, times: int) -> None:
        for _ in range(times):
            await changed(self._tried.subject)
            self._now = await news(self._tried, self._now)
        for stream in self._streams:
            await self._arrives(stream, "one of several watches")

    async def _arrives(self, stream: Stream, which: str) -> None:
        try:
            await arrives(self._tried, stream, self._now, which)
        except Ended:
            self._tried.broken(f"{which} ended", "go on until you are closed, whoever else begins or ends to watch")

    @precondition(lambda self: follows(self._tried) and len(self._streams) < _MOST_WATCHES)
    @rule()
    def watch(self) -> None:
        self._tried.run(self._watched())

    async def _watched(self) -> None:
        stream = await Stream(self._tried).__aenter__()
        self._streams.append(stream)
        await self._arrives(stream, "a watch that began after a change")

    @precondition(lambda self: bool(self._streams))
    @rule()
    def close_the_oldest(self) -> None:
        _ = self._tried.run(self._streams.pop(0).aclose())

    @rule()
    def resolve(self) -> None:
        answer = self._tried.run(self._tried.ask(self._tried.target))
        if not is_same(answer, self._now):
            self._tried.broken("resolve gave what was there before", "keep no answer longer than its TTL")
