"""Clients that balance over what a name leads to, and servers that they can call: each answers with its address."""

from __future__ import annotations

import json
import socketserver
import threading
from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import urischeme
from benchmarks.contenders import URISCHEME

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

# Gives who answered, or None where the call failed.
Call: TypeAlias = "Callable[[], str | None]"
# Breaks the connections too. To stop twice does no harm.
Stop: TypeAlias = "Callable[[], object]"

_TIMEOUT: Final = 1.0  # seconds that a call may take
_TRIES: Final = 5


class Caller(ABC):
    name: str
    version: str
    # How it balances, in Markdown.
    how: str

    @abstractmethod
    def dial(self, target: str) -> AbstractContextManager[Call]:
        """Be ready to call whoever the target leads to, in turn."""

    @abstractmethod
    def _serve(self, host: str, port: int) -> tuple[int, Stop]:
        """Start a server; gives its port. Raises OSError or RuntimeError where somebody else has the port."""

    @contextmanager
    def serving(self, hosts: Sequence[str]) -> Iterator[tuple[int, Mapping[str, Stop]]]:
        """A server at each of the hosts; gives the port of all, and what stops each."""
        for attempt in range(1, _TRIES + 1):
            with ExitStack() as stack:
                port, stops = 0, {}
                try:
                    for host in hosts:
                        port, stops[host] = self._serve(host, port)
                        stack.callback(stops[host])
                except (OSError, RuntimeError):
                    if attempt == _TRIES:
                        raise
                    continue
                yield port, stops
                return


class Ours(Caller):
    """A connection for each call."""

    name = "urischeme"
    version = URISCHEME.version
    how = '`urischeme.Balancer(target, policy="round_robin")`, and a connection for each call'

    @contextmanager
    def dial(self, target: str) -> Iterator[Call]:
        with urischeme.Balancer(target, policy="round_robin") as balancer:

            def call() -> str | None:
                try:
                    with balancer.connect(timeout=_TIMEOUT) as sock:
                        return sock.recv(64).decode() or None
                except (urischeme.ResolveError, OSError):
                    return None

            yield call

    def _serve(self, host: str, port: int) -> tuple[int, Stop]:
        server = _Server((host, port), _SayWhoIAm)
        thread = threading.Thread(target=server.serve_forever, args=(_POLL,))
        thread.start()

        def stop() -> None:
            server.shutdown()
            thread.join()
            server.server_close()

        return server.server_address[1], stop


_POLL: Final = 0.02  # seconds that a server takes to stop, at most


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


class _SayWhoIAm(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        self.request.sendall(self.request.getsockname()[0].encode())


class Grpc(Caller):
    """Unary calls of bytes over one channel. Raises ImportError without grpcio."""

    def __init__(self, name: str, options: Mapping[str, int]) -> None:
        import grpc

        self._grpc = grpc
        self._options = options
        self.name = name
        self.version = grpc.__version__
        settings = "".join(f", `{option}={value}`" for option, value in options.items())
        self.how = f"`grpc.insecure_channel(target)`, `round_robin` in its service config{settings}"

    @contextmanager
    def dial(self, target: str) -> Iterator[Call]:
        with self._grpc.insecure_channel(target, options=[*GRPC_OPTIONS.items(), *self._options.items()]) as channel:
            ask = channel.unary_unary("/Who/AreYou")

            def call() -> str | None:
                try:
                    return bytes(ask(b"", timeout=_TIMEOUT)).decode()
                except self._grpc.RpcError:
                    return None

            yield call

    def _serve(self, host: str, port: int) -> tuple[int, Stop]:
        grpc = self._grpc
        # Or else a port that somebody has would be shared with them.
        server = grpc.server(ThreadPoolExecutor(2), options=[("grpc.so_reuseport", 0)])
        answer = grpc.unary_unary_rpc_method_handler(lambda _request, _context: host.encode())
        server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("Who", {"AreYou": answer})])
        bound = server.add_insecure_port(f"{host}:{port}")
        server.start()
        return bound, lambda: server.stop(None).wait()


GRPC_OPTIONS: Final[Mapping[str, Any]] = {
    "grpc.service_config": json.dumps({"loadBalancingConfig": [{"round_robin": {}}]}),
    # What one channel has found out helps no other.
    "grpc.use_local_subchannel_pool": 1,
    # A machine may have a proxy that knows nothing of our loopback.
    "grpc.enable_http_proxy": 0,
}
