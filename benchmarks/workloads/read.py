from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import urischeme
from benchmarks.contender import Components
from benchmarks.proof import Mistake
from benchmarks.race import Race
from conformance.markdown import code

if TYPE_CHECKING:
    from benchmarks.contender import Contender, Job


class Read(Race):
    name = "read"
    title = "Parse and read every component"
    job: ClassVar[Job] = "read"
    description = (
        "Each URL is parsed, and its scheme, user information (or user name and password), host, port, path, query and "
        "fragment are read, each as the library gives it.\n\n"
        "*Wrong* are URLs that were refused, or of which a component isn't the one that RFC 3986 says. Notation isn't "
        "counted: the case of scheme and host, brackets, a `:`, `?` or `#` kept with its component, a port as text or "
        "as a number. Absent is not empty: a library with one answer for both is taken to mean absent."
    )
    limits: ClassVar = {"can_ada": 1.0, "pydantic-core": 0.65}

    def judge(self, contender: Contender, asked: str, answer: tuple[Any, ...]) -> Mistake | None:
        found = contender.components(answer)
        for name, was, ought in zip(Components._fields, found, _components(asked), strict=True):
            if _folded(name, was) != _folded(name, ought):
                kind = f"{name} absent or empty" if not was and not ought and name != "port" else name
                return Mistake(kind, f"{name} {_shown(was)}, not {_shown(ought)}")
        return None


def _components(url: str) -> Components:
    uri = urischeme.parse(url)
    port = int(uri.port_text) if uri.port_text else None
    return Components(uri.scheme, uri.userinfo, uri.host, port, uri.path, uri.query, uri.fragment)


def _shown(value: str | int | None) -> str:
    return code(value) if isinstance(value, str) else f"`{value}`"


def _folded(name: str, value: str | int | None) -> str | int | None:
    # Case has no meaning in these two (RFC 3986 section 6.2.2.1), and most libraries fold it as they read.
    return value.lower() if name in {"scheme", "host"} and isinstance(value, str) else value
