"""Sealed tables and files: what goes in comes out, nothing shows without the key, and no changed byte is read as whole."""

import os
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from callup.app.engines.duckdb import DuckDBEngine
from callup.app.sealed import open_bytes, read_sealed, seal_bytes, sealed_dataset, write_sealed
from callup.terms.errors import Tampered
from callup.terms.schema import Column, Schema

KEY = bytes(range(32))
PERSONS = Schema(
    "persons",
    (
        Column("person_id", "text", "key"),
        Column("born_on", "date", "day", nullable=True),
        Column("children", "int", "count", nullable=True),
        Column("served", "flag", "yes", nullable=True),
        Column("surname", "text", "sealed", nullable=True),
    ),
    ("person_id",),
)
ROWS = pa.table(
    {
        "surname": ["Пупкин", None, "Иванова"] * 1000,
        "person_id": [f"person-{number:04d}" for number in range(3000)],
        "born_on": pa.array([date(2004, 2, 29), None, date(1994, 4, 1)] * 1000, pa.date32()),
        "children": pa.array([0, None, 2] * 1000, pa.int32()),
        "served": [True, False, None] * 1000,
    }
)
"""Columns in another order and a narrower type than declared, as an engine may give them."""


@pytest.fixture
def sealed_file(tmp_path):
    path = tmp_path / "persons.parquet"
    assert write_sealed(path, PERSONS, ROWS.to_batches(max_chunksize=700), KEY) == 3000
    return path


def test_rows_come_back_as_declared(sealed_file):
    found = read_sealed(sealed_file, KEY).read_all()
    assert found.column_names == list(PERSONS.names)
    assert found.column("children").type == pa.int64()
    assert found.to_pylist() == ROWS.select(PERSONS.names).to_pylist()


def test_the_columns_that_are_wanted_come_back_in_the_order_asked(sealed_file):
    some = read_sealed(sealed_file, KEY, ["born_on", "person_id"]).read_all()
    assert some.equals(read_sealed(sealed_file, KEY).read_all().select(["born_on", "person_id"]))


def test_reading_streams_in_batches(tmp_path):
    path = tmp_path / "many.parquet"
    many = pa.concat_tables([ROWS] * 100)
    write_sealed(path, PERSONS, many.to_batches(max_chunksize=50_000), KEY)
    sizes = [batch.num_rows for batch in read_sealed(path, KEY)]
    assert sum(sizes) == 300_000
    assert len(sizes) > 1


def test_neither_values_nor_columns_nor_types_show(sealed_file):
    shown = sealed_file.read_bytes()
    words = [*PERSONS.names, "person-0001", "Пупкин", "Иванова", "ARROW:schema", "zstd"]
    assert [word for word in words if word.encode() in shown] == []
    with pytest.raises((OSError, pa.ArrowException)):
        pq.read_table(sealed_file)


def test_two_files_of_the_same_rows_differ(sealed_file, tmp_path):
    other = tmp_path / "again.parquet"
    write_sealed(other, PERSONS, ROWS.to_batches(), KEY)
    assert other.read_bytes() != sealed_file.read_bytes()
    assert read_sealed(other, KEY).read_all().equals(read_sealed(sealed_file, KEY).read_all())


@pytest.mark.parametrize("key", [bytes(32), bytes(range(1, 33))])
def test_another_key_is_refused_with_a_hint(sealed_file, key):
    for refused in (lambda: read_sealed(sealed_file, key), lambda: sealed_dataset(sealed_file, key).to_table()):
        with pytest.raises(Tampered) as refusal:
            refused()
        assert "key" in refusal.value.hint


def test_any_changed_byte_is_found(sealed_file, tmp_path):
    whole = sealed_file.read_bytes()
    damaged = tmp_path / "damaged.parquet"
    for position in [*range(4, len(whole), max(1, len(whole) // 40)), len(whole) - 1]:
        damaged.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(Tampered):
            read_sealed(damaged, KEY).read_all()


@pytest.mark.parametrize("kept", [0, 3, 4, 100, -1, -8])
def test_a_cut_file_is_not_taken_for_whole(sealed_file, tmp_path, kept):
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(sealed_file.read_bytes()[:kept])
    with pytest.raises(Tampered):
        read_sealed(damaged, KEY).read_all()


def test_a_missing_file_is_not_taken_for_an_empty_one(tmp_path):
    with pytest.raises(Tampered):
        read_sealed(tmp_path / "nothing.parquet", KEY)


def test_a_table_without_rows_is_a_table(tmp_path):
    path = tmp_path / "none.parquet"
    assert write_sealed(path, PERSONS, [], KEY) == 0
    assert read_sealed(path, KEY).read_all().num_rows == 0


def test_a_dataset_may_be_read_twice(sealed_file):
    table = sealed_dataset(sealed_file, KEY)
    assert table.count_rows() == table.to_table(columns=["surname"]).num_rows == 3000


def test_damage_found_under_the_engine_is_told_as_damage(sealed_file, tmp_path):
    whole = sealed_file.read_bytes()
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(whole[:10] + bytes([whole[10] ^ 1]) + whole[11:])
    engine = DuckDBEngine(tmp_path / "engine")
    engine.register("persons", read_sealed(damaged, KEY))
    with pytest.raises(Tampered):
        engine.table("SELECT * FROM persons")
    engine.close()


@given(st.binary(max_size=200), st.binary(min_size=32, max_size=32), st.binary(max_size=20), st.data())
def test_sealed_bytes_open_with_their_key_and_name_only(plain, key, about, data):
    sealed = seal_bytes(plain, key, about)
    assert open_bytes(sealed, key, about) == plain
    position = data.draw(st.integers(0, len(sealed) - 1))
    bit = 1 << data.draw(st.integers(0, 7))
    for changed in (
        (sealed[:position] + bytes([sealed[position] ^ bit]) + sealed[position + 1 :], key, about),
        (sealed[:position], key, about),
        (sealed, bytes([key[0] ^ 1]) + key[1:], about),
        (sealed, key, about + b"x"),
    ):
        with pytest.raises(Tampered):
            open_bytes(*changed)


def test_the_same_bytes_are_never_sealed_twice_alike():
    assert len({seal_bytes(b"same", KEY, b"name") for _ in range(100)}) == 100


def test_a_persons_row_goes_with_their_key():
    keys = {person: os.urandom(32) for person in ("a", "b")}
    rows = {person: seal_bytes(f"address of {person}".encode(), key, person.encode()) for person, key in keys.items()}
    del keys["a"]
    assert open_bytes(rows["b"], keys["b"], b"b") == b"address of b"
    with pytest.raises(Tampered):
        open_bytes(rows["a"], keys["b"], b"a")
