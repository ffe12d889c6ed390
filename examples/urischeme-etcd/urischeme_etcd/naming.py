"""What gRPC's etcd naming keeps under a prefix: one key an endpoint, as go.etcd.io/etcd/client/v3/naming writes it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from urischeme import URI, Endpoint, NotFound, ParseError, Resolution, ResolveError, TCPAddress, parse


def resolution(prefix: str, values: Mapping[bytes, bytes]) -> Resolution:
    """The endpoints that the values are. One that is none costs the others nothing: it is in `attributes`.

    Raises NotFound where there is no value; ResolveError where there are some, and none of them is an endpoint.
    """
    if not values:
        raise NotFound(f"etcd has no key under {prefix!r}")
    # By address: whose lease has not run out when it registers again, under another key, is still one endpoint.
    endpoints: dict[object, Endpoint] = {}
    unreadable: dict[str, str] = {}
    for key, value in sorted(values.items()):
        try:
            endpoint = _endpoint(value)
        except (ValueError, RecursionError) as error:
            unreadable[key.decode("utf-8", "replace")] = str(error)
        else:
            endpoints[endpoint.addresses] = endpoint
    if not endpoints:
        name, reason = unreadable.popitem()
        # Whoever wrote it may mend it.
        raise ResolveError(f"no key under {prefix!r} is an endpoint; {name!r}: {reason}", retryable=True)
    return Resolution(endpoints.values(), attributes={"unreadable": unreadable} if unreadable else {})


def _endpoint(value: bytes) -> Endpoint:
    """Read `{"Op":0,"Addr":"ip:port","Metadata":…}`, or `ip:port` alone. Raises ValueError for anything else."""
    text = value.decode()
    attributes: dict[str, Any] = {}
    if text.startswith("{"):
        match json.loads(text):
            case {"Addr": str(address), **others}:
                text, metadata = address, others.get("Metadata")
                if isinstance(metadata, dict):
                    # Weight and zone are then where urischeme's balancers look for them.
                    attributes = metadata
                elif metadata is not None:
                    attributes = {"metadata": metadata}
            case _:
                raise ValueError("there is no Addr in it")
    uri = host_and_port(text)
    if uri.ip is None or uri.port is None:
        raise ValueError("its address is not ip:port")
    return Endpoint(TCPAddress(str(uri.ip), uri.port), attributes)


def host_and_port(text: str) -> URI:
    """`host[:port]`, by RFC 3986, as the authority of a URI. Raises ValueError for anything else."""
    try:
        uri = parse(f"etcd://{text}")
    except ParseError as error:
        raise ValueError(error.reason) from None
    if not uri.host or uri.authority != text or uri.userinfo is not None:
        raise ValueError("there is to be a host and a port, and nothing more")
    return uri
