"""Endpoints, by their numbers."""

from __future__ import annotations

from collections.abc import Iterable

from urischeme import Endpoint, TCPAddress


def endpoint(number: int, **attributes: object) -> Endpoint:
    return Endpoint(TCPAddress(f"10.0.{number // 256}.{number % 256}", 80), attributes)


def endpoints(numbers: Iterable[int]) -> tuple[Endpoint, ...]:
    return tuple(map(endpoint, numbers))


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now
