"""How `k8s` gets at an API server: every kind of credentials, and each that is refused."""

from __future__ import annotations

import base64
import datetime
import json
import logging
import os
import shutil
import traceback
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import attrs
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

import urischeme
from tests.cli.process import run_python
from tests.cluster import kubeconfig, manifests
from tests.cluster.asking import pods
from tests.cluster.control_plane import ADMIN_TOKEN, READER, ControlPlane
from tests.cluster.kubeconfig import Context
from tests.cluster.namespace import Namespace
from urischeme import NotFound, Registry, ResolveError
from urischeme.resolvers.k8s import K8s

Write = Callable[..., str]


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither this machine's kubeconfig counts, nor a pod in which this may run."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes a kubeconfig, of contexts by name or of a single one, and lets KUBECONFIG name it."""

    def write(context: Context | None = None, **contexts: Context) -> str:
        file = tmp_path / "kubeconfig"
        named = contexts if context is None else {"staging": context}
        monkeypatch.setenv("KUBECONFIG", str(kubeconfig.write(file, named, current=next(iter(named)))))
        return str(file)

    return write


@pytest.fixture
def orders(namespace: Namespace) -> Namespace:
    """With a Service `orders`, and a pod behind it."""
    namespace.service("orders", ("http", 80))
    namespace.wait_for_ready("orders", namespace.pod("one", ("http", 80), app="orders"))
    return namespace


def works(target: str, registry: Registry | None = None) -> bool:
    return pods(urischeme.resolve(target, registry=registry)) == ["one"]


def refused(target: str, registry: Registry | None = None, timeout: float = 10.0) -> ResolveError:
    with pytest.raises(ResolveError) as error:
        urischeme.resolve(target, registry=registry, timeout=timeout)
    return error.value


def as_data(user: Mapping[str, str]) -> dict[str, str]:
    """With the files' content in the place of their names."""
    return {f"{field}-data": base64.b64encode(Path(name).read_bytes()).decode() for field, name in user.items()}


# Credentials that are taken


@pytest.mark.parametrize("context", ["admin", "token", "token-file", "exec"])
def test_each_kind_of_credentials(
    plane: ControlPlane, orders: Namespace, monkeypatch: pytest.MonkeyPatch, context: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    target = f"k8s://{context}/orders.{orders.name}:http"
    assert works(target)
    with urischeme.watch(target) as watch:
        assert pods(next(watch)) == ["one"]


def test_certificates_that_stand_in_the_kubeconfig(plane: ControlPlane, orders: Namespace, write: Write) -> None:
    admin = plane.contexts["admin"]
    authority = as_data({"certificate-authority": str(plane.authority)})
    write(attrs.evolve(admin, user=as_data(admin.user), authority=None, cluster=authority))
    assert works(f"k8s:orders.{orders.name}")


def test_a_token_file_may_end_with_a_line_break(
    plane: ControlPlane, orders: Namespace, write: Write, tmp_path: Path
) -> None:
    file = tmp_path / "token"
    file.write_text(f"{ADMIN_TOKEN}\n")
    write(attrs.evolve(plane.contexts["token"], user=kubeconfig.token_file(file)))
    assert works(f"k8s:orders.{orders.name}")


def plugin(folder: Path, output: str, version: str = "v1") -> dict[str, Any]:
    """A program that prints this, and counts how often."""
    program, said = folder / "login", folder / "output"
    said.write_text(output)
    program.write_text(f"#!/bin/sh\necho run >>{folder}/runs\ncat {said}\n")
    program.chmod(0o755)
    return {
        "exec": {
            "apiVersion": f"client.authentication.k8s.io/{version}",
            "command": str(program),
            "interactiveMode": "Never",
        }
    }


def credential(version: str = "v1", **status: str) -> str:
    return json.dumps(
        {"apiVersion": f"client.authentication.k8s.io/{version}", "kind": "ExecCredential", "status": status}
    )


@pytest.mark.parametrize("version", ["v1", "v1beta1"])
def test_a_plugin_that_gives_a_token_is_run_once(
    plane: ControlPlane, orders: Namespace, write: Write, tmp_path: Path, version: str
) -> None:
    user = plugin(tmp_path, credential(version, token=ADMIN_TOKEN), version)
    write(attrs.evolve(plane.contexts["token"], user=user))
    assert works(f"k8s:orders.{orders.name}")
    assert (tmp_path / "runs").read_text() == "run\n"


def test_a_plugin_that_gives_a_certificate(
    plane: ControlPlane, orders: Namespace, write: Write, tmp_path: Path
) -> None:
    files = plane.contexts["admin"].user
    given = credential(
        clientCertificateData=Path(files["client-certificate"]).read_text(),
        clientKeyData=Path(files["client-key"]).read_text(),
    )
    write(attrs.evolve(plane.contexts["token"], user=plugin(tmp_path, given)))
    assert works(f"k8s:orders.{orders.name}")


# Credentials that are not


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("log in first", "the plugin gave no ExecCredential"),
        ("", "the plugin gave no ExecCredential"),
        ("[]", "the plugin gave no ExecCredential"),
        ("null", "the plugin gave no ExecCredential"),
        (
            credential("v1alpha1", token="t"),
            "the plugin gave no ExecCredential of client.authentication.k8s.io/v1, for which it was asked",
        ),
        (credential(), "the plugin gave neither a token nor a certificate"),
        (credential(token=""), "the plugin gave neither a token nor a certificate"),
        (credential(clientCertificateData="c"), "the plugin gave neither a token nor a certificate"),
        (credential(clientCertificateData="c", clientKeyData="k"), "its certificates cannot be read: "),
    ],
)
def test_a_plugin_that_writes_nonsense(
    plane: ControlPlane, write: Write, tmp_path: Path, output: str, said: str
) -> None:
    file = write(attrs.evolve(plane.contexts["token"], user=plugin(tmp_path, output)))
    error = refused("k8s:orders.prod")
    assert str(error).startswith(f"the context 'staging' of {file} cannot be used: ")
    assert said in str(error)
    assert "\n" not in str(error)
    assert not error.retryable
    assert (tmp_path / "runs").read_text() == "run\n"
    with urischeme.watch("k8s:orders.prod") as watch, pytest.raises(ResolveError) as raised:
        next(watch)
    assert str(raised.value) == str(error)
    assert (tmp_path / "runs").read_text() == "run\n" * 2


