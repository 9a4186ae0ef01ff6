"""Synthetic registers say so in the file, and are believed only after some of their rows were made again (safeguard G2)."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from callup.app import durable
from callup.app.engines.opening import DUCKDB
from callup.app.known import jurisdiction
from callup.jurisdictions import resource
from callup.law import register_schema
from callup.register import SynthTables, arrow_schema, read_tables, synth
from callup.terms.errors import BadInput, NotLawful, Tampered

BATCH_ROWS = 122_880
KEY_DATE = date(2025, 4, 1)
MARK = "callup.synthetic"
"""The key of the Parquet file's metadata under which stands how it was made: jurisdiction, persons, seed."""
_TRIED = 500


def tables_of(code: str) -> SynthTables:
    """The tables that a jurisdiction's synthetic registers are made from."""
    return read_tables(lambda name: resource(code, f"data/{name}"))


def rows_of(code: str, persons: int, seed: int, rows: range) -> pa.RecordBatch:
    """Some rows of a synthetic register: the one place where they are made, on this machine and on a cluster."""
    return synth(tables_of(code), register_schema(jurisdiction(code).law), seed, persons, rows, KEY_DATE)


def write_register(
    code: str, persons: int, seed: int, path: Path, made: Callable[[int], object] = lambda rows: None, *, engine: str = DUCKDB
) -> None:
    """Make a synthetic register as Parquet, batch by batch, clustered by birth date; whole or not at all.

    Args:
        code: the jurisdiction.
        persons: rows.
        seed: same seed, same persons.
        path: the file.
        made: told how many rows were written, batch by batch.
        engine: duckdb makes them here; local-spark or spark://HOST:PORT on the executors, the same bytes.

    Raises:
        Unavailable: the cluster failed, or its executors cannot make rows.
        Tampered: rows of the cluster, made again here, are others.
    """
    schema = register_schema(jurisdiction(code).law)
    part = path.with_name(path.name + ".part")
    with durable.world_failures(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with pq.ParquetWriter(part, arrow_schema(schema), compression="zstd") as writer:
                writer.add_key_value_metadata({MARK: json.dumps({"jurisdiction": code, "persons": persons, "seed": seed})})
                ranges = [range(first, min(persons, first + BATCH_ROWS)) for first in range(0, persons, BATCH_ROWS)]
                for batch in _batches(partial(rows_of, code, persons, seed), ranges, arrow_schema(schema), engine):
                    writer.write_batch(batch)
                    made(batch.num_rows)
            if engine != DUCKDB and not _made_again(pq.ParquetFile(part), code, persons=persons, seed=seed):
                raise Tampered("rows-of-cluster-differ", {"engine": engine}, "install this callup on each machine of the cluster")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    durable.after_write(str(path))


def _batches(make: Callable[[range], pa.RecordBatch], ranges: list[range], shape: pa.Schema, engine: str) -> Iterator[pa.RecordBatch]:
    """The batches of all ranges in order, made here or on the executors."""
    if engine == DUCKDB:
        yield from map(make, ranges)
        return
    from callup.app.engines.spark.engine import SparkEngine

    with tempfile.TemporaryDirectory(prefix="callup-") as spill, closing(SparkEngine(engine, Path(spill) / "making")) as making:
        yield from making.made(make, ranges, shape)


def require_synthetic(path: Path, code: str) -> int:
    """Refuse a register of persons that is not a synthetic one of this jurisdiction; gives its number of persons.

    Raises:
        NotLawful: it does not say that it is synthetic, or rows made again from what it says are others.
        BadInput: it is synthetic for another jurisdiction.
    """
    file = pq.ParquetFile(path)
    said = (file.metadata.metadata or {}).get(MARK.encode())
    if said is None:
        raise _persons(path, "it does not say that it is synthetic")
    made_for, persons, seed = (json.loads(said)[name] for name in ("jurisdiction", "persons", "seed"))
    if made_for != code:
        raise BadInput("register-of-another", {"path": str(path), "made for": made_for, "asked": code}, "make one for this law")
    if not _made_again(file, code, persons=persons, seed=seed):
        raise _persons(path, "it says that it is synthetic, but its rows are not those that its seed makes")
    return int(persons)


def _made_again(file: pq.ParquetFile, code: str, *, persons: int, seed: int) -> bool:
    """Whether rows of the first, a middle and the last part are what the seed makes."""
    schema = register_schema(jurisdiction(code).law)
    parts = file.metadata.num_row_groups
    if file.metadata.num_rows != persons or not file.schema_arrow.equals(arrow_schema(schema)):
        return False
    starts = [0]
    for part in range(parts):
        starts.append(starts[-1] + file.metadata.row_group(part).num_rows)
    for part in sorted({0, parts // 2, parts - 1}):
        rows = range(starts[part], min(starts[part] + _TRIED, starts[part + 1]))
        there = next(file.iter_batches(batch_size=len(rows), row_groups=[part]))
        if not there.equals(rows_of(code, persons, seed, rows)):
            return False
    return True


def _persons(path: Path, why: str) -> NotLawful:
    hint = "study a law on a synthetic register (callup register synth) or on counts: a table without persons, with a column persons"
    return NotLawful(
        "register-of-persons", {"path": str(path), "why": why, "law": "safeguard G2: a register is assessed under a decree"}, hint
    )
