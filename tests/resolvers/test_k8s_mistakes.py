"""What a first try with a kubeconfig may get wrong, each told in one error: no cluster is needed to tell."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

import urischeme
from tests.cli.process import run
from tests.cluster.certificates import Authority
from tests.live.sockets import refusing, silent
from urischeme import ResolveError

TARGET = "k8s:///orders.prod:http"
LOGIN = {"apiVersion": "client.authentication.k8s.io/v1", "interactiveMode": "Never"}


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this machine's kubeconfig counts, nor a pod in which this may run."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


def kubeconfig(cluster: Mapping[str, Any], user: Mapping[str, Any] | None, **fields: Any) -> str:
    """With one context, `staging`."""
    written = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [] if user is None else [{"name": "ada", "user": user}],
        "contexts": [{"name": "staging", "context": {"cluster": "c", "user": "ada"}}],
        "current-context": "staging",
        **fields,
    }
    # JSON is YAML, too.
    return json.dumps(written)


def refused(target: str, timeout: float = 10.0) -> ResolveError:
    with pytest.raises(ResolveError) as error:
        urischeme.resolve(target, timeout=timeout)
    assert "\n" not in str(error.value)
    return error.value


HERE = {"server": "https://127.0.0.1:1"}
ADA = {"token": "t"}
NUMBERED = [{"name": "staging", "context": {"cluster": "c", "user": "ada", "namespace": 7}}]


@pytest.mark.parametrize(
    ("target", "written", "said"),
    [
        (TARGET, "", "FILE is not there or empty, and this is no pod with a service account; name a kubeconfig"),
        (
            "k8s://staging/orders",
            "",
            "there is no kubeconfig (FILE is not there or empty) to look the context 'staging'",
        ),
        (TARGET, "{", "FILE is no YAML: see line 2, column 1"),
        (TARGET, "hello", "FILE is no kubeconfig: that has lists of clusters, users and contexts"),
        (TARGET, "[]", "FILE is no kubeconfig: that has lists of clusters, users and contexts"),
        (TARGET, "users: [hello]", "FILE is no kubeconfig: that has lists of clusters, users and contexts"),
        (TARGET, "contexts: [{context: {}}]", "contexts, each of them with a name"),
        (TARGET, "contexts: {a: {}}", "FILE is no kubeconfig: that has lists of clusters, users and contexts"),
        (TARGET, "users: [{name: ada, user: ada}]", "FILE is no kubeconfig: that has lists of clusters, users and"),
        (TARGET, "current-context: 7", "FILE is no kubeconfig: its current-context is no text"),
        ("k8s://a/orders", "contexts: [{name: a}]", "the context 'a' of FILE cannot be used: it names no cluster that"),
        (
            TARGET,
            kubeconfig(HERE, ADA, **{"current-context": ""}),
            "FILE names no current context; write k8s://CONTEXT/",
        ),
        (TARGET, kubeconfig(HERE, ADA, **{"current-context": "x"}), "'x' of FILE is not in it; it has staging"),
        (TARGET, kubeconfig(HERE, ADA, clusters=[]), "cannot be used: it names no cluster that is in it"),
        (
            TARGET,
            kubeconfig(HERE, ADA, users=[{"name": "ada", "token": "t"}]),
            "it names no user who is in it, with fields",
        ),
        (TARGET, kubeconfig({**HERE, "insecure-skip-tls-verify": "false"}, ADA), "is true or false, without quotes"),
        (TARGET, kubeconfig(HERE, ADA, contexts=NUMBERED), "it names no namespace: '7'"),
        (TARGET, kubeconfig(HERE, None), "the context 'staging' of FILE cannot be used: it names no user who is in it"),
        (TARGET, kubeconfig(HERE, {"tokenFile": "/nobody"}), "cannot be used: FileNotFoundError"),
        (TARGET, kubeconfig({**HERE, "certificate-authority": "/nobody"}, ADA), "File does not exists: /nobody"),
        (
            TARGET,
            kubeconfig(HERE, {"exec": {**LOGIN, "command": "/nobody"}}),
            "the plugin /nobody cannot be run: No such file",
        ),
        (TARGET, kubeconfig(HERE, {"exec": LOGIN}), "exec names no plugin: that has an apiVersion and a command"),
        (TARGET, kubeconfig(HERE, {"exec": {**LOGIN, "command": "sh", "env": ["a"]}}), "exec names no plugin: that"),
        (
            TARGET,
            kubeconfig(HERE, {"exec": {**LOGIN, "command": "sh", "interactiveMode": "Always"}}),
            "the plugin sh asks for a terminal, and there is none",
        ),
        # kuberesolver's form, with a namespace where a context stands here.
        (
            "k8s://prod/orders:http",
            kubeconfig(HERE, ADA),
            "FILE has no context 'prod'; it has staging. The authority of",
        ),
        (
            "k8s://in-cluster/orders",
            kubeconfig(HERE, ADA),
            "in-cluster is for pods with a service account: KUBERNETES_",
        ),
    ],
)
def test_a_kubeconfig_that_is_of_no_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, target: str, written: str, said: str
) -> None:
    file = tmp_path / "kubeconfig"
    file.write_text(written)
    monkeypatch.setenv("KUBECONFIG", str(file))
    error = refused(target)
    assert said.replace("FILE", str(file)) in str(error)
    assert not error.retryable


def test_a_kubeconfig_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, binary = tmp_path / "folder", tmp_path / "binary"
    folder.mkdir()
    binary.write_bytes(b"\xff\xfe")
    for path, why in {folder: "Is a directory", binary: "'utf-8' codec can't decode byte 0xff"}.items():
        monkeypatch.setenv("KUBECONFIG", str(path))
        assert str(refused(TARGET)).startswith(f"{path} cannot be read: ")
        assert why in str(refused(TARGET))


def test_of_files_the_rest_is_none_of_our_business(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Other programs keep theirs there, and other contexts may be of no use."""
    files = [tmp_path / "one", tmp_path / "two"]
    files[0].write_text("preferences: {1: 2, a: [b]}\ncontexts: [{name: other}]\nusers: [{name: other, user: }]\n")
    with refusing() as dead:
        files[1].write_text(kubeconfig({"server": f"https://127.0.0.1:{dead.port}"}, ADA))
        monkeypatch.setenv("KUBECONFIG", ":".join(map(str, files)))
        assert "Connection refused" in str(refused(TARGET))


