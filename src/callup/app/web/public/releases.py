"""The numbers of the running call-up as files: tables as CSV and JSON, a map of the units, and a data package with what changed."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any
from xml.sax.saxutils import escape

from callup.app.report.changes import changes
from callup.app.report.shapes import Cell, Table
from callup.app.report.writing import as_csv, resource
from callup.app.web.public.weekly import KEYS
from callup.terms.decree import Decree

SHADES = ("#eef3f8", "#c6d9ea", "#8fb5d6", "#33709f", "#174a78")
"""From few to many; white letters stand on the last two (WCAG 2.2, 1.4.3)."""
_TILE, _LABEL, _ROW = 58, 24, 64
_WIDTH = 8


def units_table(quotas: Sequence[Mapping[str, Any]], names: Mapping[str, tuple[str, str]], notices: Mapping[str, int], below: int) -> Table:
    """Each unit with its district, how many are to be called there, and the notices entered so far.

    Args:
        quotas: unit and quota, as published before the draw.
        names: unit to its name and its district; empty where the country has no such list.
        notices: by unit.
        below: a smaller number of notices is left out.
    """
    rows: list[tuple[Cell, ...]] = []
    for one in quotas:
        unit = str(one["unit"])
        name, district = names.get(unit, (unit, ""))
        out = notices.get(unit, 0)
        rows.append((unit, name, district, int(one["quota"]), out if out == 0 or out >= below else None))
    rows.sort(key=lambda row: (str(row[2]), str(row[0])))
    caption = "Units by district: persons to be called by the published quota, and notices entered so far."
    return Table("units", caption, ("unit", "name", "district", "to_call", "notices"), tuple(rows), ("to_call",))


def units_map(table: Table) -> bytes:
    """The units as ordered tiles, a row or more a district, the darker the more are to be called.

    Outlines would make large what has few people; and the map says nothing that the table beside it does not say.
    """
    most = max((int(row[3] or 0) for row in table.rows), default=0)
    parts, top = [], 0
    for district in dict.fromkeys(str(row[2]) for row in table.rows):
        mine = [row for row in table.rows if str(row[2]) == district]
        if district:
            parts.append(f'<text x="0" y="{top + 16}" font-size="14" fill="#0b0c0c">{escape(district)}</text>')
            top += _LABEL
        for place, row in enumerate(mine):
            parts += _tile(row, (place % _WIDTH) * _TILE, top + (place // _WIDTH) * _ROW, most)
        top += (len(mine) + _WIDTH - 1) // _WIDTH * _ROW
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH * _TILE} {top}" width="{_WIDTH * _TILE}" height="{top}"'
    return f'{head} font-family="system-ui, sans-serif">{"".join(parts)}</svg>\n'.encode()


def _tile(row: Sequence[Cell], left: int, top: int, most: int) -> Iterator[str]:
    unit, called = str(row[0]), int(row[3] or 0)
    shade = min(len(SHADES) - 1, called * len(SHADES) // (most + 1))
    ink = "#ffffff" if shade > 2 else "#0b0c0c"
    yield f'<g><title>{escape(str(row[1]))}: {called}</title><rect x="{left}" y="{top}" width="54" height="54" fill="{SHADES[shade]}"/>'
    yield f'<text x="{left + 27}" y="{top + 23}" font-size="15" text-anchor="middle" fill="{ink}">{escape(unit.rpartition("-")[2])}</text>'
    yield f'<text x="{left + 27}" y="{top + 42}" font-size="15" text-anchor="middle" fill="{ink}">{called}</text></g>'


def as_json(table: Table) -> bytes:
    """The same rows as in the CSV, one object a row; a number left out is null."""
    rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    return (json.dumps(rows, ensure_ascii=False, indent=1) + "\n").encode()


def package(decree: Decree, released: date, tables: Sequence[Table], revised: Mapping[str, list[dict[str, Any]]]) -> bytes:
    """The tables of one week as a tabular data package 1.0 (specs.frictionlessdata.io), with what changed in each."""
    listed = [resource(table, as_csv(table)) | {"changes": revised.get(table.name, [])} for table in tables]
    whole = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9._-]", "-", f"{decree.id.lower()}-progress"),
        "title": decree.title,
        "version": released.isoformat(),
        "created": f"{released.isoformat()}T00:00:00Z",
        "description": f"Counts under {decree.merge_below} are merged or left out." + (" REHEARSAL." if decree.rehearsal else ""),
        "resources": listed,
    }
    whole["id"] = hashlib.sha256(json.dumps(whole, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
    return (json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


Files = Mapping[str, tuple[str, bytes]]
"""By name: type and content."""


def files_of(decree: Decree, released: date | None, tables: Sequence[Table], before: Sequence[Table]) -> Files:
    """The files of one release.

    Args:
        decree: the legal order.
        released: the Sunday up to which cases are counted; none in the first week.
        tables: those of this week, the units among them.
        before: the same tables a week earlier.
    """
    made: dict[str, tuple[str, bytes]] = {}
    for table in tables:
        if table.name == "units":
            made["units.svg"] = ("image/svg+xml", units_map(table))
        made[f"{table.name}.csv"] = ("text/csv; charset=utf-8", as_csv(table))
        made[f"{table.name}.json"] = ("application/json", as_json(table))
    if released is not None:
        older = {table.name: table for table in before}
        told = {one.name: changes(older[one.name], one, KEYS[one.name], decree.merge_below) for one in tables if one.name in older}
        made["datapackage.json"] = ("application/json", package(decree, released, tables, told))
    return made
