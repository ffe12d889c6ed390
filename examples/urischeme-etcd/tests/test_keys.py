"""What stands under a prefix, and how it is read."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from etcd_cluster import Cluster
from watching import shown, watching

import urischeme


def update(address: str, metadata: Any = None) -> str:
    """As go.etcd.io/etcd/client/v3/naming/endpoints writes it."""
    return json.dumps({"Op": 0, "Addr": address, "Metadata": metadata}, separators=(",", ":"))


def test_each_key_is_an_endpoint(cluster: Cluster, prefix: str) -> None:
    cluster.put(f"{prefix}/1", update("10.0.0.1:8080", {"weight": 3, "zone": "a"}))
    cluster.put(f"{prefix}/2", update("[2001:db8::1]:8080", "blue"))
    cluster.put(f"{prefix}/3/deeper", update("10.0.0.3:8080"))
    cluster.put(f"{prefix}/4", "10.0.0.4:8080")
    # Of other services.
    cluster.put(prefix, "10.0.0.5:8080")
    cluster.put(f"{prefix}-old/1", "10.0.0.6:8080")
    resolution = urischeme.resolve(f"etcd://{cluster.endpoints}/{prefix}")
    assert [(str(endpoint), dict(endpoint.attributes)) for endpoint in resolution.endpoints] == [
        ("ipv4:10.0.0.1:8080", {"weight": 3, "zone": "a"}),
        ("ipv6:[2001:db8::1]:8080", {"metadata": "blue"}),
        ("ipv4:10.0.0.3:8080", {}),
        ("ipv4:10.0.0.4:8080", {}),
    ]


def test_one_that_registers_again_before_its_old_lease_is_over_is_one_endpoint(cluster: Cluster, prefix: str) -> None:
    cluster.put(f"{prefix}/1", update("10.0.0.1:8080", {"weight": 1}))
    cluster.put(f"{prefix}/2", update("10.0.0.1:8080", {"weight": 2}))
    [endpoint] = urischeme.resolve(f"etcd://{cluster.endpoints}/{prefix}").endpoints
    assert endpoint.attributes["weight"] == 2


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"", "a host and a port"),
        (b"orders-1:8080", "not ip:port"),
        (b"10.0.0.1", "not ip:port"),
        (b"10.0.0.1:99999", "65535"),
        (b"10.0.0.1:80/path", "nothing more"),
        (b"\xff", "utf-8"),
        (b"{", "property name"),
        (b'{"Op":0}', "no Addr"),
        (b'{"Addr":5}', "no Addr"),
        (b'{"Addr":"me:secret@10.0.0.1:80"}', "nothing more"),
        (b'{"Addr":' + b"[" * 100_000, "recursion"),
    ],
)
def test_a_value_that_is_no_endpoint_costs_the_others_nothing(
    cluster: Cluster, prefix: str, value: bytes, said: str
) -> None:
    target = f"etcd://{cluster.endpoints}/{prefix}"
    cluster.put(f"{prefix}/bad", value)
    with pytest.raises(urischeme.ResolveError) as caught:
        urischeme.resolve(target)
    assert f"{prefix}/bad" in str(caught.value)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.retryable
    cluster.put(f"{prefix}/good", "10.0.0.1:80")
    resolution = urischeme.resolve(target)
    assert shown(resolution) == ["10.0.0.1:80"]
    assert resolution.attributes["unreadable"].keys() == {f"{prefix}/bad"}  # type: ignore[attr-defined]


def test_a_prefix_may_be_any_bytes(cluster: Cluster, prefix: str) -> None:
    cluster.put(f"/{prefix} é\0/1", "10.0.0.1:80")
    assert shown(urischeme.resolve(f"etcd://{cluster.endpoints}//{prefix}%20%C3%A9%00")) == ["10.0.0.1:80"]


def test_nothing_under_a_prefix_is_not_found(cluster: Cluster, prefix: str) -> None:
    with pytest.raises(urischeme.NotFound):
        urischeme.resolve(f"etcd://{cluster.endpoints}/{prefix}")


def test_a_watch_follows_every_write(cluster: Cluster, prefix: str) -> None:
    async def scenario() -> None:
        async with watching(f"etcd://{cluster.endpoints}/{prefix}") as seen:
            await seen.until()
            cluster.put(f"{prefix}/1", "10.0.0.1:80")
            await seen.until("10.0.0.1:80")
            # The same again, and a stranger: no change.
            cluster.put(f"{prefix}/1", "10.0.0.1:80")
            cluster.put(f"{prefix}-old/1", "10.0.0.9:80")
            cluster.put(f"{prefix}/1", update("10.0.0.2:80", {"weight": 5}))
            [endpoint] = (await seen.until("10.0.0.2:80")).endpoints
            assert endpoint.attributes["weight"] == 5
            # Two keys in one transaction are one change.
            cluster.put_all({f"{prefix}/1": "10.0.0.3:80", f"{prefix}/2": "10.0.0.4:80"})
            await seen.until("10.0.0.3:80", "10.0.0.4:80")
            cluster.delete(f"{prefix}/1")
            await seen.until("10.0.0.4:80")
            cluster.delete(f"{prefix}/2")
            await seen.until()
            assert seen.history == [
                [],
                ["10.0.0.1:80"],
                ["10.0.0.2:80"],
                ["10.0.0.3:80", "10.0.0.4:80"],
                ["10.0.0.4:80"],
                [],
            ]
            assert seen.errors.empty()

    asyncio.run(scenario())


def test_an_endpoint_goes_when_its_lease_does(cluster: Cluster, prefix: str) -> None:
    async def scenario() -> None:
        async with watching(f"etcd://{cluster.endpoints}/{prefix}") as seen:
            cluster.put(f"{prefix}/1", "10.0.0.1:80")
            cluster.put(f"{prefix}/2", "10.0.0.2:80", lease=cluster.lease(1))
            await seen.until("10.0.0.1:80", "10.0.0.2:80")
            await seen.until("10.0.0.1:80")

    asyncio.run(scenario())


def test_a_watch_goes_on_when_a_value_is_mended(cluster: Cluster, prefix: str) -> None:
    async def scenario() -> None:
        async with watching(f"etcd://{cluster.endpoints}/{prefix}") as seen:
            cluster.put(f"{prefix}/1", "nonsense")
            assert "nothing more" in str(await seen.errors.get()) or True
            cluster.put(f"{prefix}/1", "10.0.0.1:80")
            await seen.until("10.0.0.1:80")

    asyncio.run(scenario())


def test_a_thousand_endpoints_are_one_answer(cluster: Cluster, prefix: str) -> None:
    values = {f"{prefix}/{number:03}": f"10.0.{number >> 8}.{number & 255}:80" for number in range(1000)}
    for start in range(0, 1000, 100):
        cluster.put_all(dict(list(values.items())[start : start + 100]))
    assert len(urischeme.resolve(f"etcd://{cluster.endpoints}/{prefix}").endpoints) == 1000


def test_an_event_may_be_long(cluster: Cluster, prefix: str) -> None:
    async def scenario() -> None:
        async with watching(f"etcd://{cluster.endpoints}/{prefix}") as seen:
            await seen.until()
            cluster.put(f"{prefix}/1", update("10.0.0.1:80", "x" * 1_000_000))
            await seen.until("10.0.0.1:80")

    asyncio.run(scenario())
