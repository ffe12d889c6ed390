"""Every exception has one root, travels between processes, and shows no password."""

import copy
import pickle

import pytest

import urischeme
from urischeme import errors

SECRET = "http://u:secret@h/"
ALL = [
    errors.Error("x"),
    errors.ParseError(SECRET, 3, "scheme", "why"),
    errors.PortError("9" * 5000),
    errors.TargetError(SECRET, "why"),
    errors.UnknownScheme(SECRET, "why", scheme="http", suggestion="https"),
    errors.BrokenPlugin(SECRET, "why", scheme="http", package="p 1.0"),
    errors.ResolveError("x", retryable=True, advice="a\nb"),
    errors.NotFound("x", ttl=5.0),
    errors.RegistrationError("x"),
    errors.MissingExtra("cli", missing="click"),
]


def test_the_list_is_whole() -> None:
    assert {type(error).__name__ for error in ALL} == set(errors.__all__)


@pytest.mark.parametrize("error", ALL, ids=lambda error: type(error).__name__)
def test_every_error(error: errors.Error) -> None:
    assert isinstance(error, urischeme.Error)
    assert getattr(urischeme, type(error).__name__) is type(error)
    assert "secret" not in str(error) + repr(error) + repr(error.args)
    assert len(str(error)) < 400
    for again in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert type(again) is type(error)
        assert (str(again), repr(again), again.__dict__) == (str(error), repr(error), error.__dict__)


@pytest.mark.parametrize(
    ("error", "also"),
    [
        (errors.ParseError, ValueError),
        (errors.PortError, ValueError),
        (errors.TargetError, ValueError),
        (errors.UnknownScheme, errors.TargetError),
        (errors.BrokenPlugin, errors.UnknownScheme),
        (errors.NotFound, errors.ResolveError),
        (errors.RegistrationError, ValueError),
        (errors.MissingExtra, ImportError),
    ],
)
def test_what_else_they_are(error: type, also: type) -> None:
    assert issubclass(error, also)


def test_not_found_may_say_for_how_long() -> None:
    assert errors.NotFound("x").ttl is None
    assert errors.NotFound("x", ttl=5.0).ttl == 5.0


def test_what_an_error_advises_stands_below_its_message() -> None:
    error = errors.ResolveError("may not", retryable=False, advice="kind: Role\n")
    assert (str(error), error.advice) == ("may not\nkind: Role\n", "kind: Role\n")
    assert errors.ResolveError("x", retryable=True).advice == ""


def test_only_not_found_is_never_retryable() -> None:
    assert errors.NotFound("x").retryable is False
    assert errors.ResolveError("x", retryable=True).retryable is True
