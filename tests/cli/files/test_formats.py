"""Rows come out as they went in, but for the URI: in each format, whatever else is in them."""

from __future__ import annotations

import csv
import datetime
import decimal
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import urischeme
from tests.cli.process import run
from urischeme.cli.files.csv_rows import open_csv
from urischeme.cli.files.file_types import Codec
from urischeme.cli.files.json_rows import open_json_lines
from urischeme.cli.files.normal import Rules
from urischeme.cli.files.streams import Stream, compressed
from urischeme.cli.files.text_rows import TextSource, open_text
from urischeme.testing.strategies import near_misses, references

CODECS: dict[str, Codec] = {".gz": "gzip", ".zst": "zstd"}

LINES = b"HTTP://h\r\na:b\n\na b\nhttp://h/\xff\nhttp://ada:s3cret@h\nx\rY\n//[::1%25eth0]\nlast:%7e"


def pack(path: Path, data: bytes) -> None:
    path.write_bytes(compressed(data, CODECS.get(path.suffix)))


def unpack(path: Path) -> bytes:
    with pa.input_stream(path, compression=CODECS.get(path.suffix)) as stream:
        return bytes(stream.read())


@pytest.mark.parametrize(
    ("source", "out", "options"),
    [
        ("in.txt", "out.txt.gz", []),
        ("in.txt.gz", "out.txt.zst", ["--level", "syntax"]),
        ("in", "out", ["--format", "text", "--zone-ids"]),
    ],
)
def test_lines_are_those_that_the_command_prints(tmp_path: Path, source: str, out: str, options: list[str]) -> None:
    pack(tmp_path / source, LINES)
    level = [option for option in options if option not in {"--format", "text"}]
    printed = run("normalize", "--show-password", "--file", "-", *level, stdin=LINES)
    told = run("normalize", "--json", "--file", "-", *level, stdin=LINES)

    done = run("normalize", "--file", str(tmp_path / source), "--out", str(tmp_path / out), *options)

    assert (done.code, done.out) == (1, "")
    assert unpack(tmp_path / out).decode() == printed.out
    rejects = [json.loads(line) for line in (tmp_path / f"{out}.rejects.jsonl").read_text().splitlines()]
    assert [{"text": row.pop("text"), "row": row.pop("row"), "error": row} for row in rejects] == [
        {**entry, "row": row} for row, entry in enumerate(told.objects, 1) if "error" in entry
    ]
    assert done.err.count("\n") == 1
    assert f"9 rows, {len(rejects)} refused" in done.err


def test_csv_keeps_every_byte_but_those_of_the_uris(tmp_path: Path) -> None:
    source, out = tmp_path / "in.csv.gz", tmp_path / "out.csv"
    pack(
        source,
        b'\xef\xbb\xbfid,"URL ""raw""",note\r\n'
        b'007,HTTP://h,"a, ""b""\nc"\r\n'
        b'"1","http://h/%7e,x",\xff\n'
        b'2,"a b",refused\n'
        b"3,,empty\n"
        b"\n"
        b"4,HTTP://h\n"
        b'5,"http://h/"x,6\n'
        b"last,a:b,",
    )
    done = run("normalize", "--file", str(source), "--out", str(out), "--column", 'URL "raw"')

    assert done.code == 1
    assert out.read_bytes() == (
        b'\xef\xbb\xbfid,"URL ""raw""",note\r\n'
        b'007,http://h/,"a, ""b""\nc"\r\n'
        b'"1","http://h/~,x",\xff\n'
        b"3,,empty\n"
        b"\n"
        b"last,a:b,"
    )
    rejects = [json.loads(line) for line in (tmp_path / "out.csv.rejects.jsonl").read_text().splitlines()]
    assert [(row["row"], row["text"], row["position"], row["component"]) for row in rejects] == [
        (3, "a b", 1, "path"),
        (6, "4,HTTP://h", None, None),
        (7, '5,"http://h/"x,6', None, None),
    ]
    assert rejects[1]["reason"] == "2 columns, where the header has 3"


