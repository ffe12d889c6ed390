"""RFC 3986 sections 5.2 and 5.3, and 6.2.2 on top of them, as the RFC has them: an oracle, slow and plain.

The pseudo-code is copied line by line, names and all; the one addition is the guard of section 3.3.
"""

from __future__ import annotations

import re
from typing import NamedTuple


class R(NamedTuple):
    """A reference as Appendix B takes it apart; undefined is None."""

    scheme: str | None
    authority: str | None
    path: str
    query: str | None
    fragment: str | None


def parse(text: str) -> R:
    # Appendix B: "the well-known 'break-down' expression"; its groups 2, 4, 5, 7 and 9.
    match = re.fullmatch(r"(([^:/?#]+):)?(//([^/?#]*))?([^?#]*)(\?([^#]*))?(#(.*))?", text, re.DOTALL)
    assert match is not None
    return R(match[2], match[4], match[5], match[7], match[9])


def resolve(base: str, reference: str) -> str:
    """Section 5.2.2, strict: "a strict parser may not ignore a scheme in the reference"."""
    Base, Ref = parse(base), parse(reference)  # noqa: N806 # the RFC's own names
    if Ref.scheme is not None:
        scheme = Ref.scheme
        authority = Ref.authority
        path = remove_dot_segments(Ref.path)
        query = Ref.query
    else:
        if Ref.authority is not None:
            authority = Ref.authority
            path = remove_dot_segments(Ref.path)
            query = Ref.query
        else:
            if Ref.path == "":
                path = Base.path
                if Ref.query is not None:  # noqa: SIM108 # line by line
                    query = Ref.query
                else:
                    query = Base.query
            else:
                if Ref.path.startswith("/"):
                    path = remove_dot_segments(Ref.path)
                else:
                    path = merge(Base, Ref.path)
                    path = remove_dot_segments(path)
                query = Ref.query
            authority = Base.authority
        assert Base.scheme is not None
        scheme = Base.scheme
    return recompose(R(scheme, authority, path, query, Ref.fragment))


def merge(base: R, path: str) -> str:
    """Section 5.2.3."""
    if base.authority is not None and base.path == "":
        return "/" + path
    if "/" not in base.path:
        return path
    return base.path[: base.path.rindex("/") + 1] + path


def remove_dot_segments(path: str) -> str:
    """Section 5.2.4, steps 1 to 3; in step 2 the rules A to E, the first that fits."""
    input_buffer, output_buffer = path, ""
    while input_buffer:
        if input_buffer.startswith("../"):  # A
            input_buffer = input_buffer[3:]
        elif input_buffer.startswith("./"):  # A
            input_buffer = input_buffer[2:]
        elif input_buffer.startswith("/./"):  # B
            input_buffer = "/" + input_buffer[3:]
        elif input_buffer == "/.":  # B
            input_buffer = "/"
        elif input_buffer.startswith("/../"):  # C
            input_buffer = "/" + input_buffer[4:]
            output_buffer = without_last_segment(output_buffer)
        elif input_buffer == "/..":  # C
            input_buffer = "/"
            output_buffer = without_last_segment(output_buffer)
        elif input_buffer in {".", ".."}:  # D
            input_buffer = ""
        else:  # E
            end = input_buffer.find("/", 1)
            end = len(input_buffer) if end < 0 else end
            output_buffer += input_buffer[:end]
            input_buffer = input_buffer[end:]
    return output_buffer


def without_last_segment(buffer: str) -> str:
    """The "last segment and its preceding '/' (if any)" removed."""
    return buffer[: buffer.rindex("/")] if "/" in buffer else ""


def recompose(r: R) -> str:
    """Section 5.3, with the guard: section 3.3 allows no path that begins with // where there is no authority."""
    result = ""
    if r.scheme is not None:
        result += r.scheme + ":"
    if r.authority is not None:
        result += "//" + r.authority
    elif r.path.startswith("//"):
        result += "/."
    result += r.path
    if r.query is not None:
        result += "?" + r.query
    if r.fragment is not None:
        result += "#" + r.fragment
    return result


def normalize(uri: str) -> str:
    """Section 6.2.2 of a text that has a scheme, or an authority, or a path from the root."""
    r = parse(uri)
    return recompose(
        R(
            None if r.scheme is None else r.scheme.lower(),
            None if r.authority is None else _normal_authority(r.authority),
            remove_dot_segments(_normal_escapes(r.path)),
            None if r.query is None else _normal_escapes(r.query),
            None if r.fragment is None else _normal_escapes(r.fragment),
        )
    )


def _normal_authority(authority: str) -> str:
    userinfo, at, rest = authority.rpartition("@")
    # 6.2.2.1: the host is of no case, and the digits of an escape are upper case.
    host = re.sub("%..", lambda escape: escape[0].upper(), _normal_escapes(rest).lower())
    return _normal_escapes(userinfo) + at + host


def _normal_escapes(text: str) -> str:
    """6.2.2.1 and 6.2.2.2."""

    def normal(escape: re.Match[str]) -> str:
        char = chr(int(escape[0][1:], 16))
        return char if re.fullmatch("[A-Za-z0-9._~-]", char) else escape[0].upper()

    return re.sub("%..", normal, text)
