"""An order by list (design D19): the law's own order of notice, brought as a file, sealed, its ids re-keyed at the freeze."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

import pyarrow as pa

from callup.app import sealed
from callup.register import rekey
from callup.terms.decree import Decree
from callup.terms.errors import BadInput

if TYPE_CHECKING:
    from callup.app.course import Course

COLUMNS = ["unit", "position", "person_id"]
NO_SEED = "0" * 64
"""Stands for the seed in call documents where the law knows no lot."""


def sealed_order_name(decree: Decree) -> str:
    """The name of the sealed order file in the dossier."""
    return f"{decree.order_file}.sealed"


def read_order(course: Course) -> pa.Table:
    """The order of notice: stratum, listed (the position in the file) and re-keyed person id.

    Raises:
        BadInput: columns, positions or ids that cannot be used, with the row.
    """
    decree = course.decree
    path = course.dossier.root / sealed_order_name(decree)
    if not path.exists():
        raise BadInput("order-file-missing", {"path": str(path)}, "an order by list needs its file: callup new DOSSIER --decree FILE")
    text = sealed.open_bytes(path.read_bytes(), course.dossier.key, decree.order_file.encode()).decode()
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != COLUMNS:
        found = ", ".join(reader.fieldnames or ())
        raise BadInput("order-columns", {"file": decree.order_file, "found": found}, f"use: {','.join(COLUMNS)}")
    units, positions, persons = [], [], []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(reader, 1):
        place = (row["unit"], row["position"])
        if not row["position"].isdecimal() or not row["person_id"] or place in seen:
            raise BadInput("order-row", {"file": decree.order_file, "row": number}, "each unit and position once, positions whole numbers")
        seen.add(place)
        units.append(row["unit"])
        positions.append(int(row["position"]))
        persons.append(row["person_id"])
    ids = rekey(pa.array(persons, pa.string()), course.ring.keys["id"])
    if len(ids.unique()) != len(ids):
        raise BadInput("order-person-twice", {"file": decree.order_file}, "name each person once")
    return pa.table({"stratum": pa.array(units, pa.string()), "listed": pa.array(positions, pa.int64()), "person_id": ids})
