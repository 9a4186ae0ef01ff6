"""What the authority's own clocks show, and whether groups of people were called alike: two tables of the report.

Neither says a number that would open a merged cell of another table: the clocks give days and no counts, and of what is compared between
groups only the called are counted, whose sum the funnel has. Who was spared or refused by group would open small outcomes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pyarrow as pa

from callup.app.report.model import ReportModel
from callup.app.report.shapes import Cell, Table
from callup.statistics.equality import steady


def clock_table(model: ReportModel) -> Table:
    """How long the authority took, beside the time that the law gives it; days of few decisions are not shown."""
    rows: list[tuple[Cell, ...]] = []
    for row in model.clocks.to_pylist():
        few = row["decided"] < model.decree.merge_below
        days = (None, None) if few else (row["median_days"], row["nine_in_ten_days"])
        rows.append((row["what"], *days, row["law_days"] or None))
    caption = "Days from the day something came in to its decision: the middle one, nine in ten, and what the law gives."
    return Table("clocks", caption, ("what", "median_days", "nine_in_ten_days", "law_days"), tuple(rows), ())


def equality_table(model: ReportModel) -> Table:
    """Called per 1,000 in the roll by age and by language: the chance says how often differences as large come in a fair draw."""
    return equality_on([model.equality], model.decree.merge_below)


def equality_on(releases: Sequence[pa.Table], below: int) -> Table:
    """The last of several releases, grouped so that none of them opens another.

    Args:
        releases: ``by``, ``group``, ``in_roll``, ``called``, the same groups in each.
        below: smaller numbers are merged.
    """
    columns = ("by", "group", "in_roll", "called", "per_1000", "low", "high", "chance")
    caption = "Called per 1,000 in the roll, with 95 % intervals (Wilson); chance: a chi-square test of all groups of a kind."
    return Table("equality", caption, columns, tuple(_equal_rows(releases, below)), ("called",))


def _equal_rows(releases: Sequence[pa.Table], below: int) -> Iterator[tuple[Cell, ...]]:
    kinds: dict[str, dict[str, tuple[int, list[int]]]] = {}
    for table in releases:
        for row in table.to_pylist():
            kinds.setdefault(row["by"], {}).setdefault(row["group"], (row["in_roll"], []))[1].append(row["called"])
    for by, groups in kinds.items():
        found = steady([(group, in_roll, called) for group, (in_roll, called) in groups.items()], below)
        chance = "" if found.chance is None else f"{found.chance:.3f}"
        for one in found.shares:
            yield (by, one.group, one.base, one.count, f"{one.rate:.1f}", f"{one.low:.1f}", f"{one.high:.1f}", chance)
