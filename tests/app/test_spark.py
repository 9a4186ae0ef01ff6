"""A cluster of a master and two workers gives what DuckDB gives: the same digests, the same published bytes, the same findings."""

import json
import os
import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from app.spark_line import LAST, asked, codes, hidden

from callup.app.engines.spark import engine
from callup.app.engines.spark.engine import _blocks, _parts
from callup.app.engines.spark.session import check_address
from callup.app.synthetic import write_register
from callup.cases import Moment, standing
from callup.jurisdictions import load
from callup.terms.errors import BadInput, Tampered

pytestmark = pytest.mark.java


@pytest.fixture(scope="module")
def made(made_once):
    program = Path(__file__).with_name("spark_line.py")

    def make(folder):
        folder.mkdir()
        subprocess.run([sys.executable, str(program), str(folder)], check=True, env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)})

    return made_once("spark-line", make)


@pytest.fixture(scope="module")
def said(made):
    return json.loads((made / "said.json").read_text(encoding="utf-8"))


def test_every_stage_over_a_register_has_the_same_digests(said):
    stages = said["digests"]["spark"]
    assert stages == said["digests"]["duckdb"]
    assert list(stages)[-1] == (LAST or "report")
    assert {"snapshot", "assess", "freeze", "commit"} < set(stages)


def test_what_is_published_is_the_same_byte_for_byte(made):
    names = {path.relative_to(made / "duckdb") for path in (made / "duckdb" / "dossier" / "open").rglob("*") if path.is_file()}
    assert names == {path.relative_to(made / "spark") for path in (made / "spark" / "dossier" / "open").rglob("*") if path.is_file()}
    assert [str(name) for name in names if (made / "duckdb" / name).read_bytes() != (made / "spark" / name).read_bytes()] == []
    tops = [name for name in names if name.match("log/roll/*/tile/1/000.p/*")]
    draws = [name for name in names if name.match("open/45-draw/*.csv")]
    assert len(draws) == 3
    assert len(tops) >= 1


@pytest.mark.parametrize("code", codes())
def test_the_findings_are_the_evaluators(said, code):
    assert sorted(said["findings"][code]) == sorted(asked()[code].row_texts())


def test_synthetic_rows_made_on_executors_are_those_made_here(said):
    assert said["rows"] == [24, True]


def test_executors_of_other_versions_make_no_rows(said):
    code, there = said["refused"]
    assert code == "executor-python"
    assert re.fullmatch(r"Python \S+, callup \S+, numpy \S+, pyarrow \S+", there)


def test_a_register_made_on_a_cluster_is_the_same_file_and_other_rows_are_refused(tmp_path, monkeypatch):
    class Made:
        first = 0

        def __init__(self, *address_and_folder):
            self.close = lambda: None

        def made(self, make, ranges, shape):
            yield from (make(range(rows.start + self.first, rows.stop + self.first)) for rows in ranges)

    monkeypatch.setattr(engine, "SparkEngine", Made)
    write_register("ru", 1000, 7, tmp_path / "here.parquet")
    write_register("ru", 1000, 7, tmp_path / "there.parquet", engine="local-spark")
    assert (tmp_path / "here.parquet").read_bytes() == (tmp_path / "there.parquet").read_bytes()
    monkeypatch.setattr(Made, "first", 1)
    with pytest.raises(Tampered) as refusal:
        write_register("ru", 1000, 7, tmp_path / "other.parquet", engine="local-spark")
    assert refusal.value.code == "rows-of-cluster-differ"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here.parquet", "there.parquet"]


def test_what_is_wrong_with_a_register_is_the_same(said):
    (here, rows), (there, rows_there) = (said["problems"][name] for name in ("duckdb", "spark"))
    assert (there, rows_there) == (here, rows)
    codes = {one["code"] for one in here}
    assert codes >= {"not-a-date", "no-such-day", "not-a-number", "not-a-flag", "code-unknown", "text-not-normal", "id-twice"}
    assert codes >= {"text-with-controls", "text-too-long", "value-missing"}


def test_the_tables_of_a_report_are_the_same(said):
    here, there = said["tables"]["duckdb"], said["tables"]["spark"]
    assert there == here
    rows = {name: rows for name, (_, rows) in here.items()}
    assert {name for name, found in rows.items() if not found} == {"panel"}
    assert sum(row["called"] for row in rows["months"]) == -(-sum(row["persons"] for row in rows["roll"]) // 3)
    assert None in {row["month"] for row in rows["months"]}
    (_, outside), (_, free) = (row.values() for row in rows["listing"])
    assert (outside, free > 100) == (10, True)


def test_the_standings_of_all_cases_are_the_same(said):
    assert said["standings"]["spark"] == said["standings"]["duckdb"]
    _, cases, states = said["standings"]["spark"]
    assert (cases, states >= 12) == (400, True), states


def test_cases_are_asked_only_of_an_engine_whose_words_are_known():
    moment = Moment(date(2025, 5, 1), date(2025, 5, 1))
    with pytest.raises(BadInput) as refusal:
        standing(*(getattr(load("freedonia"), name) for name in ("procedure", "calendar")), moment, "sqlite")
    assert refusal.value.code == "dialect-cannot"


def test_nothing_is_left_of_the_cluster(made, said):
    assert len(said["workers"]) == 2
    assert not Path(said["folder"]).exists()
    assert [pid for pid in said["workers"] if Path(f"/proc/{pid}").exists()] == []
    assert hidden() == said["home"]
    assert not (made / "spark" / "dossier" / ".engine-spark").exists()


@pytest.mark.parametrize("address", ["spark", "spark://", "spark://host", "spark://host:7077/x", "yarn", "local[2]", "duckdb "])
def test_an_engine_that_is_none_is_refused(address):
    with pytest.raises(BadInput) as refusal:
        check_address(address)
    assert "spark://HOST:PORT" in refusal.value.hint


def test_positions_are_told_in_runs():
    found = _blocks({"a": 65_537, "b": 0, "c": 3})
    assert list(zip(*found.to_pydict().values(), strict=True)) == [("a", 0, 65_535), ("a", 65_536, 65_536), ("c", 0, 2)]
    assert _blocks({}).num_rows == 0


def test_parts_are_whole_batches(sample_reader):
    assert [part.num_rows for part in _parts(sample_reader([3, 3, 3, 1]), 5)] == [6, 4]
    assert list(_parts(sample_reader([]), 5)) == []


@pytest.fixture
def sample_reader():
    import pyarrow as pa

    shape = pa.schema([("n", pa.int64())])
    return lambda sizes: pa.RecordBatchReader.from_batches(shape, [pa.record_batch([list(range(size))], schema=shape) for size in sizes])
