"""Runs the stages over a whole register on Spark (ADR 0032): the same rows and the same digests as `engines/duckdb.py`.

Rows go to the cluster as Arrow and come back as Arrow; on its machines there is only SQL, but for synthetic rows (`making`). The
one thing that SQL does not say is a row's number in a global order, and everything here rests on it: a roll position, a rank, a
leaf of a tree. Spark sorts into ranges, one a partition, each numbered by itself; the partitions' counts come back, and their sums
are what each begins with.
"""

from __future__ import annotations

import itertools
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from callup.app.durable import world_failures
from callup.app.engines.engine import Order
from callup.app.engines.spark import trees
from callup.app.engines.spark.making import made_on_executors
from callup.app.engines.spark.session import close_session, open_session
from callup.draw.queries import check_roll, check_strict, roll_lines, ticket
from callup.law.dialects import DIALECTS
from callup.register import arrow_schema
from callup.terms.errors import Unavailable
from callup.terms.query import Query
from callup.terms.schema import Schema
from callup.terms.tables import ROLL
from callup.tlog import TileStore
from callup.tlog.merging import fold, write_tiles

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

PART_ROWS = 2_000_000
"""Rows that the driver hands over at once: larger parts than DuckDB's, since each is a job of its own."""

_BLOCK = 1 << 16
"""Positions that one row of a small table stands for; each becomes so many tickets where it is worked on."""

_WITHIN = 33
"""Bits of ``monotonically_increasing_id`` that count within a partition, as Spark's documentation says."""