def test_json_lines_keep_every_byte_but_those_of_the_uris(tmp_path: Path) -> None:
    source, out = tmp_path / "in.ndjson.zst", tmp_path / "out.jsonl"
    kept = [
        b'{"n": 1.50, "url" : "HTTP://h" ,"deep": {"url": "HTTP://h", "l": ["}"]}, "big": 10000000000000000000001}\r\n',
        b'{"url":null}\n',
        b"\n",
        b'{"other":"\\ud800"}\n',
        b'{"url":"a:b","url":"HTTP:\\u002F/\\u0068"}\n',
    ]
    refused = [
        b'{"url":"a b"}\n',
        b'{"url":5}\n',
        b'["a:b"]\n',
        b'{"url":"a:b"\n',
        b'{"url":"\\ud800"}\n',
        b'{"url":"a:b","other":"\xff"}\n',
        b"[" * 100_000 + b"\n",
    ]
    pack(source, b"".join(kept + refused) + b'{"url":"a:b"}')

    done = run("normalize", "--file", str(source), "--out", str(out), "--column", "url")

    assert done.code == 1
    assert out.read_bytes() == (
        b"".join(kept).replace(b'"HTTP://h" ,', b'"http://h/" ,').replace(b'"HTTP:\\u002F/\\u0068"', b'"http://h/"')
        + b'{"url":"a:b"}'
    )
    rejects = [json.loads(line) for line in (tmp_path / "out.jsonl.rejects.jsonl").read_text().splitlines()]
    assert [(row["row"], row["position"], row["reason"]) for row in rejects] == [
        (6, 1, "a space may not stand in a path; write %20"),
        (7, None, "url is a number, not text"),
        (8, None, "it is a list, not an object"),
        (9, 13, "no JSON: Expecting ',' delimiter"),
        (10, None, "url has \\ud800 in it, half of a surrogate pair"),
        (11, 22, "the byte 0xFF is not UTF-8"),
        (12, None, "lists and objects are too deep in each other"),
    ]


@pytest.mark.parametrize(
    "kind", [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())], ids=str
)
def test_parquet_keeps_types_and_values(tmp_path: Path, kind: pa.DataType) -> None:
    uris = ["HTTP://h", None, "a b", "http://h/%7e", ""] * 1000
    table = pa.table(
        {
            "url": pa.array(uris, kind),
            "view": pa.array(map(str, range(5000)), pa.string_view()),
            "category": pa.array(["x", "y"] * 2500).dictionary_encode(),
            "list": [[number] for number in range(5000)],
            "map": pa.array([[("k", 1)]] * 5000, pa.map_(pa.string(), pa.int8())),
            "time": pa.array([datetime.datetime(2024, 2, 29)] * 5000, pa.timestamp("ns", "UTC")),
            "price": [decimal.Decimal("1.50")] * 5000,
            "bytes": [b"\xff"] * 5000,
        },
        metadata={"made": "by hand"},
    )
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    pq.write_table(table, source, row_group_size=1700, compression="gzip")

    done = run("normalize", "--file", str(source), "--out", str(out), "--column", "url", "--part-size", "200000")

    kept = [index for index, uri in enumerate(uris) if uri != "a b"]
    table, result = pq.read_table(source), pq.read_table(out)
    assert done.err == f"{out}: 5,000 rows, 1,000 refused: {out}.rejects.jsonl\n"
    assert result.schema.equals(table.schema, check_metadata=True)
    assert result["url"].to_pylist() == ["http://h/", None, "http://h/~", ""] * 1000
    for name in table.column_names[1:]:
        values = table[name].to_pylist()
        assert result[name].to_pylist() == [values[index] for index in kept]
    assert pq.ParquetFile(out).num_row_groups == 1  # for all the parts
    assert pq.ParquetFile(out).metadata.row_group(0).column(0).compression == "GZIP"


def test_text_in_parquet_that_is_no_utf_8_is_refused(tmp_path: Path) -> None:
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    raw = pa.array([b"HTTP://h", b"http://h/\xff", None])
    pq.write_table(pa.table({"url": pa.Array.from_buffers(pa.string(), 3, raw.buffers())}), source)

    done = run("normalize", "--file", str(source), "--out", str(out), "--rejects", str(tmp_path / "bad.parquet"))

    assert done.code == 1
    assert pq.read_table(out)["url"].to_pylist() == ["http://h/", None]
    assert pq.read_table(tmp_path / "bad.parquet").to_pylist() == [
        {
            "row": 2,
            "text": "http://h/\\xff",
            "position": 9,
            "component": "path",
            "reason": "the byte 0xFF is not UTF-8 here; write %FF",
        }
    ]


@pytest.mark.parametrize("name", ["empty.txt", "empty.jsonl", "header.csv", "empty.parquet", "empty.txt.gz"])
def test_a_file_without_rows_gives_one_without_rows(tmp_path: Path, name: str) -> None:
    source, out = tmp_path / name, tmp_path / f"out-{name}"
    if source.suffix == ".parquet":
        pq.write_table(pa.table({"url": pa.array([], pa.string())}), source)
    else:
        pack(source, b"url" if source.suffix == ".csv" else b"")
    done = run("normalize", "--file", str(source), "--out", str(out))
    assert (done.code, done.err) == (0, f"{out}: 0 rows, none refused\n")
    if source.suffix == ".parquet":
        assert pq.read_table(out).equals(pq.read_table(source))
    else:
        assert unpack(out) == unpack(source)
        assert out.stat().st_size or source.suffix != ".gz"


