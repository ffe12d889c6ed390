"""Every exception of the package, one root, each carrying what a program needs to act on it.

Error (all of them)
 ├── ParseError         a text is not what RFC 3986 says              (a ValueError)
 ├── PortError          a port that no connection can have            (a ValueError)
 ├── TargetError        a URI, but no target of its scheme            (a ValueError)
 │    └── UnknownScheme      no resolver for the scheme
 │         └── BrokenPlugin       there is one, and it does not load
 ├── ResolveError       a good target that gave no answer this time
 │    └── NotFound           the answer is that nothing is there
 ├── RegistrationError  a resolver that cannot be registered so       (a ValueError)
 └── MissingExtra       an optional part that is not installed        (an ImportError)

No message shows a password (RFC 3986 section 7.5); `.text` alone is raw. All of them pickle and copy, so that a worker
process can send them home.
"""

from __future__ import annotations

from urischeme import display

TYPE_CHECKING = False  # `typing` is a fifth of the import
if TYPE_CHECKING:
    from typing import Any

__all__ = [
    "BrokenPlugin",
    "Error",
    "MissingExtra",
    "NotFound",
    "ParseError",
    "PortError",
    "RegistrationError",
    "ResolveError",
    "TargetError",
    "UnknownScheme",
]


class Error(Exception):
    """The root of every exception that this package raises on purpose."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Exception's own way calls the class with `args` alone, which loses keyword arguments.
        return _restore, (type(self), self.args, self.__dict__)


def _restore(cls: type[Error], args: tuple[object, ...], state: dict[str, object]) -> Error:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class ParseError(Error, ValueError):
    """A text that RFC 3986 refuses.

    >>> import urischeme
    >>> try:
    ...     urischeme.parse("http://h/a b")
    ... except urischeme.ParseError as error:
    ...     print(error.component, error.position)
    ...     print(error)
    path 10
    path, position 10: a space may not stand in a path; write %20
        http://h/a b
                  ^

    Attributes:
        text: the whole text that was refused, raw: it may hold a password.
        position: the index in `text` up to which it could still have become valid: the end of the longest prefix of
            the refused component that some valid value of it begins with.
        component: "scheme", "userinfo", "host", "port", "path", "query" or "fragment".
        reason: what is wrong there and, where the mistake is a known one, what to write instead.
        row: the row of the column that the text stands in, from 0; None where it stands in none.
    """

    text: str
    position: int
    component: str
    reason: str
    row: int | None = None

    def __init__(self, text: str, position: int, component: str, reason: str) -> None:
        # No args: they would show the raw text in a repr. The message is made when somebody reads it.
        super().__init__()
        self.text = text
        self.position = position
        self.component = component
        self.reason = reason

    def __str__(self) -> str:
        row = "" if self.row is None else f"row {self.row}: "
        place = f"{row}{self.component}, position {self.position}: {self.reason}"
        return f"{place}\n{display.excerpt(self.text, self.position)}"

    def __repr__(self) -> str:
        shown = display.shorten(self.text)
        return f"ParseError({shown!r}, {self.position}, {self.component!r}, {self.reason!r})"


class PortError(Error, ValueError):
    """A port above 65535: RFC 3986 allows any digits, TCP and UDP do not.

    Attributes:
        port_text: the digits as written.
    """

    port_text: str

    def __init__(self, port_text: str) -> None:
        self.port_text = port_text
        super().__init__(f"port {display.shorten(port_text, 20)} is above 65535")


class TargetError(Error, ValueError):
    """A text that is no target: its scheme's own rules refuse it, and no I/O was needed to tell.

    Attributes:
        text: the target, raw: it may hold a password.
        reason: what is wrong and what to write instead.
    """

    text: str
    reason: str

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        self.reason = reason
        super().__init__(f"{display.shorten(text) or 'the empty target'}: {reason}")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({display.shorten(self.text)!r}, {self.reason!r})"


class UnknownScheme(TargetError):
    """A target whose scheme has no resolver in the registry.

    Attributes:
        scheme: the scheme that was asked for, in lower case.
        suggestion: the nearest scheme that there is, or None.
    """

    scheme: str
    suggestion: str | None

    def __init__(self, text: str, reason: str, *, scheme: str, suggestion: str | None = None) -> None:
        super().__init__(text, reason)
        self.scheme = scheme
        self.suggestion = suggestion


class BrokenPlugin(UnknownScheme):
    """A scheme whose resolver does not load; the cause is kept as `__cause__`.

    Attributes:
        package: the distribution that brought it, or the text that names its resolver.
    """

    package: str

    def __init__(self, text: str, reason: str, *, scheme: str, package: str) -> None:
        super().__init__(text, reason, scheme=scheme)
        self.package = package


class ResolveError(Error):
    """A good target that gave no answer.

    Attributes:
        retryable: whether asking again can help (a time-out: yes; a port out of range: no).
        advice: lines that would mend it, to be copied as they are, which stand below the message: a manifest, say; or
            `""`.
    """

    retryable: bool
    advice: str

    def __init__(self, message: str, *, retryable: bool, advice: str = "") -> None:
        super().__init__(f"{message}\n{advice}" if advice else message)
        self.retryable = retryable
        self.advice = advice


class NotFound(ResolveError):
    """The answer is that nothing is there: no such name, no address of it, no such Service. Never retryable.

    Attributes:
        ttl: seconds for which that holds, or None where its source does not say.
    """

    ttl: float | None

    def __init__(self, message: str, *, ttl: float | None = None) -> None:
        super().__init__(message, retryable=False)
        self.ttl = ttl


class RegistrationError(Error, ValueError):
    """A resolver that cannot be registered so: no scheme by RFC 3986, a scheme that is taken, or no resolver."""


class MissingExtra(Error, ImportError):
    """An optional part of this package whose libraries are not installed.

    Attributes:
        extra: the extra to install, as in `pip install 'urischeme[cli]'`.
    """

    extra: str

    def __init__(self, extra: str, *, missing: str) -> None:
        self.extra = extra
        super().__init__(f"{missing} is not installed; run: pip install 'urischeme[{extra}]'")
