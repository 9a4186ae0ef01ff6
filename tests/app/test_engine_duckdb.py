"""The engine: canonical rows in SQL equal those in Python, results stream, failures keep their names, nothing is reached or left."""

import hashlib
import json
import unicodedata
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.app.engines.duckdb import DuckDBEngine
from callup.law import DuckDB
from callup.register import arrow_schema
from callup.terms.canonical import row_digest, row_text
from callup.terms.errors import BadInput, Tampered, Unavailable
from callup.terms.query import Query
from callup.terms.schema import Column, Schema
from callup.tlog import merkle_root

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "canonical.json").read_text(encoding="utf-8"))
SCHEMA = Schema(
    "vectors",
    tuple(Column(column["name"], column["type"], "vector", nullable=column["nullable"]) for column in VECTORS["columns"]),
    tuple(VECTORS["key"]),
)
NUMBERS = pa.table({"i": pa.array(range(300_000), pa.int64())})
TEXTS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("\\\t\nNtnёЙ'\"\0"), max_size=12).map(
    lambda text: unicodedata.normalize("NFC", text)
)
ROWS = st.lists(
    st.tuples(
        TEXTS,
        st.none() | st.integers(-(2**63), 2**63 - 1),
        st.none() | st.dates(),
        st.none() | st.booleans(),
        st.none() | TEXTS,
    ),
    max_size=20,
    unique_by=lambda row: row[0],
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = DuckDBEngine(tmp_path_factory.mktemp("engine") / "spill")
    yield made
    made.close()


def python_row(values):
    kinds = [column.type for column in SCHEMA.columns]
    return [date.fromisoformat(value) if value and kinds[at : at + 1] == ["date"] else value for at, value in enumerate(values)]


def table_of(rows):
    columns = list(zip(*rows, strict=True)) or [[] for _ in SCHEMA.columns]
    shape = arrow_schema(SCHEMA)
    return pa.table([pa.array(column, field.type) for column, field in zip(columns, shape, strict=True)], schema=shape)


def texts_in_sql(engine, rows):
    engine.register("written", table_of(rows))
    return engine.table(f"SELECT {DuckDB().row_text(SCHEMA)} AS t FROM written").column("t").to_pylist()


@pytest.mark.parametrize("vector", VECTORS["rows"], ids=lambda vector: vector["name"])
def test_vectors_of_rows(engine, vector):
    values = python_row(vector["values"])
    assert row_text(values, SCHEMA) == vector["text"]
    assert row_digest(values, SCHEMA).hex() == vector["sha256"] == hashlib.sha256(vector["text"].encode()).hexdigest()
    assert texts_in_sql(engine, [values]) == [vector["text"]]


@pytest.mark.parametrize("vector", VECTORS["tables"], ids=lambda vector: vector["name"])
def test_vectors_of_tables(engine, vector):
    rows = [python_row(one["values"]) for one in VECTORS["rows"][: vector["rows"]]]
    assert engine.digest(table_of(rows), SCHEMA) == (vector["root"], vector["rows"])
    assert engine.digest(table_of(rows[::-1]), SCHEMA) == (vector["root"], vector["rows"])


@pytest.mark.parametrize("vector", VECTORS["refused"], ids=lambda vector: vector["name"])
def test_vectors_that_are_no_canonical_rows(vector):
    with pytest.raises(BadInput):
        row_text(python_row(vector["values"]), SCHEMA)


@settings(max_examples=150)
@given(ROWS)
def test_sql_writes_rows_as_python_does(engine, rows):
    assert texts_in_sql(engine, rows) == [row_text(row, SCHEMA) for row in rows]


@settings(max_examples=100)
@given(ROWS)
def test_the_digest_is_the_root_over_python_row_digests_in_key_order(engine, rows):
    in_order = sorted(rows, key=lambda row: row[0].encode())
    wanted = merkle_root([row_digest(row, SCHEMA) for row in in_order]).hex()
    assert engine.digest(table_of(rows), SCHEMA) == (wanted, len(rows))


@settings(max_examples=50)
@given(ROWS.filter(bool), st.data())
def test_one_changed_field_changes_the_digest(engine, rows, data):
    row, column = data.draw(st.integers(0, len(rows) - 1)), data.draw(st.integers(1, 4))
    other = {1: 17, 2: date(1917, 2, 28), 3: False, 4: "something else"}[column]
    changed = [list(one) for one in rows]
    changed[row][column] = other if rows[row][column] != other else None
    assert engine.digest(table_of(rows), SCHEMA)[0] != engine.digest(table_of(changed), SCHEMA)[0]


def test_the_digest_does_not_depend_on_how_rows_arrive(engine, tmp_path):
    rows = table_of([[f"id{number}", number, date(2000, 1, 1), None, "ы"] for number in range(5000)])
    path = tmp_path / "rows.parquet"
    pq.write_table(rows, path, row_group_size=700)
    whole = engine.digest(rows, SCHEMA)
    assert engine.digest(pa.RecordBatchReader.from_batches(rows.schema, rows.to_batches(max_chunksize=37)), SCHEMA) == whole
    assert engine.digest(ds.dataset(str(path)), SCHEMA) == whole


def test_rows_of_one_key_have_one_digest_in_any_order(engine):
    twice = [["same", 1, None, None, None], ["same", 2, None, None, None]]
    assert engine.digest(table_of(twice), SCHEMA) == engine.digest(table_of(twice[::-1]), SCHEMA)


def test_results_come_in_batches_and_a_dropped_one_is_no_hindrance(engine):
    engine.register("numbers", NUMBERS)
    sizes = [batch.num_rows for batch in engine.run("SELECT i FROM numbers")]
    assert sum(sizes) == 300_000
    assert len(sizes) > 1
    started = engine.run("SELECT i FROM numbers")
    started.read_next_batch()
    del started
    assert engine.table("SELECT count(*) AS n FROM numbers").to_pylist() == [{"n": 300_000}]


def test_a_query_value_runs_as_its_text(engine):
    engine.register("numbers", NUMBERS)
    gives = Schema("top", (Column("i", "int", "number"),), ("i",))
    assert engine.table(Query("SELECT max(i) AS i FROM numbers", gives, ("numbers",), "duckdb")).to_pylist() == [{"i": 299_999}]


@pytest.mark.parametrize("failure", [Tampered, BadInput, pa.ArrowInvalid, OSError, ValueError])
@pytest.mark.parametrize("sql", ["SELECT * FROM broken", "SELECT * FROM broken ORDER BY i DESC"])
def test_a_failing_source_is_told_as_itself(engine, failure, sql):
    def batches():
        yield from NUMBERS.to_batches(max_chunksize=1000)[:150]
        raise failure("as it was")

    engine.register("broken", pa.RecordBatchReader.from_batches(NUMBERS.schema, batches()))
    with pytest.raises(failure) as told:
        engine.run(sql).read_all()
    assert str(told.value) == "as it was"
    assert engine.table("SELECT 1 AS one").num_rows == 1


def test_too_little_memory_is_the_worlds_failure_with_a_hint(tmp_path):
    small = DuckDBEngine(tmp_path / "spill", memory_limit="20MB", threads=1)
    with pytest.raises(Unavailable) as refusal:
        small.table("SELECT list(i ORDER BY i % 7) AS l FROM range(30_000_000) r(i)")
    assert "memory" in refusal.value.hint
    small.close()


def test_a_wrong_query_stays_a_wrong_query(engine):
    with pytest.raises(duckdb.BinderException):
        engine.run("SELECT nothing FROM range(3)")
    with pytest.raises(duckdb.ConversionException):
        engine.table("SELECT CAST(v AS INTEGER) AS n FROM (VALUES ('1'), ('x')) t(v)")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY (SELECT 1) TO 'leak.csv'",
        "ATTACH 'leak.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "SET temp_file_encryption = false",
    ],
)
def test_a_query_reaches_no_file_and_no_setting(engine, sql):
    with pytest.raises(duckdb.Error):
        engine.run(sql)


