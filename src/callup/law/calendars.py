"""Working days of a jurisdiction, from its ``calendar.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callup.terms.errors import BadInput


@dataclass(frozen=True, slots=True)
class Calendar:
    """Weekend (ISO weekdays), holidays and working days that lie in a weekend, each day with its name."""

    weekend: frozenset[int]
    holidays: Mapping[date, str]
    working: Mapping[date, str]
    source: str

    def is_working(self, day: date) -> bool:
        """Whether offices work on that day."""
        return day in self.working or (day.isoweekday() not in self.weekend and day not in self.holidays)

    def add_working(self, day: date, days: int) -> date:
        """The day that lies so many working days after ``day``."""
        while days > 0:
            day += timedelta(days=1)
            days -= self.is_working(day)
        return day


def read_calendar(table: Mapping[str, Any], path: str) -> Calendar:
    """Read a parsed ``calendar.toml``.

    Raises:
        BadInput: a key or a type is not of the form.
    """
    unknown = sorted(set(table) - {"weekend", "holiday", "working", "source"})
    weekend, source = table.get("weekend", [6, 7]), table.get("source", "")
    if unknown or not source or not isinstance(weekend, list) or not set(weekend) < set(range(1, 8)):
        raise BadInput(
            "calendar-unusable", {"path": path, "keys": ", ".join(unknown)}, "source, weekend = [6, 7], [[holiday]], [[working]]"
        )
    return Calendar(frozenset(weekend), _named(table, "holiday", path), _named(table, "working", path), str(source))


def _named(table: Mapping[str, Any], key: str, path: str) -> dict[date, str]:
    found: dict[date, str] = {}
    for row in table.get(key, []):
        day = row.get("day") if isinstance(row, dict) else None
        if type(day) is not date or not isinstance(row.get("name", ""), str):
            raise BadInput("calendar-unusable", {"path": path, "table": key, "row": row}, "each has day = YYYY-MM-DD and name")
        found[day] = row.get("name", "")
    return found
