"""What stands in the place of an erased row: its digest and its two places, sealed beside the table (design D5, D11).

A table's digest is over the digests of its rows in key order, so the digest of an erased row, put back at its place, keeps
the table's digest true, and nobody can tell from it what the row said.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa

from callup.app import durable, sealed
from callup.app.engines.duckdb import DuckDBEngine
from callup.terms.schema import Schema
from callup.tlog import merkle_root


@dataclass(frozen=True, slots=True)
class ErasedRow:
    """One erased row.

    Args:
        place: its place in key order, from 0, in the table as it was made.
        line: its place in the file, from 0, as it was made.
        digest: of the row, 64 hex digits.
    """

    place: int
    line: int
    digest: str


def erased_file(table: Path) -> Path:
    """Where the erased rows of a table stand."""
    return table.with_name(table.name + ".erased")


def erased_rows(table: Path, key: bytes) -> list[ErasedRow]:
    """The erased rows of a table, by place; most tables have none."""
    path = erased_file(table)
    if not path.exists():
        return []
    return [ErasedRow(**row) for row in json.loads(sealed.open_bytes(path.read_bytes(), key, path.name.encode()))]


def write_erased(table: Path, rows: Iterable[ErasedRow], key: bytes) -> None:
    """Write the erased rows of a table."""
    path = erased_file(table)
    content = json.dumps([asdict(row) for row in sorted(rows, key=lambda row: row.place)]).encode()
    durable.write_bytes(path, sealed.seal_bytes(content, key, path.name.encode()), mode=0o600)


def lines_kept(count: int, erased: list[ErasedRow]) -> list[int]:
    """The place that each row still there had in the file as it was made.

    Example:
        >>> lines_kept(3, [ErasedRow(0, 1, "ab")])
        [0, 2, 3]
    """
    gone = {row.line for row in erased}
    return [line for line in range(count + len(erased)) if line not in gone]


def whole_digest(engine: DuckDBEngine, table: Path, schema: Schema, key: bytes) -> str:
    """The digest of a sealed table with the digests of its erased rows in their places."""
    return digest_with(engine, sealed.read_sealed(table, key), schema, erased_rows(table, key))


def digest_with(engine: DuckDBEngine, rows: pa.Table | pa.RecordBatchReader, schema: Schema, erased: Iterable[ErasedRow]) -> str:
    """The digest of rows and of erased rows in their places."""
    gone = sorted(erased, key=lambda row: row.place)
    return merkle_root(_leaves(engine.row_digests(rows, schema), gone)).hex()


def _leaves(kept: Iterator[bytes], erased: list[ErasedRow]) -> Iterator[bytes]:
    place = 0
    for row in erased:
        # a table that lost rows otherwise ends early: its digest comes out wrong, which is what is asked
        yield from islice(kept, row.place - place)
        yield bytes.fromhex(row.digest)
        place = row.place + 1
    yield from kept


def without(table: pa.Table, lines: Iterable[int]) -> pa.Table:
    """A table without some of its lines."""
    gone = set(lines)
    return table.filter(pa.array([line not in gone for line in range(table.num_rows)]))
