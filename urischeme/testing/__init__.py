"""For other people's test suites too (extra: `testing`).

`urischeme.testing.strategies` has Hypothesis strategies for what the grammar allows; `ResolverContract`, loaded when it
is first asked for, is what every resolver has to keep to.
"""

from __future__ import annotations

TYPE_CHECKING = False  # Hypothesis imports this whenever it is there, for the types that it is told of
if TYPE_CHECKING:
    from urischeme.testing.contract.contract import ResolverContract

__all__ = ["ResolverContract"]


def __getattr__(name: str) -> object:
    if name != "ResolverContract":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from urischeme.errors import MissingExtra

    try:
        from urischeme.testing.contract.contract import ResolverContract
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        raise MissingExtra("testing", missing="hypothesis") from error
    globals()[name] = ResolverContract
    return ResolverContract