class SparkEngine:
    """One application on one cluster; a process has one at a time.

    Args:
        address: ``local-spark`` or ``spark://HOST:PORT``.
        temp_dir: a private folder for what the driver spills; made with mode 0700 and removed at `close`.
    """

    dialect = DIALECTS["spark"]

    def __init__(self, address: str, temp_dir: Path) -> None:
        with world_failures(temp_dir):
            shutil.rmtree(temp_dir, ignore_errors=True)
            temp_dir.mkdir(mode=0o700, parents=True)
        self._removed = weakref.finalize(self, shutil.rmtree, temp_dir, ignore_errors=True)
        self._session = open_session(address, temp_dir)
        self._numbers = itertools.count(1)

    def close(self) -> None:
        """End the application, and remove what was spilled."""
        close_session(self._session)
        self._removed()

    def register(self, name: str, rows: pa.Table | pa.RecordBatchReader) -> None:
        """Name a table for the next queries; what a reader gives goes to the cluster part by part, and stays there."""
        with _failures():
            frame = self._kept(rows) if isinstance(rows, pa.RecordBatchReader) else self._session.createDataFrame(rows)
            frame.createOrReplaceTempView(name)

    def _kept(self, rows: pa.RecordBatchReader) -> DataFrame:
        """A table in parts that each lie on the cluster, so that the driver holds one part at a time."""
        frames = []
        for part in _parts(rows, PART_ROWS):
            frame = self._session.createDataFrame(part)
            frames.append(frame.localCheckpoint() if part.num_rows >= PART_ROWS else frame)
        found = frames[0] if frames else self._session.createDataFrame(rows.schema.empty_table())
        for frame in frames[1:]:
            found = found.unionAll(frame)
        return found

    def table(self, query: Query | str) -> pa.Table:
        """Run a query; gives the whole table.

        Raises:
            Unavailable: the cluster failed.
        """
        with _failures():
            for step in query.tables if isinstance(query, Query) else ():
                made = self._session.sql(step.select)
                (made.localCheckpoint() if step.kept else made).createOrReplaceTempView(step.name)
            found: pa.Table = self._session.sql(query.sql if isinstance(query, Query) else query).toArrow()
        return found

    def run(self, query: Query) -> Iterator[pa.RecordBatch]:
        """Run a query; gives its rows, which all come to the driver first."""
        yield from self.table(query).to_batches()

    def run_in_parts(self, query: Query, name: str, rows: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
        """Run a query that looks at each row of one table by itself, part by part, each spread over the cluster."""
        for part in _parts(rows, PART_ROWS):
            self.register(name, part)
            yield from self.table(query).to_batches()

    def digest(self, rows: pa.Table | pa.RecordBatchReader, schema: Schema) -> tuple[str, int]:
        """The table digest, from the roots of aligned subtrees hashed on the cluster."""
        self.register("digested", rows)
        key = ", ".join(self.dialect.quoted(name) for name in schema.key)
        hashed = self.dialect.sha256(self.dialect.row_text(schema))
        numbered = self._numbered(f"SELECT {key}, unhex({hashed}) AS d FROM digested", f"{key}, d")
        found = self.table(trees.subtrees(numbered))
        return fold(b"".join(found.column("root").to_pylist())).hex(), sum(found.column("rows").to_pylist())

    def seal_roll(self, persons: pa.Table) -> pa.Table:
        """ROLL of the liable: commitments, order and positions made on the cluster."""
        check_roll(persons)
        listed = "position" in persons.column_names
        key = "position" if listed else "commitment"
        self.register("persons", persons)
        lines = self._numbered(roll_lines(self.dialect.sha256, self._text, listed), f"stratum, {key}")
        others = ", ".join(f"l.{name}" for name in ROLL.names if name != "position")
        first = f"SELECT stratum, min(n) AS first FROM {lines} GROUP BY stratum"
        found = self.table(
            f"SELECT {others}, l.n - f.first AS position, l.{key} AS line FROM {lines} l JOIN ({first}) f USING (stratum) ORDER BY n"
        )
        check_strict(pa.table({"stratum": found.column("stratum"), key: found.column("line")}), key)
        return found.select(list(ROLL.names)).cast(arrow_schema(ROLL))

    def order(self, seed: str, sizes: Mapping[str, int]) -> Order:
        """Tickets and ranks of every stratum, sorted as one table; gives the positions stratum by stratum."""
        self.register("blocks", _blocks(sizes))
        positions = "SELECT stratum, explode(sequence(first, last)) AS position FROM blocks"
        hashed = ticket(self.dialect.sha256, self._text, seed)
        drawn = self._numbered(f"SELECT stratum, position, {hashed} AS ticket FROM ({positions})", "stratum, ticket, position")
        found = self.table(f"SELECT position FROM {drawn} ORDER BY n").column("position").combine_chunks().to_numpy()
        starts = dict(zip(sorted(sizes), itertools.accumulate((sizes[name] for name in sorted(sizes)), initial=0), strict=False))
        for stratum, size in sizes.items():
            yield stratum, found[starts[stratum] : starts[stratum] + size]

    def write_roll_trees(self, store: TileStore, roll: pa.Table) -> None:
        """The tree of each stratum: bottom tiles and their roots from the cluster, the levels above merged here."""
        self.register("lines", roll)
        rows = self.table(trees.tiles("lines")).to_pylist()
        for stratum, made in itertools.groupby(rows, lambda row: row["stratum"]):
            write_tiles(store, f"roll/{stratum}", ((row["bundle"], row["hashes"], row["root"]) for row in made))

    def made(self, make: Callable[[range], pa.RecordBatch], ranges: list[range], shape: pa.Schema) -> Iterator[pa.RecordBatch]:
        """What a function of ours makes of ranges of row numbers, on the executors, in order; they need callup (ADR 0061)."""
        with _failures():
            yield from made_on_executors(self._session, make, ranges, shape)

    def _numbered(self, select: str, order: str) -> str:
        """Keep the rows of a query sorted, each with its number ``n`` from 0 in the whole order; gives the table's name.

        The sorted rows lie checkpointed: were they made again after a loss, their numbers could be others.
        """
        name = f"numbered_{next(self._numbers)}"
        with _failures():
            marked = self._session.sql(f"SELECT *, monotonically_increasing_id() AS mark FROM (SELECT * FROM ({select}) ORDER BY {order})")
            marked.localCheckpoint().createOrReplaceTempView(f"{name}_marked")
        counted = self.table(f"SELECT shiftright(mark, {_WITHIN}) AS part, count(*) AS rows FROM {name}_marked GROUP BY 1").to_pylist()
        rows = {row["part"]: row["rows"] for row in counted}
        before = itertools.accumulate((rows.get(part, 0) for part in range(max(rows, default=0))), initial=0)
        starts = f"array({', '.join(f'{start}L' for start in before)})"
        number = f"{starts}[CAST(shiftright(mark, {_WITHIN}) AS INT)] + (mark & {(1 << _WITHIN) - 1})"
        with _failures():
            self._session.sql(f"SELECT *, {number} AS n FROM {name}_marked").createOrReplaceTempView(name)
        return name

    def _text(self, text: str) -> str:
        return self.dialect.literal(text, "text")


@contextmanager
def _failures() -> Iterator[None]:
    """What the cluster fails in, in our words; a wrong query stays what it is."""
    from py4j.protocol import Py4JError
    from pyspark.errors import AnalysisException, ParseException, PySparkException

    try:
        yield
    except (AnalysisException, ParseException):
        raise
    except (PySparkException, Py4JError, OSError) as failure:
        why = " ".join(str(failure).split())[:300]
        raise Unavailable("engine-failed", {"why": why}, "see that the cluster is well and run the same command again") from failure


def _parts(rows: pa.RecordBatchReader, most: int) -> Iterator[pa.Table]:
    """The rows in tables of at least ``most`` rows, but for the last."""
    part: list[pa.RecordBatch] = []
    for batch in rows:
        part.append(batch)
        if sum(one.num_rows for one in part) >= most:
            yield pa.Table.from_batches(part)
            part = []
    if part:
        yield pa.Table.from_batches(part)


def _blocks(sizes: Mapping[str, int]) -> pa.Table:
    """The positions of every stratum in runs: stratum, first, last."""
    runs = [(stratum, first, min(first + _BLOCK, size) - 1) for stratum, size in sizes.items() for first in range(0, size, _BLOCK)]
    columns = zip(*runs, strict=True) if runs else ((), (), ())
    names = (("stratum", pa.string()), ("first", pa.int64()), ("last", pa.int64()))
    return pa.table({name: pa.array(column, kind) for (name, kind), column in zip(names, columns, strict=True)})
