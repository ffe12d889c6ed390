"""IANA's registry of schemes."""

import pytest

from urischeme.syntax.iana import status


@pytest.mark.parametrize(
    ("scheme", "expected"),
    [("https", "permanent"), ("MAILTO", "permanent"), ("redis", "provisional"), ("x", None)],
)
def test_status(scheme: str, expected: str | None) -> None:
    assert status(scheme) == expected
