"""URIs as people wrote them: 20,000 texts of tests/data/real-uris.txt.gz."""

import gzip
import re
from pathlib import Path

import pytest

from tests.automaton import automaton, refusal
from urischeme import ParseError, normalize, parse

TEXTS = gzip.decompress((Path(__file__).parents[1] / "data" / "real-uris.txt.gz").read_bytes()).decode().splitlines()


def taken(text: str) -> bool:
    try:
        parse(text)
    except ParseError:
        return False
    return True


@pytest.fixture(scope="module")
def refused() -> list[str]:
    return [text for text in TEXTS if not taken(text)]


def test_as_many_as_the_data_says(refused: list[str]) -> None:
    assert (len(TEXTS), len(TEXTS) - len(refused)) == (20_000, 18_259)


def test_the_grammar_itself_gives_every_verdict(refused: list[str]) -> None:
    uri = automaton("URI")
    assert [text for text in TEXTS if not uri.accepts(text)] == refused


def test_every_refused_one_is_truly_none(refused: list[str]) -> None:
    """Each has a fault that can be seen without a parser."""
    faults = {
        "a character that no URI has": r"[^!#-;=?-\[\]_a-z~]",
        "an escape that is none": r"%(?![0-9A-Fa-f]{2})",
        "a second #": r"#.*#",
        "a bracket outside a host": r"//[^/?#]*[/?#].*[\[\]]|^[^/]*:[^/]*[\[\]]|#.*[\[\]]",
        "a bracket in a host that is no address": r"//[^/?#]*[\[\]]",
        "a port that is no number": r"//[^/?#]*:[^/?#\]]*[^0-9/?#\]]",
        "no scheme": r"^(?![A-Za-z][A-Za-z0-9+.\-]*:)",
    }
    unexplained = [text for text in refused if not any(re.search(fault, text) for fault in faults.values())]
    assert unexplained == []


def test_every_refusal_is_reported_where_it_is(refused: list[str]) -> None:
    for text in refused:
        with pytest.raises(ParseError) as caught:
            parse(text)
        assert (caught.value.component, caught.value.position) == refusal(text, need_scheme=True)


def test_normal_forms_are_stable() -> None:
    for text in filter(taken, TEXTS):
        normal = normalize(text)
        assert normalize(normal) == normal
        assert taken(normal)
