"""A whole Kubernetes control plane in a network of its own: etcd, API server, controllers, CoreDNS.

There is no kubelet: whoever creates a pod also says that it runs. Addresses and ports are those of a common cluster
(the API server is `10.96.0.1:443`, CoreDNS `10.96.0.10:53`): in a network of their own nobody else has them, and a
server that is started again finds its port free.
"""

from __future__ import annotations

import http.client
import itertools
import shutil
import ssl
import subprocess
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.cluster import kubeconfig
from tests.cluster.api import Api
from tests.cluster.certificates import Authority, TokenKey
from tests.cluster.network import SERVICES, Network
from tests.cluster.server import Server

DNS_SERVERS = ("10.96.0.10", "fd00:10:96::a")
ZONE = "cluster.local"

# The nodes, and their zones: for a pod to be in an EndpointSlice it has to be on a node.
NODES = {"node-a": "zone-a", "node-b": "zone-b"}

ADMIN_TOKEN = "the-token-of-admin"
READER = "reader"
READER_TOKEN = "the-token-of-reader"

_ISSUER = f"https://kubernetes.default.svc.{ZONE}"
_ETCD = "http://127.0.0.1:2379"
_API_SERVERS = [f"10.96.0.{number}" for number in range(1, 10)]
_CONTROLLERS = [
    "endpointslice-controller",
    "endpointslice-mirroring-controller",
    "statefulset-controller",
    "replicaset-controller",
    "deployment-controller",
    "namespace-controller",
    "serviceaccount-controller",
    "garbage-collector-controller",
]


@contextmanager
def running(binary: Path, network: Network, folder: Path, *, dns_ttl: int = 5) -> Iterator[ControlPlane]:
    """A control plane that is ready; `binary` is what `tests.cluster.build` made, `dns_ttl` is in seconds.

    What the servers write is in `folder`, in files `*.log`.

    Raises:
        ServerError
    """
    plane = ControlPlane(binary, network, folder, dns_ttl)
    try:
        plane.start()
        plane._create_nodes()
        yield plane
    finally:
        plane.kill()


class ApiServer(Server):
    """An API server, of which there may be several at the same etcd; `api` asks it as the administrator."""

    def __init__(self, network: Network, command: Sequence[str], output: Path, api: Api) -> None:
        super().__init__(network, command, output, api.ready)
        self.api = api

    @property
    def url(self) -> str:
        return f"https://{self.api.host}"


