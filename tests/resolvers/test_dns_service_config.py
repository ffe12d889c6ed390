"""gRFC A2: gRPC's service config in TXT records."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import dns.message
import dns.rcode
import dns.rdatatype
import pytest

import urischeme
from tests.resolvers import knot, misbehaving
from tests.resolvers.asking import hosts, registry_with
from tests.resolvers.misbehaving import answer
from urischeme import ResolveError
from urischeme.resolvers.dns.service_config import service_config

HERE = socket.gethostname()
DEADLINE = 20


def config_of(*choices: object) -> object:
    """What this client gets of these choices."""
    return service_config([b"grpc_config=" + json.dumps(choices).encode()])


def put(zone: knot.Zone, name: str, *texts: str, ttl: int = 60) -> None:
    """Make these the TXT records with the config of a name, in strings of 255 bytes at most."""
    parts = [[text[start : start + 255] for start in range(0, len(text), 255)] for text in texts]
    quoted = [
        " ".join('"{}"'.format(part.replace("\\", "\\\\").replace('"', '\\"')) for part in text) for text in parts
    ]
    zone.update(*(f"_grpc_config.{name} {ttl} TXT {text}" for text in quoted))


def test_only_where_it_is_asked_for(server: str, zone: knot.Zone) -> None:
    zone.update("shop1 30 A 10.7.0.1")
    config = {"loadBalancingConfig": [{"round_robin": {}}], "methodConfig": [{"name": [{"service": "s" * 300}]}]}
    put(zone, "shop1", "v=spf1 -all", "grpc_config=" + json.dumps([{"serviceConfig": config}]), ttl=20)
    target = f"dns://{server}/shop1.example.test"
    for option, expected, ttl in (
        ("", None, 30),
        ("?service_config=false", None, 30),
        ("?service_config=true", config, 20),
    ):
        found = urischeme.resolve(target + option)
        assert (found.service_config, found.ttl, hosts(found)) == (expected, ttl, ["10.7.0.1:443"])


def test_it_belongs_to_the_name_that_was_found(server: str, zone: knot.Zone, tmp_path: Path) -> None:
    zone.update("shop2 30 CNAME v4", "_grpc._tcp.shop2 30 SRV 0 0 1 v4")
    put(zone, "shop2", 'grpc_config=[{"serviceConfig": {"a": 1}}]')
    file = tmp_path / "hosts"
    file.write_text("")
    registry = registry_with(nameservers=[server], search=["nowhere.test", "example.test"], hosts=str(file))
    for target in ("dns:shop2", "dns:_grpc._tcp.shop2", "dns:shop2.example.test.?srv=_grpc._tcp"):
        option = "&service_config=true" if "?" in target else "?service_config=true"
        assert urischeme.resolve(target + option, registry=registry).service_config == {"a": 1}
    # Whom no server is asked for has none (gRFC A10).
    file.write_text("192.0.2.1 shop2\n")
    for target in ("dns:shop2", "dns:localhost", "dns:10.0.0.1"):
        assert urischeme.resolve(f"{target}?service_config=true", registry=registry).service_config is None


def test_a_name_may_have_none(server: str, zone: knot.Zone) -> None:
    zone.update("shop3 30 A 10.7.0.1")
    for texts in ([], ["v=spf1 -all"], ["grpc_config"], ['GRPC_CONFIG=[{"serviceConfig": {}}]'], ["grpc_config=[]"]):
        if texts:
            put(zone, "shop3", *texts, ttl=20)
        found = urischeme.resolve(f"dns://{server}/shop3.example.test?service_config=true")
        assert found.service_config is None
        assert found.ttl == (20 if texts else 30)


@pytest.mark.parametrize(
    "choice",
    [
        {},
        {"clientLanguage": []},
        {"clientLanguage": ["go", "Python"]},
        {"clientHostname": []},
        {"clientHostname": ["other", HERE]},
        {"percentage": 100},
        {"clientLanguage": ["python"], "clientHostname": [HERE], "percentage": 100},
    ],
)
def test_a_choice_that_fits(choice: dict[str, object]) -> None:
    assert config_of({**choice, "serviceConfig": {"a": 1}}, {"serviceConfig": {"b": 1}}) == {"a": 1}


@pytest.mark.parametrize(
    "choice",
    [
        {"clientLanguage": ["go", "c++"]},
        {"clientHostname": ["other", HERE.swapcase()]},
        {"clientHostname": [""]},
        {"percentage": 0},
        {"clientLanguage": ["python"], "percentage": 0},
    ],
)
def test_a_choice_that_does_not_fit(choice: dict[str, object]) -> None:
    assert config_of({**choice, "serviceConfig": {"a": 1}}) is None
    assert config_of({**choice, "serviceConfig": {"a": 1}}, {"serviceConfig": {"b": 1}}) == {"b": 1}


def test_the_percentage_is_drawn_once_a_process() -> None:
    def threshold() -> int:
        """The smallest percentage that this process belongs to."""
        choices = [{"percentage": percentage, "serviceConfig": {"at": percentage}} for percentage in range(101)]
        config = config_of(*choices)
        assert isinstance(config, dict)
        return int(config["at"])

    assert {threshold() for _ in range(20)} == {threshold()}
    # Forked processes have the same memory, and draw anew. That all twelve draw alike happens to nobody.
    code = """if True:
        import json, os
        from urischeme.resolvers.dns.service_config import service_config
        choices = [{"percentage": percentage, "serviceConfig": {"at": percentage}} for percentage in range(101)]
        text = b"grpc_config=" + json.dumps(choices).encode()
        service_config([text])
        for _ in range(12):
            child = os.fork()
            if not child:
                os.write(1, b"%d\\n" % service_config([text])["at"])
                os._exit(0)
            os.waitpid(child, 0)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=DEADLINE)
    assert done.stderr == ""
    drawn = done.stdout.split()
    assert len(drawn) == 12
    assert len(set(drawn)) > 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"", "it is no JSON"),
        (b"[", "it is no JSON"),
        (b"[] x", "it is no JSON"),
        (b'["\xff"]', "it is no JSON"),
        (b"[" * 100_000, "it is no JSON"),
        (b"[" + b"9" * 5000 + b"]", "it is no JSON"),
        (b'[{"serviceConfig": {"a": NaN}}]', "JSON has no NaN"),
        (b'{"serviceConfig": {}}', "it is no list of choices"),
        (b"null", "it is no list of choices"),
        (b"[null]", "a choice is no object"),
        (b"[{}]", "serviceConfig is no object"),
        (b'[{"serviceConfig": []}]', "serviceConfig is no object"),
        (b'[{"serviceConfig": {}, "clientName": []}]', "a choice has no field 'clientName'"),
        (b'[{"serviceConfig": {}, "\\u001b[2J": []}]', "a choice has no field '\\\\x1b[2J'"),
        (b'[{"serviceConfig": {}, "clientLanguage": "python"}]', "clientLanguage is no list of strings"),
        (b'[{"serviceConfig": {}, "clientLanguage": null}]', "clientLanguage is no list of strings"),
        (b'[{"serviceConfig": {}, "clientHostname": [1]}]', "clientHostname is no list of strings"),
        (b'[{"serviceConfig": {}, "percentage": 101}]', "percentage is no integer from 0 to 100"),
        (b'[{"serviceConfig": {}, "percentage": -1}]', "percentage is no integer from 0 to 100"),
        (b'[{"serviceConfig": {}, "percentage": 50.0}]', "percentage is no integer from 0 to 100"),
        (b'[{"serviceConfig": {}, "percentage": "50"}]', "percentage is no integer from 0 to 100"),
        (b'[{"serviceConfig": {}, "percentage": true}]', "percentage is no integer from 0 to 100"),
        # One broken choice breaks all, the one before it that fits included: no client is spared by chance.
        (b'[{"serviceConfig": {}}, {"clientLanguage": ["go"]}]', "serviceConfig is no object"),
    ],
)
def test_a_broken_config(text: bytes, says: str) -> None:
    with pytest.raises(ValueError) as caught:
        service_config([b"grpc_config=" + text])
    assert says in str(caught.value)


