"""Parsers of no one standard, made to take what the web sends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.contender import Components, Contender, Read, bracketed, userinfo

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class UrllibParse(Contender):
    name = "urllib.parse"
    distribution = None
    note = "It has no normalising: `urlsplit(url).geturl()` is the nearest. Its cache of 128 URLs never hits here."

    def __init__(self) -> None:
        import urllib.parse

        self._parse = urllib.parse.urlsplit

    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        parse = self._parse
        read: Read
        for url in urls:
            try:
                u = parse(url)
                read = u.scheme, u.username, u.password, u.hostname, u.port, u.path, u.query, u.fragment
            except ValueError:
                read = None
            yield read

    def components(self, read: tuple[Any, ...]) -> Components:
        scheme, username, password, host, port, path, query, fragment = read
        return Components(
            scheme, userinfo(username, password), bracketed(host), port, path, query or None, fragment or None
        )

    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        parse = self._parse
        normal: str | None
        for url in urls:
            try:
                normal = parse(url).geturl()
            except ValueError:
                normal = None
            yield normal


class Yarl(Contender):
    name = "yarl"
    distribution = "yarl"
    note = (
        "`URL(url)` and the `raw_` properties. It normalises as it parses. Its caches of hosts are cleared before "
        "every round; those of 128 URLs never hit here."
    )

    def __init__(self) -> None:
        import yarl

        self._parse = yarl.URL
        self._clear_caches = yarl.cache_clear

    def clear_caches(self) -> None:
        self._clear_caches()

    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        parse = self._parse
        read: Read
        for url in urls:
            try:
                u = parse(url)
                read = (
                    u.scheme,
                    u.raw_user,
                    u.raw_password,
                    u.raw_host,
                    u.explicit_port,
                    u.raw_path,
                    u.raw_query_string,
                    u.raw_fragment,
                )
            except ValueError:
                read = None
            yield read

    def components(self, read: tuple[Any, ...]) -> Components:
        scheme, username, password, host, port, path, query, fragment = read
        return Components(
            scheme, userinfo(username, password), bracketed(host), port, path, query or None, fragment or None
        )

    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        parse = self._parse
        normal: str | None
        for url in urls:
            try:
                normal = str(parse(url))
            except ValueError:
                normal = None
            yield normal
