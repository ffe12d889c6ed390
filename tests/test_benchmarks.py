from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import dns.resolver
import pytest

import urischeme
from benchmarks import inputs, resolving
from benchmarks.callers import Call, Ours
from benchmarks.cluster.control_plane import why_there_is_none as why_there_is_no_control_plane
from benchmarks.contender import Contender
from benchmarks.contenders import CONTENDERS
from benchmarks.index import index
from benchmarks.inputs import Inputs, multiplied
from benchmarks.island import why_there_is_none
from benchmarks.name_server import name_server
from benchmarks.page import page as page_of
from benchmarks.plot import draw
from benchmarks.proof import prove
from benchmarks.report import Bar, Goal, Panel
from benchmarks.results import Result, load, save
from benchmarks.session import Session
from benchmarks.timing import measure
from benchmarks.workloads import WORKLOADS
from benchmarks.workloads.k8s_reaction import percentile
from benchmarks.workloads.reaction import Reaction, is_able
from benchmarks.workloads.read import Read
from tests.missing import missing
from tests.resolvers.knot import require_knot

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "benchmarks"

NAMES = [workload.name for workload in WORKLOADS]
RACES = ["read", "parse", "normalize", "hot", "join", "resolve", "resolve-once"]

MISSING = Session(quick=True).missing
needs_all = pytest.mark.skipif(
    bool(MISSING) and os.environ.get("CI") != "true", reason=f"not all contenders are installed: {MISSING}"
)

needs_matplotlib = pytest.mark.skipif(
    find_spec("matplotlib") is None and os.environ.get("CI") != "true", reason="matplotlib is not installed"
)


