"""Libraries that mean to follow RFC 3986."""

from __future__ import annotations

from conformance.case import Components
from conformance.library import Library


class Urischeme(Library):
    name = "urischeme"
    distribution = "urischeme"
    how = "`parse_reference`, `join`, `normalize`."

    def __init__(self) -> None:
        import urischeme

        self._urischeme = urischeme

    def components(self, text: str) -> Components:
        ref = self._urischeme.parse_reference(text)
        return Components(ref.scheme, ref.userinfo, ref.host, ref.port_text, ref.path, ref.query, ref.fragment)

    def join(self, base: str, reference: str) -> str:
        return self._urischeme.join(base, reference)

    def normalize(self, text: str) -> str:
        return self._urischeme.normalize(text)


class Rfc3986(Library):
    name = "rfc3986"
    distribution = "rfc3986"
    how = (
        "`uri_reference`, then its `Validator` asked for every component. What may not stand in a path, query or "
        "fragment it percent-encodes before it looks; where it had to, it counts as having refused. Then "
        "`resolve_with` with `strict=True`, and `normalize`."
    )

    def __init__(self) -> None:
        from rfc3986 import uri_reference
        from rfc3986.validators import Validator

        names = "scheme", "userinfo", "host", "port", "path", "query", "fragment"
        self._parse = uri_reference
        self._validate = Validator().check_validity_of(*names).validate

    def components(self, text: str) -> Components:
        ref = self._parse(text)
        self._validate(ref)
        if not text.endswith(ref.copy_with(scheme=None, authority=None).unsplit()):
            raise ValueError("a character had to be percent-encoded")
        return Components(ref.scheme, ref.userinfo, ref.host, ref.port, ref.path or "", ref.query, ref.fragment)

    def join(self, base: str, reference: str) -> str:
        joined: str = self._parse(reference).resolve_with(self._parse(base), strict=True).unsplit()
        return joined

    def normalize(self, text: str) -> str:
        normal: str = self._parse(text).normalize().unsplit()
        return normal


class Uritools(Library):
    name = "uritools"
    distribution = "uritools"
    how = "`urisplit`, `gethost` and `getport`, which raise for a bad one; `urijoin` with `strict=True`."
    normalizes = False

    def __init__(self) -> None:
        import uritools

        self._uritools = uritools

    def components(self, text: str) -> Components:
        split = self._uritools.urisplit(text)
        split.gethost()
        split.getport()
        return Components(
            split.scheme, split.userinfo, split.host, split.port, split.path or "", split.query, split.fragment
        )

    def join(self, base: str, reference: str) -> str:
        return self._uritools.urijoin(base, reference, strict=True)
