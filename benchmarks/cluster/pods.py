"""What runs in pods: `python -m benchmarks.cluster.pods tcp|grpc`.

Given an address it starts a server there, which says where it was called; given it again it stops that.
"""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from benchmarks.cluster.talk import lines, say

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Stop: TypeAlias = Callable[[], Awaitable[object]]

TCP_PORT: Final = 8080
GRPC_PORT: Final = 9090
AGED_GRPC_PORT: Final = 9091

AGE: Final = {"grpc.max_connection_age_ms": 5000, "grpc.max_connection_age_grace_ms": 1000}
"""What has a server of grpcio's end connections, so that who called has to look for servers again (gRFC A9)."""


async def main() -> None:
    serve = {"tcp": _serve_tcp, "grpc": _serve_grpc}[sys.argv[1]]
    running: dict[str, Stop] = {}
    say("ready")
    async for address in lines():
        if address in running:
            await running.pop(address)()
        else:
            running[address] = await serve(address)
        say(address)
    for stop in running.values():
        await stop()


async def _serve_tcp(address: str) -> Stop:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(address.encode())
        writer.close()

    server = await asyncio.start_server(answer, address, TCP_PORT)

    async def stop() -> None:
        server.close()

    return stop


async def _serve_grpc(address: str) -> Stop:
    import grpc

    async def answer(_request: bytes, _context: object) -> bytes:
        return address.encode()

    handler = grpc.method_handlers_generic_handler("Who", {"AreYou": grpc.unary_unary_rpc_method_handler(answer)})
    servers: list[Any] = []
    for port, options in {GRPC_PORT: {}, AGED_GRPC_PORT: AGE}.items():
        server = grpc.aio.server(handlers=[handler], options=[*options.items()])
        server.add_insecure_port(f"{address}:{port}")
        await server.start()
        servers.append(server)

    async def stop() -> None:
        for server in servers:
            await server.stop(None)

    return stop


if __name__ == "__main__":
    asyncio.run(main())
