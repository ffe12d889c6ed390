"""The oracle is itself right on what the RFC prints."""

import json
from pathlib import Path

import pytest
from hypothesis import given

import urischeme
from tests.conformance.section_5 import normalize, remove_dot_segments, resolve
from urischeme.testing import strategies as uri_st

EXAMPLES = json.loads((Path(__file__).parents[1] / "data" / "rfc3986-resolution.json").read_text())


def test_every_example_of_section_5_4() -> None:
    wrong = [each for each in EXAMPLES["examples"] if resolve(EXAMPLES["base"], each["reference"]) != each["target"]]
    assert wrong == []


@pytest.mark.parametrize(("path", "removed"), [("/a/b/c/./../../g", "/a/g"), ("mid/content=5/../6", "mid/6")])
def test_the_examples_of_section_5_2_4(path: str, removed: str) -> None:
    assert remove_dot_segments(path) == removed


@given(uri_st.uris(), uri_st.references())
def test_join_is_what_the_pseudo_code_gives(base: str, reference: str) -> None:
    assert urischeme.join(base, reference) == resolve(base, reference)


@given(uri_st.uris())
def test_the_normal_form_by_syntax_is_that_of_the_oracle(uri: str) -> None:
    assert urischeme.normalize(uri, level="syntax") == normalize(uri)