def test_a_plugin_that_takes_too_long_is_ended(plane: ControlPlane, write: Write, tmp_path: Path) -> None:
    user = plugin(tmp_path, "")
    started = tmp_path / "started"
    os.mkfifo(started)
    # Who reads from the other end is told that nobody is left to write.
    (tmp_path / "login").write_text(f"#!/bin/sh\nexec 3>{started}\necho $$ >&3\nexec sleep 600\n")
    write(attrs.evolve(plane.contexts["token"], user=user))
    with ThreadPoolExecutor(1) as thread:
        said = thread.submit(started.read_text)
        error = refused("k8s:orders.prod", timeout=1.0)
        pid = int(said.result(timeout=10))
    assert error.retryable
    assert not Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize("context", ["unknown-token", "expired-token"])
def test_a_token_that_is_not_taken(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch, context: str) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    error = refused(f"k8s://{context}/orders.prod")
    assert str(error) == (
        f"the context '{context}' of {plane.kubeconfig}: the API server does not take these credentials; renew them"
    )
    assert not error.retryable


def test_a_token_that_is_replaced_while_it_is_refused(
    plane: ControlPlane, orders: Namespace, write: Write, tmp_path: Path
) -> None:
    """The plugin's first token is not taken: it is asked once more, and the second is."""
    user = plugin(tmp_path, credential(token="the-token-of-nobody"))
    (tmp_path / "next").write_text(credential(token=ADMIN_TOKEN))
    with (tmp_path / "login").open("a") as program:
        program.write(f"test ! -e {tmp_path}/next || mv {tmp_path}/next {tmp_path}/output\n")
    write(attrs.evolve(plane.contexts["token"], user=user))
    assert works(f"k8s:orders.{orders.name}")


# TLS


