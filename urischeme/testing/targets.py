"""Targets of the built-in schemes: the forms that `docs/grpc-names.md` lists, with good addresses and names."""

from __future__ import annotations

from typing import Final
from urllib.parse import quote

from hypothesis import strategies as st

from urischeme.testing.grammar import PCHAR, ipv4, ipv6
from urischeme.testing.iri import idn_host
from urischeme.testing.runs import ALPHA, DIGIT, PCT_ENCODED, Optional, joined, run

_Texts = st.SearchStrategy[str]

_MAX_UINT32: Final = 2**32 - 1
# In characters, each of them a byte; a slash before it still fits everywhere (unix(7); macOS takes 103 bytes).
_MAX_SUN_PATH: Final = 102

_port: Final = st.one_of(st.integers(0, 65535).map(str), st.sampled_from(("0080", "443", "50051")))
_zone: Final = joined(st.sampled_from(ALPHA), st.text(ALPHA + DIGIT + "-._~", max_size=14))
_label: Final = st.text(ALPHA + DIGIT + "_-", min_size=1, max_size=63)
_name: Final = joined(st.lists(_label, min_size=1, max_size=3).map(".".join), st.sampled_from(("", ".")))
_escaped_name: Final = idn_host.map(lambda name: quote(name, safe=""))
_bracketed: Final = ipv6.map("[{}]".format)


def _host_port(*hosts: _Texts) -> _Texts:
    """`host[:port]`, or an IPv6 address without brackets, which has no port."""
    return joined(st.one_of(*hosts), Optional(_port, prefix=":"))


def _listed(address: _Texts) -> _Texts:
    return st.lists(address, min_size=1, max_size=4).map(",".join)


def _in_path(scheme: str, endpoint: _Texts) -> _Texts:
    """One leading slash of the path does not count, and an empty authority is none."""
    return joined(st.sampled_from((f"{scheme}:", f"{scheme}:///", f"{scheme}:/")), endpoint)


def _sun_path(scheme: str, escapes: tuple[str, ...]) -> _Texts:
    path = run(PCHAR + "/", often=tuple("//////"), escapes=escapes, min_size=1, max_size=_MAX_SUN_PATH)
    return st.one_of(
        # A path that begins with two slashes needs an empty authority before it (RFC 3986 section 3.3).
        path.map(lambda text: f"{scheme}://{text}" if text.startswith("//") else f"{scheme}:{text}"),
        joined(f"{scheme}:///", path),
    )


_zoned: Final = joined(ipv6, Optional(_zone, prefix="%25"))
_server: Final = Optional(_host_port(_name, ipv4, _bracketed), prefix="//", suffix="/")
_asked: Final = st.one_of(_host_port(_name, ipv4, _bracketed, _escaped_name), ipv6)
_dns: Final = st.one_of(_in_path("dns", _asked), joined("dns:", _server, _asked))


def _is_bare(text: str) -> bool:
    """Whether it is no URI of a registered scheme: `dns:443` is."""
    from urischeme.routing.registry import default_registry

    scheme, colon, _ = text.partition(":")
    return not colon or scheme not in default_registry


_bare: Final = st.one_of(_host_port(_name, ipv4, _bracketed), ipv6).filter(_is_bare)

TARGETS: Final[dict[str, _Texts]] = {
    "ipv4": _in_path("ipv4", _listed(_host_port(ipv4))),
    "ipv6": _in_path("ipv6", _listed(st.one_of(_host_port(_zoned.map("[{}]".format)), _zoned))),
    "unix": _sun_path("unix", tuple(escape for escape in PCT_ENCODED if escape != "%00")),
    "unix-abstract": _sun_path("unix-abstract", PCT_ENCODED),
    "vsock": _in_path(
        "vsock",
        joined(
            st.one_of(st.integers(0, _MAX_UINT32).map(str), st.sampled_from(("2", "-1"))),
            ":",
            st.integers(0, _MAX_UINT32).map(str),
        ),
    ),
    "dns": st.one_of(_bare, _dns),
}
"""By scheme; a target without one is of `dns`, the default."""
