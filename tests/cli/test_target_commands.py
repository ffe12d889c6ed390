"""`resolve`, `check` and `schemes`."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

import dns.message
import dns.name

from tests.cli.process import DEADLINE, run, run_python, with_resolver
from tests.live.sockets import listening, listening_unix, refusing, silent
from urischeme.cli.demo.dns_server import answer

RECORDS = {dns.name.from_text("orders.prod.svc.cluster.local"): ["10.0.0.1", "10.0.0.2"]}


@contextmanager
def dns_server() -> Generator[int]:
    """The port of a DNS server on 127.0.0.1."""
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.bind(("127.0.0.1", 0))
        sock.settimeout(DEADLINE)
        port: int = sock.getsockname()[1]
        thread = threading.Thread(target=_serve, args=[sock])
        thread.start()
        yield port
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as stop:
            stop.sendto(b"", ("127.0.0.1", port))
        thread.join(DEADLINE)


def _serve(sock: socket.socket) -> None:
    while True:
        query, client = sock.recvfrom(4096)
        if not query:
            return
        sock.sendto(answer(dns.message.from_wire(query), RECORDS).to_wire(), client)


def test_resolve_prints_each_endpoint_as_a_target() -> None:
    done = run("resolve", "ipv4:10.0.0.1:80,10.0.0.2", "unix:/run/x.sock", "--default-port", "8443")
    assert (done.code, done.err) == (0, "")
    assert done.out == (
        "ipv4:10.0.0.1:80,10.0.0.2\n"
        "  ipv4:10.0.0.1:80\n"
        "  ipv4:10.0.0.2:8443\n"
        "  TLS name: 10.0.0.1\n"
        "\n"
        "unix:/run/x.sock\n"
        "  unix:/run/x.sock\n"
        "  TLS name: localhost\n"
    )


def test_resolve_asks_the_server_in_the_authority() -> None:
    with dns_server() as port:
        target = f"dns://127.0.0.1:{port}/orders.prod.svc.cluster.local:80"
        done = run("resolve", "--json", target)
    (entry,) = done.objects
    # A name server may give them in any order.
    found = sorted(entry.pop("endpoints"), key=lambda endpoint: endpoint["addresses"])
    assert done.code == 0
    assert found == [
        {"addresses": ["ipv4:10.0.0.1:80"], "attributes": {}},
        {"addresses": ["ipv4:10.0.0.2:80"], "attributes": {}},
    ]
    assert entry == {
        "text": target,
        "ttl": 5.0,
        "authority": "orders.prod.svc.cluster.local",
        "service_config": None,
        "attributes": {},
    }


def test_what_is_not_there_is_exit_code_3() -> None:
    with dns_server() as port:
        target = f"dns://127.0.0.1:{port}/nobody.prod.svc.cluster.local:80"
        done = run("resolve", target)
        in_json = run("resolve", "--json", target)
    assert (done.code, done.out) == (3, "")
    assert done.err.startswith("urischeme: ")
    assert done.err.count("\n") == 1
    assert in_json.code == 3
    error = in_json.objects[0]["error"]
    assert (error["kind"], error["retryable"]) == ("NotFound", False)


def test_a_server_that_says_nothing_is_exit_code_4() -> None:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as silent:
        silent.bind(("127.0.0.1", 0))
        target = f"dns://127.0.0.1:{silent.getsockname()[1]}/orders.prod.svc.cluster.local:80"
        done = run("resolve", "--json", "--timeout", "0.2", target)
    assert done.code == 4
    error = done.objects[0]["error"]
    assert (error["kind"], error["retryable"]) == ("ResolveError", True)


def test_of_several_inputs_the_largest_exit_code_counts() -> None:
    with dns_server() as port:
        missing = f"dns://127.0.0.1:{port}/nobody.prod.svc.cluster.local:80"
        done = run("resolve", "--json", missing, "dsn:/x", "ipv4:10.0.0.1:80")
    assert done.code == 3
    assert ["error" in entry for entry in done.objects] == [True, True, False]


def test_a_plugin_that_does_not_load_is_exit_code_4() -> None:
    for command in ("resolve", "check"):
        done = run_python(*with_resolver("'no.such.module:x'", command, "--json", "test:x"))
        assert done.code == 4
        error = done.objects[0]["error"]
        assert error["kind"] == "BrokenPlugin"


def test_attributes_of_a_plugin_are_printed_whatever_they_are() -> None:
    attributes = "{'zone': 'a\\x1b', 'odd': {1, }, 'on': True, 'in': ('a', 'b')}"
    endpoint = f"urischeme.Endpoint(urischeme.TCPAddress('10.0.0.1', 1), {attributes})"
    plain = run_python(*with_resolver(f"lambda target: [{endpoint}]", "resolve", "test:x"))
    in_json = run_python(*with_resolver(f"lambda target: [{endpoint}]", "resolve", "--json", "test:x"))
    assert plain.code == in_json.code == 0
    assert "  ipv4:10.0.0.1:1  zone=a\\x1b  odd={1}  on=true  in=a,b\n" in plain.out
    assert in_json.objects[0]["endpoints"] == [
        {
            "addresses": ["ipv4:10.0.0.1:1"],
            "attributes": {"zone": "a\x1b", "odd": "{1}", "on": True, "in": ["a", "b"]},
        }
    ]


def test_an_error_of_a_plugin_stays_on_one_line() -> None:
    done = run_python(*with_resolver("lambda target: 1 / 0 if 0 else int('\\x1b\\n')", "resolve", "test:x"))
    assert done.code == 4
    assert done.err.count("\n") == 1
    assert "\x1b" not in done.err


def test_what_an_error_advises_can_be_copied() -> None:
    error = "urischeme.ResolveError('no\\nway', retryable=False, advice='rules:\\n- \\x1b\\n')"
    failing = f"lambda target: (_ for _ in ()).throw({error})"
    done = run_python(*with_resolver(failing, "resolve", "test:x"))
    assert (done.code, done.err) == (4, "urischeme: no\\nway\nrules:\n- \\x1b\n")


def test_json_names_the_kind_of_an_error_that_a_program_can_know() -> None:
    failing = "lambda target: (_ for _ in ()).throw(type('Own', (urischeme.NotFound,), {})('nobody'))"
    done = run_python(*with_resolver(failing, "resolve", "--json", "test:x"))
    assert (done.code, done.objects[0]["error"]["kind"]) == (3, "NotFound")


def test_resolve_connect_says_how_long_each_took_or_why_it_failed(tmp_path: Path) -> None:
    with listening() as (_, there), refusing() as dead, listening_unix(tmp_path) as (_, unix):
        endpoint = f"urischeme.Endpoint(urischeme.TCPAddress('127.0.0.1', {there.port}), {{'zone': 'a'}})"
        several = f"lambda target: [{endpoint}, ('127.0.0.1', {dead.port}), {unix.path!r}]"
        plain = run_python(*with_resolver(several, "resolve", "--connect", "test:x"))
        in_json = run_python(*with_resolver(several, "resolve", "--connect", "--json", "test:x"))
    assert (plain.code, plain.err) == (in_json.code, in_json.err) == (0, "")
    assert re.sub(r"in \d+\.\d ms", "in N ms", plain.out) == (
        "test:x\n"
        f"  {there}  zone=a\n"
        f"    {there}: connected in N ms\n"
        f"  {dead}\n"
        f"    {dead}: Connection refused\n"
        f"  {unix}\n"
        f"    {unix}: connected in N ms\n"
    )
    (entry,) = in_json.objects
    reached, refused, local = entry["endpoints"]
    (connection,) = reached.pop("connections")
    assert reached == {"addresses": [str(there)], "attributes": {"zone": "a"}}
    assert connection.pop("seconds") > 0
    assert connection == {"address": str(there), "error": None}
    assert refused["connections"] == [{"address": str(dead), "seconds": None, "error": "Connection refused"}]
    assert local["connections"][0]["error"] is None


def test_resolve_connect_that_reaches_none_is_exit_code_4() -> None:
    with refusing() as dead, silent() as mute:
        target = f"ipv4:127.0.0.1:{dead.port},127.0.0.1:{mute.port}"
        arguments = ["resolve", "--connect", "--timeout", "0.5", target]
        plain, in_json = run(*arguments), run(*arguments, "--json")
    assert (plain.code, plain.out) == (4, "")
    said = f"{target}: no connection: {dead}: Connection refused; {mute}: no answer within 0.5 s"
    assert re.sub(r"0\.(?:5|4\d*) s$", "0.5 s", plain.err.rstrip()) == f"urischeme: {said}"
    assert in_json.code == 4
    error = in_json.objects[0]["error"]
    assert (error["kind"], error["retryable"]) == ("ResolveError", True)


def test_resolve_connect_refuses_what_resolve_refuses() -> None:
    done = run("resolve", "--connect", "dsn:/x", "unix:/urischeme/nobody")
    assert (done.code, done.out) == (4, "")
    assert "no resolver for the scheme dsn" in done.err
    assert "unix:/urischeme/nobody: no connection: unix:/urischeme/nobody: No such file or directory" in done.err


def test_check_prints_what_resolve_would_accept() -> None:
    done = run("check", "dns:///orders.internal:50051", "localhost:50051", "dsn:/x", "vsock:2")
    assert (done.code, done.out) == (1, "dns:///orders.internal:50051\nlocalhost:50051\n")
    assert done.err.count("urischeme: ") == 2


def test_check_says_in_json_how_a_target_was_read() -> None:
    done = run("check", "--json", "dns://[::1]:53/a%62c:80", "vsock:2", "http://h/a b")
    assert done.code == 1
    read, refused, no_uri = done.objects
    assert read == {
        "text": "dns://[::1]:53/a%62c:80",
        "scheme": "dns",
        "authority": "[::1]:53",
        "endpoint": "abc:80",
        "options": {},
    }
    assert refused["text"] == "vsock:2"
    error = refused["error"]
    assert set(error) == {"kind", "reason", "retryable"}
    assert error["kind"] == "TargetError"
    error = no_uri["error"]
    assert set(error) == {"position", "component", "reason"}


def test_schemes_are_listed_with_origin_and_status() -> None:
    done = run("schemes")
    heading, *rows = (line.split() for line in done.out.split("\n")[:-1])
    assert done.code == 0
    assert heading == ["scheme", "origin", "IANA", "error"]
    assert ["dns", "urischeme", "permanent", "-"] in rows
    assert ["unix-abstract", "urischeme", "-", "-"] in rows


def test_schemes_with_all_there_is_to_know() -> None:
    done = run("schemes", "--verbose")
    assert done.code == 0
    assert "service_config: false or true (false)" in done.out
    assert "urischeme.resolvers.vsock:vsock" in done.out
    rows = {row["scheme"]: row for row in run("schemes", "--verbose", "--json").objects}
    assert rows["dns"]["options"][0] == {"name": "family", "type": "dual, ipv4 or ipv6", "default": "dual"}
    assert rows["k8s"]["pushes"]
    assert rows["unix"] == {
        "scheme": "unix",
        "origin": "urischeme",
        "iana": None,
        "error": None,
        "resolver": "urischeme.resolvers.unix:unix",
        "pushes": False,
        "options": [],
    }


def test_schemes_in_json() -> None:
    done = run("schemes", "--json")
    assert done.code == 0
    assert {"scheme": "dns", "origin": "urischeme", "iana": "permanent", "error": None} in done.objects