def test_an_authority_that_signed_nothing(plane: ControlPlane, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    error = refused("k8s://wrong-authority/orders.prod")
    assert "the certificate of the API server is not to be trusted" in str(error)
    assert "see certificate-authority there" in str(error)
    assert not error.retryable


def test_no_authority_is_needed_where_the_certificate_does_not_count(
    plane: ControlPlane, orders: Namespace, write: Write
) -> None:
    target = f"k8s:orders.{orders.name}"
    unknown = attrs.evolve(plane.contexts["admin"], authority=None)
    write(unknown)
    assert "is not to be trusted" in str(refused(target))
    write(attrs.evolve(unknown, cluster={"insecure-skip-tls-verify": True}))
    assert works(target)
    write(attrs.evolve(unknown, cluster={"insecure-skip-tls-verify": True, "tls-server-name": "any.example"}))
    assert works(target)


def test_the_name_on_the_certificate(plane: ControlPlane, orders: Namespace, write: Write) -> None:
    target = f"k8s:orders.{orders.name}"
    write(attrs.evolve(plane.contexts["admin"], cluster={"tls-server-name": "kubernetes.default.svc"}))
    assert works(target)
    write(attrs.evolve(plane.contexts["admin"], cluster={"tls-server-name": "another.example"}))
    error = refused(target)
    assert "Hostname mismatch" in str(error)
    assert "another.example" in str(error)


def of_old(folder: Path, host: str) -> tuple[Path, Path, Path]:
    """An authority without the extensions of RFC 5280, as many clusters have it and Go takes it; a server's pair."""
    names = [x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)]) for name in ("old", host)]
    authority_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in names)
    now = datetime.datetime.now(datetime.UTC)

    def builder(name: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder(names[0], name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(hours=1))
            .not_valid_after(now + datetime.timedelta(hours=1))
        )

    authority = builder(names[0], authority_key).add_extension(x509.BasicConstraints(True, None), critical=False)
    server = builder(names[1], key).add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    files = folder / "old-ca.crt", folder / "old.crt", folder / "old.key"
    for file, made in zip(files, (authority, server), strict=False):
        file.write_bytes(made.sign(authority_key, hashes.SHA256()).public_bytes(Encoding.PEM))
    files[2].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return files


def test_an_authority_as_clusters_have_it(plane: ControlPlane, orders: Namespace, write: Write, tmp_path: Path) -> None:
    """Python is strict about extensions from 3.13 on, and kubectl is not."""
    authority, certificate, key = of_old(tmp_path, "old.example")
    with plane.another_api_server(f"--tls-sni-cert-key={certificate},{key}:old.example") as server:
        admin = plane.contexts["admin"].user
        write(Context(server.url, authority, admin, cluster={"tls-server-name": "old.example"}))
        assert works(f"k8s:orders.{orders.name}")


@pytest.mark.parametrize("field", ["certificate-authority", "client-certificate", "client-key"])
def test_a_certificate_that_is_none(plane: ControlPlane, write: Write, tmp_path: Path, field: str) -> None:
    admin = plane.contexts["admin"]
    broken = tmp_path / "broken"
    broken.write_text("-----BEGIN")
    file = write(
        attrs.evolve(admin, authority=broken)
        if field == "certificate-authority"
        else attrs.evolve(admin, user={**admin.user, field: str(broken)})
    )
    error = refused("k8s:orders.prod")
    assert str(error).startswith(f"the context 'staging' of {file} cannot be used: its certificates cannot be read: ")
    assert not error.retryable


@pytest.mark.parametrize(
    "server",
    [
        "",
        "10.96.0.1:443",
        "ftp://10.96.0.1",
        "https://",
        "https://10.96.0.1:port",
        "https://10.96.0.1:65536",
        "https://ada:lovelace@10.96.0.1",
        "https://10.96.0.1/?a=b",
    ],
)
def test_a_server_that_is_no_url(plane: ControlPlane, write: Write, server: str) -> None:
    file = write(attrs.evolve(plane.contexts["token"], server=server))
    error = refused("k8s:orders.prod")
    assert str(error).startswith(f"the context 'staging' of {file} cannot be used: ")
    assert "the server of its cluster is no URL as https://10.96.0.1:443 is" in str(error)
    assert not error.retryable


# Contexts


def test_names_of_contexts_are_decoded_and_keep_their_case(
    plane: ControlPlane, orders: Namespace, write: Write
) -> None:
    admin = plane.contexts["admin"]
    here, elsewhere = attrs.evolve(admin, namespace=orders.name), attrs.evolve(admin, namespace="elsewhere")
    arn = "arn:aws:eks:eu-central-1:1234:cluster/prod"
    write(**{"staging": elsewhere, "Staging": here, "kubernetes-admin@kubernetes": here, arn: here})
    for authority in ("Staging", "kubernetes-admin%40kubernetes", arn.replace(":", "%3A").replace("/", "%2F")):
        assert works(f"k8s://{authority}/orders")
    assert "no Service orders in the namespace elsewhere" in str(refused("k8s://staging/orders"))
    assert "has no context 'STAGING'; it has Staging, " in str(refused("k8s://STAGING/orders"))


def test_the_namespace_is_the_contexts_own(plane: ControlPlane, orders: Namespace, write: Write) -> None:
    admin = plane.contexts["admin"]
    write(attrs.evolve(admin, namespace=orders.name))
    assert works("k8s:orders")
    assert urischeme.resolve("k8s:orders").authority == f"orders.{orders.name}.svc"
    write(admin)
    assert "no Service orders in the namespace default" in str(refused("k8s:orders"))


