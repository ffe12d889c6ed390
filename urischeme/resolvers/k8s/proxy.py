"""Through which proxy a server is asked: HTTPS_PROXY, HTTP_PROXY and NO_PROXY, as Go reads them, and so kubectl."""

from __future__ import annotations

from contextlib import suppress
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final
from urllib.parse import urlsplit

from urischeme.display import shorten
from urischeme.routing.host_port import split_host_port

_SCHEMES: Final = {"http", "https"}
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}


def environment_proxy(server: str) -> str | None:
    """The proxy that the environment has for a server's URL, as it is written there, or None.

    NO_PROXY has names, which stand for what is below them, too (with a leading dot for that alone), addresses and
    networks, each with a port if need be, between commas. What is on this machine needs no proxy.
    """
    from urllib.request import getproxies

    url = urlsplit(server)
    host, port = url.hostname or "", url.port or _DEFAULT_PORTS[url.scheme]
    proxies = getproxies()
    if _is_local(host) or _is_excepted(host, port, proxies.get("no", "")):
        return None
    return proxies.get(url.scheme) or None


def checked_proxy(proxy: str) -> str:
    """The URL of a proxy, which may be written without `http://`. Raises ValueError for one that is of no use here.

    >>> checked_proxy("proxy.internal:3128")
    'http://proxy.internal:3128'
    """
    written = proxy if "://" in proxy else f"http://{proxy}"
    with suppress(ValueError):
        url = urlsplit(written)
        if url.scheme in _SCHEMES and url.hostname and url.port != 0:
            return written
    raise ValueError(f"the proxy {shorten(written)!r} is of no use; one is written as http://proxy:3128")


def _is_local(host: str) -> bool:
    ip = _ip(host)
    return host == "localhost" or (ip is not None and ip.is_loopback)


def _is_excepted(host: str, port: int, excepted: str) -> bool:
    for each in excepted.lower().split(","):
        # Like Go, and unlike a shell's tools, nobody is told of what is no pattern.
        with suppress(ValueError):
            if _is_match(each.strip(), host, port):
                return True
    return False


def _is_match(pattern: str, host: str, port: int) -> bool:
    """Raises ValueError for what is no pattern."""
    ip = _ip(host)
    if ip is not None and "/" in pattern:
        return ip in ip_network(pattern, strict=False)
    name, number = split_host_port(pattern)
    if number not in {None, str(port)}:
        return False
    if ip is not None:
        return name == "*" or _ip(name) == ip
    below = name.removeprefix("*")
    return name in {"*", host} or host.endswith(below if below.startswith(".") else f".{below}")


def _ip(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
