"""Laws on what `resolve` gives."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping
from typing import Final, cast

from urischeme.display import shorten
from urischeme.errors import Error, NotFound, RegistrationError, ResolveError
from urischeme.routing.endpoint import Resolution
from urischeme.routing.target import Target
from urischeme.testing.contract.odd import odd_paths, plainly_odd, with_path
from urischeme.testing.contract.subject import Subject, can_change, changed, target_named
from urischeme.testing.contract.trial import WAITS, Hung, Outcome, Trial, for_all, is_empty, is_same, said, shown, trial

_NAMES: Final = (
    "orders",
    "ORDERS",
    "a/b",
    "a%2Fb",
    "a%252Fb",
    "100%",
    "a b",
    "a+b",
    "a%20b",
    "nul\0",
    "nul",
    "nul%00",
    "bücher",
    "b%C3%BCcher",
    "xn--bcher-kva",
    "ﬁ",
    "fi",
    "a?b",
    "a#b",
    "😀",
)
"""Some are another's encoded or decoded form, and each is a name of its own."""


class AnswerLaws(Subject):
    """On what `resolve` gives."""

    def test_it_can_be_registered(self) -> None:
        """What `resolver` gives is what `register` takes."""
        try:
            resolver = self.resolver()
        # Whatever is wrong with what it needs, as a running loop, the next law says.
        except Exception:
            return
        from urischeme.routing.registry import Registry

        try:
            Registry().register(self.scheme, resolver, replace=True)
        except RegistrationError as error:
            raise AssertionError(
                f"{self.scheme} ({type(self).__name__}): it cannot be registered: {error}.\n"
                "  To mend it: write a function of a Target, whose options are keyword-only parameters with a type and "
                "a default; or an object with such a method resolve."
            ) from error

    def test_a_valid_target_is_answered(self) -> None:
        """`resolve` gives something back for `target()`, in time."""
        with trial(self) as tried:
            tried.run(_is_answered(tried))

    def test_answers_are_endpoints(self) -> None:
        """What `resolve` gives back are endpoints, for every target that it answers."""
        with trial(self) as tried:
            tried.run(_is_well_formed(tried, tried.target))
            for_all(self, self.targets(), lambda text: tried.run(_is_well_formed(tried, tried.parse(text))))
            for target in plainly_odd(tried.target):
                tried.run(_is_well_formed(tried, target))
            for_all(self, odd_paths(tried.target), lambda target: tried.run(_is_well_formed(tried, target)))

    def test_a_ttl_is_a_number_of_seconds(self) -> None:
        """The TTL of an answer is a number of seconds from 0 on, or None; with `has_ttl` it is a number."""
        with trial(self) as tried:
            answer = tried.run(tried.answer())
            if isinstance(answer, Resolution):
                _check_ttl(tried, answer.ttl)

    def test_resolve_is_repeatable(self) -> None:
        """As long as nothing changes, `resolve` gives the same, however often, whatever else was asked for."""
        with trial(self) as tried:
            tried.run(_is_repeatable(tried))

    def test_resolve_sees_what_changed(self) -> None:
        """After `change()`, `resolve` gives what is there now."""
        with trial(self) as tried:
            if not can_change(self):
                tried.skip("there is no change()")
            tried.run(_sees_changes(tried))

    def test_what_is_not_there_is_not_found(self) -> None:
        """For `missing_target()`, `resolve` raises NotFound."""
        with trial(self) as tried:
            text = self.missing_target()
            if text is None:
                tried.skip("there is no missing_target()")
            tried.warm_up()
            tried.run(_is_not_found(tried, tried.parse(text)))

    def test_an_outage_is_retryable(self) -> None:
        """For `unreachable_target()`, `resolve` raises a ResolveError that is retryable, and no NotFound."""
        with trial(self) as tried:
            text = self.unreachable_target()
            if text is None:
                tried.skip("there is no unreachable_target()")
            tried.run(_is_an_outage(tried, tried.parse(text)))

    def test_names_reach_the_resolver_intact(self) -> None:
        """Each name that `named()` put there is found by itself: NULs, IDNs, percent signs, capitals and all."""
        with trial(self) as tried:
            tried.warm_up()
            tried.run(_finds_names(tried))


async def _is_answered(tried: Trial) -> None:
    text = str(tried.target)
    try:
        await tried.checked(tried.target)
        answer = await tried.raw(tried.target)
    except Hung:
        tried.broken(
            f"{text} has no answer after {tried.subject.patience:g} s",
            "give up by yourself: raise ResolveError(…, retryable=True)",
        )
    except NotFound as error:
        tried.broken(f"it found nothing for {text}, which is there: {error}", "find it, or mend target()", error)
    except Error as error:
        tried.broken(f"it refused {text}, which is good: {said(error)}", "answer it, or mend target()", error)
    except Exception as error:
        tried.broken(f"for {text} it raised {said(error)}", "answer it, or mend target()", error)
    if isinstance(answer, Resolution) and is_empty(answer):
        tried.broken(f"it found nothing for {text}, which is there", "find it, or mend target()")


async def _is_well_formed(tried: Trial, target: Target) -> None:
    try:
        await tried.checked(target)
        answer = await tried.raw(target)
    # Whether it may raise that is for other laws.
    except Exception as error:
        if isinstance(error, Hung):
            tried.skip(WAITS)
        return
    if answer is None:
        tried.broken(
            f"for {shorten(str(target))} it gave back None", "return endpoints; where nothing is there, raise NotFound"
        )
    try:
        outcome = tried.handler.answer(answer)
    except ResolveError as error:
        reason = error.__cause__ or error
        tried.broken(
            f"for {shorten(str(target))} it gave back what is no endpoint: {reason}",
            "give 'ip:port' as text, an (ip, port) pair with the port an int, the path of a socket, an Endpoint, or a "
            "list of these; look host names up first",
            error,
        )
    if isinstance(outcome, Resolution):
        _check_resolution(tried, outcome)


