"""Runs queries of the rooms in DuckDB, streaming, and digests tables in SQL (design D1, D11)."""

from __future__ import annotations

import shutil
import weakref
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from callup.app.durable import world_failures
from callup.terms.errors import Unavailable
from callup.terms.query import Query
from callup.terms.schema import Column, Schema
from callup.tlog import merkle_root

_ROWS = 122_880


class DuckDBEngine:
    """One DuckDB in memory.

    Args:
        temp_dir: a private folder for spilling, encrypted under a key in memory; it is made with mode 0700, what a crash left
            in it is thrown away, and it is removed at `close` or when the program ends.
        memory_limit: as DuckDB writes it.
        threads: how many.
    """

    def __init__(self, temp_dir: Path, memory_limit: str = "3GB", threads: int = 2) -> None:
        self.temp_dir = temp_dir
        with world_failures(temp_dir):
            shutil.rmtree(temp_dir, ignore_errors=True)
            temp_dir.mkdir(mode=0o700, parents=True)
        self._removed = weakref.finalize(self, shutil.rmtree, temp_dir, ignore_errors=True)
        self._base = duckdb.connect(config={"memory_limit": memory_limit, "threads": str(threads)})
        self._base.execute(f"SET temp_directory = '{str(temp_dir).replace(chr(39), chr(39) * 2)}'")
        # the engine calls its own AES unsafe because its nonces come from an ordinary generator; the key dies with the process,
        # and the rows of a register would otherwise lie on the disk in clear
        self._base.execute("SET force_mbedtls_unsafe = true")
        self._base.execute("SET temp_file_encryption = true")
        self._base.execute("SET preserve_insertion_order = true")

    def close(self) -> None:
        """Close, and remove what was spilled."""
        self._base.close()
        self._removed()

    def register(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Name a table for the next queries; a reader serves one query."""
        self._base.register(name, rows)

    def run(self, query: Query | str) -> pa.RecordBatchReader:
        """Run a query; gives its rows batch by batch."""
        sql = query.sql if isinstance(query, Query) else query
        try:
            return self._base.sql(sql).to_arrow_reader(_ROWS)
        except duckdb.IOException as failure:
            raise Unavailable("engine-failed", {"why": str(failure)[:300]}, "free space and run the same command again") from failure

    def table(self, query: Query | str) -> pa.Table:
        """Run a query; gives the whole table. For tables of the called, never for a register."""
        return self.run(query).read_all()

    def digest(self, rows: pa.Table | pa.RecordBatchReader, schema: Schema) -> tuple[str, int]:
        """The table digest: RFC 6962 root over the row digests in key order.

        Args:
            rows: the table.
            schema: declares columns and key.

        Returns:
            Hex digest and number of rows.
        """
        self._base.register("digested", rows)
        key = ", ".join(f'"{name}"' for name in schema.key)
        found = self.run(f"SELECT unhex(sha256({row_text_sql(schema)})) AS d FROM digested ORDER BY {key}")
        count = 0

        def leaves() -> Iterator[bytes]:
            nonlocal count
            for batch in found:
                count += batch.num_rows
                yield from batch.column(0).to_pylist()

        return merkle_root(leaves()).hex(), count


def row_text_sql(schema: Schema) -> str:
    """The canonical row text of a table as a SQL expression."""
    return "(" + " || chr(9) || ".join(_field_sql(column) for column in schema.columns) + ")"


def _field_sql(column: Column) -> str:
    name = f'"{column.name}"'
    match column.type:
        case "text":
            text = f"replace(replace(replace({name}, '\\', '\\\\'), chr(9), '\\t'), chr(10), '\\n')"
        case "flag":
            text = f"CASE WHEN {name} THEN 't' WHEN NOT {name} THEN 'f' END"
        case _:
            text = f"CAST({name} AS VARCHAR)"
    return f"coalesce({text}, '\\N')"
