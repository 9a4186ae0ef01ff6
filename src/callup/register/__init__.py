"""The register of persons: its columns and checks, ids of its own for each call-up, the snapshot, synthetic registers.

Does: says what is wrong with a file of persons, all at once; gives persons new ids; makes synthetic persons from tables.
In: schemas, batches of columns, keys, population tables.
Out: queries that find problems, batches of columns.
Never: reads a file; sees a decree's result; evaluates law; keeps a name in a snapshot.
Follows: design decisions D5, D7, D11, D16, D18; safeguards G1, G2.
"""

from callup.register.checks import Problem, column_problems, problem, repeated_ids, row_problems, typed_rows
from callup.register.rekeying import rekey
from callup.register.snapshot import arrow_schema, snapshot_schema
from callup.register.synth import synth
from callup.register.tables import SynthTables, read_tables

__all__ = [
    "Problem",
    "SynthTables",
    "arrow_schema",
    "column_problems",
    "problem",
    "read_tables",
    "rekey",
    "repeated_ids",
    "row_problems",
    "snapshot_schema",
    "synth",
    "typed_rows",
]
