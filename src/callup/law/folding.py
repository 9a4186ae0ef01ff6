"""Folds what depends on the day alone into constants: one value where it stands still in the window, else a column of
the calendar. So no date arithmetic reaches an engine, and the days on which a finding can change are known.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from callup.law.dialects import Dialect
from callup.law.tree import Held, Type


@dataclass(frozen=True, slots=True)
class Series:
    """A constant of each day: a column of the calendar."""

    name: str
    type: Type
    values: tuple[Held, ...]


@dataclass(slots=True)
class Folding:
    """Collects the series of a window, the days on which the law itself changes, and the columns compared with the day.

    Args:
        days: the days, in order; one only for a question about one day.
        dialect: the engine's words.
    """

    days: tuple[date, ...]
    dialect: Dialect
    series: dict[str, Series] = field(default_factory=dict)
    changes: set[date] = field(default_factory=set)
    bands: dict[str, tuple[str, Series]] = field(default_factory=dict)
    dated: set[str] = field(default_factory=set)

    def constant(self, key: str, kind: Type, at: Callable[[date], Held]) -> str:
        """A constant of the law; where it changes in the window, everyone is asked again on that day."""
        values = tuple(at(day) for day in self.days)
        if len(set(values)) == 1:
            return self.dialect.literal(values[0], kind)
        self.changes |= {day for day, now, before in zip(self.days[1:], values[1:], values, strict=False) if now != before}
        return self._column(key, kind, values)

    def today(self) -> str:
        """The day itself."""
        return self.dialect.literal(self.days[0], "date") if len(self.days) == 1 else f"c.{self.dialect.quoted('day')}"

    def cut(self, key: str, born: str, at: Callable[[date], date | None]) -> str:
        """A birth date that parts those who have reached an age from the others; those it passes over are asked again."""
        values = tuple(at(day) for day in self.days)
        if len(set(values)) == 1:
            return self.dialect.literal(values[0], "date")
        if None in values:
            return self.constant(key, "date", at)
        written = self._column(key, "date", values)
        self.bands[key] = born, self.series[key]
        return written

    def compared(self, column: str) -> None:
        """Note that a column is compared with the day itself: the answer can change on that date and the day after."""
        if len(self.days) > 1:
            self.dated.add(column)

    def _column(self, key: str, kind: Type, values: tuple[Held, ...]) -> str:
        if key not in self.series:
            self.series[key] = Series(f"k{len(self.series) + 1}", kind, values)
        return f"c.{self.dialect.quoted(self.series[key].name)}"
