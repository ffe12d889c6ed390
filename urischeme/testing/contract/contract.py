"""The contract: all laws in one class."""

from __future__ import annotations

from urischeme.testing.contract.answers import AnswerLaws
from urischeme.testing.contract.changes import ChangeLaws
from urischeme.testing.contract.errors import ErrorLaws
from urischeme.testing.contract.leaving import LeavingLaws
from urischeme.testing.contract.refusals import RefusalLaws
from urischeme.testing.contract.watching import WatchLaws


class ResolverContract(AnswerLaws, RefusalLaws, ErrorLaws, WatchLaws, LeavingLaws, ChangeLaws):
    """What every resolver has to keep to: subclass it in a test module, and run pytest.

    `scheme`, `resolver` and `target` have to be given; flags and hooks may be, and each lets more laws be tried. A law
    that fails says what is wrong, and what to mend. docs/resolver-contract.md has all of them.

    >>> import urischeme
    >>> async def consul(target: urischeme.Target) -> list[tuple[str, int]]:
    ...     if target.endpoint != "orders":
    ...         raise urischeme.NotFound("there is no such service")
    ...     return [("10.0.0.1", 8500)]
    >>> class TestConsul(ResolverContract):
    ...     scheme = "consul"
    ...     def resolver(self):
    ...         return consul
    ...     def target(self):
    ...         return "consul:orders"
    >>> TestConsul().test_a_valid_target_is_answered()
    """