def test_a_key_that_wants_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, key = Authority(tmp_path).user("ada")
    private = load_pem_private_key(key.read_bytes(), None)
    password = BestAvailableEncryption(b"swordfish")
    key.write_bytes(private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, password))
    file = tmp_path / "kubeconfig"
    file.write_text(kubeconfig(HERE, {"client-certificate": str(certificate), "client-key": str(key)}))
    monkeypatch.setenv("KUBECONFIG", str(file))
    error = refused(TARGET)
    assert "the client's key wants a password, and nobody is there to be asked" in str(error)
    assert not error.retryable


def test_no_kubeconfig_at_all() -> None:
    assert "there is no cluster to ask: ~/.kube/config is not there" in str(refused(TARGET))


def test_a_plugin_that_fails_is_run_once_and_quoted_once(tmp_path: Path) -> None:
    file, runs = tmp_path / "kubeconfig", tmp_path / "runs"
    script = f"echo run >>{runs}; echo log in first >&2; exit 3"
    file.write_text(kubeconfig(HERE, {"exec": {**LOGIN, "command": "sh", "args": ["-c", script]}}))
    # In a process in which nobody sets up logging.
    done = run("resolve", TARGET, env={"KUBECONFIG": str(file)})
    assert (done.code, done.out, done.err.count("\n")) == (4, "", 1)
    assert "cannot be used: the plugin sh ended with 3: log in first" in done.err
    assert runs.read_text() == "run\n"


def test_an_api_server_that_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(file))
    with refusing() as dead:
        file.write_text(kubeconfig({"server": f"https://127.0.0.1:{dead.port}"}, ADA))
        error = refused(TARGET)
    assert f"in the namespace prod: 127.0.0.1:{dead.port}: Connection refused" in str(error)
    assert error.retryable


def test_an_api_server_that_says_nothing_is_named_before_the_time_is_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "kubeconfig"
    monkeypatch.setenv("KUBECONFIG", str(file))
    with silent() as mute:
        file.write_text(kubeconfig({"server": f"https://127.0.0.1:{mute.port}"}, ADA))
        error = refused(TARGET, timeout=5.0)
    assert str(error).startswith(f"the context 'staging' of {file}: the API server, asked to ")
    assert str(error).endswith("in the namespace prod, is silent")
    assert error.retryable
