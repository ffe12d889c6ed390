"""On a cluster of Spark: two workers, each a process of its own, and one of them is killed half-way."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import urischeme
from tests.columns.scalar import Row, answers, parts, verdicts
from tests.missing import missing

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

pytestmark = [
    pytest.mark.skipif(find_spec("pyspark") is None, reason="needs pyspark (extra: spark)"),
    # It asks for pandas before it hands over Arrow, and hands over nothing of pandas.
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

ROOT = Path(__file__).parents[2]
DEADLINE = 120.0  # seconds

ROWS: list[Row] = ["HTTP://h", None, "http://h/%7e?q", "a b", "", "//h", "http://u:pw@h:80/", "x:é", "urn:A:b#"]


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    """A cluster of two workers with a core each, on loopback, at ports the kernel picks."""
    if shutil.which("java") is None:
        missing("needs Java 17 (Debian's package openjdk-17-jre-headless)")
    import pyspark
    from pyspark.sql import SparkSession

    folder = tmp_path_factory.mktemp("spark")
    with pytest.MonkeyPatch.context() as patch:
        # What the workers, which are not children of this process' shell, find their programs by.
        patch.setenv("SPARK_HOME", str(Path(pyspark.__file__).parent))
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        patch.setenv("PYTHONPATH", str(ROOT), prepend=os.pathsep)
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("SPARK_WORKER_DIR", str(folder / "work"))
        session = (
            SparkSession.builder.master("local-cluster[2,1,1024]")
            .config("spark.ui.enabled", "false")
            .config("spark.local.dir", str(folder))
            .config("spark.sql.warehouse.dir", str(folder / "warehouse"))
            .config("spark.executorEnv.PYTHONPATH", str(ROOT))
            .config("spark.sql.execution.arrow.maxRecordsPerBatch", "3")
            .getOrCreate()
        )
        session.sparkContext.setLogLevel("OFF")
        try:
            yield session
        finally:
            session.stop()


def frame(spark: SparkSession, rows: list[Row]) -> DataFrame:
    return spark.createDataFrame(list(enumerate(rows)), "id int, url string").repartition(4)


def column(answered: DataFrame, name: str) -> list[Any]:
    return [row[name] for row in sorted(answered.collect(), key=lambda row: row["id"])]


def test_each_function_gives_the_answers_of_the_functions_for_one_text(spark: SparkSession) -> None:
    from urischeme.columns import spark as columns

    rows = frame(spark, ROWS)
    normal = columns.normalize(rows, "url", errors="null")
    assert normal.columns == ["id", "url"]
    assert column(normal, "url") == answers(urischeme.normalize, ROWS)
    assert column(columns.normalize(rows, "url", into="n", level="syntax", errors="null"), "n") == answers(
        partial(urischeme.normalize, level="syntax"), ROWS
    )
    assert column(columns.join("http://b/c", rows, "url", errors="null"), "url") == answers(
        partial(urischeme.join, "http://b/c"), ROWS
    )
    assert column(columns.valid(rows, "url"), "url_valid") == verdicts(ROWS)
    parsed = columns.parse(rows, "url")
    assert parsed.columns == ["id", "url", "url_parts"]
    assert [row and row.asDict(recursive=True) for row in column(parsed, "url_parts")] == parts(ROWS)
    assert column(parsed.select("id", "url_parts.host"), "host")[0] == "h"


def test_a_refused_row_fails_the_job_and_says_why(spark: SparkSession) -> None:
    from pyspark.errors import PythonException

    from urischeme.columns.spark import normalize

    with pytest.raises(PythonException, match="a space may not stand in a path; write %20") as caught:
        normalize(frame(spark, ["a:b", "http://ada:s3cret@h/a b"]), "url").collect()
    assert "s3cret" not in str(caught.value)


def test_the_rules_of_the_driver_go_with_the_question(spark: SparkSession) -> None:
    from urischeme.columns.spark import normalize

    urischeme.add_scheme_rules("x-spark", urischeme.SchemeRules(default_port=7077))
    assert column(normalize(frame(spark, ["x-spark://h:7077"] * 8), "url"), "url") == ["x-spark://h"] * 8


def test_what_does_not_fit_is_said_before_anything_runs(spark: SparkSession) -> None:
    from urischeme.columns.spark import normalize, parse

    rows = frame(spark, ROWS)
    with pytest.raises(TypeError, match="a DataFrame of Spark is wanted, not list"):
        parse(ROWS, "url")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="a column of text is wanted, not of int"):
        parse(rows, "id")
    with pytest.raises(ValueError, match="no column is called 'ulr'; there are id, url"):
        parse(rows, "ulr")
    with pytest.raises(ValueError, match="there is a column 'id' already"):
        normalize(rows, "url", into="id")
    with pytest.raises(ValueError, match="level is 'syntax' or 'scheme', not 'full'"):
        normalize(rows, "url", level="full")  # type: ignore[arg-type]


PARTITIONS = 8


def test_an_executor_that_is_killed_half_way_changes_nothing(spark: SparkSession, tmp_path: Path) -> None:
    """The second half of the rows is held back until one of the two is gone."""
    from urischeme.columns.spark import normalize

    gate, context = tmp_path / "open", spark.sparkContext
    rows = [f"HTTP://h/{number}" for number in range(4000)]

    def held_back(batches: Iterator[Any]) -> Iterator[Any]:
        deadline = time.monotonic() + DEADLINE
        for batch in batches:
            while batch["id"][0].as_py() >= len(rows) // 2 and not gate.exists():
                if time.monotonic() > deadline:
                    raise TimeoutError("nobody opened the gate")
            yield batch

    numbered = spark.range(0, len(rows), 1, PARTITIONS).selectExpr("id", "concat('HTTP://h/', id) as url")
    answered = normalize(numbered.mapInArrow(held_back, numbered.schema), "url")
    collected: list[Any] = []
    job = threading.Thread(target=lambda: collected.extend(answered.collect()), daemon=True)
    job.start()

    wait_until(lambda: completed_tasks(context) >= PARTITIONS // 2)
    before = executors(context)
    assert len(before) == 2
    os.kill(before[0], signal.SIGKILL)
    wait_until(lambda: before[0] not in executors(context))
    gate.touch()
    job.join(DEADLINE)

    assert [row["url"] for row in sorted(collected, key=lambda row: row["id"])] == [row.lower() for row in rows]


def completed_tasks(context: Any) -> int:
    tracker = context.statusTracker()
    stages = map(tracker.getStageInfo, tracker.getActiveStageIds())
    return sum(stage.numCompletedTasks for stage in stages if stage is not None)


def executors(context: Any) -> list[int]:
    """The processes of the workers that ask this driver for work."""
    driver = f":{context.getConf().get('spark.driver.port')}".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # it may end meanwhile
            command = (folder / "cmdline").read_bytes().split(b"\0")
            is_executor = b"org.apache.spark.executor.CoarseGrainedExecutorBackend" in command
            if is_executor and any(argument.endswith(driver) for argument in command):
                found.append(int(folder.name))
    return found


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        assert time.monotonic() < deadline, "it never came"
