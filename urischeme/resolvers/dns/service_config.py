"""gRFC A2: gRPC's service config in a TXT record, and which of its choices is for this client.

The record stands at `_grpc_config.<name>`, begins `grpc_config=`, and goes on with a JSON list of choices; the first
one that fits counts. What is broken is an error and not "no config" (gRFC A21): to go on without one could turn off
what it was made for.
"""

from __future__ import annotations

import functools
import json
import os
import secrets
import socket
from collections.abc import Iterable, Mapping
from typing import Final, NoReturn, cast

from urischeme.display import shorten

PREFIX: Final = "_grpc_config"
"""The label before the name."""

_ATTRIBUTE: Final = b"grpc_config="
_LANGUAGE: Final = "python"
_FIELDS: Final = frozenset({"clientLanguage", "clientHostname", "percentage", "serviceConfig"})


def service_config(texts: Iterable[bytes]) -> Mapping[str, object] | None:
    """The service config for this client.

    Args:
        texts: each TXT record, its strings joined.

    Returns:
        The config, as decoded JSON; None where there is none, or none for this client.

    Raises:
        ValueError: where it is broken; the message says how.

    >>> service_config([b'grpc_config=[{"clientLanguage": ["go"], "serviceConfig": {}},'
    ...                 b'{"serviceConfig": {"loadBalancingPolicy": "round_robin"}}]'])
    {'loadBalancingPolicy': 'round_robin'}
    """
    configs = [text.removeprefix(_ATTRIBUTE) for text in texts if text.startswith(_ATTRIBUTE)]
    if not configs:
        return None
    if len(configs) > 1:
        # DNS keeps no order, so each client would have one or the other by chance.
        raise ValueError(f"{len(configs)} records begin {_ATTRIBUTE.decode()}")
    # All are checked, so that whether it is broken depends neither on the client nor on what it drew.
    choices = [_checked_choice(choice) for choice in _choices(configs[0])]
    return next((cast("Mapping[str, object]", choice["serviceConfig"]) for choice in choices if _fits(choice)), None)


def _choices(text: bytes) -> list[object]:
    try:
        choices: object = json.loads(text.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON: {error}") from None
    if not isinstance(choices, list):
        raise ValueError("it is no list of choices")
    return cast("list[object]", choices)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON has no {constant}")


def _checked_choice(choice: object) -> Mapping[str, object]:
    if not isinstance(choice, dict):
        raise ValueError("a choice is no object")
    fields = cast("dict[str, object]", choice)
    if unknown := set(fields) - _FIELDS:
        raise ValueError(f"a choice has no field {shorten(min(unknown))!r}")
    for name in ("clientLanguage", "clientHostname"):
        listed = fields.get(name, [])
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in cast("list[object]", listed)):
            raise ValueError(f"{name} is no list of strings")
    percentage = fields.get("percentage", 100)
    # To Python a bool is an int.
    if type(percentage) is not int or not 0 <= percentage <= 100:
        raise ValueError("percentage is no integer from 0 to 100")
    if not isinstance(fields.get("serviceConfig"), dict):
        raise ValueError("serviceConfig is no object")
    return fields


def _fits(choice: Mapping[str, object]) -> bool:
    languages = cast("list[str]", choice.get("clientLanguage", []))
    hostnames = cast("list[str]", choice.get("clientHostname", []))
    percentage = cast("int", choice.get("percentage", 100))
    return (
        (not languages or _LANGUAGE in map(str.lower, languages))
        and (not hostnames or socket.gethostname() in hostnames)
        and _drawn(os.getpid()) < percentage
    )


@functools.cache
def _drawn(process: int) -> int:
    """The number from 0 to 99 that a process draws once, so that it stays on one side of a percentage.

    Not by `random`, whose state a forked process has from its parent.
    """
    return secrets.randbelow(100)
