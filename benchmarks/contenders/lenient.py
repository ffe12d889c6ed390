"""Parsers of no one standard, made to take what the web sends."""

from __future__ import annotations

from typing import Any

from benchmarks.contender import Components, Contender, bracketed, unless_default, userinfo


def _components(read: tuple[Any, ...]) -> Components:
    scheme, username, password, host, port, path, query, fragment = read
    return Components(
        scheme, userinfo(username, password), bracketed(host), port, path, query or None, fragment or None
    )


def _hyperlink_components(read: tuple[Any, ...]) -> Components:
    scheme, userinfo, host, port, uses_netloc, rooted, segments, params, fragment = read
    query = "&".join(key if value is None else f"{key}={value}" for key, value in params)
    return Components(
        scheme,
        userinfo or None,
        bracketed(host) if host or uses_netloc else None,
        unless_default(scheme, port),
        ("/" if rooted and segments else "") + "/".join(segments),
        query or None,
        fragment or None,
    )


def _httpx_components(read: tuple[Any, ...]) -> Components:
    scheme, userinfo, host, port, raw_path, fragment = read
    path, mark, query = raw_path.decode("ascii").partition("?")
    return Components(
        scheme,
        userinfo.decode("ascii") or None,
        bracketed(host.decode("ascii")) or None,
        port,
        path,
        query if mark else None,
        fragment or None,
    )


def _urllib3_components(read: tuple[Any, ...]) -> Components:
    scheme, auth, host, port, path, query, fragment = read
    return Components(scheme or "", auth, host, port, path or "", query, fragment)


def _furl_components(read: tuple[Any, ...]) -> Components:
    scheme, *others, port, path, query, fragment = read
    return _components((scheme, *others, unless_default(scheme, port), path, query, fragment))


URLLIB_PARSE = Contender(
    name="urllib.parse",
    distribution=None,
    module="urllib.parse",
    setup="from urllib.parse import clear_cache, urljoin, urlsplit",
    parse="urlsplit(text)",
    read="u = urlsplit(text); u.scheme, u.username, u.password, u.hostname, u.port, u.path, u.query, u.fragment",
    join="urljoin(base, text)",
    resolve='[(host, int(port)) for host, _, port in (a.rpartition(":") for a in urlsplit(text).path.split(","))]',
    forget="clear_cache()",
    components=_components,
    note="It has a cache of 128 URLs.",
)

YARL = Contender(
    name="yarl",
    distribution="yarl",
    module="yarl",
    setup="from yarl import URL, cache_clear",
    parse="URL(text)",
    read=(
        "u = URL(text); u.scheme, u.raw_user, u.raw_password, u.raw_host, u.explicit_port, u.raw_path, "
        "u.raw_query_string, u.raw_fragment"
    ),
    normalize="str(URL(text))",
    join="str(URL(base).join(URL(text)))",
    resolve='[(host, int(port)) for host, _, port in (a.rpartition(":") for a in URL(text).path.split(","))]',
    forget="cache_clear()",
    components=_components,
    note="It normalises as it parses. It has caches of 128 URLs and of hosts; those of hosts are cleared every round.",
)

HYPERLINK = Contender(
    name="hyperlink",
    distribution="hyperlink",
    module="hyperlink",
    setup="from hyperlink import URL",
    parse="URL.from_text(text)",
    read=(
        "u = URL.from_text(text); u.scheme, u.userinfo, u.host, u.port, u.uses_netloc, u.rooted, u.path, u.query, "
        "u.fragment"
    ),
    normalize="URL.from_text(text).normalize().to_text()",
    join="URL.from_text(base).click(text).to_text()",
    components=_hyperlink_components,
    note="A port it gives that is the scheme's default is taken to be absent.",
)

HTTPX = Contender(
    name="httpx",
    distribution="httpx",
    module="httpx",
    setup="from httpx import URL",
    parse="URL(text)",
    # The raw path has the query with it.
    read="u = URL(text); u.scheme, u.userinfo, u.raw_host, u.port, u.raw_path, u.fragment",
    normalize="str(URL(text))",
    join="str(URL(base).join(text))",
    components=_httpx_components,
    note="It normalises as it parses; a fragment it gives decoded.",
)

URLLIB3 = Contender(
    name="urllib3",
    distribution="urllib3",
    module="urllib3.util",
    setup="from urllib3.util import parse_url",
    parse="parse_url(text)",
    read="u = parse_url(text); u.scheme, u.auth, u.host, u.port, u.path, u.query, u.fragment",
    normalize="parse_url(text).url",
    components=_urllib3_components,
    note="It normalises `http` and `https` as it parses.",
)

FURL = Contender(
    name="furl",
    distribution="furl",
    module="furl",
    setup="from furl import furl",
    parse="furl(text)",
    read=(
        "u = furl(text); u.scheme, u.username, u.password, u.host, u.port, str(u.path), str(u.query), str(u.fragment)"
    ),
    normalize="u = furl(text); u.path.normalize(); u.url",
    join="furl(base).join(text).url",
    components=_furl_components,
    note="A port it gives that is the scheme's default is taken to be absent.",
)

W3LIB = Contender(
    name="w3lib",
    distribution="w3lib",
    module="w3lib.url",
    setup="from w3lib.url import canonicalize_url",
    normalize="canonicalize_url(text, keep_fragments=True)",
    note="It has no parser. To find duplicates it sorts the query too.",
)

URL_NORMALIZE = Contender(
    name="url-normalize",
    distribution="url-normalize",
    module="url_normalize",
    setup="from url_normalize import url_normalize",
    normalize="url_normalize(text)",
    note="It has no parser.",
)
