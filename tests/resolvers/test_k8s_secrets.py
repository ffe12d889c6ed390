"""What is in a kubeconfig is not in what `k8s` says, whatever is wrong with it."""

from __future__ import annotations

import base64
import logging
import traceback
from pathlib import Path

import pytest

import urischeme
from urischeme import ResolveError
from urischeme.resolvers.k8s.access import read_access

SECRET = "swordfish"

KUBECONFIG = """
current-context: staging
clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]
contexts: [{name: staging, context: {cluster: c, user: ada}}]
"""


def kubeconfig(folder: Path, users: str) -> str:
    file = folder / "kubeconfig"
    file.write_text(KUBECONFIG + users.replace("SECRET", SECRET))
    return str(file)


@pytest.mark.parametrize(
    "users",
    [
        # Where YAML means something else by it.
        "users: [{name: ada, user: {token: *SECRET}}]",
        "users: [{name: ada, user: {token: !SECRET }}]",
        "users: [{name: ada, user: {token: 'SECRET' 'SECRET'}}]",
        "users: [{name: ada, user: {? [SECRET] : SECRET}}]",
        # In the wrong place.
        "users: [{name: ada, token: SECRET}]",
        "users: [{name: ada, user: SECRET}]",
        "users: SECRET",
        # Where another field is missing, or wrong.
        "users: [{name: ada, user: {auth-provider: {name: oidc, config: {refresh-token: SECRET}}}}]",
        "users: [{name: ada, user: {auth-provider: {name: oidc, config: {id-token: SECRET}}}}]",
        "users: [{name: ada, user: {auth-provider: {name: oidc, config: {id-token: a.SECRET.b}}}}]",
        "users: [{name: ada, user: {exec: {env: [{name: T, value: SECRET}]}}}]",
        "users: [{name: ada, user: {exec: {command: 7, args: [SECRET], apiVersion: client.authentication.k8s.io/v1}}}]",
        "users: [{name: ada, user: {client-key-data: SECRET, client-certificate: /nobody}}]",
        "users: [{name: ada, user: {client-key-data: c3dvcmRmaXNo, client-certificate-data: c3dvcmRmaXNo}}]",
        'users: [{name: ada, user: {token: "SECRET\\n\\u0001"}}]',
        "users: [{name: ada, user: {token: [SECRET]}}]",
        "users: [{name: ada, user: {username: ada, password: SECRET}}]",
    ],
)
def test_no_error_shows_what_is_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, users: str
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("KUBECONFIG", kubeconfig(tmp_path, users))
    with pytest.raises(ResolveError) as refused:
        urischeme.resolve("k8s:orders.prod")
    error = refused.value
    said = [str(error), repr(error), caplog.text, *traceback.format_exception(error)]
    for secret in (SECRET, base64.b64encode(SECRET.encode()).decode()):
        assert not [each for each in said if secret in each]


def test_no_repr_shows_what_is_secret(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, "users: [{name: ada, user: {token: SECRET}}]")
    access = read_access("", file, "/nobody")
    assert file in repr(access)
    assert SECRET not in repr(access)
