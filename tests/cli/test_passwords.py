"""No command shows a password, wherever it prints; `--show-password` does."""

from __future__ import annotations

import pytest

from tests.cli.process import run, run_python, with_resolver

SECRET = "s3cret"
ACCEPTED = f"ftp://ada:{SECRET}@h/x"
# The second has no userinfo by the grammar, and yet a password in it.
REFUSED = [f"ftp://ada:{SECRET}@h/a b", f"ftp://ada:s3/{SECRET}@h/[", f"//ada:{SECRET}@h/", f"x//ada:{SECRET}@h"]

COMMANDS = [
    ["parse"],
    ["parse", "--reference"],
    ["normalize"],
    ["join", f"http://bob:{SECRET}@g/"],
    ["relativize", f"http://bob:{SECRET}@g/"],
    ["resolve"],
    ["check"],
]


@pytest.mark.parametrize("json", [[], ["--json"]])
@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: " ".join(command[:1]))
def test_no_command_shows_a_password(command: list[str], json: list[str]) -> None:
    done = run(*command, *json, ACCEPTED, f"dns://ada:{SECRET}@127.0.0.1/x:80", *REFUSED[:2])
    assert done.code != 0
    assert "ada:***@" in done.out + done.err
    assert SECRET not in done.out + done.err


@pytest.mark.parametrize("text", REFUSED)
def test_a_refused_text_shows_none_either(text: str) -> None:
    for json in ([], ["--json"]):
        done = run("parse", *json, text)
        assert done.code == 1
        assert "***" in done.out + done.err
        assert SECRET not in done.out + done.err


def test_a_refused_base_shows_none_either() -> None:
    for command in ("join", "relativize"):
        done = run(command, REFUSED[0], "x")
        assert done.code == 1
        assert SECRET not in done.err


def test_every_component_in_json_has_it_masked() -> None:
    (entry,) = run("parse", "--json", ACCEPTED).objects
    assert entry["text"] == "ftp://ada:***@h/x"
    assert entry["hierarchical"] == "//ada:***@h/x"
    assert entry["authority"] == "ada:***@h"
    assert entry["userinfo"] == "ada:***"


def test_the_drawing_fits_the_masked_text() -> None:
    assert run("parse", ACCEPTED).out == run("parse", "--show-password", "ftp://ada:***@h/x").out


@pytest.mark.parametrize(
    ("command", "text"),
    [
        (["parse"], ACCEPTED),
        (["normalize"], ACCEPTED),
        (["join", "a:b"], ACCEPTED),
        (["relativize", "a:b"], ACCEPTED),
    ],
)
def test_they_are_shown_where_that_is_asked_for(command: list[str], text: str) -> None:
    for json in ([], ["--json"]):
        shown = run(*command, *json, "--show-password", text)
        assert shown.code == 0
        assert SECRET in shown.out


def test_an_accepted_target_shows_none_until_it_is_asked_for() -> None:
    text = f"test://ada:{SECRET}@h/x"
    for command in ("check", "resolve"):
        for json in ([], ["--json"]):
            hidden = run_python(*with_resolver("lambda target: '/x'", command, *json, text))
            shown = run_python(*with_resolver("lambda target: '/x'", command, *json, "--show-password", text))
            assert hidden.code == shown.code == 0
            assert "test://ada:***@h/x" in hidden.out
            assert SECRET not in hidden.out
            assert SECRET in shown.out


def test_what_is_no_password_stays() -> None:
    for text in ("mailto:ada:x@h", "http://h/ada:x@y", "http://ada@h/", "http://ada:@h/"):
        assert run("normalize", text).out == f"{text}\n"


@pytest.mark.parametrize("arguments", [[ACCEPTED], ["schemes", ACCEPTED], ["resolve", "--timeout", ACCEPTED, "x"]])
def test_a_mistake_of_usage_repeats_none(arguments: list[str]) -> None:
    done = run(*arguments)
    assert done.code == 2
    assert SECRET not in done.err
