"""The tables of a week beside the cases by stage: how far people came, clocks, undertakings, doors, and whether groups are called alike.

Whoever keeps every release must not be able to open a small number by taking one from another (safeguard G5). Each table has its own way:
the funnel is released only when every step moved by nothing or by enough since every earlier release; the clocks say days and no counts;
reports about undertakings are rounded down; groups that were merged once stay merged; and doors are counted one by one, as promised (G12).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from callup.app.report.shapes import Cell, Table
from callup.app.report.tables import STEP_WORDS
from callup.statistics import steps

KEYS = {"progress": 2, "units": 1, "funnel": 1, "clocks": 1, "undertakings": 1, "doors": 2, "equality": 2}
"""So many first columns name a row."""


def funnel_on(weeks: Mapping[date, Mapping[str, int]], below: int) -> Table:
    """How many had reached each step, on the last week that opens none of those before it.

    Args:
        weeks: by Sunday, in order, the persons of each step, in the order of the steps.
        below: a step that is smaller, or that moved by less, is not told.
    """
    caption = "How many of those called had reached each step at any time, up to the day named."
    day = next(reversed(released(weeks, below)), None)
    cells = [(STEP_WORDS.get(step, step), persons) for step, persons in weeks[day].items()] if day else []
    rows = tuple((line.labels[0], line.count, str(day)) for line in steps(cells, below))
    return Table("funnel", caption, ("step", "persons", "up_to"), rows, ("persons",))


def released(weeks: Mapping[date, Mapping[str, int]], below: int) -> Sequence[date]:
    """The weeks that are told: since each one told before, every step moved by nothing or by enough."""
    told: list[date] = []
    for day, now in weeks.items():
        if all(_apart(weeks[before], now, below) for before in told):
            told.append(day)
    return told


def _apart(before: Mapping[str, int], now: Mapping[str, int], below: int) -> bool:
    grown = [number - before.get(step, 0) for step, number in now.items()]
    return not any(0 < abs(number) < below for number in grown)


def clocks_on(decided: Sequence[Mapping[str, Any]], waiting: Sequence[Mapping[str, Any]], below: int) -> Table:
    """How long decisions took, and how old is what waits for one; days of few are not told."""
    law = {row["what"]: row["law_days"] for row in decided}
    took = {row["what"]: (row["median_days"], row["nine_in_ten_days"]) for row in decided if row["decided"] >= below}
    waits = {row["what"]: (row["median_age"], row["nine_in_ten_age"]) for row in waiting if row["waiting"] >= below}
    none = (None, None)
    what = dict.fromkeys((*law, *(row["what"] for row in waiting)))
    rows = tuple((one, *took.get(one, none), law.get(one) or None, *waits.get(one, none)) for one in what)
    caption = "Days from coming in to the decision: the middle one, nine in ten, and what the law gives; and the age of what still waits."
    columns = ("what", "median_days", "nine_in_ten_days", "law_days", "waiting_median_days", "waiting_nine_in_ten_days")
    return Table("clocks", caption, columns, rows)


def undertakings_on(sheet: Sequence[Mapping[str, Any]], below: int) -> Table:
    """Each undertaking with its verdict, and reports rounded down, so that no two weeks tell one report from another."""

    def at_least(count: int | str) -> Cell:
        return None if isinstance(count, str) else count // below * below

    rows = tuple((one["id"], one["text"], one["verdict"], at_least(one["reports"]), at_least(one["overdue"])) for one in sheet)
    caption = f"Undertakings of the decree: the verdict, and reports that one was broken, at least, in steps of {below}."
    return Table("undertakings", caption, ("id", "text", "verdict", "reports_at_least", "overdue_at_least"), rows)


def doors_on(counts: Mapping[tuple[str, str], int]) -> Table:
    """Uses of each door by body, one by one, also when there are none."""
    rows = tuple((door, body, uses) for (door, body), uses in counts.items())
    return Table(
        "doors", "What was given about persons to others: each door out by body, also when never used.", ("door", "body", "uses"), rows
    )
