"""What `import urischeme` gives, and what it costs."""

import subprocess
import sys

import pytest

import urischeme

HEAVY = ["asyncio", "attr", "attrs", "click", "dns", "hypothesis", "idna", "rich", "ipaddress", "socket"]


def test_importing_and_parsing_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "before = set(sys.modules)\n"
        "import urischeme\n"
        "urischeme.normalize('HTTP://h/%7e'); urischeme.join('http://h/a', '../b')\n"
        f"print([name for name in {HEAVY} if name in sys.modules.keys() - before])"
    )
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


@pytest.mark.parametrize("name", urischeme.__all__)
def test_every_public_name_is_there(name: str) -> None:
    assert getattr(urischeme, name) is not None
    assert name in dir(urischeme)


def test_a_name_that_is_not_there() -> None:
    with pytest.raises(AttributeError, match="'urischeme' has no attribute 'nope'"):
        _ = urischeme.nope


def test_the_version_is_the_distributions() -> None:
    assert urischeme.__version__.count(".") == 2
