"""Manifests as people apply them."""

from __future__ import annotations

import yaml

from tests.cluster.api import Object
from tests.cluster.namespace import Namespace


def read(text: str) -> list[Object]:
    """The objects of a file in YAML."""
    return [item for item in yaml.safe_load_all(text) if item is not None]


def apply(namespace: Namespace, *items: Object) -> None:
    """Creates them in a namespace; a field that the API doesn't know is an error.

    Raises:
        ApiError
    """
    for item in items:
        path = namespace.path(f"{item['kind'].lower()}s")
        namespace.api.request("POST", path, item, query={"fieldValidation": "Strict"})
