"""The shape of a published table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

Cell = str | int | None


@dataclass(frozen=True, slots=True)
class Table:
    """One published table.

    Args:
        name: file name without ``.csv``.
        caption: what it shows, as a sentence.
        columns: headers.
        rows: cells in the order of the columns; None is a suppressed number.
        sums: columns of counts; each must be 0 or at least ``merge_below``, and its sum stands in ``report.json``.
    """

    name: str
    caption: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    sums: tuple[str, ...] = ()

    def column(self, name: str) -> list[Any]:
        """The cells of one column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]
