"""Write the tables of docs/resolver-contract.md: `python -m tests.testing.broken`.

Each fault is tried with every law: it has to be caught by the one that names it, and by no other.
"""

from __future__ import annotations

from tests.testing.broken.catalogue import CATALOGUE
from tests.testing.broken.fault import LAWS, Fault, failures
from tests.testing.broken.page import PAGE, faults_table, laws_table, with_table


def main() -> None:
    messages = {fault.name: _message(fault) for fault in CATALOGUE}
    page = with_table(PAGE.read_text(encoding="utf-8"), "laws", laws_table())
    _ = PAGE.write_text(with_table(page, "faults", faults_table(messages)), encoding="utf-8")


def _message(fault: Fault) -> str:
    found = failures(fault.contract, [fault.law] if fault.alone else LAWS)
    assert fault.law in found, f"{fault.name} is not caught"
    others = found.keys() - {fault.law, *fault.also}
    assert not others, f"{fault.name} is caught by {others} too: {found}"
    return found[fault.law]


if __name__ == "__main__":
    main()
