"""The file beside a decree that says who stands where: the law's own list (design D19), or who stands in which class of the roll.

It is sealed, and its ids are re-keyed at the freeze.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyarrow as pa

from callup.app import sealed
from callup.draw.panels import panel_stratum
from callup.register import rekey
from callup.terms.decree import CLASSES, Decree
from callup.terms.errors import BadInput

if TYPE_CHECKING:
    from callup.app.course import Course

COLUMNS = ["unit", "position", "person_id"]
CLASS_COLUMNS = ["unit", "class", "person_id"]
PANEL_COLUMNS = ["panel", "unit", "person_id"]
_NAMED = 50
"""So many rows of the file are named; the rest are counted."""
NO_SEED = "0" * 64
"""Stands for the seed in call documents where the law knows no lot."""


def sealed_order_name(decree: Decree) -> str:
    """The name of the sealed order file in the dossier."""
    return f"{decree.order_file}.sealed"


def read_order(course: Course) -> pa.Table:
    """The order of notice: stratum, listed (the position in the file), re-keyed person id, and the row of the file.

    Raises:
        BadInput: columns, positions or ids that cannot be used, with the row.
    """
    decree = course.decree
    units, positions, persons = [], [], []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(_rows(course, COLUMNS), 1):
        place = (row["unit"], row["position"])
        if not row["position"].isdecimal() or not row["person_id"] or place in seen:
            raise BadInput("order-row", {"file": decree.order_file, "row": number}, "each unit and position once, positions whole numbers")
        seen.add(place)
        units.append(row["unit"])
        positions.append(int(row["position"]))
        persons.append(row["person_id"])
    return pa.table(
        {
            "stratum": pa.array(units, pa.string()),
            "listed": pa.array(positions, pa.int64()),
            "person_id": _ids(course, persons),
            "row": pa.array(range(1, len(units) + 1), pa.int64()),
        }
    )


def places_in_order(course: Course) -> pa.Table:
    """The order with those to whom a ruling gave a place: behind the last of their unit, in the order of the rulings (ADR 0036).

    The engine holds ``rulings``.

    Columns:
        stratum, listed and person_id.

    Raises:
        BadInput: the order names people whom the register lacks.
    """
    course.engine.register("findings", sealed.sealed_dataset(course.table_path("20-findings", "findings.parquet"), course.dossier.key))
    course.engine.register("listed", read_order(course))
    _refuse_strangers(course)
    return course.engine.table(
        "SELECT stratum, listed, person_id FROM listed UNION ALL "
        "SELECT f.unit, coalesce(e.last, 0) + row_number() OVER (PARTITION BY f.unit ORDER BY r.turn), f.person_id "
        "FROM rulings r JOIN findings f ON f.person_id = r.person_id "
        "LEFT JOIN (SELECT stratum, max(listed) AS last FROM listed GROUP BY stratum) e ON e.stratum = f.unit "
        "LEFT JOIN listed o ON o.person_id = f.person_id AND o.stratum = f.unit WHERE r.outcome = 'liable' AND o.person_id IS NULL"
    )


def _refuse_strangers(course: Course) -> None:
    """Whoever is in the order and not in the register would be dropped unseen."""
    rows = course.engine.table(
        "SELECT o.row FROM listed o LEFT JOIN findings f ON f.person_id = o.person_id WHERE f.person_id IS NULL ORDER BY o.row"
    )
    _refuse_rows(course, "order-persons-unknown", rows, "the register has nobody of the ids in these rows: mend the order or the register")


def _refuse_rows(course: Course, code: str, rows: pa.Table, hint: str) -> None:
    """Stop if there are such rows, and name them."""
    numbers = [str(row) for row in rows.column("row").to_pylist()]
    if numbers:
        more = f" and {len(numbers) - _NAMED} more" if len(numbers) > _NAMED else ""
        words = {"file": course.decree.order_file, "persons": len(numbers), "rows": ", ".join(numbers[:_NAMED]) + more}
        raise BadInput(code, words, hint)


def places_in_classes(course: Course) -> pa.Table:
    """Who stands in a class or a panel, each of them in the register and in that unit.

    Columns:
        stratum, unit, person_id and row.

    Raises:
        BadInput: rows with ids that the register lacks, or with a unit that is not the person's: both would be dropped unseen.
    """
    course.engine.register("findings", sealed.sealed_dataset(course.table_path("20-findings", "findings.parquet"), course.dossier.key))
    course.engine.register("listed", found := read_panels(course) if course.decree.order_method == "panels" else read_classes(course))
    _refuse_strangers(course)
    elsewhere = course.engine.table(
        "SELECT o.row FROM listed o JOIN findings f ON f.person_id = o.person_id WHERE f.unit IS DISTINCT FROM o.unit ORDER BY o.row"
    )
    _refuse_rows(course, "order-other-unit", elsewhere, "the register has these persons in another unit: mend the order or the register")
    return found


def read_classes(course: Course) -> pa.Table:
    """Who stands in a class of their unit's roll: stratum, unit, re-keyed person id, row. Whoever is not named stands with everybody else.

    Raises:
        BadInput: columns, classes or ids that cannot be used, with the row.
    """
    decree = course.decree
    classes = [name for name in CLASSES[decree.order_method] if name]
    strata, units, persons = [], [], []
    for number, row in enumerate(_rows(course, CLASS_COLUMNS), 1):
        if not row["unit"] or not row["person_id"] or row["class"] not in classes:
            raise BadInput("order-row", {"file": decree.order_file, "row": number}, f"a unit, a person, and a class: {', '.join(classes)}")
        strata.append(f"{row['unit']}+{row['class']}")
        units.append(row["unit"])
        persons.append(row["person_id"])
    return _placed(strata, units, _ids(course, persons))


def read_panels(course: Course) -> pa.Table:
    """Who stands in which panel: stratum, unit, re-keyed person id and row; a person may stand in many panels, once in each.

    Raises:
        BadInput: columns, panels or ids that cannot be used, with the row.
    """
    decree = course.decree
    strata, units, persons = [], [], []
    seen: set[tuple[str, str]] = set()
    for number, row in enumerate(_rows(course, PANEL_COLUMNS), 1):
        place = (row["panel"], row["person_id"])
        if not row["panel"].isdecimal() or row["panel"].startswith("0") or not row["unit"] or not row["person_id"] or place in seen:
            raise BadInput("order-row", {"file": decree.order_file, "row": number}, "a panel from 1 on, a unit, and a person once in each")
        seen.add(place)
        strata.append(panel_stratum(row["unit"], int(row["panel"])))
        units.append(row["unit"])
        persons.append(row["person_id"])
    missing = sorted(set(range(1, len({panel for panel, _ in seen}) + 1)) - {int(panel) for panel, _ in seen})
    if missing or not seen:
        raise BadInput("panels-with-gaps", {"file": decree.order_file, "missing": missing[:5]}, "number the panels 1, 2, 3 without a gap")
    return _placed(strata, units, rekey(pa.array(persons, pa.string()), course.ring.keys["id"]))


def _placed(strata: list[str], units: list[str], ids: pa.Array) -> pa.Table:
    texts = {"stratum": pa.array(strata, pa.string()), "unit": pa.array(units, pa.string())}
    return pa.table({**texts, "person_id": ids, "row": pa.array(range(1, len(strata) + 1), pa.int64())})


def _rows(course: Course, columns: list[str]) -> Iterator[dict[str, str]]:
    """The rows of the sealed file."""
    decree = course.decree
    path = course.dossier.root / sealed_order_name(decree)
    if not path.exists():
        raise BadInput("order-file-missing", {"path": str(path)}, "this order needs its file: callup new DOSSIER --decree FILE")
    text = sealed.open_bytes(path.read_bytes(), course.dossier.key, decree.order_file.encode()).decode()
    reader = csv.DictReader(io.StringIO(text))
    if reader.fieldnames != columns:
        found = ", ".join(reader.fieldnames or ())
        raise BadInput("order-columns", {"file": decree.order_file, "found": found}, f"use: {','.join(columns)}")
    yield from reader


def _ids(course: Course, persons: list[str]) -> pa.Array:
    ids = rekey(pa.array(persons, pa.string()), course.ring.keys["id"])
    if len(ids.unique()) != len(ids):
        raise BadInput("order-person-twice", {"file": course.decree.order_file}, "name each person once")
    return ids