def benchmarks(
    *arguments: str, without: str | None = None, path: str | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    """A run of the command, in which one package may not be installed, or programs are looked for elsewhere."""
    command = ["-m", "benchmarks"]
    if without is not None:
        hide = f"import runpy, sys; sys.modules[{without!r}] = None; sys.argv[0] = 'benchmarks'"
        command = ["-c", f"{hide}; runpy.run_module('benchmarks', run_name='__main__')"]
    done = subprocess.run(
        [sys.executable, *command, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "PATH": os.environ["PATH"] if path is None else path},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    return done


def rows(page: str, first: str) -> list[dict[str, str]]:
    """The rows of a page's tables that begin so, by the names of their columns."""
    found = []
    header: list[str] = []
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if not cells:
            header = []
        elif not header:
            header = cells
        elif cells[0] == first:
            found.append(dict(zip(header, cells, strict=False)))
    return found


def require_control_plane() -> None:
    reason = why_there_is_no_control_plane()
    if reason is not None:
        missing(reason)


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The pages of a run of everything, and what it printed."""
    folder = tmp_path_factory.mktemp("benchmarks")
    why_there_is_no_control_plane()  # builds it first: that takes longer than a run may
    return folder, benchmarks("--quick", "--to", str(folder)).stdout


@needs_all
@pytest.mark.parametrize("name", NAMES)
def test_every_workload_prints_its_page_and_writes_it_with_a_plot(quick: tuple[Path, str], name: str) -> None:
    if name.startswith("k8s-"):
        require_control_plane()
    folder, printed = quick
    page = (folder / f"{name}.md").read_text(encoding="utf-8")
    assert page in printed
    assert f"python -m benchmarks --only {name}`" in page
    assert f"]({name}.svg)" in page
    assert f"CPython {sys.version.split()[0]}" in page
    assert ElementTree.parse(folder / f"{name}.svg").getroot().tag.endswith("svg")


@needs_all
@pytest.mark.parametrize("name", RACES)
def test_of_the_others_ratios_are_to_a_named_anchor_and_nothing_of_ours_is_wrong(
    quick: tuple[Path, str], name: str
) -> None:
    page = (quick[0] / f"{name}.md").read_text(encoding="utf-8")
    ours = rows(page, "urischeme")[0]
    anchor = {"hot": "yarl", "resolve": "yarl", "resolve-once": "yarl", "join": "ada-url"}.get(name, "can_ada")
    assert list(ours) == ["contender", "version", "minimum µs", "median µs", f"× {anchor}", "wrong", "accepts"]
    assert (ours["wrong"], ours["accepts"]) == ("0", "0")
    assert rows(page, anchor)[0][f"× {anchor}"] == "1.00"
    assert float(ours["minimum µs"]) <= float(ours["median µs"])


@needs_all
def test_everyone_takes_part_or_is_said_to_be_left_out(quick: tuple[Path, str]) -> None:
    for name in RACES:
        page = (quick[0] / f"{name}.md").read_text(encoding="utf-8")
        left_out = [line for line in page.splitlines() if line.startswith("- Left out")]
        for contender in CONTENDERS:
            assert rows(page, contender.name) or contender.name in left_out[0]


@needs_all
def test_what_others_get_wrong_is_counted_and_shown(quick: tuple[Path, str]) -> None:
    page = (quick[0] / "read.md").read_text(encoding="utf-8")
    times, *mistakes = rows(page, "can_ada")
    kinds = [mistake for mistake in mistakes if "kind" in mistake]
    assert int(times["wrong"]) == sum(int(mistake["count"]) for mistake in kinds) > 0
    assert "path `/`, not *empty*" in next(mistake["example"] for mistake in kinds if mistake["kind"] == "path")


@needs_all
def test_how_much_is_normal_already_is_said(quick: tuple[Path, str]) -> None:
    assert "are in normal form already" in (quick[0] / "normalize.md").read_text(encoding="utf-8")


@needs_all
def test_a_name_is_resolved_by_everyone_and_the_page_says_where(quick: tuple[Path, str]) -> None:
    page = (quick[0] / "dns.md").read_text(encoding="utf-8")
    assert "asked of Knot DNS" in page or "asked of the demo's own server" in page
    for name in ["urischeme, at a server", "urischeme.aio, at a server", "dnspython", "dnspython, async, both at once"]:
        times, timed = rows(page, name)
        assert float(times["minimum µs"].replace(",", "")) > 0
        assert "orders.shop.svc.cluster.local" in timed["what is timed"]
    if why_there_is_none() is None:
        assert rows(page, "socket.getaddrinfo")[0]["× socket.getaddrinfo"] == "1.00"
        assert "`dns:///" in page
        assert "Left out" not in page
    else:
        assert "Left out: `socket.getaddrinfo`" in page


def test_without_a_network_of_its_own_names_are_resolved_at_another_port() -> None:
    page = benchmarks("--quick", "--only", "dns", path="").stdout
    assert rows(page, "urischeme, at a server")
    assert rows(page, "dnspython")[0]["× socket.getaddrinfo"] == "–"
    assert not rows(page, "socket.getaddrinfo")
    assert "which can't be had here ([Errno 2] No such file or directory: 'unshare')" in page


@pytest.fixture
def no_knot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.name_server.shutil.which", lambda *_, **__: None)


def zone_changes() -> str:
    """Change a zone twice, and give what served it."""
    with name_server() as server:
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.port
        for last in "12":
            server.put("a.b.cluster.local", [f"10.0.0.{last}", f"2001:db8::{last}"])
            for kind, address in {"A": f"10.0.0.{last}", "AAAA": f"2001:db8::{last}"}.items():
                answer = resolver.resolve("a.b.cluster.local", kind)
                assert answer.rrset is not None
                assert [str(record) for record in answer.rrset] == [address]
                assert answer.rrset.ttl == 1
    with pytest.raises(dns.resolver.LifetimeTimeout):
        resolver.resolve("a.b.cluster.local", lifetime=0.3)
    return server.software


def test_knot_s_zone_can_be_changed() -> None:
    require_knot()
    assert zone_changes().startswith("Knot DNS 3")


@pytest.mark.usefixtures("no_knot")
def test_without_knot_there_is_the_demo_s_own_server() -> None:
    assert zone_changes() == "the demo's own server"


@pytest.mark.usefixtures("no_knot")
def test_without_knot_names_are_resolved_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["resolving", "0", "2", "1"])
    resolving.main()
    found = json.loads(capsys.readouterr().out)
    assert found["server"] == "the demo's own server"
    assert [finding["mistake"] for finding in found["findings"]] == [None] * 4
    assert all(finding["rounds"] for finding in found["findings"])


def test_whoever_resolves_wrongly_is_not_timed() -> None:
    answers = {"'10.0.0.1'": "other addresses", "1 / 0": "ZeroDivisionError"}
    ways = [resolving.Way(code, "1", code, "[answer]", "pass") for code in answers]
    with asyncio.Runner() as loop:
        for finding, mistake in zip(resolving.findings(ways, 1, 1, loop), answers.values(), strict=True):
            assert finding.mistake is not None
            assert finding.mistake.startswith(mistake)
            assert finding.rounds == []


@needs_all
def test_a_change_in_dns_is_heard_of_and_the_page_says_what_changed(quick: tuple[Path, str]) -> None:
    page = (quick[0] / "reaction.md").read_text(encoding="utf-8")
    assert "The zone is that of Knot DNS" in page or "The zone is that of the demo's own server" in page
    added, replaced, how = rows(page, "urischeme")
    assert 0 < float(added["slowest s"]) < 3
    assert 0 < float(replaced["slowest s"]) < 3
    assert "urischeme.Balancer" in how["how it balances"]
    if "Skipped: grpcio" not in page:
        added, _, how = rows(page, "grpcio")
        assert added["slowest s"] == "not within 3"
        assert "grpc.insecure_channel" in how["how it balances"]
        assert "Left out" not in page


@pytest.mark.usefixtures("no_knot")
def test_without_knot_and_grpcio_changes_are_heard_of_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    text = page_of(Reaction(), Reaction().measure(Session(quick=True)), [])
    assert "The zone is that of the demo's own server" in text
    assert "Skipped: grpcio" in text
    assert [float(row["slowest s"]) < 3 for row in rows(text, "urischeme")[:2]] == [True, True]
    assert not rows(text, "grpcio")


@needs_all
def test_a_pod_is_reached_by_k8s_as_soon_as_it_is_ready(quick: tuple[Path, str]) -> None:
    require_control_plane()
    page = (quick[0] / "k8s-reaction.md").read_text(encoding="utf-8")
    ours, how = rows(page, "urischeme, k8s:")
    assert ours["reached"] in {"1 of 3", "2 of 3", "3 of 3"}
    assert "urischeme.aio.watch" in how["how it hears of pods and calls them"]
    assert rows(page, "urischeme, dns:")
    default, tuned = rows(page, "grpcio")[0], rows(page, "grpcio, told to look often")[1]
    assert default["reached"] == "0 of 3"
    assert "grpc.dns_min_time_between_resolutions_ms" in tuned["how it hears of pods and calls them"]


@needs_all
def test_what_it_takes_to_watch_is_weighed_beside_the_library(quick: tuple[Path, str]) -> None:
    require_control_plane()
    page = (quick[0] / "k8s-watch.md").read_text(encoding="utf-8")
    for watcher in ["urischeme", "kubernetes_asyncio"]:
        one, many, _ = rows(page, watcher)
        assert float(one["traced MB"]) > 0
        assert float(one["a change ms"]) > 0
        assert float(many["first ms"]) > 0
    assert rows(page, "urischeme")[1]["sockets"] == "10", "of each of five Services one for it, one for its slices"


@pytest.mark.parametrize("name", ["k8s-reaction", "k8s-watch"])
def test_without_a_control_plane_there_is_no_page_and_it_is_said_why(name: str, tmp_path: Path) -> None:
    done = benchmarks("--quick", "--only", name, "--to", str(tmp_path), without="cryptography")
    assert done.stdout == ""
    assert f"Skipped: {name} (" in done.stderr
    assert "cryptography" in done.stderr
    assert not list(tmp_path.iterdir())


def test_without_grpcio_pods_are_reached_all_the_same() -> None:
    require_control_plane()
    page = benchmarks("--quick", "--only", "k8s-reaction", without="grpc").stdout
    assert rows(page, "urischeme, k8s:")
    assert not rows(page, "grpcio")
    assert "Skipped: grpcio (" in page


def test_of_two_hundred_waits_two_are_above_the_99th_percentile() -> None:
    waits = list(range(1, 201))
    assert [percentile(waits, percent) for percent in (50, 99, 100)] == [100, 198, 200]
    assert percentile([7], 99) == 7


def test_a_caller_that_calls_one_address_alone_is_not_able() -> None:
    class Stubborn(Ours):
        @contextmanager
        def dial(self, target: str) -> Iterator[Call]:
            with super().dial(target) as call:
                first = call()
                yield lambda: first

    with name_server() as server:
        assert is_able(Ours(), server)
        assert not is_able(Stubborn(), server, patience=0.5)


@needs_all
def test_whoever_picks_gives_each_endpoint_its_due(quick: tuple[Path, str]) -> None:
    page = (quick[0] / "pick.md").read_text(encoding="utf-8")
    for policy in ["pick_first", "round_robin", "weighted_round_robin", "random", "round_robin, using()"]:
        few, many, timed = rows(page, f"urischeme, {policy}")
        assert (few["wrong"], many["wrong"]) == ("0", "0")
        assert "balancer." in timed["what is timed"]
    assert [row["× itertools.cycle"] for row in rows(page, "itertools.cycle")[:2]] == ["1.00", "1.00"]


@needs_all
def test_the_summary_is_drawn_from_the_results_and_has_every_page(quick: tuple[Path, str]) -> None:
    folder, _ = quick
    summary = (folder / "README.md").read_text(encoding="utf-8")
    assert summary == index(WORKLOADS, load(folder / "results.json")) + "\n"
    for name in NAMES:
        assert f"[{name}]({name}.md)" in summary
    assert "not measured" not in summary
    overview = (folder / "overview.svg").read_bytes()
    assert len(overview) <= 100_000
    assert b"urischeme" in overview
    assert b"Normalise" in overview


@needs_all
def test_a_run_of_one_leaves_the_others_as_they_were(quick: tuple[Path, str], tmp_path: Path) -> None:
    for file in quick[0].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    before = load(tmp_path / "results.json")
    benchmarks("--quick", "--only", "resolve", "--to", str(tmp_path))
    after = load(tmp_path / "results.json")
    assert set(after) == set(before)
    assert {name for name in before if before[name] != after[name]} == {"resolve"}
    for file in quick[0].iterdir():
        if file.stem not in {"resolve", "README", "results"}:
            assert (tmp_path / file.name).read_bytes() == file.read_bytes()


def test_a_quick_run_writes_nothing_unless_asked() -> None:
    before = {file: file.read_bytes() for file in PAGES.iterdir()}
    benchmarks("--quick", "--only", "resolve")
    assert {file: file.read_bytes() for file in PAGES.iterdir()} == before


def test_a_workload_that_there_is_not_is_named_with_those_that_there_are() -> None:
    error = benchmarks("--only", "parsing", code=2).stderr
    assert "parsing" in error
    for name in NAMES:
        assert name in error


@pytest.mark.parametrize(("package", "name"), [("yarl", "yarl"), ("furl", "furl"), ("url_normalize", "url-normalize")])
def test_a_contender_that_is_not_installed_is_skipped_and_said_so(package: str, name: str) -> None:
    page = benchmarks("--quick", "--only", "normalize", without=package).stdout
    assert rows(page, "urischeme")
    assert not rows(page, name)
    assert f"Skipped: {name}" in page


def test_without_the_anchor_there_are_times_and_no_ratios() -> None:
    page = benchmarks("--quick", "--only", "read", without="can_ada").stdout
    assert rows(page, "urischeme")[0]["× can_ada"] == "–"
    assert rows(page, "Parse and read every component, × can_ada")[0]["held"] == "not measured"


def test_without_matplotlib_there_are_pages_and_no_plots(tmp_path: Path) -> None:
    done = benchmarks("--quick", "--only", "resolve", "--to", str(tmp_path), without="matplotlib")
    assert (tmp_path / "resolve.md").exists()
    assert not list(tmp_path.glob("*.svg"))
    assert "Skipped: resolve.svg" in done.stderr


def pretender(read: str) -> Contender:
    return Contender(
        name="pretender", distribution=None, module="sys", setup="import urischeme", parse="text", read=read
    )


def proof_of(read: str, its: Inputs) -> Any:
    contender = pretender(read)
    return prove(contender.run("read"), its, lambda asked, answer: Read().judge(contender, asked, answer))


def test_wrong_answers_are_counted_by_kind_with_the_shortest_example() -> None:
    its = Inputs(["http://example.com/long", "http://h/", "s:a"], ["http://[", " "])
    proof = proof_of("text.partition(':')[0], None, None, None, '/', None, None", its)
    assert proof.mistakes == {"host": 2, "path": 1}
    assert proof.examples["host"].startswith("`http://h/`: host `None`, not `h`")
    assert (proof.wrong, proof.accepted) == (3, 2)


def test_whatever_is_raised_is_a_refusal() -> None:
    its = Inputs(["http://h/", "s:a"], ["http://["])
    proof = proof_of("urischeme.parse('http://[')", its)
    assert proof.mistakes == {"refused": 2}
    assert proof.accepted == 0


def test_the_right_answer_is_not_wrong() -> None:
    its = Inputs(["http://u@H:80/a?b#c", "s:a"], [])
    read = "u = urischeme.parse(text); u.scheme, u.userinfo, u.host, u.port, u.path, u.query, u.fragment"
    assert proof_of(read, its).wrong == 0


def test_a_job_that_a_contender_can_not_do_is_no_run_of_it() -> None:
    contender = pretender("text")
    assert contender.code("hot") == contender.read
    assert replace(contender, read_again="again").code("hot") == "again"
    with pytest.raises(ValueError, match="pretender has no way to join"):
        contender.run("join")


def test_every_round_has_every_contender_once() -> None:
    order: list[str] = []

    def lap(name: str) -> Iterator[int]:
        for nanoseconds in range(5, 0, -1):
            order.append(name)
            yield nanoseconds

    a, b = lap("a"), lap("b")
    timings = measure([lambda: next(a), lambda: next(b)], rounds=4)
    assert [timing.rounds for timing in timings] == [[5, 4, 3, 2]] * 2
    assert [timing.minimum for timing in timings] == [2, 2]
    assert timings[0].median == 3.5
    assert [set(order[turn : turn + 2]) for turn in range(0, 8, 2)] == [{"a", "b"}] * 4


def test_the_real_urls_are_told_from_the_near_misses() -> None:
    real = inputs.real()
    assert len(real.valid) == len(set(real.valid)) == 18_259
    assert len(real.invalid) == 1_741
    assert "no one" not in inputs.second_opinion(real.sample(100))


def test_multiplied_texts_are_distinct_and_of_the_same_kinds() -> None:
    texts = ["http://h:80", "http://[::1]/", "http://10.0.0.1", "http://h/a", "urn:a:b"]
    many = multiplied(texts, 100)
    assert many[:5] == texts
    assert len(many) == len(set(many)) == 100
    parsed = [urischeme.parse(text) for text in many]
    assert {uri.port for uri in parsed} == {80, None}
    assert sum(uri.port == 80 for uri in parsed) == 1
    assert {uri.host_kind for uri in parsed} == {"reg-name", "ipv6", "ipv4", None}


def test_the_uris_of_a_kind_are_distinct_and_the_same_every_time() -> None:
    from benchmarks.kinds import KINDS

    real = [urischeme.parse(text) for text in inputs.real().valid]
    for kind in KINDS:
        found = kind.texts(real, 100)
        assert found == kind.texts(real, 100)
        assert len(set(found)) == len(found) == 100
        for uri in map(urischeme.parse, found):
            match kind.name.partition(",")[0]:
                case "with an escape":
                    assert "%" in str(uri)
                case "with a port":
                    assert uri.port_text is not None
                case "with userinfo":
                    assert uri.userinfo is not None
                case "IPv6 literal":
                    assert uri.host_kind == "ipv6"
                case "`file:`":
                    assert uri.scheme == "file"
                case "`urn:` and `mailto:`":
                    assert uri.scheme in {"urn", "mailto"}
                case name:
                    assert name == "every form"


PANELS = [
    Panel("Parse, × can_ada", [Bar("urischeme", 0.9, 1.0), Bar("can_ada", 1.0), Bar("slow", 70.0)]),
    Panel("Import", [Bar("a", 1.25), Bar("b", 2.0)], unit="ms"),
]


@needs_matplotlib
def test_a_plot_is_the_same_for_the_same_numbers() -> None:
    svg = draw(PANELS)
    assert svg == draw(PANELS)
    texts = "".join(ElementTree.fromstring(svg).itertext())
    for text in ["urischeme", "0.90 (goal: 1)", "70.0", "1.25 ms", "(logarithmic)"]:
        assert text in texts
    assert "date" not in svg


@needs_matplotlib
def test_a_plot_can_be_read_on_a_dark_page() -> None:
    svg = draw(PANELS)
    style, _, drawing = svg.partition("</style>")
    colours = set(re.findall(r"(?:fill|stroke): (#[0-9a-f]{6})", drawing))
    assert len(colours) == 5
    for colour in colours:
        assert f'"fill: {colour}"' in style
        assert f'"stroke: {colour}"' in style


def test_a_goal_is_held_up_to_its_limit_and_unknown_without_a_number() -> None:
    assert Goal("a", 1.0, 1.0).held is True
    assert Goal("a", 1.001, 1.0).held is False
    assert Goal("a", None, 1.0).held is None


def test_results_are_kept_as_they_were(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    assert load(file) == {}
    results = {"read": Result("a machine", [Goal("a", None, 1.0), Goal("b", 0.5, 1.0)], PANELS)}
    save(file, results)
    assert load(file) == results
    json.loads(file.read_text(encoding="utf-8"))


def test_the_summary_says_which_goals_are_held() -> None:
    goals = [Goal("a", None, 1.0), Goal("b", 0.5, 1.0), Goal("c", 1.5, 1.0)]
    summary = index(WORKLOADS, {"read": Result("a machine", goals, PANELS), "join": Result("another", [], [])})
    assert "Held are 1 of the 3 goals" in summary
    assert [rows(summary, name)[0]["held"] for name in "abc"] == ["not measured", "yes", "**no**"]
    assert "without a goal: [join](join.md)" in summary
    assert "- a machine: read." in summary
    assert "- another: join." in summary
