"""gRPC's name syntax, declared: the target layer above the strict parser.

A target is a URI, with exactly these allowances:

* The whole text may be `host` or `host:digits`: a name, an IPv4 address, an IPv6 address bare or in brackets. It goes
  to the registry's default scheme, unless what stands before its first colon is a scheme that has a resolver there.
* Brackets may stand round an IPv6 address in the path, in `dns` and `ipv6`.
* Authority and path are percent-decoded before use.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, unquote, unquote_plus, urlencode

import attrs

from urischeme.display import mask_refused, shorten
from urischeme.errors import ParseError, PortError, TargetError
from urischeme.routing.frozen import EMPTY, FrozenMapping
from urischeme.routing.host_port import MAX_PORT, port_number, split_host_port
from urischeme.syntax import abnf
from urischeme.syntax.reference import compose
from urischeme.syntax.uri import parse

if TYPE_CHECKING:
    from urischeme.routing.registry import Registry

__all__ = ["Target"]

# Patterns, not compiled here: the nine forms of IPv6 would make up most of the import, and `re` keeps what it compiled.
#
# IPv6address [ "%25" ZoneID ], each escape whole: not every text that is held against it was parsed before.
_IPV6: Final = f"{abnf.IPV6_ADDRESS}(?:%25(?:[{abnf.UNRESERVED}]|%[{abnf.HEXDIG}][{abnf.HEXDIG}])+)?"
_HOST_PORT: Final = rf"(?:[{abnf.ALPHA}{abnf.DIGIT}_\-.]++|\[{_IPV6}\])(?::[{abnf.DIGIT}]++|)|{_IPV6}"
_BRACKETED_IPV6: Final = rf"\[{_IPV6}\]"
_QUOTED_IPV6: Final = rf"%5B({abnf.IPV6_ADDRESS}(?:%25(?:[{abnf.UNRESERVED}]|%(?!5D))+)?)%5D"
_AUTHORITY: Final = abnf.authority(abnf.IP_LITERAL_WITH_ZONE)
_TO_PATH: Final = r"[^:/?#]++:(?://[^/?#]*+|)([^?#]*+)"

_SCHEMES_WITH_BRACKETS: Final = frozenset({"dns", "ipv6"})

# What quote() leaves as it is, beside the unreserved characters.
_AUTHORITY_SAFE: Final = abnf.SUB_DELIMS + ":"
_PATH_SAFE: Final = _AUTHORITY_SAFE + "@/"


def _checked_scheme(scheme: str) -> str:
    if not re.fullmatch(abnf.SCHEME, scheme):
        raise ValueError(f"{scheme!r} is no scheme (RFC 3986 section 3.1)")
    return scheme.lower()


def _octets(text: str) -> str:
    """The one text for these bytes. Raises ValueError for surrogates that stand for no byte."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def _frozen(options: Mapping[str, str]) -> FrozenMapping[str]:
    return FrozenMapping({_octets(name): _octets(value) for name, value in options.items()}) if options else EMPTY


def _checked_port(port: int | None) -> int | None:
    if port is None:
        return None
    if port > MAX_PORT:
        raise PortError(str(port))
    if port < 0:
        raise ValueError(f"a port is a number from 0 to {MAX_PORT}")
    return operator.index(port)


