"""kubeconfig files, merged as client-go does it: of what several of them name alike, the first counts.

No message here shows what is in a file beyond names: most of the rest is secret.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from itertools import chain
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

import attrs

from urischeme.display import shorten
from urischeme.errors import ParseError, PortError
from urischeme.resolvers.k8s.question import is_label
from urischeme.syntax.uri import parse

Fields: TypeAlias = Mapping[str, Any]

DEFAULT_NAMESPACE: Final = "default"

# What is relative to the folder of the file in which it stands.
_PATHS: Final = {
    "clusters": {"certificate-authority"},
    "users": {"client-certificate", "client-key", "tokenFile"},
}


class Unusable(Exception):
    """What is written there is of no use. The message is for people."""


@attrs.frozen
class Context:
    """A cluster, and who asks it.

    Attributes:
        cluster: the fields of the kubeconfig's `cluster`, paths made absolute; those without a value are left out.
        user: so for its `user`; none for one who says nothing of who it is.
        namespace: the one that is meant where a target names none.
    """

    cluster: Fields = attrs.field(repr=False)
    user: Fields = attrs.field(repr=False)
    namespace: str


@attrs.frozen
class Kubeconfig:
    """What is in some files.

    Attributes:
        shown: the files, for messages.
        current: the name of the current context, or `""`.
        contexts: the fields of each, by name.
        clusters: likewise.
        users: likewise; None for one that has none.
    """

    shown: str
    current: str
    contexts: Mapping[str, Fields | None]
    clusters: Mapping[str, Fields | None] = attrs.field(repr=False)
    users: Mapping[str, Fields | None] = attrs.field(repr=False)

    @classmethod
    def read(cls, paths: Sequence[Path]) -> Kubeconfig:
        """Raises Unusable, which names the file."""
        files = [(path, _content(path)) for path in paths]
        currents = (_current(path, content) for path, content in files)
        return cls(
            show(paths),
            next(filter(None, currents), ""),
            *(_merged(files, kind) for kind in ("contexts", "clusters", "users")),
        )

    def context(self, name: str) -> Context:
        """The context of a name. Raises KeyError where there is none, Unusable where nobody can be asked with it."""
        written = self.contexts[name] or {}
        namespace = written.get("namespace") or DEFAULT_NAMESPACE
        if not isinstance(namespace, str) or not is_label(namespace):
            raise Unusable(f"it names no namespace: {shorten(str(namespace))!r}")
        return Context(self._cluster(written.get("cluster")), self._user(written.get("user")), namespace)

    def _cluster(self, name: object) -> Fields:
        fields = _named(name, self.clusters)
        if fields is None:
            raise Unusable("it names no cluster that is in it, with fields below `cluster:`")
        if not _is_url(fields.get("server")):
            raise Unusable("the server of its cluster is no URL as https://10.96.0.1:443 is")
        # Text would be taken for true, whatever it says.
        if not isinstance(fields.get("insecure-skip-tls-verify", False), bool):
            raise Unusable("insecure-skip-tls-verify is true or false, without quotes")
        return fields

    def _user(self, name: object) -> Fields:
        if name is None:
            return {}
        fields = _named(name, self.users)
        if fields is None:
            raise Unusable("it names no user who is in it, with fields below `user:`")
        # As client-go has it: what is in the file is newer.
        return {key: value for key, value in fields.items() if key != "token" or "tokenFile" not in fields}


def _named(name: object, several: Mapping[str, Fields | None]) -> Fields | None:
    return several.get(name) if isinstance(name, str) else None


def show(paths: Sequence[Path]) -> str:
    """The files as messages name them."""
    return shorten(os.pathsep.join(map(str, paths)))


def _content(path: Path) -> Fields:
    yaml = import_module("yaml")
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        with path.open(encoding="utf-8") as file:
            content: object = yaml.load(file, loader)
    except yaml.YAMLError as error:
        # What it says may quote the file.
        raise Unusable(f"{show([path])} is no YAML{_place(error)}") from None
    except (OSError, ValueError) as error:
        raise Unusable(f"{show([path])} cannot be read: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise _no_kubeconfig(path)
    return cast("Fields", content)


def _place(error: Any) -> str:
    mark = getattr(error, "problem_mark", None)
    return "" if mark is None else f": see line {mark.line + 1}, column {mark.column + 1}"


def _current(path: Path, content: Fields) -> str:
    written = content.get("current-context") or ""
    if not isinstance(written, str):
        raise Unusable(f"{show([path])} is no kubeconfig: its current-context is no text")
    return written


def _merged(files: Sequence[tuple[Path, Fields]], kind: str) -> Mapping[str, Fields | None]:
    entries = chain.from_iterable(_entries(path, content, kind) for path, content in files)
    merged: dict[str, Fields | None] = {}
    for name, fields in entries:
        merged.setdefault(name, fields)
    return merged


def _entries(path: Path, content: Fields, kind: str) -> Iterator[tuple[str, Fields | None]]:
    """Each name of a list, and its fields."""
    written: object = content.get(kind) or []
    if not isinstance(written, list):
        raise _no_kubeconfig(path)
    for each in cast("list[object]", written):
        if not isinstance(each, dict):
            raise _no_kubeconfig(path)
        entry = cast("Fields", each)
        name, fields = entry.get("name"), entry.get(kind.removesuffix("s"))
        if not isinstance(name, str) or not isinstance(fields, dict | None):
            raise _no_kubeconfig(path)
        yield name, None if fields is None else dict(_fields(path, kind, cast("Fields", fields)))


def _fields(path: Path, kind: str, fields: Fields) -> Iterator[tuple[str, Any]]:
    """Those that have a value, which means the same here as there."""
    folder = path.absolute().parent
    for key, value in fields.items():
        if value in (None, ""):
            continue
        if key in _PATHS.get(kind, ()):
            yield key, str(folder / str(value))
        elif key == "exec" and isinstance(value, dict):
            yield key, dict(_plugin(folder, cast("Fields", value)))
        else:
            yield key, value


def _plugin(folder: Path, fields: Fields) -> Iterator[tuple[str, Any]]:
    for key, value in fields.items():
        # A name alone is looked up in PATH.
        is_path = key == "command" and os.sep in str(value)
        yield key, str(folder / str(value)) if is_path else value


def _no_kubeconfig(path: Path) -> Unusable:
    return Unusable(
        f"{show([path])} is no kubeconfig: that has lists of clusters, users and contexts, each of them with a name"
    )


def _is_url(text: object) -> bool:
    try:
        server = parse(text) if isinstance(text, str) else None
        if server is None or server.scheme not in {"http", "https"} or not server.host or server.port == 0:
            return False
    except (ParseError, PortError):
        return False
    # Its path goes before that of each request; nothing else has a place there.
    return server.userinfo is None and server.query is None and server.fragment is None