def _check_resolution(tried: Trial, resolution: Resolution) -> None:
    config, authority = cast("object", resolution.service_config), cast("object", resolution.authority)
    if not (config is None or isinstance(config, Mapping)):
        tried.broken(
            f"service_config is a {type(config).__name__}", "give decoded JSON, a dict, as in json.loads(text)"
        )
    if not isinstance(authority, str):
        tried.broken(
            f"authority is a {type(authority).__name__}", "give the name that TLS checks, as text, or leave it out"
        )


def _check_ttl(tried: Trial, ttl: object) -> None:
    good = isinstance(ttl, int | float) and not isinstance(ttl, bool) and math.isfinite(ttl) and ttl >= 0
    if ttl is not None and not good:
        tried.broken(
            f"its answer has the TTL {shorten(repr(ttl))}",
            "give a number of seconds from 0 on, as in ttl=30.0, or None where the source does not say",
        )
    if ttl is None and tried.subject.has_ttl:
        tried.broken("its answer has no TTL, and has_ttl is True", "give Resolution(…, ttl=seconds), or leave has_ttl")


async def _is_repeatable(tried: Trial) -> None:
    first = await tried.answer()
    for target in [with_path(tried.target, f"{tried.target.path}-another"), *_missing(tried)]:
        _ = await asyncio.gather(tried.ask(target), return_exceptions=True)
    again = [
        await tried.ask(tried.target),
        await tried.ask(tried.target),
        *await asyncio.gather(*(tried.ask(tried.target) for _ in range(3))),
    ]
    for later in again:
        if not is_same(first, later):
            tried.broken(
                f"it gave {shown(first)}, and then {shown(later)}, though nothing had changed",
                "let what resolve gives depend on the target and on what is there alone: keep nothing between calls, "
                "in no attribute, no global and no default argument",
            )
        if tried.subject.ordered and _in_order(first) != _in_order(later):
            tried.broken(
                f"it gave {shown(first)}, and then {shown(later)}: in another order",
                "give endpoints in one order, sorted if need be, or leave ordered",
            )


def _in_order(outcome: Outcome) -> object:
    return outcome.endpoints if isinstance(outcome, Resolution) else outcome


def _missing(tried: Trial) -> list[Target]:
    text = tried.subject.missing_target()
    return [] if text is None else [tried.parse(text)]


async def _sees_changes(tried: Trial) -> None:
    before = await tried.answer()
    for _ in range(2):
        await changed(tried.subject)
        now = await news(tried, before)
        if is_same(now, before):
            tried.broken(
                f"after change() it still gives {shown(before)}",
                "ask each time, and keep an answer no longer than its TTL: how often to ask is up to urischeme; or "
                "mend change(), which has to leave another set each time",
            )
        before = now


async def news(tried: Trial, before: Outcome) -> Outcome:
    """What `resolve` gives as soon as it is another than before; the same, where patience is at its end."""
    end, pause = tried.loop.time() + tried.subject.patience, 0.001
    while True:
        now = await tried.ask(tried.target)
        if not is_same(now, before) or tried.loop.time() > end:
            return now
        await asyncio.sleep(pause)
        pause = min(0.5, 2 * pause)


async def _is_not_found(tried: Trial, target: Target) -> None:
    mend = "raise NotFound(…) where the answer is that nothing is there"
    try:
        await tried.checked(target)
        answer = await tried.ask(target)
    except Hung:
        tried.broken(f"{target}, which is not there, has no answer after {tried.subject.patience:g} s", mend)
    except Exception as error:
        tried.broken(f"for {target}, which is not there, it raised {said(error)}", mend, error)
    if not is_empty(answer):
        tried.broken(f"for {target}, which is not there, it gave {shown(answer)}", mend)


async def _is_an_outage(tried: Trial, target: Target) -> None:
    mend = "raise ResolveError(…, retryable=True) where the server cannot be asked, so that the last answer is kept"
    try:
        await tried.checked(target)
        answer = tried.handler.answer(await tried.raw(target))
    except Hung:
        tried.broken(f"{target}, whose server is down, has no answer after {tried.subject.patience:g} s", mend)
    except ResolveError as error:
        if error.retryable is True:
            return
        tried.broken(f"for {target}, whose server is down, it raised {said(error)}, which is not retryable", mend)
    except Exception as error:
        tried.broken(f"for {target}, whose server is down, it raised {said(error)}", mend, error)
    tried.broken(f"for {target}, whose server is down, it gave {shown(answer)}", mend)


async def _finds_names(tried: Trial) -> None:
    there: dict[str, Target] = {}
    for name in _NAMES:
        text = await target_named(tried.subject, name)
        if text is not None:
            there[name] = tried.parse(text)
    if not there:
        tried.skip("there is no named()")
    found: dict[str, Outcome] = {}
    mend = (
        "take target.path or target.endpoint as it is: it is decoded already, once; a name's case and form are its own"
    )
    for name, target in there.items():
        try:
            found[name] = await tried.ask(target)
        except Exception as error:
            tried.broken(f"{target}, which asks for {name!r}, is there, and it raised {said(error)}", mend, error)
        if is_empty(found[name]):
            tried.broken(f"{target}, which asks for {name!r}, is there, and it found nothing", mend)
        for other, outcome in found.items():
            if other != name and is_same(outcome, found[name]):
                tried.broken(f"asked for {name!r} by {target}, it gave what is there for {other!r}", mend)
