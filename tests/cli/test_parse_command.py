"""What `parse` prints."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from tests.cli.process import DEADLINE, environment, run

EVERY_PART = "https://user@Example.COM:8443/a/./b?q=1#top"


def drawn(*arguments: str, columns: str = "80") -> str:
    done = run("parse", *arguments, env={"COLUMNS": columns})
    assert (done.code, done.err) == (0, "")
    return done.out


def test_the_parts_are_drawn_under_the_text() -> None:
    assert drawn(EVERY_PART) == (
        "https://user@Example.COM:8443/a/./b?q=1#top\n"
        "╰─┬─╯   ╰┬─╯ ╰────┬────╯ ╰┬─╯╰─┬──╯ ╰┬╯ ╰┬╯\n"
        "scheme userinfo  host    port path query fragment\n"
    )


def test_labels_that_have_no_room_side_by_side_hang_lower() -> None:
    assert drawn("s://u@h:1/p?q#f") == (
        "s://u@h:1/p?q#f\n"
        "│   │ │ │├╯ │ │\n"
        "│   │ │ ││  │ fragment\n"
        "│   │ │ ││ query\n"
        "│   │ │ │╰ path\n"
        "│   │ │ port\n"
        "│   │ host\n"
        "│ userinfo\n"
        "scheme\n"
    )


def test_an_empty_part_is_drawn_and_an_absent_one_is_not() -> None:
    with_empty = drawn("http://@:?#")
    for name in ("userinfo", "host", "port", "query", "fragment"):
        assert f"{name} (empty)" in with_empty
    assert "empty" not in drawn("http://h")


def test_a_text_too_long_for_its_terminal_is_followed_by_a_list() -> None:
    assert drawn(EVERY_PART, columns="40") == (
        f"{EVERY_PART}\n"
        "  scheme    https\n"
        "  userinfo  user\n"
        "  host      Example.COM\n"
        "  port      8443\n"
        "  path      /a/./b\n"
        "  query     q=1\n"
        "  fragment  top\n"
    )


def test_no_part_of_a_very_long_text_is_lost() -> None:
    path = "a" * 5_000
    assert drawn(f"http://h/{path}").count(path) == 2


def test_several_drawings_have_an_empty_line_between_them() -> None:
    assert drawn("ab:cdef", "ab:cdef").count("\n\n") == 1


def test_a_letter_that_the_encoding_lacks_is_drawn_in_ascii() -> None:
    done = run("parse", "mailto:ada@h", env={"PYTHONIOENCODING": "ascii"})
    assert done.out == "mailto:ada@h\n`-+--' `-+-'\nscheme  path\n"


def test_relative_references_are_taken_where_they_are_asked_for() -> None:
    assert run("parse", "../c?x").code == 1
    assert drawn("--reference", "../c?x", "") == "../c?x\n╰┬─╯ │\npath query\n\n(empty)\n"


def test_zone_ids_are_taken_where_they_are_asked_for() -> None:
    assert run("parse", "http://[fe80::1%25eth0]/").code == 1
    assert "[fe80::1%25eth0]" in drawn("--zone-ids", "http://[fe80::1%25eth0]/")


def test_a_refusal_draws_a_caret_and_the_others_go_on() -> None:
    done = run("parse", "ab:cdef", "http://h/a b", "gh:ijkl")

    assert done.code == 1
    assert "ab:cdef" in done.out
    assert "gh:ijkl" in done.out
    assert done.err == (
        "urischeme: path, position 10: a space may not stand in a path; write %20\n    http://h/a b\n              ^\n"
    )


def test_json_has_every_component_and_null_where_one_is_absent() -> None:
    done = run("parse", "--json", EVERY_PART, "mailto:a@b", "http://h:?")

    assert done.code == 0
    every, mail, empty = done.objects
    assert every == {
        "text": EVERY_PART,
        "scheme": "https",
        "hierarchical": "//user@Example.COM:8443/a/./b",
        "authority": "user@Example.COM:8443",
        "userinfo": "user",
        "host": "Example.COM",
        "port": "8443",
        "path": "/a/./b",
        "query": "q=1",
        "fragment": "top",
    }
    assert [name for name, value in mail.items() if value is None] == [
        "authority",
        "userinfo",
        "host",
        "port",
        "query",
        "fragment",
    ]
    assert (empty["port"], empty["path"], empty["query"], empty["fragment"]) == ("", "", "", None)


def test_a_refusal_in_json_stands_in_its_place() -> None:
    done = run("parse", "--json", "a:b", "http://h/a b", "c:d")

    assert (done.code, done.err) == (1, "")
    assert [entry["text"] for entry in done.objects] == ["a:b", "http://h/a b", "c:d"]
    refused = done.objects[1]
    assert set(refused) == {"text", "error"}
    error = refused["error"]
    assert set(error) == {"position", "component", "reason"}
    assert (error["position"], error["component"]) == (10, "path")


def test_json_is_ascii() -> None:
    done = run("parse", "--json", "http://bücher.example/", "a:\N{RIGHT-TO-LEFT OVERRIDE}")
    assert done.out.isascii()
    assert done.objects[0]["text"] == "http://bücher.example/"


@pytest.mark.parametrize("text", ["http://h/\x1b[2J", "\x9b31m", "http://h/\N{RIGHT-TO-LEFT OVERRIDE}x", "a\tb\rc"])
def test_no_control_character_of_a_stranger_reaches_the_terminal(text: str) -> None:
    done = run("parse", text)
    assert done.code == 1
    assert (done.out + done.err).replace("\n", "").isprintable()


def test_colours_are_for_terminals() -> None:
    controller, terminal = pty.openpty()
    try:
        with subprocess.Popen(
            [sys.executable, "-m", "urischeme", "parse", "ab:cdef"],
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            env=environment({"TERM": "xterm-256color"}),
        ) as process:
            os.close(terminal)
            assert b"\x1b[" in os.read(controller, 4096)
            assert process.wait(DEADLINE) == 0
    finally:
        os.close(controller)
    assert "\x1b" not in drawn("ab:cdef")
