"""Servers that go away, forget, or fall silent: what is shown is never wrong, and at the end it is right."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import etcd_cluster
import pytest
from etcd_cluster import Certificate, Cluster, Member
from urischeme_etcd.client import Client
from watching import Seen, shown, watching

import urischeme


@pytest.fixture
def one(etcd: Sequence[str], tmp_path: Path) -> Iterator[Cluster]:
    """One server of the test's own."""
    with etcd_cluster.running(etcd, tmp_path) as cluster:
        yield cluster


@pytest.fixture
def three(etcd: Sequence[str], tmp_path: Path) -> Iterator[Cluster]:
    """Three servers of the test's own."""
    with etcd_cluster.running(etcd, tmp_path, size=3) as cluster:
        yield cluster


async def restart(server: Member, seen: Seen) -> urischeme.Error:
    """End the server, and start it again when that was noticed; gives what was said of it."""
    server.kill()
    error = await seen.errors.get()
    server.start()
    server.wait_until_ready()
    return error


@pytest.mark.parametrize("forgets", [False, True])
def test_a_server_that_is_started_again_is_followed_again(one: Cluster, forgets: bool) -> None:
    [server] = one.members
    one.put("orders/1", "10.0.0.1:80")

    async def scenario() -> None:
        async with watching(f"etcd://{server.address}/orders") as seen:
            await seen.until("10.0.0.1:80")
            error = await restart(server, seen)
            assert isinstance(error, urischeme.ResolveError)
            assert error.retryable
            assert server.address in str(error)
            one.put("orders/2", "10.0.0.2:80")
            if forgets:
                one.compact()
            await seen.until("10.0.0.1:80", "10.0.0.2:80")
            # The last good answer held, and nothing was taken for empty.
            assert seen.history == [["10.0.0.1:80"], ["10.0.0.1:80", "10.0.0.2:80"]]

    asyncio.run(scenario())


