"""What README shows is what the commands print."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent


def test_the_drawing_is_the_commands() -> None:
    uri = "https://user@Example.COM:8443/a/./b?q=1#top"
    done = subprocess.run(
        [sys.executable, "-m", "urischeme", "parse", uri], capture_output=True, encoding="utf-8", check=True
    )
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"urischeme parse '{uri}'" in readme
    assert f"```\n{done.stdout}```\n" in readme


def test_every_link_leads_to_a_file() -> None:
    for page in (ROOT / "README.md", *(ROOT / "docs").glob("*.md")):
        for link in page.read_text(encoding="utf-8").split("](")[1:]:
            target = link.partition(")")[0]
            assert target.startswith("http") or (page.parent / target).exists(), f"{page.name}: {target}"
