"""`watch`: what a target leads to, as a table that lives on a terminal, or as lines of JSON."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeAlias

import attrs
from rich.console import Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from urischeme import aio
from urischeme.cli import refusal
from urischeme.cli.batch import Batch, json_line
from urischeme.cli.endpoints import endpoint_fields, line
from urischeme.cli.terminal import console
from urischeme.display import escape
from urischeme.errors import Error
from urischeme.routing.endpoint import Endpoint, Resolution

_FRAME: Final = 0.25
"""Seconds from one picture on a terminal to the next."""

_REMEMBERED: Final = 60.0
"""Seconds for which an endpoint that is gone is shown."""

OnError: TypeAlias = Callable[[Error], object]
Watch: TypeAlias = Callable[[OnError | None], aio.Watch]


def run_watch(batch: Batch, text: str, *, timeout: float, default_port: int | None) -> int:
    """Show a target's endpoints until somebody stops it. Gives the exit code of an error that ends it."""
    show = _show_lines if batch.as_json or not sys.stdout.isatty() else _show_table

    def watch(on_error: OnError | None) -> aio.Watch:
        return aio.watch(text, timeout=timeout, default_port=default_port, on_error=on_error)

    try:
        asyncio.run(show(batch, text, watch))
    except Error as error:
        return batch.refuse(text, error)
    return 0


async def _show_lines(batch: Batch, text: str, watch: Watch) -> None:
    def write(fields: dict[str, object]) -> None:
        sys.stdout.write(json_line({"text": batch.shown(text), "time": datetime.now(UTC).isoformat(), **fields}))
        sys.stdout.flush()

    def report(error: Error) -> None:
        write({"error": refusal.record(error)})

    before: tuple[Endpoint, ...] = ()
    async with watch(report) as resolutions:
        async for resolution in resolutions:
            write(changes(before, resolution))
            before = resolution.endpoints


def changes(before: tuple[Endpoint, ...], resolution: Resolution) -> dict[str, object]:
    """The members of a line of JSON: what came, what went, and what is there now."""
    now = resolution.endpoints
    return {
        "added": [endpoint_fields(endpoint) for endpoint in now if endpoint not in before],
        "gone": [endpoint_fields(endpoint) for endpoint in before if endpoint not in now],
        "endpoints": [endpoint_fields(endpoint) for endpoint in now],
        "ttl": resolution.ttl,
        "authority": resolution.authority,
        "service_config": resolution.service_config,
    }


async def _show_table(batch: Batch, text: str, watch: Watch) -> None:
    loop = asyncio.get_running_loop()
    board = Board()

    async def follow(resolutions: aio.Watch) -> None:
        async for resolution in resolutions:
            board.update(resolution.endpoints, loop.time())

    with Live(console=console(), auto_refresh=False) as screen:
        async with watch(None) as resolutions:
            # No TaskGroup: it would wrap the one error that can end this, and that is told as it is.
            following = asyncio.create_task(follow(resolutions))
            while not following.done():
                shown = board.picture(escape(batch.shown(text)), loop.time(), resolutions.ttl_left, resolutions.error)
                screen.update(shown, refresh=True)
                await asyncio.wait([following], timeout=_FRAME)
            screen.update("", refresh=True)
            await following


@attrs.define
class _Row:
    """An endpoint, and when it came and went."""

    came: float
    at: datetime
    went: float | None = None


class Board:
    """The endpoints that are there, and those that were not long ago."""

    def __init__(self) -> None:
        self._rows: dict[Endpoint, _Row] = {}
        self._is_answered = False

    def update(self, endpoints: tuple[Endpoint, ...], now: float) -> None:
        """These are there now."""
        self._is_answered = True
        for endpoint, row in self._rows.items():
            if row.went is None and endpoint not in endpoints:
                row.went = now
        for endpoint in endpoints:
            known = self._rows.get(endpoint)
            if known is None or known.went is not None:
                self._rows[endpoint] = _Row(now, datetime.now())

    def picture(self, title: str, now: float, ttl_left: float | None, error: Error | None) -> Group:
        """What a terminal shows of it."""
        table = Table("endpoint", "since", "", box=None, pad_edge=False)
        for endpoint, row in list(self._rows.items()):
            if row.went is not None and now - row.went > _REMEMBERED:
                del self._rows[endpoint]
            else:
                state, style = _state(row, now)
                table.add_row(escape(line(endpoint)), f"{row.at:%H:%M:%S}", state, style=style)
        here = sum(row.went is None for row in self._rows.values())
        facts = [f"{here} endpoint{'' if here == 1 else 's'}" if self._is_answered else "no answer yet"]
        if ttl_left is not None:
            facts.append(f"the answer holds for {ttl_left:.0f} s")
        below = [Text(", ".join(facts))]
        if error is not None:
            below.append(Text(refusal.message(error), "yellow"))
        return Group(Text(title, "italic"), table, *below)


def _state(row: _Row, now: float) -> tuple[str, str]:
    if row.went is not None:
        return f"gone {now - row.went:.0f} s ago", "red"
    age = now - row.came
    return f"here for {age:.0f} s", "green" if age < _REMEMBERED else ""
