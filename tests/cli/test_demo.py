"""`demo`: what it shows is so, and it leaves nothing."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import pytest

from tests.cli.process import Done, run, run_python
from urischeme.cli.demo.dns_server import TTL, answer

linux = pytest.mark.skipif(sys.platform != "linux", reason="all of 127.0.0.0/8 and abstract sockets are Linux's own")


@pytest.fixture(scope="module")
def shown() -> Done:
    # Every resource that is not closed would be a line on stderr.
    return run_python("-W", "error", "-m", "urischeme", "demo")


def scene(shown: Done, title: str) -> str:
    match = re.search(rf"^\d\. {title}\n(.*?)(?=^\d\. |^All )", shown.out, re.MULTILINE | re.DOTALL)
    assert match is not None
    return match[1]


def answerers(text: str) -> list[str]:
    return re.findall(r"→ (\S+) +[\d.]+ ms$", text, re.MULTILINE)


def test_it_ends_well_and_says_so(shown: Done) -> None:
    assert (shown.code, shown.err) == (0, "")
    assert shown.out.split("\n")[-2].startswith("All as expected: ")


def test_it_is_plain_text_of_80_columns(shown: Done) -> None:
    assert shown.out.replace("\n", "").isprintable()
    assert max(map(len, shown.out.split("\n"))) <= 80


@linux
def test_a_cluster_ip_is_one_address_with_some_pod_behind_it(shown: Done) -> None:
    text = scene(shown, "A ClusterIP Service")
    assert "resolves to 1 endpoint, for 5 s" in text
    assert answerers(text)
    assert set(answerers(text)) <= {"orders-0", "orders-1", "orders-2"}


@linux
def test_a_headless_service_is_every_pod(shown: Done) -> None:
    text = scene(shown, "A headless Service")
    assert "resolves to 3 endpoints, for 5 s" in text
    assert sorted(answerers(text)) == ["orders-0", "orders-1", "orders-2"]
    assert len(set(re.findall(r"ipv4:127\.\S+", text))) == 3


@linux
def test_a_pod_of_a_stateful_set_is_itself(shown: Done) -> None:
    assert answerers(scene(shown, "A pod of a StatefulSet")) == ["orders-0"]


@linux
def test_requests_move_to_a_new_pod_and_away_from_those_that_go(shown: Done) -> None:
    text = scene(shown, "A headless Service that is scaled")
    rows = re.findall(r"^ +(\d) pods, seen after [\d.]+ s: (.*)$", text, re.MULTILINE)
    pods = [f"orders-{number}" for number in range(4)]
    assert [(int(count), re.findall(r"(\S+) ×\d+", answers)) for count, answers in rows] == [
        (3, pods[:3]),
        (4, pods),
        (2, pods[:2]),
    ]


@linux
def test_what_is_not_there_is_not_found(shown: Done) -> None:
    assert "NotFound: " in scene(shown, "A Service that is not there")


def test_a_unix_socket_answers(shown: Done) -> None:
    text = scene(shown, "A Unix socket")
    assert "unix:/" in text
    assert answerers(text) == ["orders-unix"]


@linux
def test_an_abstract_socket_answers_and_its_name_has_a_nul(shown: Done) -> None:
    text = scene(shown, "An abstract Unix socket")
    assert "%00" in text
    assert answerers(text) == ["orders-abstract"]


def test_each_target_is_drawn(shown: Done) -> None:
    drawings = shown.out.count("╰┬╯") + shown.out.count("╰┬─╯ ╰") + shown.out.count("╰─────┬─────╯ ╰")
    assert drawings >= 7 or "Skipped: " in shown.out


WITHOUT_LEFTOVERS = """
import os, sys, threading
from urischeme.cli import main

def open_files():
    return len(os.listdir("/dev/fd"))

before = open_files()
assert main(["demo"]) == 0
assert threading.enumerate() == [threading.main_thread()]
assert open_files() == before, (before, open_files())
"""


def test_it_leaves_no_file_thread_or_socket(tmp_path: Path) -> None:
    done = run_python("-c", WITHOUT_LEFTOVERS, env={"TMPDIR": str(tmp_path)})
    assert (done.code, done.err) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_a_long_temporary_folder_is_no_trouble(tmp_path: Path) -> None:
    long = tmp_path / ("long" * 30)
    long.mkdir()
    assert run("demo", env={"TMPDIR": str(long)}).code == 0


WITHOUT_ADDRESSES = """
import errno, socket, sys
bind = socket.socket.bind

