"""URIs of one kind: those that people wrote, and made ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

import urischeme
from benchmarks.inputs import multiplied
from urischeme.testing import strategies

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    # So many distinct texts at most, given all URIs that people wrote.
    Texts: TypeAlias = Callable[[Sequence[urischeme.URI], int], list[str]]

# Each that people wrote comes so many times at most.
_COPIES = 5


@dataclass(frozen=True)
class Kind:
    name: str
    texts: Texts
    # What reading them is to cost at most, as a share of can_ada's time; and normalising them.
    read_limit: float | None = None
    normalize_limit: float | None = None


def _written(has: Callable[[urischeme.URI], bool]) -> Texts:
    """Those of the kind that people wrote, and the same with other letters at their ends."""

    def texts(real: Sequence[urischeme.URI], size: int) -> list[str]:
        of_kind = [str(uri) for uri in real if has(uri)]
        return multiplied(of_kind, min(size, _COPIES * len(of_kind)))

    return texts


def _made(strategy: Callable[[Sequence[urischeme.URI]], st.SearchStrategy[str]]) -> Texts:
    """Made ones: the strategy is given URIs that have nothing but a name for a host, to put a part into."""
    return lambda real, size: _drawn(strategy([uri for uri in real if _is_plain(uri)]), size)


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
    Kind("with an escape", _written(lambda uri: "%" in str(uri)), 1.5, 2.5),
    Kind("with a port", _written(lambda uri: uri.port_text is not None), 1.5, 2.5),
    Kind("IPv6 literal", _written(lambda uri: uri.host_kind == "ipv6"), 2.5, 2.5),
    Kind("`file:`", _written(lambda uri: uri.scheme == "file"), 1.5, 2.5),
    Kind("`urn:` and `mailto:`", _written(lambda uri: uri.scheme in {"urn", "mailto"}), 1.5, 2.5),
    # Nobody wrote any.
    Kind("with userinfo, made", _made(_with_userinfo), 1.5, 2.5),
    Kind("with an escape, made", _made(_with_escape)),
    Kind("with a port, made", _made(_with_port)),
    Kind("IPv6 literal, made", _made(_with_ipv6)),
    Kind("`file:`, made", _made(_files)),
    Kind("`urn:` and `mailto:`, made", _made(_opaque)),
    Kind("every form, made", _made(lambda _: strategies.uris())),
)


def _drawn(strategy: st.SearchStrategy[str], size: int) -> list[str]:
    """So many distinct texts, the same on every run."""
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
