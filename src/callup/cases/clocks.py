"""Clocks and what makes them stand still: a ledger of intervals, each with its evidence, that moves every dependent date."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callup.cases.rules import DOWN, TOLLED, Rules, floor_citation
from callup.terms.calendar import Calendar

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Interval:
    """Days on which a clock stood still, both ends included; ``fact_id`` is its evidence."""

    since: date
    until: date
    ground: str
    citation: str
    fact_id: str


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case: what it is, when it started, when it ends, by which article, and what moved it.

    Args:
        ends_on: its last day; the clock is over from the day after, except the fiction of service, which ends on it.
        over: whether it had run out on the day asked.
        about: number of the fact that it waits for an answer to; empty where it is the case's own.
    """

    name: str
    starts_on: date
    ends_on: date
    days: int
    working: bool
    citation: str
    stood_still: tuple[Interval, ...]
    over: bool
    about: str = ""


def end_of(start: date, days: int, *, working: bool, calendar: Calendar, still: Iterable[Interval] = ()) -> date:
    """The day on which a term ends: the last of ``days`` days that run after ``start``.

    A day runs if the clock does not stand still on it and, where working days count, offices work.
    """
    spans = [(one.since, one.until) for one in still]
    if not spans and not working:
        return start + max(days, 0) * _DAY
    day = start
    while days > 0:
        day += _DAY
        stands = any(since <= day <= until for since, until in spans)
        days -= not stands and (not working or calendar.is_working(day))
    return day


@dataclass(frozen=True, slots=True)
class Stay:
    """A court's stay of a case, its unit or the call-up; ``lifted_on`` is the first day on which it no longer holds."""

    since: date
    lifted_on: date | None
    scope: str
    fact_id: str

    def holds_on(self, day: date) -> bool:
        """Whether it held on that day."""
        return self.since <= day and (self.lifted_on is None or day < self.lifted_on)


def stays_of(facts: Iterable[Any], notice: Mapping[str, Any]) -> tuple[Stay, ...]:
    """The stays in whose scope a case lies (safeguard G13)."""
    facts = list(facts)
    scopes = ("call-up", f"unit {unit_of(notice)}")
    found = []
    for fact in facts:
        mine = fact.kind == "case_stayed" and fact.case_id == notice["case_id"]
        if mine or (fact.kind == "stayed" and fact.ground in scopes):
            lifts = [one.day for one in facts if one.kind in ("stay_lifted", "case_stay_lifted") and one.ref == fact.fact_id]
            found.append(Stay(fact.day, min(lifts, default=None), "case" if mine else fact.ground, fact.fact_id))
    return tuple(found)


def unit_of(notice: Mapping[str, Any]) -> str:
    """The unit of a notice: its stratum without what follows a plus sign."""
    return str(notice["stratum"]).partition("+")[0]


class Ledger:
    """What makes the clocks of one case stand still, by clock. The key of the fiction of service is ``service:<channel>``."""

    def __init__(self, rules: Rules, facts: Iterable[Any], notice: Mapping[str, Any], as_of: date) -> None:
        facts = list(facts)
        self._rules = rules
        self.stays = stays_of(facts, notice)
        self._by_clock: dict[str, list[Interval]] = {}
        for fact in facts:
            if fact.kind in DOWN and fact.until is not None:
                for key in (f"service:{fact.channel or ''}", *TOLLED):
                    self._add(key, Interval(fact.day, fact.until, f"{fact.kind} of {fact.channel}", floor_citation(), fact.fact_id))
            if fact.kind == "tolled" and fact.case_id == notice["case_id"] and fact.until is not None:
                self._tolled(fact)
        for stay in self.stays:
            until = as_of if stay.lifted_on is None else stay.lifted_on - _DAY
            for key in (*(f"service:{channel}" for channel in self._channels()), *TOLLED):
                self._add(key, Interval(stay.since, until, f"stayed: {stay.scope}", "callup safeguard G13", stay.fact_id))
        asked = [fact for fact in facts if fact.kind == "papers_asked" and fact.case_id == notice["case_id"] and fact.until is not None]
        for fact in asked:
            given = [one.day for one in facts if one.kind == "papers_given" and one.ref == fact.fact_id]
            until = min([fact.until, *given])
            self._add(f"decision:{fact.ref}", Interval(fact.day, until, "papers asked", floor_citation(), fact.fact_id))

    def _channels(self) -> list[str]:
        return sorted({line.channel for line in self._rules.service})

    def _tolled(self, fact: Any) -> None:
        for line in self._rules.tolls:
            if line.ground == fact.ground and line.since <= fact.day < line.ended:
                keys = [f"service:{channel}" for channel in self._channels()] if line.clock == "service" else [line.clock]
                for key in keys:
                    self._add(key, Interval(fact.day, fact.until, line.ground, line.citation, fact.fact_id))

    def _add(self, key: str, one: Interval) -> None:
        if one.until >= one.since:
            self._by_clock.setdefault(key, []).append(one)

    def still(self, key: str) -> tuple[Interval, ...]:
        """The intervals on which that clock stood still, by their first day."""
        return tuple(sorted(self._by_clock.get(key, ()), key=lambda one: (one.since, one.until, one.fact_id)))

    def end(self, key: str, start: date, days: int, *, working: bool = False) -> date:
        """The last day of a term of that clock."""
        return end_of(start, days, working=working, calendar=self._rules.calendar, still=self.still(key))

    def clock(self, name: str, start: date, as_of: date, key: str = "") -> Clock | None:
        """The clock of a name that starts on a day; ``None`` where the law names none."""
        term = self._rules.term(name, start)
        if not term.days:
            return None
        still = self.still(key or name)
        end = self.end(key or name, start, term.days, working=term.working)
        moved = tuple(one for one in still if one.until > start and one.since <= end)
        return Clock(name, start, end, term.days, term.working, term.citation, moved, end < as_of, key.partition(":")[2])

    @property
    def stayed(self) -> bool:
        """Whether a stay holds that nobody has lifted."""
        return any(stay.lifted_on is None for stay in self.stays)

    @property
    def fresh_on(self) -> date | None:
        """The day on which the last stay was lifted: all time runs afresh from it."""
        return max((stay.lifted_on for stay in self.stays if stay.lifted_on is not None), default=None)

    def stayed_on(self, day: date) -> bool:
        """Whether a stay held on that day: nothing entered then counts."""
        return any(stay.holds_on(day) for stay in self.stays)
