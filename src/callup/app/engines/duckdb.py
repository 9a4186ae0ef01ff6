"""Runs queries of the rooms in DuckDB, streaming, and digests tables in SQL (design D1, D11).

The engine reads only what it is handed: no file, no network, no extension, no Python variable that happens to have a
table's name. What it must spill lies enciphered in a private folder. DuckDB does not vouch for the random numbers of that
cipher (ADR 0004), so it is the second wall; the folder's mode, and its removal at `DuckDBEngine.close`, are the first.
"""

from __future__ import annotations

import shutil
import warnings
import weakref
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.dataset as ds

from callup.app.durable import world_failures
from callup.app.engines.engine import Order
from callup.draw import ranks, seal_roll, tickets
from callup.law import DuckDB
from callup.terms.errors import Unavailable
from callup.terms.query import Query
from callup.terms.schema import Schema
from callup.tlog import TileStore, merkle_root, write_tree

warnings.filterwarnings("ignore", message="Arrow output on a DB-API result", category=UserWarning)
PART_ROWS = 245_760
_ROWS = 122_880
_WORDS = DuckDB()
_FAILURES = (duckdb.Error, pa.ArrowException, OSError)
_WORLD = (duckdb.IOException, duckdb.OutOfMemoryException, pa.ArrowException, OSError)
_FENCED = (
    "SET enable_progress_bar = false",
    "SET force_mbedtls_unsafe = true",
    "SET temp_file_encryption = true",
    "SET preserve_insertion_order = true",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)


