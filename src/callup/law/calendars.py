"""Reads the calendar of a jurisdiction from its ``calendar.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from callup.terms.calendar import Calendar
from callup.terms.errors import BadInput


def read_calendar(table: Mapping[str, Any], path: str) -> Calendar:
    """Read a parsed ``calendar.toml``.

    Raises:
        BadInput: a key or a type is not of the form.
    """
    unknown = sorted(set(table) - {"weekend", "holiday", "working", "source", "zone", "cutoff"})
    weekend, source = table.get("weekend", [6, 7]), table.get("source", "")
    if unknown or not source or not isinstance(weekend, list) or not set(weekend) < set(range(1, 8)):
        raise BadInput(
            "calendar-unusable", {"path": path, "keys": ", ".join(unknown)}, "source, weekend = [6, 7], zone, [[holiday]], [[working]]"
        )
    zone, cutoff = table.get("zone", "UTC"), table.get("cutoff", 24)
    if not _is_zone(zone) or not isinstance(cutoff, int) or not 0 < cutoff <= 24:
        raise BadInput(
            "calendar-unusable", {"path": path, "zone": zone, "cutoff": cutoff}, "zone = an IANA name, cutoff = an hour, 1 to 24"
        )
    return Calendar(frozenset(weekend), _named(table, "holiday", path), _named(table, "working", path), str(source), zone, cutoff)


def _is_zone(zone: object) -> bool:
    try:
        ZoneInfo(str(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def _named(table: Mapping[str, Any], key: str, path: str) -> dict[date, str]:
    found: dict[date, str] = {}
    for row in table.get(key, []):
        day = row.get("day") if isinstance(row, dict) else None
        if type(day) is not date or not isinstance(row.get("name", ""), str):
            raise BadInput("calendar-unusable", {"path": path, "table": key, "row": row}, "each has day = YYYY-MM-DD and name")
        found[day] = row.get("name", "")
    return found
