"""Is it the largest since? One number against the record, by four measures, each with its own year and table."""

from __future__ import annotations

from calendar import isleap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

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
        left_out_born_until: whoever was born by this day is not liable although younger than that, by the law that raised the age.
    """

    year: int
    season: str
    persons: int
    opens_on: date | None
    closes_on: date | None
    age_from: int
    age_to: int
    left_out_born_until: date | None = None

    @property
    def words(self) -> str:
        """Season and year."""
        return f"{self.season} {self.year}"

    @property
    def opens(self) -> date:
        """First day; where no source prints it, the usual one of the season."""
        return self.opens_on or date(self.year, *_USUAL[self.season][0])

    @property
    def days(self) -> int:
        """Days of the window; where no source prints a day, the usual one of the season stands in."""
        return ((self.closes_on or date(self.year, *_USUAL[self.season][1])) - self.opens).days + 1

    @property
    def liable_below(self) -> Fraction:
        """The exact age below which men are liable on the first day: the upper age, or that of the eldest not left out."""
        if self.left_out_born_until is None:
            return Fraction(self.age_to)
        eldest = self.left_out_born_until + timedelta(days=1)
        birthdays = [(year, _birthday(eldest, year)) for year in (self.year - 1, self.year, self.year + 1)]
        year, last = max((year, day) for year, day in birthdays if day <= self.opens)
        part = Fraction((self.opens - last).days, (_birthday(eldest, year + 1) - last).days)
        return min(Fraction(self.age_to), year - eldest.year + part)

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


def _birthday(born: date, year: int) -> date:
    return date(year, 3, 1) if (born.month, born.day) == (2, 29) and not isleap(year) else born.replace(year=year)


def liable_men(men: Mapping[tuple[int, int], int], year: int, age_from: int, age_to: Fraction | int) -> Fraction | None:
    """Men from ``age_from`` up to the exact age ``age_to``, each five-year group split evenly over its ages; None if not in the table.

    Example:
        >>> liable_men({(2025, 15): 50, (2025, 20): 60, (2025, 25): 100}, 2025, 18, 27)
        Fraction(120, 1)
    """
    shares = [((year, age - age % GROUP), min(Fraction(1), age_to - age)) for age in range(age_from, ceil(age_to))]
    if any(group not in men for group, _ in shares):
        return None
    return sum((share * Fraction(men[group], GROUP) for group, share in shares), Fraction(0))


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
        _place("per 1,000 men of the age band", "persons", mine.words, by_men, "men of 18 to 26, from 2024 of 18 to 29 without those "
               "already 27 when the age rose, whom the law left out: born by 31 December 1996, so that the band reached 27.2 years in "
               "spring 2024 and 28.2 in spring 2025; men at mid-year, five-year groups of World Population Prospects 2024 split evenly "
               "over their ages; all men of those ages, whatever grounds they have"),
    )  # fmt: skip


def _halves(known: Sequence[PastCallUp], value: Callable[[PastCallUp], Fraction | None]) -> list[tuple[str, Fraction]]:
    valued = [(one.words, value(one)) for one in known]
    return [(words, number) for words, number in valued if number is not None]


def _per_thousand(one: PastCallUp, men: Mapping[tuple[int, int], int]) -> Fraction | None:
    liable = liable_men(men, one.year, one.age_from, one.liable_below)
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