def test_several_kubeconfigs(
    plane: ControlPlane, orders: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin, token = (attrs.evolve(plane.contexts[name], namespace=orders.name) for name in ("admin", "token"))
    away = attrs.evolve(token, namespace="away")
    first = kubeconfig.write(tmp_path / "first", {"a": admin})
    second = kubeconfig.write(tmp_path / "second", {"a": away, "b": token, "c": away}, current="b")
    third = kubeconfig.write(tmp_path / "third", {"d": away}, current="d")
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/missing:{first}:{second}:{third}")
    # Of contexts with one name the first counts, and so of the current ones.
    for authority in ("a", "b", ""):
        assert works(f"k8s://{authority}/orders")
    assert "in the namespace away" in str(refused("k8s://c/orders"))
    assert "it has a, b, c, d. The authority" in str(refused("k8s://e/orders"))


def test_all_is_read_afresh_each_time(
    plane: ControlPlane, orders: Namespace, write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    target = f"k8s:orders.{orders.name}"
    file = write(plane.contexts["unknown-token"])
    refused(target)
    # The same file with another content, another file, and none but the one at home.
    write(plane.contexts["token"])
    assert works(target)
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig.write(tmp_path / "other", {"x": plane.contexts["reader"]})))
    refused(target)
    monkeypatch.delenv("KUBECONFIG")
    refused(target)
    (tmp_path / ".kube").mkdir()
    shutil.copy(file, tmp_path / ".kube" / "config")
    assert works(target)


# Permissions


