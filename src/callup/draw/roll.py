"""The roll: one sealed line a person, in an order that says nothing about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from hashlib import sha256
from itertools import chain, groupby

import pyarrow as pa
import pyarrow.compute as pc

from callup.terms.errors import BadInput
from callup.terms.tables import ROLL

_TYPES: dict[str, pa.DataType] = {"text": pa.string(), "int": pa.int64(), "date": pa.date32()}
LINE_HEAD = "callup/roll/1\n"


def record_text(person_id: str, born_on: date | None, stratum: str) -> str:
    r"""The record that a roll line commits to; an unknown birth date is an empty line.

    Example:
        >>> record_text("p1", None, "kaunas")
        'p1\n\nkaunas\n'
    """
    return f"{person_id}\n{born_on.isoformat() if born_on else ''}\n{stratum}\n"


def seal_roll(persons: pa.Table) -> pa.Table:
    """Commit to each liable person's record and put the lines in order.

    Within a stratum the lines are sorted by commitment, strictly, so a position tells nothing about a person; where the
    persons come with a column ``position`` (an order by list, fixed by law), they are sorted by it instead.

    Args:
        persons: columns person_id, born_on, stratum, liable_from, liable_until, salt (32 hex digits), and position for a list.

    Columns:
        those of ROLL; positions run from 0 in each stratum.

    Raises:
        BadInput: a field with a line feed, a malformed salt, an unknown stratum, or two equal lines.
    """
    check_roll(persons)
    sealed = persons.append_column("commitment", pa.array(_commitments(persons), pa.string()))
    listed = "position" in persons.column_names
    key = "position" if listed else "commitment"
    sealed = sealed.sort_by([("stratum", "ascending"), (key, "ascending")])
    check_strict(sealed, key)
    positions = pa.array(_positions(sealed), pa.int64())
    columns = {name: positions if name == "position" else sealed.column(name) for name in ROLL.names}
    schema = pa.schema([(column.name, _TYPES[column.type]) for column in ROLL.columns])
    return pa.table({name: column.cast(schema.field(name).type) for name, column in columns.items()}, schema=schema)


def check_roll(persons: pa.Table) -> None:
    """Refuse what cannot be a line.

    Raises:
        BadInput: a field with a line feed, a malformed salt, an unknown stratum.
    """
    for name in ("person_id", "stratum", "salt"):
        column = persons.column(name)
        if column.null_count or pc.any(pc.match_substring(column, "\n")).as_py():
            raise BadInput("roll-field-malformed", {"column": name}, "it must be known and hold no line feed")
    if pc.all(pc.match_substring_regex(persons.column("salt"), "^[0-9a-f]{32}$")).as_py() is False:
        raise BadInput("roll-salt-malformed", {"column": "salt"}, "a salt is 32 lowercase hex digits")


def _commitments(persons: pa.Table) -> Iterator[str]:
    names = ("salt", "person_id", "born_on", "stratum")
    rows = zip(*(persons.column(name).to_pylist() for name in names), strict=True)
    return (sha256(f"{LINE_HEAD}{salt}\n{record_text(person, born, stratum)}".encode()).hexdigest() for salt, person, born, stratum in rows)


def check_strict(sealed: pa.Table, key: str) -> None:
    """Refuse two equal lines: they would be one person with two tickets, or two persons with one place.

    Args:
        sealed: the lines in order, by stratum and ``key``.
        key: the column that decides within a stratum.
    """
    if sealed.num_rows < 2:
        return
    stratum, line = sealed.column("stratum"), sealed.column(key)
    last = sealed.num_rows - 1
    same = pc.and_(pc.equal(stratum.slice(1), stratum.slice(0, last)), pc.equal(line.slice(1), line.slice(0, last)))
    if pc.any(same).as_py():
        at = int(pc.index(same, True).as_py())
        raise BadInput("roll-line-doubled", {"column": key, "value": str(sealed.column(key)[at])}, "give each person one line and one salt")


def _positions(sealed: pa.Table) -> Iterator[int]:
    """0, 1, 2, ... in each stratum; the table is sorted by stratum."""
    runs = groupby(sealed.column("stratum").to_pylist())
    return chain.from_iterable(range(len(list(run))) for _, run in runs)
