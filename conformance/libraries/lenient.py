"""Libraries of no one standard, made to take what the web sends."""

from __future__ import annotations

from typing import ClassVar

from conformance.case import Components
from conformance.library import Library, bracketed, userinfo


class Hyperlink(Library):
    name = "hyperlink"
    distribution = "hyperlink"
    how = (
        "`URL.from_text`, `click`, `normalize`. It gives a scheme's default port where there is none: that port is "
        "taken to be absent. An empty query or fragment it does not tell from an absent one."
    )

    _default_ports: ClassVar = {"ftp": 21, "http": 80, "https": 443, "ws": 80, "wss": 443}

    def __init__(self) -> None:
        import hyperlink

        self._parse = hyperlink.URL.from_text

    def components(self, text: str) -> Components:
        url = self._parse(text)
        has_authority = bool(url.host) or url.uses_netloc
        port = None if url.port is None or url.port == self._default_ports.get(url.scheme) else str(url.port)
        query = "&".join(key if value is None else f"{key}={value}" for key, value in url.query)
        return Components(
            url.scheme or None,
            url.userinfo or None,
            bracketed(url.host) if has_authority else None,
            port,
            ("/" if url.rooted and url.path else "") + "/".join(url.path),
            query or None,
            url.fragment or None,
        )

    def join(self, base: str, reference: str) -> str:
        return self._parse(base).click(reference).to_text()

    def normalize(self, text: str) -> str:
        return self._parse(text).normalize().to_text()


class Httpx(Library):
    name = "httpx"
    distribution = "httpx"
    how = (
        "`URL(text)` and its raw bytes where it has them, `join`, and `str` for the normal form. An empty userinfo or "
        "fragment it does not tell from an absent one."
    )

    def __init__(self) -> None:
        import httpx

        self._parse = httpx.URL

    def components(self, text: str) -> Components:
        url = self._parse(text)
        path, query_mark, query = url.raw_path.decode("ascii").partition("?")
        host = bracketed(url.raw_host.decode("ascii"))
        return Components(
            url.scheme or None,
            url.userinfo.decode("ascii") or None,
            host if host or url.netloc else None,
            None if url.port is None else str(url.port),
            path,
            query if query_mark else None,
            # `fragment` is decoded.
            str(url).partition("#")[2] or None,
        )

    def join(self, base: str, reference: str) -> str:
        return str(self._parse(base).join(reference))

    def normalize(self, text: str) -> str:
        return str(self._parse(text))


class UrllibParse(Library):
    name = "urllib.parse"
    distribution = None
    how = (
        "`urlsplit`, with every attribute read, and `urljoin`. An empty component it does not tell from an absent one."
    )
    normalizes = False

    def __init__(self) -> None:
        import urllib.parse

        self._parse = urllib.parse.urlsplit
        self._join = urllib.parse.urljoin

    def components(self, text: str) -> Components:
        url = self._parse(text)
        return Components(
            url.scheme or None,
            userinfo(url.username, url.password),
            bracketed(url.hostname),
            None if url.port is None else str(url.port),
            url.path,
            url.query or None,
            url.fragment or None,
        )

    def join(self, base: str, reference: str) -> str:
        return self._join(base, reference)


class Urllib3(Library):
    name = "urllib3"
    distribution = "urllib3"
    how = "`util.parse_url`, whose `url` is the normal form."
    joins = False

    def __init__(self) -> None:
        from urllib3.util import parse_url

        self._parse = parse_url

    def components(self, text: str) -> Components:
        url = self._parse(text)
        port = None if url.port is None else str(url.port)
        return Components(url.scheme, url.auth, url.host, port, url.path or "", url.query, url.fragment)

    def normalize(self, text: str) -> str:
        return self._parse(text).url


class Yarl(Library):
    name = "yarl"
    distribution = "yarl"
    how = (
        "`URL(text)` and its `raw_` properties, `join`, and `str` for the normal form. An empty query or fragment it "
        "does not tell from an absent one."
    )

    def __init__(self) -> None:
        import yarl

        self._parse = yarl.URL

    def components(self, text: str) -> Components:
        url = self._parse(text)
        return Components(
            url.scheme or None,
            userinfo(url.raw_user, url.raw_password),
            bracketed(url.raw_host),
            None if url.explicit_port is None else str(url.explicit_port),
            url.raw_path,
            url.raw_query_string or None,
            url.raw_fragment or None,
        )

    def join(self, base: str, reference: str) -> str:
        return str(self._parse(base).join(self._parse(reference)))

    def normalize(self, text: str) -> str:
        return str(self._parse(text))