def test_the_role_in_the_error_is_enough_as_it_is_printed(
    plane: ControlPlane, orders: Namespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    target = f"k8s://reader/orders.{orders.name}:http"
    error = refused(target)
    assert not error.retryable
    assert f"in the namespace {orders.name} is missing" in str(error)
    assert f'User "{READER}" cannot ' in str(error)
    _, _, printed = str(error).partition("bind this Role to the account:\n")
    assert printed == error.advice
    (role,) = manifests.read(printed)
    manifests.apply(orders, role)
    orders.create(
        "rolebindings",
        "reader",
        roleRef={"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": role["metadata"]["name"]},
        subjects=[{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": READER}],
    )
    orders.wait_until_granted(READER, "discovery.k8s.io", "endpointslices", "watch")
    assert works(target)
    with urischeme.watch(target) as watch:
        assert pods(next(watch)) == ["one"]


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        (("", "services"), "list endpointslices"),
        (("discovery.k8s.io", "endpointslices"), "get services"),
    ],
)
def test_the_error_names_the_permission_that_is_missing(
    plane: ControlPlane, orders: Namespace, monkeypatch: pytest.MonkeyPatch, granted: tuple[str, str], missing: str
) -> None:
    monkeypatch.setenv("KUBECONFIG", str(plane.kubeconfig))
    group, resource = granted
    orders.grant(READER, group, [resource], ["get", "list", "watch"])
    error = str(refused(f"k8s://reader/orders.{orders.name}:http"))
    assert f"the permission to {missing} in the namespace {orders.name} is missing" in error


# In a pod


@pytest.fixture
def pod(plane: ControlPlane, orders: Namespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    """What a pod of the namespace has: an account that may do what a target needs, and no kubeconfig."""
    account = tmp_path / "account"
    for name, value in plane.mount_service_account(account, orders.name).items():
        monkeypatch.setenv(name, value)
    user = f"system:serviceaccount:{orders.name}:default"
    orders.grant(user, "", ["services"], ["get", "list", "watch"])
    orders.grant(user, "discovery.k8s.io", ["endpointslices"], ["get", "list", "watch"])
    registry = Registry()
    registry.register("k8s", K8s(service_account=str(account)), replace=True)
    return registry


def test_in_a_pod_its_account_counts_and_its_namespace(pod: Registry, orders: Namespace) -> None:
    for target in ("k8s:orders", "k8s:///orders:http", "k8s://in-cluster/orders", f"k8s:orders.{orders.name}"):
        assert works(target, pod)
    with urischeme.watch("k8s:orders", registry=pod) as watch:
        assert pods(next(watch)) == ["one"]


def test_a_kubeconfig_goes_before_the_account(
    pod: Registry, plane: ControlPlane, orders: Namespace, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write(plane.contexts["unknown-token"])
    assert f"the context 'staging' of {file}" in str(refused("k8s:orders", pod))
    assert works("k8s://in-cluster/orders", pod)
    monkeypatch.setenv("KUBECONFIG", f"{file}-missing")
    assert works("k8s:orders", pod)


def test_the_account_of_a_pod_may_lack_permissions(
    pod: Registry, plane: ControlPlane, orders: Namespace, tmp_path: Path
) -> None:
    orders.create("serviceaccounts", "nobody")
    plane.mount_service_account(tmp_path / "account", orders.name, "nobody")
    error = refused("k8s:orders", pod)
    assert str(error).startswith(f"the service account in {tmp_path}/account: the permission to ")
    assert f"system:serviceaccount:{orders.name}:nobody" in str(error)


def test_the_token_of_a_pod_may_end_with_a_line_break(pod: Registry, tmp_path: Path) -> None:
    with (tmp_path / "account" / "token").open("a") as token:
        token.write("\n")
    assert works("k8s:orders", pod)


@pytest.mark.parametrize("file", ["token", "ca.crt"])
def test_an_account_that_lacks_a_file(pod: Registry, tmp_path: Path, file: str) -> None:
    (tmp_path / "account" / file).unlink()
    error = refused("k8s://in-cluster/orders", pod)
    assert str(tmp_path / "account") in str(error)
    assert not error.retryable


# What is not to be


def test_without_the_library_the_extra_is_named(plane: ControlPlane) -> None:
    code = (
        "import sys, urischeme; sys.modules['kubernetes_asyncio'] = None\n"
        "try: urischeme.resolve('k8s:orders.prod')\n"
        "except urischeme.MissingExtra as error: print(error.extra, error)"
    )
    done = run_python("-c", code, env={"KUBECONFIG": str(plane.kubeconfig)})
    assert done.out == "k8s kubernetes_asyncio is not installed; run: pip install 'urischeme[k8s]'\n"
    assert done.err == ""
    shown = "import sys; sys.modules['kubernetes_asyncio'] = None; from urischeme.cli import main; "
    done = run_python(
        "-c", f"{shown}sys.exit(main(['resolve', 'k8s:orders.prod']))", env={"KUBECONFIG": str(plane.kubeconfig)}
    )
    assert done.code != 0
    assert done.err == "urischeme: kubernetes_asyncio is not installed; run: pip install 'urischeme[k8s]'\n"


SECRET = "swordfish"


SECRETS: Mapping[str, Mapping[str, Any]] = {
    "token": {"token": SECRET},
    "header": {"token": f"{SECRET}\r\nX-Other: 1"},
    "yaml": {"token": SECRET},
    "password": {"username": "ada", "password": SECRET},
    "oidc": {"auth-provider": {"name": "oidc", "config": {"refresh-token": SECRET}}},
    "key": {"client-key-data": base64.b64encode(SECRET.encode()).decode()},
}
OUTPUTS = {
    "plugin": credential(token=SECRET),
    "plugin that says it plainly": SECRET,
    "plugin of another version": credential("v0", token=SECRET),
    "plugin with a key": credential(clientCertificateData="c", clientKeyData=SECRET),
}


@pytest.mark.parametrize("kind", [*SECRETS, *OUTPUTS, "file"])
def test_no_error_and_no_log_shows_a_secret(
    plane: ControlPlane, tmp_path: Path, write: Write, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    caplog.set_level(logging.DEBUG)
    if kind == "file":
        (tmp_path / "token").write_text(SECRET)
        user: Mapping[str, Any] = kubeconfig.token_file(tmp_path / "token")
    elif kind == "key":
        certificate = plane.contexts["admin"].user["client-certificate"]
        user = {"client-certificate": certificate, **SECRETS[kind]}
    else:
        user = SECRETS[kind] if kind in SECRETS else plugin(tmp_path, OUTPUTS[kind])
    written = Path(write(attrs.evolve(plane.contexts["token"], user=user)))
    if kind == "yaml":
        written.write_text(written.read_text().replace(f'"{SECRET}"', f'"{SECRET}" "{SECRET}"'))
    error = refused("k8s:orders.prod")
    assert not isinstance(error, NotFound)
    with urischeme.watch("k8s:orders.prod") as watch, pytest.raises(ResolveError) as raised:
        next(watch)
    shown = [repr(watch), caplog.text]
    for each in (error, raised.value):
        shown += [repr(each), str(each), *traceback.format_exception(each)]
    for text in shown:
        assert SECRET not in text
        assert base64.b64encode(SECRET.encode()).decode() not in text