def test_what_is_compacted_before_it_is_watched_is_read_over(one: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    one.put("orders/1", "10.0.0.1:80")
    read = Client.get
    reads = 0

    async def get(self: Client, prefix: bytes) -> tuple[int, Mapping[bytes, bytes]]:
        """Read, and lose the history from there on before the watch begins."""
        nonlocal reads
        answer = await read(self, prefix)
        if not reads:
            one.delete("orders/1")
            one.put("orders/1", "10.0.0.2:80")
            one.compact()
        reads += 1
        return answer

    monkeypatch.setattr(Client, "get", get)

    async def scenario() -> None:
        async with watching(f"etcd://{one.endpoints}/orders") as seen:
            await seen.until("10.0.0.2:80")
            # That it was gone in between, nobody can know any more; it was not taken for empty.
            assert seen.history == [["10.0.0.1:80"], ["10.0.0.2:80"]]
            assert seen.errors.empty()
            assert reads == 2

    asyncio.run(scenario())


def test_a_history_that_begins_anew_is_believed(one: Cluster) -> None:
    [server] = one.members
    for number in range(9):
        one.put("orders/1", f"10.0.0.{number}:80")

    async def scenario() -> None:
        async with watching(f"etcd://{server.address}/orders") as seen:
            await seen.until("10.0.0.8:80")
            server.kill()
            shutil.rmtree(server.folder / "data")
            server.start()
            server.wait_until_ready()
            # At a lower revision than was seen before.
            one.put("orders/2", "10.0.0.20:80")
            await seen.until("10.0.0.20:80")
            one.put("orders/3", "10.0.0.30:80")
            await seen.until("10.0.0.20:80", "10.0.0.30:80")

    asyncio.run(scenario())


def test_another_server_takes_over_when_the_leader_is_lost(three: Cluster) -> None:
    three.put("orders/1", "10.0.0.1:80")
    leader = three.leader()
    # It is asked first.
    endpoints = ",".join([leader.address, *(member.address for member in three.members if member is not leader)])

    async def scenario() -> None:
        async with watching(f"etcd:orders?endpoints={endpoints}") as seen:
            await seen.until("10.0.0.1:80")
            leader.kill()
            three.put("orders/2", "10.0.0.2:80")
            await seen.until("10.0.0.1:80", "10.0.0.2:80")
            assert len(seen.history) == 2

    asyncio.run(scenario())


def test_a_cluster_may_be_restarted_one_by_one(three: Cluster) -> None:
    three.put("orders/1", "10.0.0.0:80")

    async def scenario() -> None:
        async with watching(f"etcd:orders?endpoints={three.endpoints}") as seen:
            await seen.until("10.0.0.0:80")
            for number, member in enumerate(three.members, 1):
                member.kill()
                member.start()
                member.wait_until_ready()
                three.put("orders/1", f"10.0.0.{number}:80")
                await seen.until(f"10.0.0.{number}:80")
            # In this order, and none twice.
            assert seen.history == [[f"10.0.0.{number}:80"] for number in range(4)]

    asyncio.run(scenario())


def test_a_server_without_a_leader_says_so(three: Cluster) -> None:
    # Else it would go on with what it knew last, and nobody would hear of what the others know.
    asked, *others = three.members
    three.put("orders/1", "10.0.0.1:80")

    async def scenario() -> None:
        async with watching(f"etcd://{asked.address}/orders") as seen:
            await seen.until("10.0.0.1:80")
            for other in others:
                other.kill()
            assert "no leader" in str(await seen.errors.get())
            assert seen.watch.stale
            for other in others:
                other.start()
            three.put("orders/1", "10.0.0.2:80")
            await seen.until("10.0.0.2:80")
            assert seen.history == [["10.0.0.1:80"], ["10.0.0.2:80"]]

    asyncio.run(scenario())


def test_a_silent_server_is_given_up_for_another(three: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("urischeme_etcd.client.SILENCE", 0.5)
    leader = three.leader()
    silent, other = (member for member in three.members if member is not leader)
    three.put("orders/1", "10.0.0.1:80")

    async def scenario() -> None:
        async with watching(f"etcd:orders?endpoints={silent.address},{other.address}") as seen:
            await seen.until("10.0.0.1:80")
            silent.freeze()
            leader.call("/v3/kv/put", key="b3JkZXJzLzI=", value="MTAuMC4wLjI6ODA=")  # orders/2, 10.0.0.2:80
            await seen.until("10.0.0.1:80", "10.0.0.2:80")

    asyncio.run(scenario())


def test_silence_is_no_error(one: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    silence = 0.2
    monkeypatch.setattr("urischeme_etcd.client.SILENCE", silence)
    one.put("orders/1", "10.0.0.1:80")

    async def scenario() -> None:
        async with watching(f"etcd://{one.endpoints}/orders") as seen:
            await seen.until("10.0.0.1:80")
            # A lease outlives several streams.
            one.put("orders/2", "10.0.0.2:80", lease=one.lease(1))
            await seen.until("10.0.0.1:80", "10.0.0.2:80")
            await seen.until("10.0.0.1:80")
            assert seen.errors.empty()
            assert len(seen.history) == 3

    asyncio.run(scenario())


def test_of_several_servers_one_is_enough(one: Cluster) -> None:
    one.put("orders/1", "10.0.0.1:80")
    assert shown(urischeme.resolve(f"etcd:orders?endpoints=127.0.0.1:1,{one.endpoints}")) == ["10.0.0.1:80"]


def test_all_servers_are_named_when_none_answers() -> None:
    with pytest.raises(urischeme.ResolveError) as caught:
        urischeme.resolve("etcd:orders?endpoints=127.0.0.1:1,127.0.0.2:1")
    assert caught.value.retryable
    assert "127.0.0.1:1" in str(caught.value)
    assert "127.0.0.2:1" in str(caught.value)


def test_what_is_no_etcd_is_told_apart() -> None:
    class Other(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'["no", "etcd"]')

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Other) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            with pytest.raises(urischeme.ResolveError, match="gave back what no etcd does") as caught:
                urischeme.resolve(f"etcd://127.0.0.1:{server.server_port}/orders")
            assert caught.value.retryable
        finally:
            server.shutdown()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    """One that signed itself."""
    if shutil.which("openssl") is None:
        etcd_cluster.missing("needs openssl")
    folder = tmp_path_factory.mktemp("tls")
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"),
            *("-days", "2", "-subj", "/CN=etcd", "-addext", "subjectAltName=IP:127.0.0.1"),
            *("-addext", "extendedKeyUsage=serverAuth,clientAuth"),
            *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
            *("-keyout", key, "-out", certificate),
        ],
        check=True,
        capture_output=True,
    )
    return Certificate(certificate, key)


def test_tls_knows_both_sides(etcd: Sequence[str], tmp_path: Path, certificate: Certificate) -> None:
    with etcd_cluster.running(etcd, tmp_path, certificate=certificate) as cluster:
        cluster.put("orders/1", "10.0.0.1:80")
        target = f"etcd://{cluster.endpoints}/orders"
        both = tmp_path / "both.pem"
        both.write_bytes(certificate.key.read_bytes() + certificate.path.read_bytes())
        assert shown(urischeme.resolve(f"{target}?ca={certificate.path}&cert={both}")) == ["10.0.0.1:80"]
        with pytest.raises(urischeme.ResolveError, match="is not to be trusted") as caught:
            urischeme.resolve(f"{target}?tls=true")
        assert not caught.value.retryable
        with pytest.raises(urischeme.ResolveError):
            urischeme.resolve(f"{target}?ca={certificate.path}")
        with pytest.raises(urischeme.ResolveError, match=cluster.endpoints):
            urischeme.resolve(target)


def test_a_file_that_is_not_there_is_named() -> None:
    with pytest.raises(urischeme.ResolveError, match=r"/no/such\.pem") as caught:
        urischeme.resolve("etcd:orders?ca=/no/such.pem")
    assert not caught.value.retryable
