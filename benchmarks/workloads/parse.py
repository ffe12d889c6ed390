from __future__ import annotations

from typing import TYPE_CHECKING, Any

import urischeme
from benchmarks.contender import Components, Contender
from benchmarks.workload import Mistake, Workload

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence


class ParseAndRead(Workload):
    name = "parse"
    title = "Parse and read every component"
    description = (
        "Each URL is parsed, and its scheme, user information (or user name and password), host, port, path, query and "
        "fragment are read, each as the library gives it.\n\n"
        "*Wrong* are URLs that were refused, or of which a component isn't the one that RFC 3986 says. Notation isn't "
        "counted: the case of scheme and host, brackets, a `:`, `?` or `#` kept with its component, a port as text or "
        "as a number. Absent is not empty: a library with one answer for both is taken to mean absent."
    )

    def run(self, contender: Contender, urls: Sequence[str]) -> Iterator[Any]:
        return contender.parse_and_read(urls)

    def mistake(self, contender: Contender, url: str, answer: Any) -> Mistake | None:
        expected = _components(url)
        found = contender.components(answer)
        for name, was, ought in zip(Components._fields, found, expected, strict=True):
            if _folded(name, was) != _folded(name, ought):
                kind = f"{name} absent or empty" if not was and not ought and name != "port" else name
                return Mistake(kind, f"{name} `{was!r}`, not `{ought!r}`")
        return None


def _components(url: str) -> Components:
    uri = urischeme.parse(url)
    port = int(uri.port_text) if uri.port_text else None
    return Components(uri.scheme, uri.userinfo, uri.host, port, uri.path, uri.query, uri.fragment)


def _folded(name: str, value: str | int | None) -> str | int | None:
    # Case has no meaning in these two (RFC 3986 section 6.2.2.1), and most libraries fold it as they read.
    return value.lower() if name in {"scheme", "host"} and isinstance(value, str) else value