@attrs.frozen(repr=False, str=False)
class Target:
    """What is to be resolved: a scheme, and what its resolver needs to know.

    Attributes:
        scheme: in lower case.
        authority: percent-decoded; `""` where it is empty or absent, which mean the same in a target.
        path: percent-decoded; bytes that are no UTF-8 stand in it as surrogate escapes.
        options: from the query, decoded.
        default_port: the port to use where the target names none, or None for the scheme's own.

    Raises ValueError for what cannot be written as a target: no scheme, or a path that does not begin with `/` after an
    authority.
    """

    scheme: str = attrs.field(converter=_checked_scheme)
    authority: str = attrs.field(converter=_octets)
    path: str = attrs.field(converter=_octets)
    options: Mapping[str, str] = attrs.field(default=EMPTY, converter=_frozen)
    default_port: int | None = attrs.field(default=None, converter=_checked_port)

    def __attrs_post_init__(self) -> None:
        if self.authority and self.path and not self.path.startswith("/"):
            raise ValueError("a path after an authority begins with /")

    @classmethod
    def parse(cls, text: str, *, registry: Registry | None = None, default_port: int | None = None) -> Target:
        """Read a target.

        Args:
            text: a URI, or `host[:port]`.
            registry: whose schemes count; the default registry where it is None. Whether the scheme has a resolver
                there is asked when the target is checked or resolved.
            default_port: see the attribute.

        Raises:
            ParseError: for a text with a scheme that is not a URI.
            TargetError: for a text without one that is no host either, for a port above 65535, for other brackets than
                the allowed ones, and for an option that is given twice.
            PortError: for a default port that is none.
            TypeError: for anything but a str.

        >>> target = Target.parse("dns://127.0.0.1:53/orders.internal:50051")
        >>> target.scheme, target.authority, target.path, target.endpoint
        ('dns', '127.0.0.1:53', '/orders.internal:50051', 'orders.internal:50051')
        >>> Target.parse("localhost:50051")
        Target('dns:localhost:50051')
        """
        if not isinstance(text, str):
            raise TypeError(f"a target is a str, not {type(text).__name__}")
        if registry is None:
            from urischeme.routing.registry import default_registry

            registry = default_registry
        prefix, colon, _ = text.partition(":")
        scheme = prefix.lower()
        if not (colon and scheme in registry):
            if re.fullmatch(_HOST_PORT, text):
                return cls(registry.default_scheme, "", _host_port(text), default_port=default_port)
            if not (colon and re.fullmatch(abnf.SCHEME, prefix)):
                raise TargetError(text, _without_scheme(text, registry.default_scheme))
        authority, path, query = _components(text, brackets=scheme in _SCHEMES_WITH_BRACKETS)
        return cls(scheme, _decode(authority), _decode(path), _options(text, query), default_port)

    @property
    def endpoint(self) -> str:
        """The path less one leading slash, as in grpc-go: `dns:///x` and `dns:x` ask for the same.

        >>> Target.parse("dns:///x:80").endpoint
        'x:80'
        """
        return self.path.removeprefix("/")

    def error(self, reason: str) -> TargetError:
        """A TargetError about this target, for its resolver to raise.

        >>> raise Target.parse("dns:x").error("no x today")
        Traceback (most recent call last):
        urischeme.errors.TargetError: dns:x: no x today
        """
        return TargetError(str(self), reason)

    def __str__(self) -> str:
        """As a target that reads back as this one wherever its scheme has a resolver."""
        authority = _quote_authority(self.authority)
        path = quote(self.path, safe=_PATH_SAFE, errors="surrogateescape")
        if self.scheme in _SCHEMES_WITH_BRACKETS:
            path = _show_brackets(path)
        return compose(
            self.scheme,
            authority if authority or path.startswith("/") else None,
            path,
            urlencode(self.options, errors="surrogateescape") or None,
            None,
        )

    def __repr__(self) -> str:
        """With what may be a password masked."""
        return f"Target({mask_refused(str(self))!r})"


def _host_port(text: str) -> str:
    try:
        _, port = split_host_port(text)
        port_number(port or "0")
    except ValueError as error:
        raise TargetError(text, str(error)) from None
    return _decode(text)


def _without_scheme(text: str, default_scheme: str) -> str:
    if not text:
        return f"nothing to go by; write a scheme and what it leads to, as in {default_scheme}:///orders.internal:50051"
    if text.startswith("/") and not text.startswith("//"):
        return f"a path alone is no target; write unix:{shorten(quote(text, safe=_PATH_SAFE, errors='replace'))}"
    return f"neither a URI nor host[:port]; write the scheme first, as in {default_scheme}:///orders.internal:50051"


def _components(text: str, *, brackets: bool) -> tuple[str, str, str]:
    """Authority, path and query by the strict parser, told what is allowed beyond it."""
    # A parenthesis is as long as a bracket: what the parser says of places holds for the text as it came in.
    read = _hide_brackets(text) if brackets and "[" in text else text
    try:
        uri = parse(read, zone_ids=True)
    except ParseError as error:
        reason = error.reason + _advice(text, error)
        raise ParseError(text, error.position, error.component, reason) from None
    start = len(uri.scheme) + 1 + (0 if uri.authority is None else 2 + len(uri.authority))
    return uri.authority or "", text[start : start + len(uri.path)], uri.query or ""


def _hide_brackets(text: str) -> str:
    match = re.match(_TO_PATH, text)
    assert match is not None, "the text begins with a scheme"
    path = match[1]
    outside = "".join(re.split(_BRACKETED_IPV6, path))
    if "[" in outside or "]" in outside:
        raise TargetError(text, "brackets in a path are for IPv6 addresses, one each, as in [::1]:443")
    return text[: match.start(1)] + path.replace("[", "(").replace("]", ")") + text[match.end(1) :]


def _advice(text: str, error: ParseError) -> str:
    """What to write where the endpoint was put into the authority, as other libraries have it."""
    scheme, separator, rest = text.partition("://")
    if error.component != "port" or not separator or "@" in rest:
        return ""
    return f"; what is asked for stands in the path: write {shorten(f'{scheme}:///{rest}')}"


def _decode(text: str) -> str:
    return unquote(text, errors="surrogateescape")


def _show_brackets(text: str) -> str:
    return re.sub(_QUOTED_IPV6, r"[\1]", text) if "%5B" in text else text


def _quote_authority(authority: str) -> str:
    # At its last @, so that what may be a password keeps its place.
    userinfo, at, host = authority.rpartition("@")
    text = _show_brackets(quote(host, safe=_AUTHORITY_SAFE, errors="surrogateescape"))
    if not re.fullmatch(_AUTHORITY, text):
        # Delimiters that were escaped in the text that came in have to be so again.
        text = quote(host, safe="", errors="surrogateescape")
    return quote(userinfo, safe=_AUTHORITY_SAFE, errors="surrogateescape") + at + text


def _options(text: str, query: str) -> dict[str, str]:
    options: dict[str, str] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = (unquote_plus(part, errors="surrogateescape") for part in pair.partition("="))
        if name in options:
            raise TargetError(text, f"the option {shorten(name)} is given twice")
        options[name] = value
    return options