class DuckDBEngine:
    """One DuckDB in memory; one query at a time: read a result to its end, or drop it, before the next.

    Args:
        temp_dir: a private folder for spilling; what a crash left there is thrown away, it is made with mode 0700, and removed at
            `close` or when the program ends.
        memory_limit: as DuckDB writes it.
        threads: how many.
    """

    dialect = _WORDS

    def __init__(self, temp_dir: Path, memory_limit: str = "3GB", threads: int = 2) -> None:
        self.temp_dir = temp_dir
        with world_failures(temp_dir):
            shutil.rmtree(temp_dir, ignore_errors=True)
            temp_dir.mkdir(mode=0o700, parents=True)
        self._removed = weakref.finalize(self, shutil.rmtree, temp_dir, ignore_errors=True)
        self._failures: list[BaseException] = []
        self._named: set[str] = set()
        self._sizes = {"memory_limit": memory_limit, "threads": str(threads)}
        self._base = self._opened()

    def _opened(self) -> duckdb.DuckDBPyConnection:
        never = ("autoinstall_known_extensions", "autoload_known_extensions", "python_enable_replacements")
        base = duckdb.connect(config={**self._sizes, **dict.fromkeys(never, "false")})
        base.execute(f"SET temp_directory = '{str(self.temp_dir).replace(chr(39), chr(39) * 2)}'")
        for setting in _FENCED:
            base.execute(setting)
        return base

    def begin_anew(self) -> None:
        """Forget every table, and give back the memory of earlier queries, which an open engine keeps; no result may still be read."""
        self._named.clear()
        self._base.close()
        self._base = self._opened()

    def close(self) -> None:
        """Close, and remove what was spilled."""
        self._base.close()
        self._removed()

    def register(self, name: str, rows: pa.Table | pa.RecordBatchReader | ds.Dataset) -> None:
        """Name a table for the next queries.

        Args:
            name: the name that the queries use.
            rows: a table or a dataset may be read again and again; a reader serves one query.
        """
        if isinstance(rows, pa.RecordBatchReader):
            rows = pa.RecordBatchReader.from_batches(rows.schema, _watched(rows, self._failures))
        self._base.register(name, rows)
        self._named.add(name)

    def let_go(self) -> None:
        """Forget every table that was named: nothing of their rows stays."""
        while self._named:
            self._base.unregister(self._named.pop())

    def run(self, query: Query | str) -> pa.RecordBatchReader:
        """Run a query; gives its rows batch by batch.

        Raises:
            Unavailable: memory or disk ran out, here or while the rows are read.
            Exception: whatever the reader of a registered table raised, as it was raised.
        """
        sql = query.sql if isinstance(query, Query) else query
        self._failures.clear()
        try:
            found = self._base.sql(sql).to_arrow_reader(_ROWS)
        except _FAILURES as failure:
            raise self._meant(failure) from failure
        return pa.RecordBatchReader.from_batches(found.schema, self._given(found))

    def table(self, query: Query | str) -> pa.Table:
        """Run a query; gives the whole table. For tables of the called, never for a register.

        A relation (`run`) plans a query twice, which for the long queries of standings costs more than one more copy of few rows.
        """
        self._failures.clear()
        try:
            found: pa.Table = self._base.execute(query.sql if isinstance(query, Query) else query).to_arrow_table()
        except _FAILURES as failure:
            raise self._meant(failure) from failure
        return found

    def run_in_parts(self, query: Query, name: str, rows: pa.RecordBatchReader, part_rows: int = PART_ROWS) -> Iterator[pa.RecordBatch]:
        """Run a query that looks at each row of one table by itself, part by part: memory does not grow with the table.

        Args:
            query: a query whose answer for the whole table is the answers for its parts, one behind the other.
            name: the table's name in the query; other tables that it reads are registered before.
            rows: the table.
            part_rows: rows of a part; the last batch of a part may go beyond.
        """
        part: list[pa.RecordBatch] = []
        for batch in rows:
            part.append(batch)
            if sum(one.num_rows for one in part) >= part_rows:
                yield from self._run_part(query, name, part)
                part = []
        if part:
            yield from self._run_part(query, name, part)

    def _run_part(self, query: Query, name: str, part: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        self.register(name, pa.Table.from_batches(part))
        yield from self.run(query)
        self._base.unregister(name)

    def digest(self, rows: pa.Table | pa.RecordBatchReader, schema: Schema) -> tuple[str, int]:
        """The table digest: RFC 6962 root over the row digests in key order; only keys and digests are sorted.

        Args:
            rows: the table.
            schema: declares columns and key.

        Returns:
            Hex digest and number of rows.
        """
        count = 0

        def leaves() -> Iterator[bytes]:
            nonlocal count
            for leaf in self.row_digests(rows, schema):
                count += 1
                yield leaf

        return merkle_root(leaves()).hex(), count

    def row_digests(self, rows: pa.Table | pa.RecordBatchReader, schema: Schema) -> Iterator[bytes]:
        """The digest of each row, in key order; only keys and digests are sorted."""
        self.register("digested", rows)
        key = ", ".join(f'"{name}"' for name in schema.key)
        found = self.run(f"SELECT unhex({_WORDS.sha256(_WORDS.row_text(schema))}) AS d FROM digested ORDER BY {key}, d")
        for batch in found:
            yield from batch.column(0).to_pylist()

    def seal_roll(self, persons: pa.Table) -> pa.Table:
        """ROLL of the liable."""
        return seal_roll(persons)

    def order(self, seed: str, sizes: Mapping[str, int]) -> Order:
        """Each stratum with its roll positions in the order of their ranks."""
        for stratum, size in sizes.items():
            rank = ranks(tickets(seed, stratum, size))
            by_rank = np.empty(size, dtype=np.int64)
            by_rank[rank - 1] = np.arange(size)
            yield stratum, by_rank

    def write_roll_trees(self, store: TileStore, roll: pa.Table) -> None:
        """Put the tree of each stratum as ``roll/STRATUM``; the caller syncs."""
        strata = roll.column("stratum")
        for stratum in pc.unique(strata).to_pylist():
            rows = roll.filter(pc.equal(strata, stratum)).sort_by("position")
            write_tree(store, f"roll/{stratum}", [bytes.fromhex(one) for one in rows.column("commitment").to_pylist()])

    def _given(self, batches: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Batches on their way out."""
        try:
            yield from batches
        except _FAILURES as failure:
            raise self._meant(failure) from failure

    def _meant(self, failure: Exception) -> BaseException:
        """The failure of a registered reader as it was; the world's as `Unavailable`; a wrong query as it is."""
        if self._failures:
            return self._failures.pop()
        if isinstance(failure, _WORLD):
            return Unavailable("engine-failed", {"why": str(failure)[:300]}, "free memory or disk space and run the same command again")
        return failure


def _watched(batches: Iterable[pa.RecordBatch], failures: list[BaseException]) -> Iterator[pa.RecordBatch]:
    """Batches on their way into the engine, which would tell a failure in its own words; it must not hold the engine."""
    try:
        yield from batches
    except Exception as failure:
        failures.append(failure)
        raise
