"""Parsers that follow RFC 3986."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from benchmarks.contender import Components, Contender, Read

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class Urischeme(Contender):
    name = "urischeme"
    distribution = "urischeme"
    note = "What the others are compared with, so its 0 wrong proves only the loop; rfc3986 beside it is the check."

    def __init__(self) -> None:
        import urischeme

        self._parse = urischeme.parse
        self._normalize = urischeme.normalize
        self._error = urischeme.ParseError

    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        parse, error = self._parse, self._error
        read: Read
        for url in urls:
            try:
                u = parse(url)
                read = u.scheme, u.userinfo, u.host, u.port_text, u.path, u.query, u.fragment
            except error:
                read = None
            yield read

    def components(self, read: tuple[Any, ...]) -> Components:
        scheme, userinfo, host, port, path, query, fragment = read
        return Components(scheme, userinfo, host, int(port) if port else None, path, query, fragment)

    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        normalize, error = self._normalize, self._error
        normal: str | None
        for url in urls:
            try:
                normal = normalize(url)
            except error:
                normal = None
            yield normal


class Rfc3986(Contender):
    name = "rfc3986"
    distribution = "rfc3986"
    note = "`uri_reference`, which percent-encodes what may not stand in a component rather than refuse it."

    def __init__(self) -> None:
        import rfc3986
        import rfc3986.exceptions

        self._parse = rfc3986.uri_reference
        self._error = rfc3986.exceptions.RFC3986Exception

    def parse_and_read(self, urls: Sequence[str]) -> Iterator[Read]:
        parse, error = self._parse, self._error
        read: Read
        for url in urls:
            try:
                u = parse(url)
                # Once for all three: each of its properties takes the authority apart anew.
                authority = u.authority_info()
                read = (
                    u.scheme,
                    authority["userinfo"],
                    authority["host"],
                    authority["port"],
                    u.path,
                    u.query,
                    u.fragment,
                )
            except error:
                read = None
            yield read

    def components(self, read: tuple[Any, ...]) -> Components:
        scheme, userinfo, host, port, path, query, fragment = read
        return Components(scheme or "", userinfo, host, int(port) if port else None, path or "", query, fragment)

    def normalize(self, urls: Sequence[str]) -> Iterator[str | None]:
        parse, error = self._parse, self._error
        normal: str | None
        for url in urls:
            try:
                normal = parse(url).normalize().unsplit()
            except error:
                normal = None
            yield normal


class Rfc3986Validated(Rfc3986):
    name = "rfc3986, validated"
    note = "The same, and its `Validator` asked for a scheme and for every component to be valid."

    def __init__(self) -> None:
        super().__init__()
        from rfc3986.validators import Validator

        components = "scheme", "userinfo", "host", "port", "path", "query", "fragment"
        validate = Validator().require_presence_of("scheme").check_validity_of(*components).validate
        parse = self._parse

        def parse_and_validate(text: str) -> Any:
            reference = parse(text)
            validate(reference)
            return reference

        self._parse = parse_and_validate
