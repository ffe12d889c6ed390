"""What is refused before anybody is asked."""

from __future__ import annotations

import pytest

import urischeme


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("etcd:", "write it as in etcd:///services/orders"),
        ("etcd:///", "write it as in etcd:///services/orders"),
        ("etcd:///services/orders/", "ends with /"),
        ("etcd://etcd-1:99999/orders", "write etcd://host:2379/…"),
        ("etcd://me:secret@etcd-1/orders", "a host and a port, and nothing more"),
        ("etcd://etcd-1/orders?endpoints=etcd-2", "named twice"),
        ("etcd:orders?endpoints=etcd-1:2379,", "or endpoints=host-1:2379,host-2:2379"),
        ("etcd:orders?endpoints=http://etcd-1:2379", "a host and a port, and nothing more"),
        ("etcd:orders?endpoints=etcd 1", "a space"),
        ("etcd:orders?endpoints=etcd-1:http", "port"),
        ("etcd:orders?tls=perhaps", "tls is true or false, 1 or 0"),
        ("etcd:orders?user=me", "it takes ca, cert, endpoints, tls"),
    ],
)
def test_what_cannot_be_right_is_refused_without_asking(target: str, said: str) -> None:
    with pytest.raises((urischeme.TargetError, urischeme.ParseError)) as caught:
        urischeme.check(target.replace(" ", "%20"))
    assert said in str(caught.value)
    assert "secret" not in str(caught.value) + repr(caught.value)


@pytest.mark.parametrize(
    "target",
    [
        "etcd:services/orders",
        "etcd:///services/orders",
        "etcd:////services/orders",
        "etcd://etcd-1/orders",
        "etcd://[::1]:2379/orders",
        "etcd:orders?endpoints=etcd-1,10.0.0.1:2380,%5B::1%5D",
        "etcd:orders?tls=true&ca=/etc/etcd/ca.pem&cert=/etc/etcd/client.pem",
        "etcd:a%00b%FF",
    ],
)
def test_what_may_be_right_is_not(target: str) -> None:
    urischeme.check(target)


def test_without_a_server_the_one_on_this_machine_is_asked() -> None:
    # Which is not there, or has no such key.
    with pytest.raises(urischeme.ResolveError) as caught:
        urischeme.resolve("etcd:///urischeme-etcd/no/such/service")
    assert isinstance(caught.value, urischeme.NotFound) or "//localhost:2379" in str(caught.value)


def test_installing_the_package_was_enough() -> None:
    [info] = [info for info in urischeme.schemes() if info.scheme == "etcd"]
    assert info.origin.startswith("urischeme-etcd ")
    assert info.error is None
