"""What a snapshot keeps of a register: what law and notices need, never names or addresses (design D5)."""

from __future__ import annotations

import pyarrow as pa

from callup.terms.schema import Schema
from callup.terms.tables import REGISTER_CORE, SNAPSHOT_CORE

_ARROW = {"text": pa.string(), "int": pa.int64(), "date": pa.date32(), "flag": pa.bool_()}


def arrow_schema(schema: Schema) -> pa.Schema:
    """The Arrow form of a declared table."""
    return pa.schema([(column.name, _ARROW[column.type]) for column in schema.columns])


def snapshot_schema(register: Schema) -> Schema:
    """The snapshot's schema: SNAPSHOT_CORE and the law's own columns, keyed by the new id."""
    core = {column.name for column, _ in REGISTER_CORE}
    kept = tuple(column for column in register.columns if column.name in SNAPSHOT_CORE or column.name not in core)
    return Schema("snapshot", kept, ("person_id",))
