"""URIs of one kind: the real ones, then the same with other letters at their ends, then made ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import urischeme
from benchmarks.inputs import multiplied
from urischeme.testing import strategies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# Each real one comes so many times at most.
_COPIES = 5


class Texts(NamedTuple):
    texts: list[str]
    # How many of them people wrote, other letters at the end or not.
    real: int


@dataclass(frozen=True)
class Kind:
    name: str
    # Whether a real URI is of the kind.
    has: Callable[[urischeme.URI], bool]
    # Made ones; given some real URIs that have nothing but a name for a host, to put a part into.
    made: Callable[[Sequence[urischeme.URI]], st.SearchStrategy[str]]
    # What reading them is to cost at most, as a share of can_ada's time; and normalising them.
    read_limit: float | None = 1.5
    normalize_limit: float | None = 2.5

    def texts(self, real: Sequence[urischeme.URI], size: int) -> Texts:
        """So many distinct texts of the kind."""
        of_kind = [str(uri) for uri in real if self.has(uri)]
        found = multiplied(of_kind, min(size, _COPIES * len(of_kind))) if of_kind else []
        plain = [uri for uri in real if _is_plain(uri)]
        made = [text for text in _drawn(self.made(plain), size - len(found)) if text not in set(found)]
        return Texts(found + made, len(found))


def _is_plain(uri: urischeme.URI) -> bool:
    return (
        uri.scheme in {"http", "https"}
        and uri.host_kind == "reg-name"
        and uri.host != ""
        and uri.userinfo is None
        and uri.port_text is None
        and "%" not in str(uri)
    )


def _with_escape(uris: Sequence[urischeme.URI]) -> st.SearchStrategy[str]:
    paths = strategies.path_abempty().filter(lambda path: "%" in path)
    return st.builds(lambda uri, path: str(uri.replace(path=path)), st.sampled_from(uris), paths)


def _with_port(uris: Sequence[urischeme.URI]) -> st.SearchStrategy[str]:
    return st.builds(lambda uri, port: str(uri.replace(port=port)), st.sampled_from(uris), st.integers(1, 65535))


def _with_userinfo(uris: Sequence[urischeme.URI]) -> st.SearchStrategy[str]:
    # With an escape they would be of that kind too.
    userinfos = strategies.userinfos().filter(lambda userinfo: "%" not in userinfo)
    return st.builds(lambda uri, userinfo: str(uri.replace(userinfo=userinfo)), st.sampled_from(uris), userinfos)


def _with_ipv6(uris: Sequence[urischeme.URI]) -> st.SearchStrategy[str]:
    return st.builds(lambda uri, ip: str(uri.replace(host=f"[{ip}]")), st.sampled_from(uris), strategies.ipv6())


def _files(_: Sequence[urischeme.URI]) -> st.SearchStrategy[str]:
    return st.builds("file://{}".format, strategies.path_absolute())


def _opaque(_: Sequence[urischeme.URI]) -> st.SearchStrategy[str]:
    namespaces = st.from_regex(r"[a-z][a-z0-9]{1,7}", fullmatch=True)
    return st.one_of(
        st.builds("urn:{}:{}".format, namespaces, strategies.path_rootless()),
        st.builds("mailto:{}@{}".format, namespaces, st.sampled_from(["example.com", "example.org", "mail.example"])),
    )


KINDS = (
    Kind("with an escape", lambda uri: "%" in str(uri), _with_escape),
    Kind("with a port", lambda uri: uri.port_text is not None, _with_port),
    Kind("with userinfo", lambda uri: uri.userinfo is not None, _with_userinfo),
    Kind("IPv6 literal", lambda uri: uri.host_kind == "ipv6", _with_ipv6, read_limit=2.5),
    Kind("`file:`", lambda uri: uri.scheme == "file", _files),
    Kind("`urn:` and `mailto:`", lambda uri: uri.scheme in {"urn", "mailto"}, _opaque),
    Kind(
        "every form, by Hypothesis",
        lambda _: False,
        lambda _: strategies.uris(),
        read_limit=None,
        normalize_limit=None,
    ),
)


def _drawn(strategy: st.SearchStrategy[str], size: int) -> list[str]:
    """So many distinct texts, the same on every run."""
    if size <= 0:
        return []
    texts: dict[str, None] = {}

    # It repeats itself, the more so the simpler the texts are.
    @seed(3986)
    @settings(
        max_examples=2 * size,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy)
    def collect(text: str) -> None:
        texts[text] = None

    collect()
    return list(texts)[:size]