class ControlPlane:
    """The servers, each of which can be killed and started again by itself, and what a client needs to use them.

    Attributes:
        network: Only a thread that is in it can reach the servers.
        etcd, api_server, controllers, dns: The servers.
        contexts: Users good and bad, by name: `admin`, by a certificate; `token`, `token-file` and `exec`, the same
            by other means; `reader`, who may read nothing at first; `unknown-token` and `expired-token`, whom the API
            server refuses; `wrong-authority`, who refuses the API server.
        kubeconfig: A file with all these contexts. The current one is `admin`.
    """

    def __init__(self, binary: Path, network: Network, folder: Path, dns_ttl: int) -> None:
        self.network = network
        self.folder = folder
        self._binary = binary
        self._authority = Authority(folder / "pki")
        self._token_key = TokenKey(folder / "pki")
        self._serving = self._authority.server("serving", [*_API_SERVERS, "127.0.0.1", "kubernetes.default.svc"])
        (folder / "tokens.csv").write_text(f'{ADMIN_TOKEN},admin,1,"system:masters"\n{READER_TOKEN},{READER},2\n')
        self.etcd = self._etcd()
        self.api_server = self._api_server("kube-apiserver", _API_SERVERS[0])
        self._other_names = (f"kube-apiserver-{number}" for number in itertools.count(2))
        self._other_addresses = itertools.cycle(_API_SERVERS[1:])
        self.contexts = self._contexts()
        self.kubeconfig = kubeconfig.write(folder / "kubeconfig", self.contexts, current="admin")
        self.controllers = self._controllers()
        self.dns = self._dns(dns_ttl)

    @property
    def api(self) -> Api:
        """The API as the administrator uses it."""
        return self.api_server.api

    @property
    def authority(self) -> Path:
        """The certificate of the authority that signed the API servers' ones."""
        return self._authority.certificate

    def start(self) -> None:
        """Starts those servers that don't run; all are ready when this returns.

        Raises:
            ServerError
        """
        stopped = [server for server in self._servers() if not server.running]
        # One after the other, as each needs the one before it, but for the last two.
        for server in stopped:
            server.launch()
            if server in (self.etcd, self.api_server):
                server.wait_until_ready()
        for server in stopped:
            server.wait_until_ready()

    def lose_etcd(self) -> None:
        """All that was stored is gone, and the counting of versions begins anew."""
        self.kill()
        shutil.rmtree(self.folder / "etcd")
        self.start()
        self._create_nodes()

    def _create_nodes(self) -> None:
        with self.network.entered():
            for node, zone in NODES.items():
                metadata = {"name": node, "labels": {"topology.kubernetes.io/zone": zone}}
                self.api.create("/api/v1/nodes", {"metadata": metadata})

    def kill(self) -> None:
        for server in reversed(self._servers()):
            server.kill()

    def _servers(self) -> list[Server]:
        """In the order in which they need each other."""
        return [self.etcd, self.api_server, self.controllers, self.dns]

    @contextmanager
    def another_api_server(self, *flags: str) -> Iterator[ApiServer]:
        """One more API server, with flags of its own, at the same etcd: what one writes the other reads."""
        # The address of the Service `kubernetes` is the first one's business.
        server = self._api_server(
            next(self._other_names), next(self._other_addresses), "--endpoint-reconciler-type=none", *flags
        )
        try:
            server.start()
            yield server
        finally:
            server.kill()

    def compact(self) -> None:
        """Makes etcd forget its history up to now.

        An API server remembers for itself what it saw since it started: of older changes it cannot tell any more.
        """
        with self.network.entered():
            subprocess.run([self._binary, "compact", _ETCD], check=True, capture_output=True, timeout=30)

    def mount_service_account(self, folder: Path, namespace: str, name: str = "default") -> dict[str, str]:
        """What a pod of that service account has: the files `token`, `ca.crt` and `namespace`, and the environment.

        The account has no rights, until it is given some.
        """
        accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
        self.api.wait_for(accounts, lambda items: any(item["metadata"]["name"] == name for item in items))
        request = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}
        token = self.api.create(f"{accounts}/{name}/token", request)["status"]["token"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text(token)
        (folder / "ca.crt").write_bytes(self.authority.read_bytes())
        (folder / "namespace").write_text(namespace)
        return {"KUBERNETES_SERVICE_HOST": self.api.host, "KUBERNETES_SERVICE_PORT": "443"}

    def _contexts(self) -> dict[str, kubeconfig.Context]:
        users = self.folder / "users"
        users.mkdir()
        (users / "token").write_text(ADMIN_TOKEN)
        stranger = Authority(self.folder / "stranger")
        credentials = {
            "admin": kubeconfig.certificate(*self._authority.user("admin", ["system:masters"])),
            "token": kubeconfig.token(ADMIN_TOKEN),
            "token-file": kubeconfig.token_file(users / "token"),
            "exec": kubeconfig.exec_plugin(users / "exec", ADMIN_TOKEN),
            "reader": kubeconfig.token(READER_TOKEN),
            "unknown-token": kubeconfig.token("the-token-of-nobody"),
            "expired-token": kubeconfig.token(self._token_key.expired(_ISSUER)),
        }
        server = self.api_server.url
        contexts = {name: kubeconfig.Context(server, self.authority, user) for name, user in credentials.items()}
        wrong = kubeconfig.Context(server, stranger.certificate, credentials["token"])
        return contexts | {"wrong-authority": wrong}

    def _etcd(self) -> Server:
        peers = "http://127.0.0.1:2380"
        command = [
            "etcd",
            "--name=etcd",
            f"--data-dir={self.folder / 'etcd'}",
            f"--listen-client-urls={_ETCD}",
            f"--advertise-client-urls={_ETCD}",
            f"--listen-peer-urls={peers}",
            f"--initial-advertise-peer-urls={peers}",
            f"--initial-cluster=etcd={peers}",
            "--log-level=warn",
            # What is written outlives the process; only the machine's end is no concern here.
            "--unsafe-no-fsync",
        ]
        return self._server(command, f"{_ETCD}/readyz")

    def _api_server(self, name: str, address: str, *flags: str) -> ApiServer:
        certificate, key = self._serving
        command = [
            "kube-apiserver",
            f"--bind-address={address}",
            f"--advertise-address={address}",
            "--secure-port=443",
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            f"--etcd-servers={_ETCD}",
            # History goes when a test says so.
            "--etcd-compaction-interval=0",
            f"--client-ca-file={self.authority}",
            f"--token-auth-file={self.folder / 'tokens.csv'}",
            "--authorization-mode=RBAC",
            f"--service-account-issuer={_ISSUER}",
            f"--service-account-key-file={self._token_key.public}",
            f"--service-account-signing-key-file={self._token_key.private}",
            # Pods need no service account, and none is mounted.
            "--disable-admission-plugins=ServiceAccount",
            f"--service-cluster-ip-range={','.join(map(str, SERVICES))}",
            *flags,
        ]
        api = Api(address, self.authority, ADMIN_TOKEN)
        return ApiServer(self.network, [str(self._binary), *command], self.folder / f"{name}.log", api)

    def _controllers(self) -> Server:
        certificate, key = self._serving
        command = [
            "kube-controller-manager",
            f"--kubeconfig={self.kubeconfig}",
            f"--controllers={','.join(_CONTROLLERS)}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            "--secure-port=10257",
            f"--tls-cert-file={certificate}",
            f"--tls-private-key-file={key}",
            # They are not to be what a test waits for.
            "--kube-api-qps=1000",
            "--kube-api-burst=2000",
        ]
        return self._server(command, "https://127.0.0.1:10257/healthz")

    def _dns(self, ttl: int) -> Server:
        corefile = self.folder / "Corefile"
        corefile.write_text(
            f"""\
.:53 {{
    bind {" ".join(DNS_SERVERS)}
    ready 127.0.0.1:8181
    errors
    kubernetes {ZONE} in-addr.arpa ip6.arpa {{
        kubeconfig {self.kubeconfig}
        ttl {ttl}
    }}
}}
"""
        )
        return self._server(["coredns", "-conf", str(corefile)], "http://127.0.0.1:8181/ready")

    def _server(self, command: Sequence[str], ready: str) -> Server:
        output = self.folder / f"{command[0]}.log"
        return Server(self.network, [str(self._binary), *command], output, lambda: self._answers(ready))

    def _answers(self, url: str) -> bool:
        tls = ssl.create_default_context(cafile=self.authority)
        handlers = [urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=tls)]
        try:
            with urllib.request.build_opener(*handlers).open(url, timeout=10):
                return True
        except (OSError, http.client.HTTPException):
            return False