def test_a_broken_config_is_no_answer(server: str, zone: knot.Zone) -> None:
    zone.update("shop4 30 A 10.7.0.1")
    good = 'grpc_config=[{"serviceConfig": {}}]'
    for texts, says in ((["grpc_config=["], "it is no JSON"), ([good, good + " "], "2 records begin grpc_config=")):
        put(zone, "shop4", *texts)
        target = f"dns://{server}/shop4.example.test"
        with pytest.raises(ResolveError) as caught:
            urischeme.resolve(f"{target}?service_config=true")
        assert f"_grpc_config.shop4.example.test: the service config is broken: {says}" in str(caught.value)
        assert caught.value.retryable
        assert hosts(urischeme.resolve(target)) == ["10.7.0.1:443"]


def test_a_config_that_nobody_tells_is_no_answer_either() -> None:
    def reply(query: dns.message.Message) -> dns.message.Message:
        if query.question[0].rdtype == dns.rdatatype.TXT:
            return answer(query, rcode=dns.rcode.SERVFAIL)
        return answer(query, "shop.example.test. 9 A 10.9.9.9")

    with misbehaving.server(reply) as server, pytest.raises(ResolveError, match="no TXT answer from") as caught:
        urischeme.resolve(f"dns://{server}/shop.example.test?service_config=true")
    assert caught.value.retryable
