"""What is no good is refused before anything is done, in one line that says what to do."""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.cli.process import Done, run, run_python
from urischeme.cli import main


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def call(*arguments: str) -> Done:
    """In this process: it ends before there is any other."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(arguments)
    return Done(code, out.getvalue().encode(), err.getvalue().encode())


def refused(done: Done, *words: str) -> None:
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("urischeme: ")
    assert done.err.count("\n") == 1
    assert [word for word in words if word not in done.err] == []


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "in.parquet"
    pq.write_table(pa.table({"id": [1], "url": ["a:b"], "n": [2.5]}), path)
    return path


def test_columns_are_listed_where_it_is_not_said_which(table: Path, tmp_path: Path) -> None:
    out = str(tmp_path / "out.parquet")
    refused(call("normalize", "--file", str(table), "--out", out), "3 columns", "--column", "id, url, n")
    refused(call("normalize", "--file", str(table), "--out", out, "--column", "ulr"), "no column ulr", "mean url?")
    refused(call("normalize", "--file", str(table), "--out", out, "--column", "zzz"), "no column zzz", "id, url, n")
    refused(call("normalize", "--file", str(table), "--out", out, "--column", "n"), "column n is double", "not text")
    assert files(tmp_path) == ["in.parquet"]


@pytest.mark.parametrize(
    ("name", "content", "column", "words"),
    [
        ("in.csv", b"id,url\n1,a:b\n", None, ["2 columns", "id, url"]),
        ("in.csv", b"id,url\n1,a:b\n", "uri", ["no column uri", "mean url?"]),
        ("in.csv", b"url,url\n", "url", ["more than one column url"]),
        ("in.csv", b"", "url", ["a CSV file begins with a header", "empty"]),
        ("in.csv", b"\nurl\n", "url", ["a CSV file begins with a header", "first line"]),
        ("in.jsonl", b'{"id":1}\n\n{"url":"a:b"}\n', None, ["2 columns", "id, url"]),
        ("in.jsonl", b'{"id":1}\n{"url":"a:b"}\n', "uri", ["no column uri", "mean url?"]),
        ("in.jsonl", b'{"url":null}\n{"url":1}\n', "url", ["column url is not text but a number"]),
        ("in.txt", b"a:b\n", "url", ["leave out --column"]),
        ("in.txt.gz", b"a:b\n", None, ["cannot read", "in.txt.gz"]),
        ("in.txt.gz", b"", None, ["cannot read", "in.txt.gz", "empty"]),
        ("in.txt.zst", b"a:b\n", None, ["cannot read", "in.txt.zst"]),
        ("in.parquet", b"PAR1 and no more", "url", ["cannot read", "in.parquet"]),
        ("in.parquet", b"", "url", ["cannot read", "in.parquet"]),
        ("in.parquet.gz", b"", "url", ["compressed inside", "leave out .gz"]),
        ("in.urls", b"a:b\n", None, ["in.urls does not tell the format", "--format"]),
    ],
)
def test_an_input_that_does_not_fit(
    tmp_path: Path, name: str, content: bytes, column: str | None, words: list[str]
) -> None:
    source = tmp_path / name
    source.write_bytes(content)
    out = tmp_path / f"out-{name.removesuffix('.gz')}"
    done = call("normalize", "--file", str(source), "--out", str(out), *(["--column", column] if column else []))
    refused(done, *words)
    assert not out.exists()


def test_half_a_parquet_file(table: Path, tmp_path: Path) -> None:
    table.write_bytes(table.read_bytes()[:-20])
    refused(
        call("normalize", "--file", str(table), "--out", str(tmp_path / "out.parquet")), "cannot read", "in.parquet"
    )


def test_files_that_are_not_there_or_no_files(tmp_path: Path) -> None:
    source = tmp_path / "in.txt"
    source.write_text("a:b\n")
    os.mkfifo(tmp_path / "fifo.txt")
    (tmp_path / "folder.txt").mkdir()
    out = str(tmp_path / "out.txt")
    refused(call("normalize", "--file", str(tmp_path / "no.txt"), "--out", out), "no.txt", "No such file")
    refused(call("normalize", "--file", str(tmp_path / "fifo.txt"), "--out", out), "regular file")
    refused(call("normalize", "--file", str(tmp_path / "folder.txt"), "--out", out), "regular file")
    refused(call("normalize", "--file", str(source), "--out", str(tmp_path / "no" / "out.txt")), "no folder")
    refused(call("normalize", "--file", str(source), "--out", str(tmp_path / "folder.txt"), "--force"), "regular file")
    refused(call("normalize", "--file", str(source), "--out", str(source), "--force"), "different files")
    linked = tmp_path / "link.txt"
    linked.symlink_to(source)
    refused(call("normalize", "--file", str(linked), "--out", str(source), "--force"), "different files")
    source.rename(lines := tmp_path / "in.jsonl")
    refused(
        call("normalize", "--file", str(lines), "--out", f"{out}.jsonl", "--rejects", str(lines)), "different files"
    )
    lines.rename(source)
    refused(
        call("normalize", "--file", str(source), "--out", str(tmp_path / "out.csv")), "in.txt is text", "out.csv csv"
    )
    refused(call("normalize", "--file", str(source), "--out", out, "--rejects", "bad.txt"), "bad.txt", ".jsonl")


def test_what_is_there_is_not_overwritten_without_force(tmp_path: Path) -> None:
    source, out, rejects = tmp_path / "in.txt", tmp_path / "out.txt", tmp_path / "out.txt.rejects.jsonl"
    source.write_text("HTTP://h\n")
    for there in (out, rejects):
        there.write_text("mine")
        for resume in ([], ["--resume"]):
            refused(call("normalize", "--file", str(source), "--out", str(out), *resume), there.name, "--force")
        assert there.read_text() == "mine"
        assert files(tmp_path) == sorted(["in.txt", there.name])
        rejects.write_text("of an earlier run")
        done = run("normalize", "--file", str(source), "--out", str(out), "--force")
        assert (done.code, out.read_text(), files(tmp_path)) == (0, "http://h/\n", ["in.txt", "out.txt"])
        out.unlink()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--column", "url", "a:b"], "--column goes with --out"),
        (["--part-size", "5000", "a:b"], "--part-size goes with --out"),
        (["--out", "x.txt", "a:b"], "--file"),
        (["--out", "x.txt", "--file", "-"], "--file"),
        (["--out", "x.txt", "--file", "y.txt", "a:b"], "--file"),
        (["--out", "x.txt", "--file", "y.txt", "--json"], "--json"),
        (["--out", "x.txt", "--file", "y.txt", "--resume", "--force"], "give one of them"),
        (["--out", "x.txt", "--file", "y.txt", "--jobs", "0"], "--jobs"),
    ],
)
def test_options_that_do_not_go_together(arguments: list[str], words: str) -> None:
    done = call("normalize", *arguments)
    assert (done.code, done.out) == (2, "")
    assert words in done.err


def test_without_pyarrow_it_is_one_line_that_names_the_extra(tmp_path: Path) -> None:
    arguments = ["normalize", "--file", "in.txt", "--out", str(tmp_path / "out.txt")]
    blocked = f"import runpy, sys; sys.modules['pyarrow'] = None; sys.argv[1:] = {arguments!r}; "
    done = run_python("-c", blocked + "runpy.run_module('urischeme', run_name='__main__')")
    assert (done.code, done.out) == (4, "")
    assert done.err == "urischeme: pyarrow is not installed; run: pip install 'urischeme[arrow]'\n"


def test_a_row_that_is_longer_than_a_part(tmp_path: Path) -> None:
    source, out = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_text("a:b\n" * 1000 + "a:" + "b" * 5000)
    refused(
        run("normalize", "--file", str(source), "--out", str(out), "--part-size", "4096"), "row 1001", "--part-size"
    )
    done = run("normalize", "--file", str(source), "--out", str(out), "--part-size", "8192", "--force")
    assert (done.code, out.read_text()) == (0, source.read_text() + "\n")


def test_no_password_is_shown_but_where_it_is_asked_for(tmp_path: Path) -> None:
    source, out, rejects = tmp_path / "in.csv", tmp_path / "out.csv", tmp_path / "bad.jsonl"
    source.write_text("id,url\n1,ftp://ada:s3cret@H\n2,ftp://ada:s3cret@h/a b\n3,ftp://ada:s3cret@h,ragged\n")
    arguments = ["normalize", "--file", str(source), "--out", str(out), "--column", "url", "--rejects", str(rejects)]

    done = run(*arguments)
    assert done.code == 1
    assert "s3cret" not in done.err + rejects.read_text()
    assert [json.loads(line)["text"] for line in rejects.read_text().splitlines()] == [
        "ftp://ada:***@h/a b",
        "3,ftp://ada:***@h,ragged",
    ]
    # The output is data, as the input is.
    assert out.read_text() == "id,url\n1,ftp://ada:s3cret@h\n"

    assert run(*arguments, "--force", "--show-password").code == 1
    assert rejects.read_text().count("s3cret") == 2


def test_a_rejects_file_that_is_asked_for_is_there_though_it_be_empty(tmp_path: Path) -> None:
    source, rejects = tmp_path / "in.txt", tmp_path / "bad.csv"
    source.write_text("a:b\n")
    assert (
        run("normalize", "--file", str(source), "--out", str(tmp_path / "o.txt"), "--rejects", str(rejects)).code == 0
    )
    assert rejects.read_text() == '"row","text","position","component","reason"\n'
