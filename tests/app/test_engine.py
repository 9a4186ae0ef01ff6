"""The engine's digests are those of the written rule, and what it spills nobody can read."""

import unicodedata
from datetime import date

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.app.engines.duckdb import DuckDBEngine
from callup.app.sealed import arrow_schema
from callup.law import DuckDB
from callup.terms.canonical import row_digest, row_text
from callup.terms.errors import Unavailable
from callup.terms.schema import Column, Schema
from callup.tlog import merkle_root

TABLE = Schema(
    "any",
    (
        Column("number", "int", "key"),
        Column("words", "text", "any text", nullable=True),
        Column("day", "date", "any day", nullable=True),
        Column("held", "flag", "any flag", nullable=True),
        Column("count", "int", "any number", nullable=True),
    ),
    ("number",),
)
NFC = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Mn", "Mc"], exclude_characters="\0"), max_size=12).filter(
    lambda text: unicodedata.is_normalized("NFC", text)
)
ROW = st.tuples(
    st.one_of(st.none(), NFC, st.sampled_from(["\\N", "\\", "a\tb", "line\nend", "\\t", "", "ё", "\r"])),
    st.one_of(st.none(), st.dates(date(1000, 1, 1), date(9999, 12, 31))),
    st.one_of(st.none(), st.booleans()),
    st.one_of(st.none(), st.integers(-(2**63), 2**63 - 1)),
)


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    made = DuckDBEngine(tmp_path_factory.mktemp("engine") / "spill")
    yield made
    made.close()


@given(st.lists(ROW, max_size=12), st.randoms(use_true_random=False))
@settings(max_examples=80)
def test_the_digest_in_sql_is_the_digest_of_the_rule(engine, rows, order):
    numbered = [(number, *row) for number, row in enumerate(rows)]
    shuffled = list(numbered)
    order.shuffle(shuffled)
    table = pa.Table.from_pylist([dict(zip(TABLE.names, row, strict=True)) for row in shuffled], arrow_schema(TABLE))
    expected = merkle_root(row_digest(row, TABLE) for row in numbered).hex()
    assert engine.digest(table, TABLE) == (expected, len(rows))
    engine.register("t", table)
    texts = engine.table(f"SELECT {DuckDB().row_text(TABLE)} AS text FROM t ORDER BY number").column("text").to_pylist()
    assert texts == [row_text(row, TABLE) for row in numbered]


def test_a_digest_streams_batches(engine):
    rows = [(number, f"w{number}", date(2025, 1, 1), True, number) for number in range(5_000)]
    table = pa.Table.from_pylist([dict(zip(TABLE.names, row, strict=True)) for row in rows], arrow_schema(TABLE))
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=700))
    assert engine.digest(reader, TABLE) == engine.digest(table, TABLE)


def test_what_is_spilled_is_encrypted_private_and_removed(tmp_path):
    spill = tmp_path / "spill"
    spill.mkdir()
    (spill / "left-by-a-crash").write_text("GEHEIMNIS")
    engine = DuckDBEngine(spill, memory_limit="100MB", threads=1)
    assert list(spill.iterdir()) == []
    assert spill.stat().st_mode & 0o777 == 0o700
    names = "SELECT 'GEHEIMNIS' || i::VARCHAR || md5(i::VARCHAR) AS name FROM range(1500000) t(i)"
    rows = engine.run(f"SELECT name, md5(name) AS m FROM ({names}) ORDER BY m")
    rows.read_next_batch()
    spilled = b"".join(path.read_bytes() for path in spill.rglob("*") if path.is_file())
    assert len(spilled) > 1_000_000
    assert b"GEHEIM" not in spilled
    rows.close()
    engine.close()
    assert not spill.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot-write") as refused:
        DuckDBEngine(tmp_path / "file" / "spill")
    assert "run the same command again" in refused.value.hint
