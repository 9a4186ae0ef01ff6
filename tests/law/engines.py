"""The engines beside DuckDB, each handed Arrow tables and one query that gives rows of text; nothing is written anywhere."""

import contextlib
import sqlite3

import datafusion
import duckdb
import polars
import psycopg

from callup.app.benches.postgres import cluster

KINDS = {"date32[day]": "date", "string": "text", "bool": "boolean", "int64": "bigint"}


@contextlib.contextmanager
def duckdb_engine():
    with duckdb.connect() as base:

        def answer(tables, sql):
            for name, rows in tables.items():
                base.register(name, rows)
            return base.execute(sql).fetchall()

        yield answer


@contextlib.contextmanager
def sqlite_engine():
    with contextlib.closing(sqlite3.connect(":memory:")) as base:

        def answer(tables, sql):
            for name, rows in tables.items():
                base.execute(f"DROP TABLE IF EXISTS {name}")
                base.execute(f"CREATE TABLE {name} ({', '.join(rows.column_names)})")
                base.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * rows.num_columns)})", _plain(rows))
            return base.execute(sql).fetchall()

        yield answer


@contextlib.contextmanager
def postgresql_engine():
    with cluster() as made, psycopg.connect(made.address(), autocommit=True) as base:
        base.execute("SET DateStyle = 'German'")
        base.execute("SET jit = off")  # compiling the query of a window takes minutes, running it less than a second (ADR 0031)

        def answer(tables, sql):
            for name, rows in tables.items():
                base.execute(f"DROP TABLE IF EXISTS {name}")
                columns = ", ".join(f'"{field.name}" {KINDS[str(field.type)]}' for field in rows.schema)
                base.execute(f"CREATE UNLOGGED TABLE {name} ({columns})")
                with base.cursor().copy(f"COPY {name} FROM STDIN") as copy:
                    for row in _plain(rows):
                        copy.write_row(row)
            return base.execute(sql).fetchall()

        yield answer


@contextlib.contextmanager
def polars_engine():
    def answer(tables, sql):
        return polars.SQLContext({name: polars.from_arrow(rows) for name, rows in tables.items()}).execute(sql, eager=True).rows()

    yield answer


@contextlib.contextmanager
def datafusion_engine():
    def answer(tables, sql):
        base = datafusion.SessionContext()
        for name, rows in tables.items():
            base.register_record_batches(name, [rows.to_batches()])
        return [tuple(row.values()) for batch in base.sql(sql).collect() for row in batch.to_pylist()]

    yield answer


def _plain(rows):
    columns = [[one.isoformat() if hasattr(one, "isoformat") else one for one in column.to_pylist()] for column in rows.columns]
    return zip(*columns, strict=True)


ENGINES = {
    "duckdb": duckdb_engine,
    "sqlite": sqlite_engine,
    "postgresql": postgresql_engine,
    "polars": polars_engine,
    "datafusion": datafusion_engine,
}