def refuse(sock, address):
    if address[0] == "::1" or str(address[0]).startswith(("127.96.", "127.244.")):
        raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
    bind(sock, address)

socket.socket.bind = refuse
from urischeme.cli import main
sys.exit(main(["demo"]))
"""


def test_what_a_machine_does_not_have_is_skipped_in_a_line_each() -> None:
    done = run_python("-c", WITHOUT_ADDRESSES)
    assert (done.code, done.err) == (0, "")
    skipped = [line for line in done.out.split("\n") if line.startswith("Skipped: ")]
    assert len(skipped) == 2 + (sys.platform != "linux")
    assert answerers(done.out)[0] == "orders-unix"


@linux
@pytest.mark.parametrize(
    ("resolver", "said"),
    [
        ("lambda target: ('127.0.0.1', 1)", "found ipv4:127.0.0.1:1"),
        ("lambda target: []", "nothing was found"),
        ("lambda target: 1 / 0", "ResolveError"),
    ],
)
def test_what_is_not_so_is_said_and_is_no_success(resolver: str, said: str) -> None:
    code = (
        "import sys, urischeme\n"
        "from urischeme.cli import main\n"
        f"urischeme.register('dns', {resolver}, replace=True)\n"
        "sys.exit(main(['demo']))\n"
    )
    done = run_python("-c", code)
    assert done.code == 1
    assert said in done.err
    assert "not as it should be" in done.err
    assert "All as expected" not in done.out


ADDRESSES = {"orders.prod.svc.cluster.local": ["10.0.0.1"], "a.orders.prod.svc.cluster.local": ["10.0.0.2"]}
RECORDS = {dns.name.from_text(name): ips for name, ips in ADDRESSES.items()}


def ask(name: str, kind: str = "A") -> dns.message.Message:
    query = dns.message.make_query(name, kind)
    # As it goes over the wire.
    return dns.message.from_wire(answer(dns.message.from_wire(query.to_wire()), RECORDS).to_wire())


def test_the_dns_server_answers_with_authority_and_the_ttl_of_coredns() -> None:
    response = ask("ORDERS.prod.svc.cluster.local")
    assert response.rcode() == dns.rcode.NOERROR
    assert response.flags & dns.flags.AA
    assert not response.flags & dns.flags.RA
    (records,) = response.answer
    assert records.to_text() == f"ORDERS.prod.svc.cluster.local. {TTL} IN A 10.0.0.1"


def test_the_dns_server_gives_each_type_its_own_addresses() -> None:
    name = dns.name.from_text("both.prod.svc.cluster.local")
    for kind, address in {"A": "10.0.0.1", "AAAA": "2001:db8::1"}.items():
        (records,) = answer(dns.message.make_query(name, kind), {name: ["10.0.0.1", "2001:db8::1"]}).answer
        assert records.to_text() == f"{name} {TTL} IN {kind} {address}"


@pytest.mark.parametrize(
    ("name", "kind", "rcode"),
    [
        ("nobody.prod.svc.cluster.local", "A", dns.rcode.NXDOMAIN),
        ("nobody.prod.svc.cluster.local", "AAAA", dns.rcode.NXDOMAIN),
        ("orders.prod.svc.cluster.local", "AAAA", dns.rcode.NOERROR),
        ("prod.svc.cluster.local", "A", dns.rcode.NOERROR),
    ],
)
def test_the_dns_server_says_no_with_the_soa_of_its_zone(name: str, kind: str, rcode: int) -> None:
    response = ask(name, kind)
    assert response.rcode() == rcode
    assert response.flags & dns.flags.AA
    assert response.answer == []
    (soa,) = response.authority
    assert (soa.rdtype, soa.ttl) == (dns.rdatatype.SOA, TTL)


def test_the_dns_server_refuses_other_zones() -> None:
    response = ask("example.com")
    assert response.rcode() == dns.rcode.REFUSED
    assert not response.flags & dns.flags.AA