def test_a_python_variable_is_no_table(engine):
    secret_rows = NUMBERS
    with pytest.raises(duckdb.CatalogException):
        engine.run("SELECT * FROM secret_rows")
    assert secret_rows.num_rows == 300_000


def test_spilled_files_are_private_show_nothing_and_go(tmp_path):
    place = tmp_path / "with 'quotes'" / "spill"
    engine = DuckDBEngine(place, memory_limit="100MB", threads=2)
    assert place.stat().st_mode & 0o777 == 0o700
    spilled = {}
    found = engine.run(
        "SELECT 'Пупкин ' || (i * 7919 % 1000003) AS name, repeat('улица', 9) AS street FROM range(1000000) r(i) ORDER BY name"
    )
    for batch in found:
        assert batch.num_rows
        spilled |= {path: path.read_bytes() for path in place.iterdir() if path not in spilled and path.stat().st_size}
    del found
    assert spilled, "nothing was spilled: lower the memory limit"
    assert not any(word.encode() in content for content in spilled.values() for word in ("Пупкин", "улица"))
    engine.close()
    assert not place.exists()


def test_an_engine_that_begins_anew_knows_no_table_and_is_fenced_as_before(tmp_path):
    place = tmp_path / "spill"
    engine = DuckDBEngine(place, memory_limit="100MB", threads=2)
    engine.register("numbers", NUMBERS)
    sql = "SELECT 'Пупкин ' || (i * 7919 % 1000003) AS name, repeat('улица', 9) AS street FROM range(1000000) r(i) ORDER BY name"
    before = engine.table("SELECT count(*) AS rows FROM numbers")
    assert sum(batch.num_rows for batch in engine.run(sql)) == 1_000_000
    engine.begin_anew()
    assert place.stat().st_mode & 0o777 == 0o700
    assert not [path for path in place.iterdir() if path.stat().st_size]
    assert before.to_pylist() == [{"rows": 300_000}]
    with pytest.raises(duckdb.CatalogException):
        engine.run("SELECT * FROM numbers")
    for forbidden in ("SELECT * FROM read_text('/etc/hostname')", "SET temp_file_encryption = false", "SET memory_limit = '1GB'"):
        with pytest.raises(duckdb.Error):
            engine.run(forbidden)
    assert sum(batch.num_rows for batch in engine.run(sql)) == 1_000_000
    engine.close()
    assert not place.exists()
