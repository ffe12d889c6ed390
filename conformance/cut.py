"""Any text cut at RFC 3986's delimiters, whatever stands between them."""

from __future__ import annotations

import re

from conformance.case import Components

# RFC 3986 Appendix B, to the letter but for the groups.
_APPENDIX_B = re.compile(r"(?:([^:/?#]+):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_PORT = re.compile(r"(.*):([^:\]]*)", re.DOTALL)


def cut(text: str) -> Components:
    """The components of a text that need not be a reference.

    >>> cut("a b://u@h:x/|").port
    'x'
    """
    match = _APPENDIX_B.fullmatch(text)
    assert match is not None, "Appendix B takes any text"
    scheme, authority, path, query, fragment = match.groups()
    userinfo = host = port = None
    if authority is not None:
        userinfo, at, host = authority.rpartition("@")
        userinfo = userinfo if at else None
        with_port = _PORT.fullmatch(host)
        if with_port is not None:
            host, port = with_port.groups()
    return Components(scheme, userinfo, host, port, path, query, fragment)
