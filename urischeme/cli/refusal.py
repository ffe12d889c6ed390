"""What becomes of an input that is refused: an exit code, a message, a JSON object."""

from __future__ import annotations

from typing import Final, TypeVar

from urischeme import errors
from urischeme.display import escape
from urischeme.errors import BrokenPlugin, Error, MissingExtra, NotFound, ParseError, ResolveError

E = TypeVar("E", bound=Error)

REFUSED: Final = 1
NOT_FOUND: Final = 3
UNAVAILABLE: Final = 4


def exit_code(error: Error) -> int:
    """The exit code for one error; of several inputs the largest counts."""
    if isinstance(error, NotFound):
        return NOT_FOUND
    if isinstance(error, (ResolveError, BrokenPlugin, MissingExtra)):
        return UNAVAILABLE
    return REFUSED


def message(error: Error) -> str:
    """What to print; a ParseError draws its caret, and below a ResolveError stands what it advises."""
    if isinstance(error, ParseError):
        return str(error)
    if isinstance(error, ResolveError) and error.advice:
        said = str(error).removesuffix(f"\n{error.advice}")
        return "\n".join(map(escape, [said, *error.advice.rstrip().split("\n")]))
    return escape(str(error))


def record(error: Error) -> dict[str, object]:
    """The object under "error"."""
    if isinstance(error, ParseError):
        return {"position": error.position, "component": error.component, "reason": error.reason}
    return {
        "kind": _public(error).__name__,
        "reason": getattr(error, "reason", None) or str(error),
        "retryable": isinstance(error, ResolveError) and error.retryable,
    }


def _public(error: Error) -> type[Error]:
    """Its nearest class that a program can name."""
    return next(kind for kind in type(error).__mro__ if kind.__name__ in errors.__all__)


def explained(error: E) -> E | ParseError:
    r"""The same error; where it points at a byte that is no UTF-8, it says so.

    >>> bad = ParseError("http://h/\udcff", 9, "path", "half of a surrogate pair")
    >>> print(explained(bad))
    path, position 9: the byte 0xFF is not UTF-8 here; write %FF
        http://h/\xff
                 ^
    """
    if not isinstance(error, ParseError):
        return error
    byte = _escaped_byte(error.text[error.position : error.position + 1])
    if byte is None:
        return error
    # What stands before the place is ASCII, so the place is the same in the readable text.
    reason = f"the byte 0x{byte:02X} is not UTF-8 here; write %{byte:02X}"
    return ParseError(readable(error.text), error.position, error.component, reason)


def readable(text: str) -> str:
    r"""The text with `\xff` for each byte that is no UTF-8.

    >>> print(readable("a\udcff"))
    a\xff
    """
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _escaped_byte(char: str) -> int | None:
    """The byte for which a surrogate escape stands."""
    return ord(char) - 0xDC00 if "\udc80" <= char <= "\udcff" else None
