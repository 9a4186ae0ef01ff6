"""A register is judged part by part: the answer is that of the whole, and each step of the proof keeps all rows."""

import pyarrow as pa
import pytest

from callup.app.benches.pipeline_memory import STEPS, pipeline_memory
from callup.app.demo import lay_demo
from callup.app.engines.duckdb import DuckDBEngine
from callup.app.voice import Voice
from callup.app.wire import course_of
from callup.law import DuckDB, assess, calendar_rows
from callup.terms.query import Query
from callup.terms.schema import Column, Schema
from callup.terms.tables import FINDINGS

SQUARES = Query("SELECT i * i AS s FROM n", Schema("squares", (Column("s", "int", "square"),), ("s",)), ("n",), "duckdb")


@pytest.fixture
def engine(tmp_path):
    made = DuckDBEngine(tmp_path / "spill")
    yield made
    made.close()


@pytest.mark.parametrize("part_rows", [1, 99, 100, 101, 250, 999, 1000, 10_000])
def test_parts_give_every_row_once_and_in_order(engine, part_rows):
    numbers = pa.table({"i": pa.array(range(1000), pa.int64())})
    reader = pa.RecordBatchReader.from_batches(numbers.schema, numbers.to_batches(max_chunksize=100))
    found = [value for batch in engine.run_in_parts(SQUARES, "n", reader, part_rows) for value in batch.column(0).to_pylist()]
    assert found == [number * number for number in range(1000)]


def test_a_table_without_rows_has_no_parts(engine):
    none = pa.RecordBatchReader.from_batches(pa.schema([("i", pa.int64())]), [])
    assert list(engine.run_in_parts(SQUARES, "n", none)) == []


def test_a_register_judged_in_parts_is_judged_as_a_whole(engine, tmp_path):
    steps = pipeline_memory(2_000, 7, tmp_path / "bench")
    assert list(steps) == list(STEPS)
    assert {step.rows for step in steps.values()} == {2_000}
    assert all(step.seconds > 0 and 50 < step.megabytes < 2_000 for step in steps.values())
    dossier, register = lay_demo("ru", 2_000, 7, tmp_path / "bench", Voice(quiet=True))
    assert dossier.entry("snapshot").digest == steps["snapshot"].digest
    course = course_of(dossier, Voice(quiet=True), register, 7)
    course.engine.close()
    law = course.jurisdiction.law
    snapshot = course.read("10-snapshot", "snapshot.parquet")
    engine.register("calendar", calendar_rows(law, course.window))
    engine.register("snapshot", snapshot)
    query = assess(law, course.window, DuckDB())
    whole = engine.digest(engine.table(query), FINDINGS)
    assert whole == (steps["assess"].digest, 2_000)
    parts = pa.Table.from_batches(engine.run_in_parts(query, "snapshot", snapshot.to_reader(max_chunksize=100), 300))
    assert engine.digest(parts, FINDINGS) == whole
