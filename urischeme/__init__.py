"""One string → the right live endpoint: strict RFC 3986 URIs, and resolvers for their schemes.

The syntax is here at once, and needs nothing but `re`; everything else loads on first use (PEP 562).
"""

from __future__ import annotations

from urischeme.errors import (
    BrokenPlugin,
    Error,
    MissingExtra,
    NotFound,
    ParseError,
    PortError,
    RegistrationError,
    ResolveError,
    TargetError,
    UnknownScheme,
)
from urischeme.syntax.normalize import add_scheme_rules, equivalent, normalize
from urischeme.syntax.reference import join
from urischeme.syntax.uri import URI, Reference, parse, parse_cached, parse_reference

TYPE_CHECKING = False  # `typing` is a fifth of the import
if TYPE_CHECKING:
    from urischeme import aio
    from urischeme.live.policies import Policy
    from urischeme.live.sync import check, resolve
    from urischeme.live.sync_balance import Balancer
    from urischeme.live.sync_watch import Watch, watch
    from urischeme.routing.endpoint import (
        Address,
        Endpoint,
        Resolution,
        TCPAddress,
        UnixAbstractAddress,
        UnixAddress,
        VsockAddress,
    )
    from urischeme.routing.registry import Registry, SchemeDetails, SchemeInfo, register, schemes
    from urischeme.routing.resolver import Resolver
    from urischeme.routing.target import Target
    from urischeme.syntax.iri import from_iri
    from urischeme.syntax.scheme_rules import SchemeRules

    __version__: str

__all__ = [
    "URI",
    "Address",
    "Balancer",
    "BrokenPlugin",
    "Endpoint",
    "Error",
    "MissingExtra",
    "NotFound",
    "ParseError",
    "Policy",
    "PortError",
    "Reference",
    "RegistrationError",
    "Registry",
    "Resolution",
    "ResolveError",
    "Resolver",
    "SchemeDetails",
    "SchemeInfo",
    "SchemeRules",
    "TCPAddress",
    "Target",
    "TargetError",
    "UnixAbstractAddress",
    "UnixAddress",
    "UnknownScheme",
    "VsockAddress",
    "Watch",
    "__version__",
    "add_scheme_rules",
    "aio",
    "check",
    "equivalent",
    "from_iri",
    "join",
    "normalize",
    "parse",
    "parse_cached",
    "parse_reference",
    "register",
    "resolve",
    "schemes",
    "watch",
]

_LAZY = {
    "from_iri": "urischeme.syntax.iri",
    "SchemeRules": "urischeme.syntax.scheme_rules",
    "aio": "urischeme.aio",
    "check": "urischeme.live.sync",
    "resolve": "urischeme.live.sync",
    "Balancer": "urischeme.live.sync_balance",
    "Watch": "urischeme.live.sync_watch",
    "watch": "urischeme.live.sync_watch",
    "Policy": "urischeme.live.policies",
    "Address": "urischeme.routing.endpoint",
    "Endpoint": "urischeme.routing.endpoint",
    "Resolution": "urischeme.routing.endpoint",
    "TCPAddress": "urischeme.routing.endpoint",
    "UnixAbstractAddress": "urischeme.routing.endpoint",
    "UnixAddress": "urischeme.routing.endpoint",
    "VsockAddress": "urischeme.routing.endpoint",
    "Registry": "urischeme.routing.registry",
    "SchemeDetails": "urischeme.routing.registry",
    "SchemeInfo": "urischeme.routing.registry",
    "register": "urischeme.routing.registry",
    "schemes": "urischeme.routing.registry",
    "Resolver": "urischeme.routing.resolver",
    "Target": "urischeme.routing.target",
}


def __getattr__(name: str) -> object:
    from importlib import import_module

    if name == "__version__":
        from importlib.metadata import version

        value: object = version("urischeme")
    elif name in _LAZY:
        module = import_module(_LAZY[name])
        value = module if _LAZY[name] == f"{__name__}.{name}" else getattr(module, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
