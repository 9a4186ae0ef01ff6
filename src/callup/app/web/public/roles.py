"""Who may act at the desk, and who could before: every grant with its days and the two who gave it, for everyone to read.

What a registrar wrote as the reason stays at the desk: it may say why somebody is away.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from callup.app.report.shapes import Table
from callup.app.report.writing import as_csv
from callup.app.web.public.releases import Files, as_json

COLUMNS = ("grant", "name", "role", "unit", "since", "until", "granted_by", "confirmed_by", "ended_on", "ended_by", "end_confirmed_by")
_CAPTION = "Roles at the desk: who has which, at which unit (* is every one), from when until when, and which two people gave or ended it."


def roles_table(facts: Iterable[Mapping[str, Any]], day: date) -> Table:
    """Every grant recorded until a day, by its first day and name.

    Args:
        facts: rows of FACTS that are about no case.
        day: the legal day.

    Returns:
        A table with the columns of COLUMNS; days as YYYY-MM-DD, empty where a grant was not ended before its time.
    """
    known = [row for row in facts if row["happened_on"] <= day]
    ends = {row["ref"]: (row["happened_on"].isoformat(), *_both(row)) for row in known if row["kind"] == "role_ended"}
    rows = [_line(row) + ends.get(row["fact_id"], ("", "", "")) for row in known if row["kind"] == "role_granted"]
    return Table("roles", _CAPTION, COLUMNS, tuple(sorted(rows, key=lambda row: (row[4], row[1:4], row[0]))))


def _line(row: Mapping[str, Any]) -> tuple[str, ...]:
    role, _, unit = str(row["ground"]).partition(" ")
    days = (row["happened_on"].isoformat(), row["until"].isoformat())
    return (row["fact_id"], row["ref"], role, unit, *days, *_both(row))


def _both(row: Mapping[str, Any]) -> tuple[str, str]:
    return str(row["actor"]).partition(": ")[2], str(row["second"])


def lines_of(table: Table, day: date) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The rows for the page: those that hold on a day, and those that are over, the latest first."""
    rows: list[dict[str, Any]] = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
    shown = [row | {name: date.fromisoformat(row[name]) if row[name] else None for name in ("since", "until", "ended_on")} for row in rows]
    holds = [row for row in shown if row["ended_on"] is None and day <= row["until"]]
    return holds, [row for row in shown if row not in holds][::-1]


def role_files(table: Table) -> Files:
    """The same as files, by name."""
    return {"roles.csv": ("text/csv; charset=utf-8", as_csv(table)), "roles.json": ("application/json", as_json(table))}
