"""IANA's registry of URI schemes, as data (RFC 7595): `iana.csv`, read on first use."""

from __future__ import annotations

import csv
from functools import cache
from importlib.resources import files
from typing import Literal, TypeAlias, cast

__all__ = ["Status", "status"]

Status: TypeAlias = Literal["permanent", "provisional", "historical"]


def status(scheme: str) -> Status | None:
    """How IANA has registered a scheme, or None where it has not; of no case.

    >>> status("HTTP"), status("prospero"), status("k8s")
    ('permanent', 'historical', None)
    """
    return _statuses().get(scheme.lower())


@cache
def _statuses() -> dict[str, Status]:
    with files("urischeme.syntax").joinpath("iana.csv").open(encoding="ascii") as lines:
        return {row["scheme"].lower(): cast("Status", row["status"]) for row in csv.DictReader(lines)}
