"""Synthetic registers say so in the file, and are believed only after some of their rows were made again (safeguard G2)."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pyarrow.parquet as pq

from callup.app import durable
from callup.app.known import jurisdiction
from callup.jurisdictions import resource
from callup.law import register_schema
from callup.register import SynthTables, arrow_schema, read_tables, synth
from callup.terms.errors import BadInput, NotLawful

BATCH_ROWS = 122_880
KEY_DATE = date(2025, 4, 1)
MARK = "callup.synthetic"
"""The key of the Parquet file's metadata under which stands how it was made: jurisdiction, persons, seed."""
_TRIED = 500


def tables_of(code: str) -> SynthTables:
    """The tables that a jurisdiction's synthetic registers are made from."""
    return read_tables(lambda name: resource(code, f"data/{name}"))


def write_register(code: str, persons: int, seed: int, path: Path, made: Callable[[int], object] = lambda rows: None) -> None:
    """Make a synthetic register as Parquet, batch by batch, clustered by birth date; whole or not at all.

    Args:
        code: the jurisdiction.
        persons: rows.
        seed: same seed, same persons.
        path: the file.
        made: told how many rows were written, batch by batch.
    """
    tables = tables_of(code)
    schema = register_schema(jurisdiction(code).law)
    part = path.with_name(path.name + ".part")
    with durable.world_failures(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with pq.ParquetWriter(part, arrow_schema(schema), compression="zstd") as writer:
                writer.add_key_value_metadata({MARK: json.dumps({"jurisdiction": code, "persons": persons, "seed": seed})})
                for first in range(0, persons, BATCH_ROWS):
                    rows = range(first, min(persons, first + BATCH_ROWS))
                    writer.write_batch(synth(tables, schema, seed, persons, rows, KEY_DATE))
                    made(len(rows))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    durable.after_write(str(path))


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
    schema, tables = register_schema(jurisdiction(code).law), tables_of(code)
    parts = file.metadata.num_row_groups
    if file.metadata.num_rows != persons or not file.schema_arrow.equals(arrow_schema(schema)):
        return False
    starts = [0]
    for part in range(parts):
        starts.append(starts[-1] + file.metadata.row_group(part).num_rows)
    for part in sorted({0, parts // 2, parts - 1}):
        rows = range(starts[part], min(starts[part] + _TRIED, starts[part + 1]))
        there = next(file.iter_batches(batch_size=len(rows), row_groups=[part]))
        if not there.equals(synth(tables, schema, seed, persons, rows, KEY_DATE)):
            return False
    return True


def _persons(path: Path, why: str) -> NotLawful:
    hint = "study a law on a synthetic register (callup register synth) or on counts: a table without persons, with a column persons"
    return NotLawful(
        "register-of-persons", {"path": str(path), "why": why, "law": "safeguard G2: a register is assessed under a decree"}, hint
    )
