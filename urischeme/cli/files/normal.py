"""The URIs of one part: their normal forms, and which of them are refused."""

# pyarrow has no types.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false, reportAttributeAccessIssue=false

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs
import pyarrow as pa
import pyarrow.compute as pc

import urischeme
from urischeme import columns
from urischeme.cli import refusal
from urischeme.syntax.normalize import Level

Column: TypeAlias = "pa.Array | pa.ChunkedArray"


@attrs.frozen
class Rules:
    """How to normalise: the options `--level` and `--zone-ids`."""

    level: Level
    zone_ids: bool


@attrs.frozen
class Refusal:
    """One row that was refused.

    Attributes:
        index: which row of the part, counted from 0.
        text: the URI; of a row that cannot be read, the row. It may hold a password.
        position: where in the text, or None where that cannot be said.
        component: of the URI, or None where the row cannot be read.
        reason: what is wrong there.
    """

    index: int
    text: str
    position: int | None
    component: str | None
    reason: str


def changed_texts(texts: Sequence[str | None], rules: Rules) -> tuple[dict[int, str], list[Refusal]]:
    """The normal forms of those texts that are not normal yet, by index; and the refusals, in order.

    Args:
        texts: URIs, None for a row that has none; bytes that are no UTF-8 stand in them as surrogate escapes.
        rules: how to normalise.
    """
    try:
        column = pa.array(texts, pa.string())
    except UnicodeEncodeError:
        column = pa.array([None if text is None else _octets(text) for text in texts], pa.binary()).view(pa.string())
    forms, refused = normal_column(column, rules)
    changed = pc.indices_nonzero(pc.fill_null(pc.not_equal(column, forms), fill_value=False))
    return dict(zip(changed.to_pylist(), forms.take(changed).to_pylist(), strict=True)), refused


def normal_column(column: Column, rules: Rules) -> tuple[Column, list[Refusal]]:
    """The normal form of each URI of a column; and the refusals, in order.

    Args:
        column: text of any type, or a dictionary of it, null where a row has no URI; it may be no UTF-8.
        rules: how to normalise.

    Returns:
        A column of the same type, null where there was no URI or it was refused.
    """
    forms = columns.normalize(column, level=rules.level, zone_ids=rules.zone_ids, errors="null")
    refused = pc.and_(forms.is_null(), column.is_valid())
    indices = pc.indices_nonzero(refused).to_pylist()
    if not indices:
        return forms, []
    if pa.types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    texts = column.cast(pa.large_binary()).filter(refused).to_pylist()
    pairs = zip(indices, texts, strict=True)
    # A dictionary may have null among its values.
    return forms, [_refusal(index, text, rules) for index, text in pairs if text is not None]


def _octets(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _refusal(index: int, octets: bytes, rules: Rules) -> Refusal:
    """Why the function refuses what the column did not take."""
    text = octets.decode("utf-8", "surrogateescape")
    try:
        urischeme.normalize(text, level=rules.level, zone_ids=rules.zone_ids)
    except urischeme.ParseError as error:
        # In no variable: by way of its traceback it would hold this frame and that of the caller, with the whole
        # column, until the garbage is collected, which may be gigabytes later.
        return _as_row(index, text, refusal.explained(error))
    raise AssertionError("columns refuse what the function takes")


def _as_row(index: int, text: str, error: urischeme.ParseError) -> Refusal:
    return Refusal(index, text, error.position, error.component, error.reason)
