"""The tables of docs/resolver-contract.md: the laws, and the faults with what the laws say of them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from tests.testing.broken.catalogue import CATALOGUE
from tests.testing.broken.fault import Fault
from urischeme.testing.contract.answers import AnswerLaws
from urischeme.testing.contract.changes import ChangeLaws
from urischeme.testing.contract.errors import ErrorLaws
from urischeme.testing.contract.leaving import LeavingLaws
from urischeme.testing.contract.refusals import RefusalLaws
from urischeme.testing.contract.watching import WatchLaws

PAGE: Final = Path(__file__).parents[3] / "docs" / "resolver-contract.md"

_GROUPS: Final = (AnswerLaws, RefusalLaws, ErrorLaws, WatchLaws, LeavingLaws, ChangeLaws)


def laws() -> dict[str, str]:
    """The laws, each with its sentence, in the order in which they are written."""
    return {
        name: re.sub(r"\s+", " ", inspect.getdoc(law) or "")
        for group in _GROUPS
        for name, law in vars(group).items()
        if name.startswith("test_")
    }


def laws_table() -> str:
    return _table(("law", "what it says"), ([f"`{name}`", sentence] for name, sentence in laws().items()))


def faults_table(messages: Mapping[str, str]) -> str:
    """Of those faults of which it is known what is said, by their names."""
    order = list(laws())
    faults = sorted(CATALOGUE, key=lambda fault: order.index(fault.law))
    return _table(
        ("its author …", "law", "what it says"),
        (
            [fault.title, f"`{fault.law}`", shown(fault, messages[fault.name])]
            for fault in faults
            if fault.name in messages
        ),
    )


def shown(fault: Fault, message: str) -> str:
    """A message, on one line, without the name that stands before each, and without numbers that differ by run."""
    what = re.sub(r"^mine \([^)]*\): ", "", message)
    if fault.law == "test_any_changes_are_followed":
        # Which sequence of changes it is is Hypothesis's own business.
        what = re.sub(r"10\.0\.0\.[0-9]+", "10.0.0.…", what)
    what = re.sub(r"await number [0-9]+", "await number 1", what)
    what = re.sub(r", line [0-9]+,", "", what)
    what = re.sub(r"takes it much more than .*? times as long as one of [0-9]+", "takes it much too long", what)
    what = re.sub(r"of [0-9]+ characters", "of so many characters", what)
    # Python says after it what it was at when the stack was full, which depends on how deep that began.
    what = re.sub(r"(maximum recursion depth exceeded)[a-zA-Z ]*", r"\1", what)
    what = re.sub(r"such as mine:a+…?,", "such as mine:aaaa…,", what)
    return re.sub(r"\s+", " ", what)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    names = list(head)
    lines = [names, ["---"] * len(names), *rows]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def with_table(page: str, name: str, table: str) -> str:
    """The page with this table between its markers."""
    begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = page.partition(begin)
    _, there, after = rest.partition(end)
    assert there, f"the page has no place for {name}"
    return f"{before}{begin}\n{table}\n{end}{after}"
