"""What the functions are given, and what it takes to have them."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

import urischeme
from urischeme import columns

ROOT = Path(__file__).parents[2]
FUNCTIONS = (columns.parse, columns.normalize, columns.valid, partial(columns.join, "http://h/"))


def run(code: str, *options: str) -> str:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"
    done = subprocess.run([sys.executable, *options, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize(
    "column",
    [
        ["http://h/"],
        "http://h/",
        None,
        pl.DataFrame({"url": ["http://h/"]}),
        pd.DataFrame({"url": ["http://h/"]}),
        pa.scalar("x"),
    ],
    ids=lambda column: type(column).__name__,
)
def test_what_is_no_column(column: Any) -> None:
    for function in FUNCTIONS:
        with pytest.raises(TypeError, match=r"(parse|normalize|valid|join) takes a Series or an Expr of polars"):
            function(column)


@pytest.mark.parametrize("column", [pa.array(["x:"]), pl.Series(["x:"]), pl.col("url"), pd.Series(["x:"])])
def test_only_a_table_has_names(column: Any) -> None:
    with pytest.raises(TypeError, match="takes a name for a Table or RecordBatch only"):
        columns.normalize(column, "url")
    with pytest.raises(TypeError, match="takes a name for a Table or RecordBatch only"):
        columns.parse(column, into="url")


@pytest.mark.parametrize("column", [pa.array([], pa.string()), pl.Series([], dtype=pl.String), pl.col("url")])
def test_what_is_asked_is_looked_at_before_any_row(column: Any) -> None:
    with pytest.raises(ValueError, match="level is 'syntax' or 'scheme', not 'full'"):
        columns.normalize(column, level="full")  # type: ignore[arg-type]
    for function in (columns.normalize, partial(columns.join, "http://h/")):
        with pytest.raises(ValueError, match="errors is 'raise' or 'null', not 'ignore'"):
            function(column, errors="ignore")  # type: ignore[arg-type]
    with pytest.raises(urischeme.ParseError, match="a URI begins with a scheme"):
        columns.join("//h/", column)
    with pytest.raises(TypeError, match="not bytes"):
        columns.join(b"http://h/", column)  # type: ignore[arg-type]


def test_an_error_shows_no_password() -> None:
    rows = ["http://ada:s3cret@h/a b"]
    for column in (pa.array(rows), pa.array(rows).dictionary_encode(), pl.Series(rows), pd.Series(rows)):
        with pytest.raises(urischeme.ParseError) as caught:
            columns.normalize(column)
        assert "s3cret" not in str(caught.value) + repr(caught.value)
    refusal = columns.parse(pa.array(["http://ada:s3c|ret@h/"])).to_pylist()[0]["error"]
    assert "|" not in refusal["reason"]


def test_importing_it_loads_no_library_of_columns() -> None:
    code = (
        "import urischeme.columns\nprint([n for n in ('polars', 'pyarrow', 'pandas', 'pyspark') if n in sys.modules])"
    )
    assert run(code) == "[]\n"


@pytest.mark.parametrize(
    "imports",
    ["import urischeme.columns\nimport polars as pl", "import polars as pl\nimport urischeme.columns"],
    ids=["before", "after"],
)
def test_polars_knows_it_whichever_is_imported_first(imports: str) -> None:
    code = (
        f"{imports}\n"
        "print(pl.Series(['HTTP://h', 'HTTP://h:80/a/..']).uri.normalize().to_list())\n"
        "print(pl.__spec__.loader.get_filename('polars') == pl.__file__, 'pyarrow' in sys.modules)"
    )
    assert run(code) == "['http://h/', 'http://h/']\nTrue False\n"


def test_without_any_of_them() -> None:
    # No site-packages: nothing but Python itself is there.
    code = (
        "import urischeme, urischeme.columns\n"
        "def said(function, *args):\n"
        "    try: function(*args)\n"
        "    except Exception as error: print(type(error).__name__, getattr(error, 'extra', ''), error)\n"
        "from importlib import import_module\n"
        "for name in ('polars', 'arrow', 'pandas', 'spark'): said(import_module, f'urischeme.columns.{name}')\n"
        "said(urischeme.columns.normalize, ['x:'])\n"
    )
    assert [line.partition(";")[0] for line in run(code, "-I", "-S").splitlines()] == [
        "MissingExtra polars polars is not installed",
        "MissingExtra arrow pyarrow is not installed",
        "MissingExtra pandas pandas is not installed",
        "MissingExtra spark pyspark is not installed",
        "TypeError  normalize takes a Series or an Expr of polars, an Array, ChunkedArray, Table or RecordBatch of "
        "pyarrow, or a Series of pandas, not list",
    ]


def test_pandas_without_pyarrow() -> None:
    code = (
        "sys.modules['pyarrow'] = None\n"
        "import pandas as pd, urischeme.columns\n"
        "try: urischeme.columns.normalize(pd.Series(['http://h/'], dtype=object))\n"
        "except urischeme.MissingExtra as error: print(error.extra, error)\n"
    )
    assert run(code) == "pandas pyarrow is not installed; run: pip install 'urischeme[pandas]'\n"


def test_in_another_process() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        work = partial(columns.normalize, errors="null")
        assert pool.submit(work, pa.array(["HTTP://h", "x y"])).result().to_pylist() == ["http://h/", None]
        with pytest.raises(urischeme.ParseError) as caught:
            pool.submit(columns.normalize, pa.array(["HTTP://h", "x y"])).result()
    assert (caught.value.row, caught.value.position) == (1, 1)
