"""What a release of public tables says otherwise than an earlier one, row by row, each with the reason.

A number that is merged, left out or rounded is compared as it was published: whoever has both releases has the same.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from callup.app.report.shapes import Cell, Table
from callup.terms.errors import BadInput

ENTERED = "more was entered since"
CLOSED = "counted at closing, with all that became known until then"


def changes(before: Table, now: Table, keys: int, below: int, why: str = ENTERED) -> list[dict[str, Any]]:
    """Every row that is new, gone, or says something else than in the release before, with the reason.

    Args:
        before: the table as it was published earlier.
        now: as it is published.
        keys: so many first columns name a row.
        below: numbers under it are left out or merged.
        why: the reason of a revised number, where none of it was left out or merged.
    """
    old, new = ({row[:keys]: row[keys:] for row in table.rows} for table in (before, now))
    found = []
    for key in dict.fromkeys((*old, *new)):
        what = "added" if key not in old else "removed" if key not in new else "revised" if old[key] != new[key] else ""
        if what:
            row = {"row": list(key), "change": what, "before": old.get(key), "now": new.get(key)}
            found.append(row | {"reason": _reason(what, old.get(key), new.get(key), (below, why))})
    return found


def _reason(what: str, old: Sequence[Cell] | None, new: Sequence[Cell] | None, told: tuple[int, str]) -> str:
    below, why = told
    if what == "added":
        return "a week has passed" if why == ENTERED else why
    if what == "removed" or None in (*(old or ()), *(new or ())):
        return f"a number is or was under {below}, and was left out or merged"
    return why


def since(before: Iterable[Table], now: Iterable[Table], keys: Mapping[str, int], below: int, why: str) -> dict[str, Any]:
    """What each table says otherwise than the one of its name in an earlier release: what both tell, and nothing else.

    Args:
        before: the tables of the earlier release.
        now: those of the later one.
        keys: by table, so many first columns name a row; a table whose rows are named otherwise in the two is left out.
        below: numbers under it are left out or merged.
        why: the reason of a revised number.

    Returns:
        By table: the columns that both have, and the changes.
    """
    older, found = {table.name: table for table in before}, {}
    for table in now:
        named, earlier = keys.get(table.name, 0), older.get(table.name)
        if earlier is None or not named or earlier.columns[:named] != table.columns[:named]:
            continue
        shared = (*table.columns[:named], *(name for name in table.columns[named:] if name in earlier.columns[named:]))
        told = changes(_only(earlier, shared), _only(table, shared), named, below, why)
        found[table.name] = {"columns": list(shared), "changes": told}
    return found


def _only(table: Table, columns: Sequence[str]) -> Table:
    places = [table.columns.index(name) for name in columns]
    return Table(table.name, table.caption, tuple(columns), tuple(tuple(row[at] for at in places) for row in table.rows))


def read_tables(folder: Path) -> list[Table]:
    """The tables of a published data package.

    Raises:
        BadInput: the folder holds none, or a table is not as its package says.
    """
    try:
        listed = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))["resources"]
        return [_table(folder / one["path"], one) for one in listed]
    except (OSError, ValueError, KeyError, StopIteration) as failure:
        raise BadInput("package-not-readable", {"path": folder, "why": str(failure)}, "give a folder with datapackage.json") from failure


def _table(path: Path, told: Mapping[str, Any]) -> Table:
    with path.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file)
        columns, types = tuple(next(rows)), [one["type"] for one in told["schema"]["fields"]]
        cells = tuple(tuple(_cell(text, kind) for text, kind in zip(row, types, strict=True)) for row in rows)
    return Table(str(told["name"]), str(told["title"]), columns, cells)


def _cell(text: str, kind: str) -> Cell:
    if text == "":
        return None
    return int(text) if kind == "integer" else text
