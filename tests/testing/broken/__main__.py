"""Write the tables of docs/resolver-contract.md: `python -m tests.testing.broken`."""

from __future__ import annotations

from tests.testing.broken.catalogue import CATALOGUE
from tests.testing.broken.fault import outcome
from tests.testing.broken.page import PAGE, faults_table, laws_table, with_table


def main() -> None:
    messages = {fault.name: outcome(fault.contract, fault.law) or "nothing" for fault in CATALOGUE}
    page = with_table(PAGE.read_text(encoding="utf-8"), "laws", laws_table())
    _ = PAGE.write_text(with_table(page, "faults", faults_table(messages)), encoding="utf-8")


if __name__ == "__main__":
    main()
