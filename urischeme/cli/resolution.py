"""Endpoints and resolutions as the command line shows them."""

from __future__ import annotations

from collections.abc import Mapping

from urischeme.routing.endpoint import Endpoint, Resolution


def endpoint_text(endpoint: Endpoint) -> str:
    """An endpoint on one line."""
    attributes = "".join(f"  {name}={value}" for name, value in endpoint.attributes.items())
    return f"{endpoint}{attributes}"


def endpoint_fields(endpoint: Endpoint) -> Mapping[str, object]:
    """An endpoint as a JSON object."""
    return {"addresses": [str(address) for address in endpoint.addresses], "attributes": endpoint.attributes}


def resolution_fields(resolution: Resolution) -> Mapping[str, object]:
    """The members of a JSON object that a resolution is."""
    return {
        "endpoints": [endpoint_fields(endpoint) for endpoint in resolution.endpoints],
        "ttl": resolution.ttl,
        "authority": resolution.authority,
        "service_config": resolution.service_config,
        "attributes": resolution.attributes,
    }
