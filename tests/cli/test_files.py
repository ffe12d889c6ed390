"""`--file`: what a line is, and what becomes of a bad one."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.process import run
from urischeme.cli import main
from urischeme.cli.inputs import split_lines


def test_a_line_ends_at_a_newline_with_or_without_a_carriage_return_and_nowhere_else() -> None:
    inside = ["\r", "\v", "\f", "\x1c", "\x85", "\N{LINE SEPARATOR}", "\N{PARAGRAPH SEPARATOR}", "\0"]
    content = "".join(f"a{char}b\n" for char in inside) + "c:d\r\ne:f\nlast\r"

    done = run("parse", "--json", "--file", "-", stdin=content.encode())

    assert [entry["text"] for entry in done.objects] == [*(f"a{char}b" for char in inside), "c:d", "e:f", "last\r"]
    assert done.code == 1


def test_an_empty_line_is_an_input_and_an_empty_file_has_none() -> None:
    assert run("normalize", "--file", "-", stdin=b"\n\r\n").out == "\n\n"
    assert run("parse", "--file", "-", stdin=b"\n").code == 1
    empty = run("parse", "--file", "-", stdin=b"")
    assert (empty.code, empty.out, empty.err) == (0, "", "")


def test_a_bad_line_names_file_and_line_and_the_rest_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "uris.txt"
    file.write_bytes(b"a:b\nhttp://h/a b\nc:d\nno scheme\n")

    done = run("normalize", "--file", str(file))

    assert (done.code, done.out) == (1, "a:b\nc:d\n")
    assert done.err.startswith(f"{file}:2: path, position 10")
    assert f"\n{file}:4: " in done.err


def test_standard_input_is_named_too() -> None:
    assert run("parse", "--file", "-", stdin=b"a:b\n\x00\n").err.startswith("<stdin>:2: ")


def test_invalid_utf_8_is_a_refused_line() -> None:
    done = run("parse", "--json", "--file", "-", stdin=b"a:b\nhttp://h/\xff\xe9t\xe9\n\xc3\xa9\n")

    assert done.code == 1
    good, bad, utf_8 = done.objects
    assert "error" not in good
    assert bad == {
        "text": "http://h/\\xff\\xe9t\\xe9",
        "error": {"position": 9, "component": "path", "reason": "the byte 0xFF is not UTF-8 here; write %FF"},
    }
    assert utf_8["text"] == "é"


def test_invalid_utf_8_in_an_argument_is_refused_alike() -> None:
    done = run("parse", b"a:\xff")
    assert done.code == 1
    assert "byte 0xFF" in done.err
    assert "a:\\xff" in done.err


@pytest.mark.parametrize(
    "command", [["parse"], ["normalize"], ["join", "a:b"], ["relativize", "a:b"], ["resolve"], ["check"]]
)
def test_every_command_refuses_invalid_utf_8_and_goes_on(command: list[str]) -> None:
    good = b"unix:/a\n"
    done = run(*command, "--json", "--file", "-", stdin=b"\xff\n" + good + b"unix:\xff\n" + good)
    assert done.code == 1
    assert ["error" in entry for entry in done.objects] == [True, False, True, False]


@pytest.mark.parametrize("name", ["no-such-file", ".", "\x1b[2J", "http://ada:s3cret@h/"])
def test_a_file_that_cannot_be_read_is_one_line(name: str) -> None:
    done = run("parse", "--file", name)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("urischeme: cannot read ")
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err
    assert "s3cret" not in done.err


def test_arguments_and_a_file_are_too_much() -> None:
    done = run("parse", "a:b", "--file", "-")
    assert done.code == 2
    assert "not both" in done.err


def test_a_million_characters_are_a_line_like_any_other() -> None:
    done = run("normalize", "--file", "-", stdin=b"A:" + b"a" * 1_000_000 + b"\n")
    assert done.out == "a:" + "a" * 1_000_000 + "\n"


@given(st.lists(st.tuples(st.binary().filter(lambda line: b"\n" not in line), st.sampled_from([b"\n", b"\r\n"]))))
def test_no_line_is_lost_whatever_is_in_it(
    tmp_path_factory: pytest.TempPathFactory, lines: list[tuple[bytes, bytes]]
) -> None:
    file = tmp_path_factory.getbasetemp() / "lines"
    file.write_bytes(b"".join(line + end for line, end in lines))
    with redirect_stdout(io.StringIO()) as out:
        code = main(["parse", "--json", "--file", str(file)])
    objects = [json.loads(line) for line in out.getvalue().split("\n")[:-1]]
    assert len(objects) == len(lines)
    assert code == any("error" in entry for entry in objects)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")).filter(lambda s: s[-1:] != "\r")
    )
)
def test_lines_come_back_as_they_were(texts: list[str]) -> None:
    for end in ("\n", "\r\n"):
        stream = io.BytesIO("".join(text + end for text in texts).encode())
        assert list(split_lines(stream)) == texts
