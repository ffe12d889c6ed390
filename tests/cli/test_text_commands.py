"""`normalize`, `join` and `relativize`: texts in, texts out."""

from __future__ import annotations

from tests.cli.process import run


def test_normalize_prints_one_text_a_line() -> None:
    done = run("normalize", "HTTP://Example.COM:80/%7Eada/./a/../b", "a/../b:c", "")
    assert (done.code, done.out, done.err) == (0, "http://example.com/~ada/b\n./b:c\n\n", "")


def test_normalize_has_two_levels() -> None:
    assert run("normalize", "--level", "syntax", "HTTP://Example.COM:80").out == "http://example.com:80\n"
    assert run("normalize", "--level", "scheme", "HTTP://Example.COM:80").out == "http://example.com/\n"


def test_normalize_in_json() -> None:
    done = run("normalize", "--json", "HTTP://h", "a b")
    assert done.code == 1
    assert done.objects[0] == {"text": "HTTP://h", "result": "http://h/"}
    assert done.objects[1]["text"] == "a b"


def test_join_prints_what_each_reference_means() -> None:
    done = run("join", "http://a/b/c/d;p?q", "../g", "?y", "", "//g")
    assert (done.code, done.out) == (0, "http://a/b/g\nhttp://a/b/c/d;p?y\nhttp://a/b/c/d;p?q\nhttp://g\n")


def test_join_takes_its_references_from_a_file() -> None:
    done = run("join", "http://a/b/c", "--file", "-", "--json", stdin=b"d\n\xff\n?e\n")
    assert done.code == 1
    assert [entry.get("result") for entry in done.objects] == ["http://a/b/d", None, "http://a/b/c?e"]


def test_relativize_is_the_inverse_of_join() -> None:
    base, uris = "http://h/a/b", ["http://h/a/c?x", "http://h/", "http://g/a", "mailto:a@b", "http://h/a/b#f"]
    references = run("relativize", base, *uris).out.split("\n")[:-1]
    assert references[0] == "c?x"
    assert run("join", base, *references).out.split("\n")[:-1] == uris


def test_a_base_that_is_no_uri_is_the_one_refusal() -> None:
    for command in ("join", "relativize"):
        done = run(command, "no base", "http://h/", "http://h/")
        assert (done.code, done.out) == (1, "")
        assert done.err.startswith("urischeme: scheme, position 0")

        (refused,) = run(command, "--json", "no base", "http://h/", "http://h/").objects
        assert refused["text"] == "no base"


def test_zone_ids_are_taken_where_they_are_asked_for() -> None:
    zoned = "http://[fe80::1%25eth0]/a"
    for arguments in (["normalize", zoned], ["join", zoned, "b"], ["relativize", zoned, zoned]):
        assert run(*arguments).code == 1
        assert run(*arguments, "--zone-ids").code == 0
