"""Columns of pyarrow: a compiled expression over all rows, and Python for the few that it leaves."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from urischeme.columns import patterns
from urischeme.columns.operation import PARTS, REFUSAL, Join, Normalize, Parse, Valid, refusal
from urischeme.errors import MissingExtra

try:
    import pyarrow as pa
    import pyarrow.compute as pc
except ModuleNotFoundError as error:
    raise MissingExtra("arrow", missing="pyarrow") from error

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from urischeme.columns.operation import Operation, TextOperation

Column: TypeAlias = "pa.Array | pa.ChunkedArray"

# So many rows are worked on at a time that compiling the expressions anew is little beside it.
_LEAST_ROWS, _MOST_ROWS = 1 << 16, 1 << 18


def run(operation: Operation, column: Column, *, say_row: bool = True) -> Column:
    """What the operation gives for each row. A dictionary-encoded column stays one where that is text.

    Args:
        operation: what is asked.
        column: text of any kind, or a dictionary of it.
        say_row: whether an error says which row it is about: not where these are some of the rows only.

    Raises:
        ParseError: of the first refused row, where the operation has it so.
        TypeError: for a column that is not text.
    """
    answer = _once_a_value if pa.types.is_dictionary(column.type) else _once_a_row
    answers = answer(operation, column)
    if isinstance(operation, (Normalize, Join)) and operation.errors == "raise":
        _raise_first(operation, column, answers, say_row=say_row)
    return answers


def answer_type(operation: Operation, text_type: pa.DataType) -> pa.DataType:
    """The type of the answers for a column of text of this type."""
    if isinstance(operation, Valid):
        return pa.bool_()
    if pa.types.is_null(text_type):
        text_type = pa.string()
    if isinstance(operation, Parse):
        error = pa.struct([(name, pa.int64() if name == "position" else text_type) for name in REFUSAL])
        return pa.struct([*((name, text_type) for name in PARTS), ("error", error)])
    return text_type


def _once_a_row(operation: Operation, column: Column) -> Column:
    return _cast(_in_blocks(operation, _workable(column)), answer_type(operation, column.type))


def _once_a_value(operation: Operation, column: Column) -> Column:
    wanted = answer_type(operation, column.type.value_type)
    if isinstance(operation, (Normalize, Join)):
        wanted = pa.dictionary(column.type.index_type, wanted, column.type.ordered)
    dictionary = answers = None
    done: list[pa.Array] = []
    for chunk in _chunks(column):
        # Most chunks have the dictionary of the chunk before.
        if dictionary is None or not chunk.dictionary.equals(dictionary):
            dictionary = chunk.dictionary
            answers = _in_blocks(operation, _workable(dictionary))
        done.append(_spread(answers, chunk.indices, wanted))
    return pa.chunked_array(done, type=wanted) if isinstance(column, pa.ChunkedArray) else done[0]


def _spread(answers: pa.Array, indices: pa.Array, wanted: pa.DataType) -> pa.Array:
    """The answers for the values of a dictionary, for its rows."""
    if not pa.types.is_dictionary(wanted):
        return _cast(answers.take(indices), wanted)
    # What was two values may be one now.
    encoded = answers.dictionary_encode()
    indices = encoded.indices.take(indices).cast(wanted.index_type)
    dictionary = _cast(encoded.dictionary, wanted.value_type)
    return pa.DictionaryArray.from_arrays(indices, dictionary, ordered=wanted.ordered)


def _workable(column: Column) -> Column:
    """The column as a type of text that there are kernels for."""
    its = column.type
    if pa.types.is_string(its) or pa.types.is_large_string(its):
        return column
    if its == pa.string_view():
        return column.cast(pa.large_string())
    if pa.types.is_null(its):
        return column.cast(pa.string())
    raise TypeError(f"a column of text is wanted, not of {its}")


def _chunks(column: Column) -> list[pa.Array]:
    return column.chunks if isinstance(column, pa.ChunkedArray) else [column]


def _cast(column: Column, wanted: pa.DataType) -> Column:
    return column if column.type == wanted else column.cast(wanted)


def _in_blocks(operation: Operation, texts: Column) -> Column:
    rows = min(max(-(-len(texts) // pa.cpu_count()), _LEAST_ROWS), _MOST_ROWS)
    blocks = [chunk.slice(start, rows) for chunk in _chunks(texts) for start in range(0, max(len(chunk), 1), rows)]
    done = _in_threads(partial(_answers, operation), blocks)
    if isinstance(texts, pa.ChunkedArray):
        return pa.chunked_array(done, type=answer_type(operation, texts.type))
    return pa.concat_arrays(done) if len(done) > 1 else done[0]


def _in_threads(work: Callable[[pa.Array], pa.Array], blocks: Sequence[pa.Array]) -> list[pa.Array]:
    """The kernels let go of Python's lock. As many threads as `pyarrow.set_cpu_count` says."""
    if len(blocks) < 2 or pa.cpu_count() < 2:
        return [work(block) for block in blocks]
    with ThreadPoolExecutor(pa.cpu_count()) as pool:
        return list(pool.map(work, blocks))


def _raise_first(operation: TextOperation, column: Column, answers: Column, *, say_row: bool) -> None:
    if answers.null_count == column.null_count:
        return
    if pa.types.is_dictionary(column.type):
        # A null among its values was not counted.
        column = pa.chunked_array([_workable(chunk.dictionary).take(chunk.indices) for chunk in _chunks(column)])
    row = pc.index(pc.and_(answers.is_null(), column.is_valid()), True).as_py()
    if row < 0:
        return
    raise refusal(operation, _python_texts(column.slice(row, 1))[0], row if say_row else None)


