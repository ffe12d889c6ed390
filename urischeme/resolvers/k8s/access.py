"""Which API server is asked, and by which credentials: client-go's order, read afresh each time.

What a context says is made into credentials by kubernetes_asyncio; it is loaded on first use.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from urischeme.display import quote_host, shorten
from urischeme.errors import MissingExtra, ResolveError
from urischeme.resolvers.k8s.kubeconfig import DEFAULT_NAMESPACE, Context, Kubeconfig, Unusable
from urischeme.resolvers.k8s.plugin import credentials, one_line
from urischeme.resolvers.k8s.proxy import checked_proxy, environment_proxy
from urischeme.resolvers.k8s.question import IN_CLUSTER

if TYPE_CHECKING:
    from types import ModuleType

    from kubernetes_asyncio.client import Configuration

SERVICE_ACCOUNT: Final = "/var/run/secrets/kubernetes.io/serviceaccount"
"""Where a pod finds its token, the cluster's CA and its namespace."""

_DEFAULT_KUBECONFIG: Final = "~/.kube/config"
_SELECTED: Final = "selected"


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
    # With its secrets.
    written: str = attrs.field(repr=False)
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
            f"{quote_host(context)} up in; the authority of a target is a context, or {IN_CLUSTER}"
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
            _keep_token(made)
            _set_proxy(made)
        # Whatever goes wrong in another's code, somebody has to be told in our words.
        except Exception as error:
            raise _unusable(f"the service account in {folder} cannot be used: {error}") from error
        return made

    try:
        namespace = (folder / "namespace").read_text().strip() or DEFAULT_NAMESPACE
    except (OSError, ValueError):
        namespace = DEFAULT_NAMESPACE
    server = f"{os.environ.get('KUBERNETES_SERVICE_HOST')}:{os.environ.get('KUBERNETES_SERVICE_PORT')}"
    return Access(f"the service account in {folder}", namespace, f"{server} {folder}", configure)


def _keep_token(made: Configuration) -> None:
    """Where a token cannot be read anew, go on with the one before, as client-go does: it is good for a while yet."""
    hook = made.refresh_api_key_hook  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    read_anew = cast("Callable[[Configuration], None]", hook)

    def or_keep(configuration: Configuration) -> None:
        with suppress(Exception):
            read_anew(configuration)

    made.refresh_api_key_hook = or_keep


def _of_kubeconfig(name: str, paths: Sequence[Path]) -> Access:
    # First: it brings what reads YAML.
    load = _library("kubernetes_asyncio.config.kube_config").KubeConfigLoader
    kubeconfig = _read(paths)
    current = name or kubeconfig.current
    if current not in kubeconfig.contexts:
        raise _unusable(_no_context(kubeconfig, name))
    described = f"the context {shorten(current)!r} of {kubeconfig.shown}"

    def usable(kubeconfig: Kubeconfig) -> Context:
        try:
            return kubeconfig.context(current)
        except KeyError:
            # It was there before.
            raise _unusable(_no_context(kubeconfig, current)) from None
        except Unusable as error:
            raise _unusable(f"{described} cannot be used: {error}") from error

    async def configure() -> Configuration:
        # Read anew: by now a token may be another.
        context = usable(_read(paths))
        made = _configuration()
        try:
            await load(await _selected(context), active_context=_SELECTED).load_and_set(made)
            _set_proxy(made)
        except Unusable as error:
            raise _unusable(f"{described} cannot be used: {error}") from error
        except Exception as error:
            raise _unusable(f"{described} cannot be used: {one_line(f'{type(error).__name__}: {error}')}") from error
        return made

    context = usable(kubeconfig)
    return Access(described, context.namespace, repr((context.cluster, context.user)), configure)


def _read(paths: Sequence[Path]) -> Kubeconfig:
    try:
        return Kubeconfig.read(paths)
    except Unusable as error:
        raise _unusable(str(error)) from error


async def _selected(context: Context) -> dict[str, object]:
    """A kubeconfig with nothing else in it, and no plugin: what the library says may quote what is there."""
    user = dict(context.user)
    plugin = user.pop("exec", None)
    if plugin is not None:
        user |= await credentials(plugin, context.cluster)
    return {
        "contexts": [{"name": _SELECTED, "context": {"cluster": _SELECTED, "user": _SELECTED}}],
        "clusters": [{"name": _SELECTED, "cluster": dict(context.cluster)}],
        "users": [{"name": _SELECTED, "user": user}],
    }


def _no_context(kubeconfig: Kubeconfig, asked: str) -> str:
    shown, current = kubeconfig.shown, kubeconfig.current
    there = ", ".join(map(shorten, sorted(kubeconfig.contexts))) or "none"
    if asked:
        return (
            f"{shown} has no context {quote_host(asked)}; it has {there}. The authority of a target is a context: "
            "a namespace stands after the Service, as in k8s:///service.namespace"
        )
    if current:
        return f"the current context {shorten(current)!r} of {shown} is not in it; it has {there}"
    return f"{shown} names no current context; write k8s://CONTEXT/service, where it has {there}"


def _configuration() -> Configuration:
    # Without a host it would be localhost.
    return cast("Configuration", _library("kubernetes_asyncio.client").Configuration(host=""))


def _set_proxy(made: Configuration) -> None:
    proxy = made.proxy or environment_proxy(made.host or "")
    try:
        made.proxy = checked_proxy(proxy) if proxy else None
    except ValueError as error:
        raise Unusable(str(error)) from None


def _library(name: str) -> Any:
    from importlib import import_module

    try:
        module: ModuleType = import_module(name)
    except ImportError as error:
        raise MissingExtra("k8s", missing=(error.name or name).partition(".")[0]) from error
    return module


def _unusable(reason: str) -> ResolveError:
    return ResolveError(reason, retryable=False)
