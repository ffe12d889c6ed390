"""Which API server is asked, and by which credentials: client-go's order, read afresh each time.

Kubeconfig and credentials are read by kubernetes_asyncio; it is loaded on first use.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from urischeme.display import shorten
from urischeme.errors import MissingExtra, ParseError, ResolveError
from urischeme.resolvers.k8s.plugin import PluginError, credentials
from urischeme.resolvers.k8s.question import IN_CLUSTER, is_label
from urischeme.syntax.uri import parse

if TYPE_CHECKING:
    from types import ModuleType

    from kubernetes_asyncio.client import Configuration
    from kubernetes_asyncio.config.kube_config import KubeConfigMerger

SERVICE_ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds its token, the cluster's CA and its namespace."""

_DEFAULT_KUBECONFIG: Final = "~/.kube/config"
_DEFAULT_NAMESPACE: Final = "default"

# What it logs of a plugin that fails it raises too: where nobody has set up logging, nobody is to hear it twice.
logging.getLogger("kubernetes_asyncio").addHandler(logging.NullHandler())


@attrs.frozen
class Access:
    """An API server and credentials for it, as they stood when they were read; equal where the same was written.

    Attributes:
        described: for messages: which context of which file, or which pod's account.
        namespace: the one that is meant where a target names none.
        written: all that was read, by which two are the same.
        configure: reads the credentials, by running a plugin where the kubeconfig names one, for the client library.
    """

    described: str
    namespace: str
    written: str
    configure: Callable[[], Awaitable[Configuration]] = attrs.field(eq=False, repr=False)


def read_access(context: str, kubeconfig: str | None, service_account: str) -> Access:
    """What the kubeconfig says of a context or, without one, what this pod was given.

    Args:
        context: `in-cluster`, a context of the kubeconfig, or `""` for the current one; without a kubeconfig,
            `in-cluster`.
        kubeconfig: paths as in the environment's KUBECONFIG, or None for that and, without it, `~/.kube/config`.
        service_account: the folder of a pod's credentials.

    Raises ResolveError where there are no credentials, no such context, or files that cannot be read; MissingExtra.
    """
    if context == IN_CLUSTER:
        if not _is_pod(service_account):
            raise _unusable(f"{IN_CLUSTER} is for pods with a service account: {_lacking(service_account)}")
        return _of_pod(service_account)
    written = kubeconfig or os.environ.get("KUBECONFIG") or _DEFAULT_KUBECONFIG
    # As with client-go, files that are named and are not there, or empty, count for nothing.
    named = (Path(path).expanduser() for path in written.split(os.pathsep) if path)
    paths = [path for path in named if path.exists() and path.stat().st_size]
    if paths:
        return _of_kubeconfig(context, paths)
    if context:
        raise _unusable(
            f"there is no kubeconfig ({shorten(written)} is not there or empty) to look the context "
            f"{shorten(context)!r} up in; the authority of a target is a context, or {IN_CLUSTER}"
        )
    if not _is_pod(service_account):
        raise _unusable(
            f"there is no cluster to ask: {shorten(written)} is not there or empty, and this is no pod with a service "
            "account; name a kubeconfig in KUBECONFIG"
        )
    return _of_pod(service_account)


def _is_pod(service_account: str) -> bool:
    return "KUBERNETES_SERVICE_HOST" in os.environ and Path(service_account, "token").exists()


def _lacking(service_account: str) -> str:
    if "KUBERNETES_SERVICE_HOST" in os.environ:
        return f"there is no token in {service_account}"
    return "KUBERNETES_SERVICE_HOST is not set"


def _of_pod(service_account: str) -> Access:
    load = _library("kubernetes_asyncio.config.incluster_config").load_incluster_config
    folder = Path(service_account)

    async def configure() -> Configuration:
        made = _configuration()
        try:
            load(made, token_filename=str(folder / "token"), cert_filename=str(folder / "ca.crt"))
        # Whatever goes wrong in another's code, somebody has to be told in our words.
        except Exception as error:
            raise _unusable(f"the service account in {folder} cannot be used: {error}") from error
        return made

    try:
        namespace = (folder / "namespace").read_text().strip()
    except OSError:
        namespace = _DEFAULT_NAMESPACE
    server = f"{os.environ.get('KUBERNETES_SERVICE_HOST')}:{os.environ.get('KUBERNETES_SERVICE_PORT')}"
    return Access(f"the service account in {folder}", namespace, f"{server} {folder}", configure)


