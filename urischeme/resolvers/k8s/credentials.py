"""What requests to an API server are made with, as kubernetes_asyncio has read it."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kubernetes_asyncio.client import Configuration


class Credentials:
    """A server, who asks it, and by what kind of connection.

    Args:
        configuration: of kubernetes_asyncio.
        before: those in whose place these are: where the connections would be no others, they are shared.

    Attributes:
        server: its URL.
        server_name: in its certificate, or None where that is the host.
        tls: by which connections are made; connections are shared by those who have the same object.
        proxy: through which they go, or None.

    Raises OSError for certificates that cannot be read.
    """

    def __init__(self, configuration: Configuration, before: Credentials | None = None) -> None:
        self._configuration = configuration
        self._certificates = _certificates(configuration)
        self.server = configuration.host or ""
        self.server_name: str | None = configuration.tls_server_name
        is_as_before = before is not None and before._certificates == self._certificates
        self.tls: ssl.SSLContext = before.tls if before is not None and is_as_before else _tls(configuration)
        self.proxy: str | None = configuration.proxy

    async def headers(self) -> dict[str, str]:
        """By which a request says who asks; a token that is known to run out is read anew."""
        token = await self._configuration.get_api_key_with_prefix("BearerToken")
        # A token's file may end with a line break, which no header may have in it.
        return {"Authorization": token.strip()} if token else {}


def _tls(configuration: Configuration) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
    # As Go does it, and so kubectl: many clusters' CAs lack an extension that Python asks for from 3.13 on.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    if not configuration.verify_ssl:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if configuration.cert_file:
        context.load_cert_chain(configuration.cert_file, configuration.key_file, _no_password)
    return context


def _no_password() -> str:
    # OpenSSL would ask at the terminal, and the loop would stand still meanwhile.
    raise OSError("the client's key wants a password, and nobody is there to be asked")


def _certificates(configuration: Configuration) -> tuple[object, ...]:
    """All that TLS is made of. Files may have been replaced: what is in them."""
    files = configuration.ssl_ca_cert, configuration.cert_file, configuration.key_file
    return *map(_content, files), configuration.verify_ssl


def _content(path: str | None) -> bytes | None:
    return None if path is None else Path(path).read_bytes()
