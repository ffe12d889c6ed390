"""What Hypothesis calls when it is imported: `st.from_type` learns of `URI`, `Reference` and `Target`.

A strategy is made when a type is first asked for, so that this costs little in programs that never do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from urischeme import URI, Reference, Target


def register_types() -> None:
    """Register a strategy for each."""
    from hypothesis import strategies as st

    import urischeme

    st.register_type_strategy(urischeme.URI, _uris)
    st.register_type_strategy(urischeme.Reference, _references)
    st.register_type_strategy(urischeme.Target, _targets)


def _uris(_: type[URI]) -> SearchStrategy[URI]:
    import urischeme
    from urischeme.testing import strategies

    return strategies.uris().map(urischeme.parse)


def _references(_: type[Reference]) -> SearchStrategy[Reference]:
    import urischeme
    from urischeme.testing import strategies

    return strategies.references().map(urischeme.parse_reference)


def _targets(_: type[Target]) -> SearchStrategy[Target]:
    import urischeme
    from urischeme.testing import strategies

    return strategies.targets().map(urischeme.Target.parse)
