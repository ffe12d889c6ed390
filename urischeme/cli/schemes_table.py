"""The schemes as a table for people, and as rows for programs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

import attrs
from rich.table import Table
from rich.text import Text

from urischeme.display import escape
from urischeme.routing.options import Option
from urischeme.routing.registry import SchemeDetails, SchemeInfo

_ABSENT: Final = "-"


def table(infos: Iterable[SchemeInfo]) -> Table:
    """One row a scheme."""
    shown = _table()
    for heading in ("scheme", "origin", "IANA", "error"):
        shown.add_column(heading, overflow="fold")
    for info in infos:
        cells = (info.scheme, info.origin, info.iana or _ABSENT, info.error or _ABSENT)
        shown.add_row(*map(_text, cells), style="red" if info.error else "")
    return shown


def detailed_table(details: Iterable[SchemeDetails]) -> Table:
    """A paragraph a scheme."""
    shown = _table(show_header=False)
    for each in details:
        info = each.info
        shown.add_row(_text(info.scheme), _text(info.origin), style="bold red" if info.error else "bold")
        shown.add_row("  IANA", _text(info.iana or _ABSENT))
        shown.add_row("  resolver", _text(each.resolver))
        if info.error is not None:
            shown.add_row("  error", _text(info.error), style="red")
            continue
        shown.add_row("  pushes", "yes" if each.pushes else "no")
        shown.add_row("  options", Text("\n").join(_text(_described(option)) for option in each.options) or _ABSENT)
    return shown


def plain(info: SchemeInfo) -> Mapping[str, object]:
    """A row for JSON."""
    return attrs.asdict(info)


def with_details(details: SchemeDetails) -> Mapping[str, object]:
    """A row for JSON, with all that there is."""
    return {
        **plain(details.info),
        "resolver": details.resolver,
        "pushes": details.pushes,
        "options": [
            {"name": option.name, "type": option.type, "default": _default(option)} for option in details.options
        ],
    }


def _described(option: Option) -> str:
    default = _default(option)
    return f"{option.name}: {option.type}" + (f" ({default})" if default not in {None, ""} else "")


def _default(option: Option) -> str | None:
    """As it would be written in a target."""
    if option.default is None:
        return None
    if isinstance(option.default, bool):
        return "true" if option.default else "false"
    return str(getattr(option.default, "value", option.default))


def _table(*, show_header: bool = True) -> Table:
    return Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold", show_header=show_header)


def _text(cell: str) -> Text:
    # A str would be read as markup.
    return Text(escape(cell))
