"""Lines of a roll and tickets as SQL are those of the kernels."""

import hashlib
from datetime import date

import duckdb
import pyarrow as pa

from callup.draw import seal_roll, tickets
from callup.draw.queries import roll_lines, ticket
from callup.law import DuckDB

WORDS = DuckDB()


def test_commitments_in_sql_are_those_of_the_roll():
    ids = ["p1", "п2", "a\\b", "quote's", "tab\tin"]
    columns = {
        "person_id": ids,
        "born_on": pa.array([date(2000, 2, 29), None, date(1999, 12, 31), date(2004, 1, 1), None], pa.date32()),
        "stratum": ["FR-E", "FR-E+volunteers", "FR-N", "FR-E", "FR-N"],
        "liable_from": pa.array([date(2025, 4, 1)] * 5, pa.date32()),
        "liable_until": pa.nulls(5, pa.date32()),
        "salt": [hashlib.sha256(one.encode()).hexdigest()[:32] for one in ids],
    }
    persons = pa.table(columns)
    with duckdb.connect() as base:
        base.register("persons", persons)
        rows = base.sql(roll_lines(WORDS.sha256, WORDS.text, listed=False)).to_arrow_table().to_pylist()
    expected = {row["person_id"]: row["commitment"] for row in seal_roll(persons).to_pylist()}
    assert {row["person_id"]: row["commitment"] for row in rows} == expected


def test_tickets_in_sql_are_those_of_the_draw():
    seed = hashlib.sha256(b"seed").hexdigest()
    with duckdb.connect() as base:
        positions = "SELECT 'FR-N' AS stratum, range AS position FROM range(2003)"
        rows = base.execute(f"SELECT {ticket(WORDS.sha256, WORDS.text, seed)} FROM ({positions}) ORDER BY position").fetchall()
        found = [row[0] for row in rows]
    assert found == [drawn.tobytes().hex() for drawn in tickets(seed, "FR-N", 2003)]
