"""Is it the largest since? One number against the record, by four measures, each with its own year and table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from callup.terms.errors import BadInput

GROUP = 5
"""Ages in one group of the population table."""

_USUAL = {"spring": ((4, 1), (7, 15)), "autumn": ((10, 1), (12, 31))}


@dataclass(frozen=True, slots=True)
class PastCallUp:
    """One half-yearly call-up of the record.

    Args:
        year: calendar year.
        season: spring or autumn.
        persons: persons to enlist, as decreed.
        opens_on: first day, where a source prints it.
        closes_on: last day, where a source prints it.
        age_from: first age liable.
        age_to: the birthday on which liability ends.
    """

    year: int
    season: str
    persons: int
    opens_on: date | None
    closes_on: date | None
    age_from: int
    age_to: int

    @property
    def words(self) -> str:
        """Season and year."""
        return f"{self.season} {self.year}"

    @property
    def days(self) -> int:
        """Days of the window; where no source prints a day, the usual one of the season stands in."""
        first, last = _USUAL[self.season]
        opens = self.opens_on or date(self.year, *first)
        return ((self.closes_on or date(self.year, *last)) - opens).days + 1

    @property
    def days_printed(self) -> bool:
        """Whether sources print both days."""
        return self.opens_on is not None and self.closes_on is not None


@dataclass(frozen=True, slots=True)
class Standing:
    """How one call-up stands in the record by one measure.

    Args:
        measure: what is compared.
        unit: of the values.
        period: what is placed: a half-year, or a year.
        value: its value, exact.
        since: the latest earlier period with a value at least as large; empty if there is none.
        since_value: that period's value.
        first: the first period of the table.
        table: every period with its value, oldest first.
        note: how the values come about.
    """

    measure: str
    unit: str
    period: str
    value: Fraction
    since: str
    since_value: Fraction
    first: str
    table: tuple[tuple[str, Fraction], ...]
    note: str

    @property
    def sentence(self) -> str:
        """The headline, with its limit."""
        if self.since:
            return f"largest since {self.since}"
        return f"largest of the record, which begins with {self.first}"


def liable_men(men: Mapping[tuple[int, int], int], year: int, age_from: int, age_to: int) -> Fraction | None:
    """Men from ``age_from`` to the last age under ``age_to``, each five-year group split evenly over its ages; None if not in the table.

    Example:
        >>> liable_men({(2025, 15): 50, (2025, 20): 60, (2025, 25): 100}, 2025, 18, 27)
        Fraction(120, 1)
    """
    groups = [(year, age - age % GROUP) for age in range(age_from, age_to)]
    if any(group not in men for group in groups):
        return None
    return sum((Fraction(men[group], GROUP) for group in groups), Fraction(0))


def largest_since(record: Sequence[PastCallUp], men: Mapping[tuple[int, int], int], year: int, season: str) -> tuple[Standing, ...]:
    """Place one call-up of the record by persons per decree, per calendar year, per day and per 1,000 men of the age band.

    Args:
        record: half-yearly call-ups, the one asked for among them; years with one half only are left out of the yearly measure.
        men: men at mid-year, by year and first age of a five-year group.
        year: of the call-up asked for.
        season: of the call-up asked for.

    Raises:
        BadInput: the call-up is not in the record.
    """
    known = sorted(record, key=lambda one: (one.year, one.season == "autumn"))
    mine = next((one for one in known if (one.year, one.season) == (year, season)), None)
    if mine is None:
        raise BadInput("call-up-not-in-record", {"year": year, "season": season}, "add its line to the record of call-ups")
    assumed = sum(not one.days_printed for one in known)
    persons = _halves(known, lambda one: Fraction(one.persons))
    by_day = _halves(known, lambda one: Fraction(one.persons, one.days))
    by_men = _halves(known, lambda one: _per_thousand(one, men))
    return (
        _place("per decree", "persons", mine.words, persons, "persons to enlist as decreed"),
        _place("per calendar year", "persons", str(year), _years(known), "both halves of the year together"),
        _place("per day of the window", "persons a day", mine.words, by_day, f"first and last day counted; {assumed} of {len(known)} "
               "windows are not printed in full and taken as 1 April to 15 July or 1 October to 31 December"),
        _place("per 1,000 men of the age band", "persons", mine.words, by_men, "men of 18 to 26, from 2024 of 18 to 29, at mid-year; "
               "five-year groups of World Population Prospects 2024 split evenly over their ages; all men of those ages, whatever "
               "grounds they have, and in 2024 and 2025 also those already 27 when the age rose, whom the law left out"),
    )  # fmt: skip


def _halves(known: Sequence[PastCallUp], value: Callable[[PastCallUp], Fraction | None]) -> list[tuple[str, Fraction]]:
    valued = [(one.words, value(one)) for one in known]
    return [(words, number) for words, number in valued if number is not None]


def _per_thousand(one: PastCallUp, men: Mapping[tuple[int, int], int]) -> Fraction | None:
    liable = liable_men(men, one.year, one.age_from, one.age_to)
    return None if liable is None else 1000 * one.persons / liable


def _years(known: Sequence[PastCallUp]) -> list[tuple[str, Fraction]]:
    halves: dict[int, list[int]] = {}
    for one in known:
        halves.setdefault(one.year, []).append(one.persons)
    return [(str(year), Fraction(sum(persons))) for year, persons in halves.items() if len(persons) == len(_USUAL)]


def _place(measure: str, unit: str, period: str, table: list[tuple[str, Fraction]], note: str) -> Standing:
    place = next((number for number, (words, _) in enumerate(table) if words == period), None)
    if place is None:
        raise BadInput("call-up-not-in-record", {"measure": measure, "period": period}, "the record lacks what this measure needs")
    value = table[place][1]
    since, since_value = next(((words, number) for words, number in reversed(table[:place]) if number >= value), ("", Fraction(0)))
    return Standing(measure, unit, period, value, since, since_value, table[0][0], tuple(table), note)