def _of_kubeconfig(context: str, paths: Sequence[Path]) -> Access:
    shown = shorten(os.pathsep.join(map(str, paths)))
    merged = _merged(paths, shown)
    name = context or _current_context(merged)
    contexts = _contexts(merged)
    if name not in contexts:
        raise _unusable(_no_context(name, context, shown, contexts))
    namespace = contexts[name].get("namespace") or _DEFAULT_NAMESPACE
    if not is_label(namespace):
        raise _unusable(f"the context {shorten(name)!r} of {shown} names no namespace: {shorten(namespace)!r}")

    async def configure() -> Configuration:
        # Read anew: by now a token may be another.
        loader = _library("kubernetes_asyncio.config.kube_config").KubeConfigLoader
        merged = _merged(paths, shown)
        user = _users(merged).get(contexts[name].get("user"))
        made = _configuration()
        try:
            if user and user.get("exec"):
                user |= await credentials(user.pop("exec"))
            await loader(merged.config, active_context=name, config_base_path=None).load_and_set(made)
        except Exception as error:
            raise _unusable(f"the context {shorten(name)!r} of {shown} cannot be used: {_why(error, user)}") from error
        if not _is_url(made.host or ""):
            raise _unusable(
                f"the context {shorten(name)!r} of {shown} cannot be used: the server of its cluster is no URL as "
                "https://10.96.0.1:443 is"
            )
        return made

    written = json.dumps([name, merged.config_files], sort_keys=True, default=str)
    return Access(f"the context {shorten(name)!r} of {shown}", namespace, written, configure)


def _merged(paths: Sequence[Path], shown: str) -> KubeConfigMerger:
    merger = _library("kubernetes_asyncio.config.kube_config").KubeConfigMerger
    try:
        merged: KubeConfigMerger = merger(os.pathsep.join(map(str, paths)))
        _ = _contexts(merged), _users(merged)
        _hide_contents(merged)
    except (AttributeError, LookupError, TypeError) as error:
        raise _unusable(f"{shown} is no kubeconfig: that has lists of clusters, users and contexts") from error
    except Exception as error:
        raise _unusable(f"{shown} is no kubeconfig that can be read: {_said(error)}") from error
    return merged


def _hide_contents(merged: KubeConfigMerger) -> None:
    # The library's errors name a part of the file by all that stands there, tokens too.
    for kind in ("clusters", "contexts", "users"):
        for node in cast("Any", merged.config).value[kind]:
            node.name = f"{node.path}/{kind}/{node.value['name']}"


def _contexts(merged: KubeConfigMerger) -> Mapping[str, Mapping[str, str]]:
    """All contexts by name; of two with one name, the first counts."""
    found: dict[str, Mapping[str, str]] = {}
    for written in _files(merged):
        for each in written.get("contexts") or ():
            found.setdefault(each["name"], each["context"])
    return found


def _users(merged: KubeConfigMerger) -> Mapping[str | None, dict[str, Any] | None]:
    """All users by name, of two with one name the first; None is one of whom nothing is written."""
    found: dict[str | None, dict[str, Any] | None] = {}
    for written in _files(merged):
        for each in written.get("users") or ():
            user = each.get("user")
            if not isinstance(user, dict | None):
                raise TypeError("that is no user")
            found.setdefault(each.get("name"), cast("dict[str, Any] | None", user))
    return found


def _why(error: Exception, user: object) -> str:
    # Of a user who is not there the library says nothing that helps.
    if user is None:
        return "it names no user who is in it"
    return str(error) if isinstance(error, PluginError) else _said(error)


def _is_url(server: str) -> bool:
    try:
        read = parse(server)
    except ParseError:
        return False
    return read.scheme.lower() in {"http", "https"} and bool(read.host)


def _current_context(merged: KubeConfigMerger) -> str:
    # The first file that names one counts.
    named: Iterator[str | None] = (written.get("current-context") for written in _files(merged))
    return next(filter(None, named), "")


def _files(merged: KubeConfigMerger) -> Iterable[Mapping[str, Any]]:
    return cast("dict[str, Mapping[str, Any]]", merged.config_files).values()


def _no_context(name: str, asked: str, shown: str, contexts: Mapping[str, object]) -> str:
    there = ", ".join(sorted(contexts)) or "none"
    if not name:
        return f"{shown} names no current context; write k8s://CONTEXT/service, where it has {there}"
    if not asked:
        return f"the current context {shorten(name)!r} of {shown} is not in it; it has {there}"
    return (
        f"{shown} has no context {shorten(asked)!r}; it has {there}. The authority of a target is a context: "
        "a namespace stands after the Service, as in k8s:///service.namespace"
    )


def _configuration() -> Configuration:
    # Without a host it would be localhost.
    return cast("Configuration", _library("kubernetes_asyncio.client").Configuration(host=""))


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        module: ModuleType = import_module(name)
    except ImportError as error:
        raise MissingExtra("k8s", missing=(error.name or name).partition(".")[0]) from error
    return module


def _said(error: Exception) -> str:
    # Some say it on several lines.
    return shorten(" ".join(f"{type(error).__name__}: {error}".split()), 300)


def _unusable(reason: str) -> ResolveError:
    return ResolveError(reason, retryable=False)
