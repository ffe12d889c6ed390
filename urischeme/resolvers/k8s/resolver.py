"""The resolver for `k8s` and `kubernetes`: who is asked for what, and the Resolution that is made of the answers."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Final, cast

import attrs

from urischeme.errors import NotFound, ResolveError
from urischeme.resolvers.dns import Dns
from urischeme.resolvers.dns.host_name import family_of
from urischeme.resolvers.k8s.access import SERVICE_ACCOUNT, Access, read_access
from urischeme.resolvers.k8s.client import ApiError, Client
from urischeme.resolvers.k8s.objects import ServiceObject
from urischeme.resolvers.k8s.question import OPTIONS, Question, Via
from urischeme.resolvers.k8s.service import Service
from urischeme.resolvers.k8s.service_watch import WATCHES, View, endpoint_slices, services, slices_of
from urischeme.resolvers.k8s.slices import Endpoints, Slice
from urischeme.routing.deadline import seconds_left
from urischeme.routing.endpoint import Endpoint, Resolution, TCPAddress
from urischeme.routing.target import Target

_ZONE: Final = "cluster.local"
"""The domain of a cluster whose administrator chose no other."""

# Seconds after which the DNS name of an ExternalName is asked for again: by its TTL, within these bounds.
_MIN_PAUSE: Final = 1.0
_MAX_PAUSE: Final = 30.0
_RETRY_PAUSE: Final = 5.0


class K8s:
    """The resolver for `k8s:[//context/]service[.namespace[.svc[.zone]]][:port]`, and `kubernetes:` alike.

    The ready endpoints behind a Service, each pod one endpoint with all its addresses, from the EndpointSlices of
    Kubernetes' API (discovery.k8s.io/v1); a watch hears of every change as it happens. The authority is a context of
    the kubeconfig or `in-cluster`; without one the kubeconfig's current context counts and, without a kubeconfig, the
    cluster of the pod that asks. `hostname.service.namespace` is one pod. The port is a number or a name of the
    *Service*; each endpoint comes with its own.

    Options in a target: `family` (`ipv4`, `ipv6`, `dual`), `ready` (`any`: those that are not ready too), `terminating`
    (`fallback`: those that terminate and still serve, where no other is left), `via` (`cluster-ip`: the virtual IP;
    `dns`: as the cluster's DNS has it). docs/kubernetes.md has them all.

    Args:
        kubeconfig: paths of kubeconfig files, as in KUBECONFIG; None for that variable or `~/.kube/config`.
        service_account: the folder of a pod's token, CA and namespace.
        dns: asked for the names of Services of type ExternalName, and with `via=dns`.

    >>> import urischeme
    >>> urischeme.check("k8s:///orders.prod:grpc?family=ipv4")
    >>> urischeme.check("k8s:///Orders")
    Traceback (most recent call last):
    urischeme.errors.TargetError: k8s:///Orders: 'Orders' is no name in Kubernetes: ...
    """

    options = OPTIONS

    def __init__(
        self, *, kubeconfig: str | None = None, service_account: str = SERVICE_ACCOUNT, dns: Dns | None = None
    ) -> None:
        self._kubeconfig = kubeconfig
        self._service_account = service_account
        self._dns = Dns() if dns is None else dns

    def check(self, target: Target) -> None:
        """Refuse a target whose names, port or options make no sense; nobody is asked, and no kubeconfig is read.

        Raises TargetError.
        """
        Question.of(target)

    async def resolve(self, target: Target) -> Resolution:
        """What is behind the Service now.

        Returns:
            Each endpoint has, as far as the API knows them, the attributes `pod`, `node`, `zone`, `zone_hints`,
            `hostname`, `ready`, `serving` and `terminating`. No TTL: the API says nothing of how long it holds.

        Raises:
            NotFound: where there is no such Service or pod, and where no endpoint of it is ready.
            ResolveError: retryable, where the API server cannot be reached or has trouble; not retryable, where there
                is no kubeconfig or no such context, where credentials or the certificate are refused, a permission is
                missing (the error holds the Role to apply), and where the Service has no such port.
            MissingExtra: where kubernetes_asyncio is not installed.
            TargetError: as `check` does.
        """
        question = Question.of(target)
        if question.via is Via.DNS:
            # Where the namespace is written, nobody needs to know of an API server.
            return await self._by_dns(question, question.namespace or self._access(question).namespace)
        access = self._access(question)
        namespace = question.namespace or access.namespace
        client = Client(access)
        try:
            view = await _patiently(lambda: _view(client, namespace, question.service))
        finally:
            await client.aclose()
        return await self._resolution(_Reader(question, namespace), view)

    def watch(self, target: Target) -> AsyncIterator[Resolution | ResolveError] | None:
        """What is behind the Service, now and whenever it changes; None with `via=dns`, which has to be asked for.

        It goes on through whatever happens to the API server, and never gives what is older than what it gave before.
        """
        question = Question.of(target)
        return None if question.via is Via.DNS else self._follow(question)

    async def _follow(self, question: Question) -> AsyncGenerator[Resolution | ResolveError, None]:
        access = self._access(question)
        namespace = question.namespace or access.namespace
        reader = _Reader(question, namespace)
        view: View | None = None
        answer: Resolution | ResolveError | None = None
        said: Resolution | ResolveError | None = None
        async with WATCHES.subscribed(access, namespace, question.service) as subscription:
            while True:
                try:
                    async with asyncio.timeout(_pause(view, answer)):
                        news = await subscription.next()
                    before = said
                except TimeoutError:
                    # Time to ask DNS again, which tells nothing of the API server, whatever went wrong there.
                    assert view is not None, "there is a pause only for what was seen"
                    news, before = view, answer
                if isinstance(news, ResolveError):
                    said = news
                    yield said
                    continue
                view = news
                answer = await self._answer(reader, view)
                if not _is_same(answer, before):
                    said = answer
                    yield said

    async def _answer(self, reader: _Reader, view: View) -> Resolution | ResolveError:
        try:
            return await self._resolution(reader, view)
        except ResolveError as error:
            return error

    async def _resolution(self, reader: _Reader, view: View) -> Resolution:
        question, service = reader.question, view.service
        is_whole = question.hostname is None and question.via is Via.ENDPOINTS
        if is_whole and service is not None and service.external_name is not None:
            return await self._external(reader, service, service.external_name)
        return reader.read(view)

    async def _external(self, reader: _Reader, service: Service, name: str) -> Resolution:
        question = reader.question
        wanted = question.port
        # Ports of an ExternalName mean nothing to the cluster, and most have none.
        number = wanted if isinstance(wanted, int) else service.port(wanted).number
        # Of a whole name: it is what an alias leads to, and no search list applies.
        return await self._named(question, f"{name}.", {}, number, reader.authority)

    async def _by_dns(self, question: Question, namespace: str) -> Resolution:
        """As CoreDNS has it: the specification of DNS-based service discovery in Kubernetes."""
        authority = question.authority(namespace)
        name = authority if question.zone else f"{authority}.{_ZONE}"
        if isinstance(question.port, int):
            return await self._named(question, f"{name}.", {}, question.port, authority)
        return await self._named(question, f"{name}.", {"srv": f"_{question.port}._tcp"}, None, authority)

    async def _named(
        self, question: Question, name: str, options: dict[str, str], port: int | None, authority: str
    ) -> Resolution:
        if len(question.families) == 1:
            options = {**options, "family": question.families[0]}
        found = await self._dns.resolve(Target("dns", "", name if port is None else f"{name}:{port}", options))
        return Resolution(found.endpoints, ttl=found.ttl, authority=authority, attributes=found.attributes)

    def _access(self, question: Question) -> Access:
        return read_access(question.context, self._kubeconfig, self._service_account)


class _Reader:
    """Reads one question's answer out of what is known of a Service, again and again."""

    def __init__(self, question: Question, namespace: str) -> None:
        self.question = question
        self.authority = question.authority(namespace)
        self._namespace = namespace
        self._endpoints = Endpoints(question)

    def read(self, view: View) -> Resolution:
        """The answer. Raises NotFound, and ResolveError where the Service has no such port."""
        service = view.service
        if service is None:
            raise NotFound(f"there is no Service {self.question.service} in the namespace {self._namespace}")
        if self.question.via is Via.CLUSTER_IP:
            return Resolution(self._cluster_ip(service), authority=self.authority)
        endpoints = self._endpoints.of(service, view.slices)
        if not endpoints:
            raise NotFound(self._nobody(service, view.slices))
        return Resolution(endpoints, authority=self.authority)

    def _cluster_ip(self, service: Service) -> Sequence[Endpoint]:
        if not service.cluster_ips:
            kind = "headless" if service.external_name is None else "an ExternalName"
            raise ResolveError(
                f"the Service {service.name} is {kind}: it has no cluster IP; leave via=cluster-ip out",
                retryable=False,
            )
        port = service.port(self.question.port).number
        found = [TCPAddress(ip, port) for ip in service.cluster_ips]
        wanted = [ip for ip in found if family_of(ip.host) in self.question.families]
        if not wanted:
            raise NotFound(f"the Service {service.name} has no cluster IP of the family {self.question.families[0]}")
        return [Endpoint(wanted)]

    def _nobody(self, service: Service, slices: Sequence[Slice]) -> str:
        question = self.question
        who = f"pod {question.hostname}" if question.hostname else "endpoint"
        where = f"behind the Service {question.service} in the namespace {self._namespace}"
        others = len(Endpoints(attrs.evolve(question, any_ready=True)).of(service, slices))
        return f"there is no ready {who} {where}; ready=any gives {others}" if others else f"there is no {who} {where}"


async def _view(client: Client, namespace: str, name: str) -> View:
    try:
        async with asyncio.TaskGroup() as both:
            service = both.create_task(_service(client, namespace, name))
            found = both.create_task(client.list(endpoint_slices(namespace), slices_of(name)))
    except ExceptionGroup as group:
        error = group.exceptions[0]
        raise error from error.__cause__
    return View(service.result(), [Slice.of(each) for each in found.result().get("items") or ()])


async def _service(client: Client, namespace: str, name: str) -> Service | None:
    try:
        return Service.of(cast("ServiceObject", await client.get(services(namespace), name)))
    except ApiError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            return None
        raise


async def _patiently(ask: Callable[[], Awaitable[View]]) -> View:
    """What `ask` gives, asked again for as long as the API server says when and whoever waits still waits then."""
    while True:
        try:
            return await ask()
        except ApiError as error:
            left = seconds_left()
            if error.retry_after is None or left is None or error.retry_after >= left:
                raise
            await asyncio.sleep(error.retry_after)


def _is_same(latest: Resolution | ResolveError, before: Resolution | ResolveError | None) -> bool:
    """Whether it tells nothing new. What goes wrong is told each time."""
    if isinstance(latest, NotFound):
        return isinstance(before, NotFound) and str(latest) == str(before)
    return isinstance(latest, Resolution) and latest == before


def _pause(view: View | None, answer: Resolution | ResolveError | None) -> float | None:
    """Seconds until DNS is to be asked again, or None where it is not asked."""
    if view is None or view.service is None or view.service.external_name is None:
        return None
    ttl = answer.ttl if isinstance(answer, Resolution | NotFound) else _RETRY_PAUSE
    return _MAX_PAUSE if ttl is None else min(_MAX_PAUSE, max(_MIN_PAUSE, ttl))