def _answers(operation: Operation, texts: pa.Array) -> pa.Array:
    match operation:
        case Normalize():
            return _normalize(operation, texts)
        case Join():
            return _join(operation, texts)
        case Valid():
            return pc.match_substring_regex(texts, patterns.uri(operation.zone_ids))
        case Parse():
            return _parse(operation, texts)


def _normalize(operation: Normalize, texts: pa.Array) -> pa.Array:
    others = pc.invert(pc.match_substring_regex(texts, patterns.normal(operation.level)))
    return _replace(texts, others, partial(_normalize_others, operation), texts)


def _normalize_others(operation: Normalize, texts: pa.Array) -> pa.Array:
    lacks_slash = patterns.lacks_a_last_slash(operation.level)
    if lacks_slash is None:
        return _one_by_one(operation, texts)
    slash, nothing = pa.scalar("/", texts.type), pa.scalar("", texts.type)
    slashed = pc.binary_join_element_wise(texts, slash, nothing)
    others = pc.invert(pc.match_substring_regex(texts, lacks_slash))
    return _replace(slashed, others, partial(_one_by_one, operation), texts)


def _join(operation: Join, texts: pa.Array) -> pa.Array:
    starts = pc.make_struct(
        pc.match_substring_regex(texts, patterns.HAS_SCHEME),
        *(pc.starts_with(texts, start) for start in ("//", "/", "?")),
        pc.match_substring_regex(texts, patterns.EMPTY_OR_FRAGMENT),
    )
    prefixes = "", *(operation.prefix(start) for start in ("//", "/", "?", "#", "x"))
    prefix = pc.case_when(starts, *(pa.scalar(prefix, texts.type) for prefix in prefixes))
    joined = pc.binary_join_element_wise(prefix, texts, pa.scalar("", texts.type))
    others = pc.invert(pc.match_substring_regex(texts, patterns.without_dot_segments(operation.zone_ids)))
    return _replace(joined, others, partial(_one_by_one, operation), texts)


def _replace(answers: pa.Array, rows: pa.Array, answer: Callable[[pa.Array], pa.Array], texts: pa.Array) -> pa.Array:
    """The answers, those of these rows replaced by what `answer` gives for their texts."""
    others = texts.filter(rows)
    return pc.replace_with_mask(answers, rows, answer(others)) if len(others) else answers


def _one_by_one(operation: TextOperation, texts: pa.Array) -> pa.Array:
    """Python's answers; what is no reference it is not asked about."""
    good = pc.match_substring_regex(texts, patterns.reference(operation.zone_ids))
    answers = operation.answers(_python_texts(texts.filter(good)))
    return pc.replace_with_mask(pa.nulls(len(texts), texts.type), good, pa.array(answers, texts.type))


def _python_texts(texts: Column) -> list[str]:
    """What is no UTF-8 in them comes as characters that no URI may have."""
    return [octets.decode(errors="surrogateescape") for octets in texts.cast(pa.large_binary()).to_pylist()]


def _parse(operation: Parse, texts: pa.Array) -> pa.Array:
    columns = _part_columns(operation, texts, patterns.COARSE_PARTS)
    error = pa.StructArray.from_arrays([columns[name] for name in REFUSAL], REFUSAL, mask=columns[REFUSAL[0]].is_null())
    parts = [columns[name] for name in PARTS]
    return pa.StructArray.from_arrays([*parts, error], [*PARTS, "error"], mask=texts.is_null())


def _part_columns(operation: Parse, texts: pa.Array, coarse: Sequence[str]) -> dict[str, pa.Array]:
    """A column for each part and each attribute of a refusal, by one expression after the other, and then by Python."""
    if not coarse:
        return _part_columns_one_by_one(operation, texts)
    found = pc.extract_regex(texts, coarse[0])
    columns = _fine_parts(found, texts.type)
    others = pc.and_(found.is_null(), texts.is_valid())
    rest = texts.filter(others)
    if len(rest):
        for name, answers in _part_columns(operation, rest, coarse[1:]).items():
            if answers.null_count < len(answers):
                columns[name] = pc.replace_with_mask(columns[name], others, answers)
    return columns


def _part_columns_one_by_one(operation: Parse, texts: pa.Array) -> dict[str, pa.Array]:
    rows = [operation.answer(text) for text in _python_texts(texts)]
    types = {"position": pa.int64()}
    return {
        name: pa.array(answers, types.get(name, texts.type))
        for name, answers in zip((*PARTS, *REFUSAL), zip(*rows, strict=True), strict=True)
    }


def _fine_parts(found: pa.StructArray, text_type: pa.DataType) -> dict[str, pa.Array]:
    """What an expression of `patterns.COARSE_PARTS` found, the authority and the tail taken apart."""
    none = pa.nulls(len(found), text_type)
    columns: dict[str, pa.Array] = dict.fromkeys((*PARTS, *REFUSAL), none)
    columns["position"] = none.cast(pa.int64())
    columns.update((field.name, pc.struct_field(found, field.name)) for field in found.type)

    authority = columns["authority"]
    with_port = pc.match_substring(authority, ":")
    split = pc.extract_regex(authority.filter(with_port), patterns.HOST_AND_PORT)
    columns["host"] = pc.replace_with_mask(authority, with_port, split.field("host"))
    columns["port_text"] = pc.replace_with_mask(none, with_port, split.field("port_text"))

    tail = columns.pop("tail")
    with_tail = pc.not_equal(tail, "")
    split = pc.extract_regex(tail.filter(with_tail), patterns.TAIL)
    for mark, name in (("question_mark", "query"), ("hash", "fragment")):
        part = pc.if_else(pc.equal(split.field(mark), ""), pa.scalar(None, text_type), split.field(name))
        columns[name] = pc.replace_with_mask(none, with_tail, part)
    return columns