def test_the_number_of_workers_changes_no_byte(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("".join(f"HTTP://h/{number}\na b\n" for number in range(10_000)))
    for jobs in ("1", "2"):
        run(
            *("normalize", "--file", str(source), "--out", str(tmp_path / f"{jobs}.txt.gz"), "--jobs", jobs),
            *("--rejects", str(tmp_path / f"{jobs}.csv"), "--part-size", "10000"),
        )
    assert (tmp_path / "1.txt.gz").read_bytes() == (tmp_path / "2.txt.gz").read_bytes()
    assert (tmp_path / "1.csv").read_bytes() == (tmp_path / "2.csv").read_bytes()
    assert unpack(tmp_path / "1.txt.gz").count(b"\n") == 10_000
    assert (
        (tmp_path / "1.csv").read_text().startswith('"row","text","position","component","reason"\n2,"a b",1,"path","a')
    )


Open = Callable[[Path, Stream, int, str | None], TextSource]


def all_parts(open_source: Open, path: Path, column: str | None, size: int) -> tuple[bytes, list[int]]:
    """What all parts give, one after another, and the numbers of the rows that were refused."""
    source = open_source(path, Stream(path, None), size, column)
    head = io.BytesIO()
    source.assembly(head, None)
    output, refused = head.getvalue(), []
    row = 1
    for number, part in enumerate(source.parts()):
        assert (part.number, part.first_row) == (number, row)
        assert len(part.data) <= size
        done = source.rows.normalized(part.data, Rules("scheme", zone_ids=False))
        output += done.output
        refused += [part.first_row + refusal.index for refusal in done.refused]
        row += part.rows
    source.close()
    return output, refused


def normal(text: str) -> str | None:
    try:
        return urischeme.normalize(text)
    except urischeme.ParseError:
        return None


# What a row has in it, and what an input is cut at.
uris = st.one_of(references(), near_misses(), st.text(max_size=10)).filter(
    lambda text: not re.search("[\ud800-\udfff]", text)
)
cells = st.text(st.sampled_from('a,"\n\r;é \\'), max_size=8)
rows = st.lists(st.tuples(cells, uris, cells), max_size=20)


def size_of_a_part(records: list[bytes], more: int) -> int:
    return max(map(len, records), default=1) + more


@given(rows, st.sampled_from([(csv.QUOTE_MINIMAL, "\r\n"), (csv.QUOTE_ALL, "\n")]), st.integers(0, 100))
def test_csv_is_the_same_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, table: list[tuple[str, str, str]], style: tuple[int, str], more: int
) -> None:
    records = []
    for row in [("a", "url", "b"), *table]:
        record = io.StringIO(newline="")
        csv.writer(record, quoting=style[0], lineterminator=style[1]).writerow(row)  # type: ignore[arg-type]
        records.append(record.getvalue().encode())
    path = tmp_path_factory.getbasetemp() / "cut.csv"
    path.write_bytes(b"".join(records))

    output, refused = all_parts(open_csv, path, "url", size_of_a_part(records, more))

    result = list(csv.reader(io.StringIO(output.decode(), newline=""), strict=True))
    forms = [normal(uri) for _, uri, _ in table]
    assert result == [["a", "url", "b"]] + [
        [a, form, b] for (a, _, b), form in zip(table, forms, strict=True) if form is not None
    ]
    assert refused == [row for row, form in enumerate(forms, 1) if form is None]


@given(rows, st.booleans(), st.integers(0, 100))
def test_json_lines_are_the_same_however_they_are_cut(
    tmp_path_factory: pytest.TempPathFactory,
    table: list[tuple[str, str, str]],
    ascii_only: bool,
    more: int,
) -> None:
    records = [
        f"{json.dumps({a: b, 'url': uri, 'deep': {'url': a}}, ensure_ascii=ascii_only)}\n".encode()
        for a, uri, b in table
    ]
    path = tmp_path_factory.getbasetemp() / "cut.jsonl"
    path.write_bytes(b"".join(records))

    output, refused = all_parts(open_json_lines, path, "url", size_of_a_part(records, more))

    forms = [normal(uri) for _, uri, _ in table]
    assert list(map(json.loads, output.decode().split("\n")[:-1])) == [
        {a: b, "url": form, "deep": {"url": a}}
        for (a, _, b), form in zip(table, forms, strict=True)
        if form is not None
    ]
    assert refused == [row for row, form in enumerate(forms, 1) if form is None]


@given(st.lists(uris.filter(lambda uri: "\n" not in uri)), st.sampled_from(["\n", "\r\n"]), st.integers(0, 100))
def test_text_is_the_same_however_it_is_cut(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], end: str, more: int
) -> None:
    records = [f"{text}{end}".encode() for text in texts]
    path = tmp_path_factory.getbasetemp() / "cut.txt"
    path.write_bytes(b"".join(records))

    output, refused = all_parts(open_text, path, None, size_of_a_part(records, more))

    forms = [normal(text.removesuffix("\r")) if end == "\n" else normal(text) for text in texts]
    assert output.decode().split("\n")[:-1] == [form for form in forms if form is not None]
    assert refused == [row for row, form in enumerate(forms, 1) if form is None]
