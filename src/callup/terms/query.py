"""A stage over rows is a query (design D1): text of one dialect, the tables it reads, the table it gives."""

from __future__ import annotations

from dataclasses import dataclass

from callup.terms.schema import Schema


@dataclass(frozen=True, slots=True)
class Table:
    """One step of a query: a table that later steps read by its name.

    Args:
        name: its name.
        select: a SELECT over the tables before it.
        kept: true, made once, as several read it; false, never worth keeping; ``None``, as the engine likes.
    """

    name: str
    select: str
    kept: bool | None = None

    @property
    def in_with(self) -> str:
        """As a line of a WITH."""
        how = "" if self.kept is None else "MATERIALIZED " if self.kept else "NOT MATERIALIZED "
        return f"{self.name} AS {how}({self.select})"


@dataclass(frozen=True, slots=True)
class Query:
    """Query text with its schema. A room writes it; an engine in ``app`` runs it, batch by batch.

    Args:
        sql: one SELECT of the named dialect; tables are named as in ``reads``.
        gives: the schema of the result, columns in that order.
        reads: the names of the tables it reads, as the engine must register them.
        dialect: the dialect's name, e.g. ``duckdb``.
        tables: the steps before, in order, for an engine that would make a step of a WITH anew for each reader; else none.
    """

    sql: str
    gives: Schema
    reads: tuple[str, ...]
    dialect: str
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, slots=True)
class Artefact:
    """What a stage leaves: never rows, always (schema, digest, made_from, row count, location).

    Args:
        name: e.g. ``findings``.
        schema: the declared table.
        digest: hex, the table digest (canonical rows, RFC 6962 root).
        made_from: digests of what it was made from, in the order of the stage's inputs.
        rows: how many rows.
        location: opaque to every room; ``app`` knows where it lies.
    """

    name: str
    schema: Schema
    digest: str
    made_from: tuple[str, ...]
    rows: int
    location: str
