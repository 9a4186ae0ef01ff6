"""From the answers of single rules to the finding (design D3), and its interval in a window (safeguard G18)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from callup.law.logic import Answer, Person, check_day, holds, needs
from callup.law.tree import Law, Rule, Window, columns_read

Finding = Literal["LIABLE", "NOT_LIABLE", "UNDETERMINED"]
_CLASSES = ("disqualify", "exempt")
FOREVER = date.max
"""Stands for a deferral without an end when several are compared."""


@dataclass(frozen=True, slots=True)
class Step:
    """One rule tried: its answer and the facts it used."""

    number: int
    name: str
    effect: str
    citation: str
    unverified: bool
    words: str
    answer: Answer
    facts: tuple[tuple[str, object], ...]
    line: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the law makes of one person on one day, and why."""

    day: date
    finding: Finding
    rule: int
    mask: int
    until: date | None
    missing: tuple[str, ...]
    because: tuple[str, ...]
    steps: tuple[Step, ...]
    law: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A row of the findings: the window's finding with its first interval of liability."""

    finding: Finding
    rule: int
    mask: int
    until: date | None
    missing: tuple[str, ...]
    liable_from: date | None
    liable_until: date | None


@dataclass(frozen=True, slots=True)
class _Day:
    finding: Finding
    rule: int
    until: date | None
    answers: tuple[Answer, ...]
    because: tuple[Rule, ...]
    open: tuple[Rule, ...]


def explain(law: Law, person: Person, day: date) -> Explanation:
    """Apply every rule to one person on one day.

    Args:
        law: the law.
        person: column to value; a column that is not there is unknown.
        day: the day of the question.
    """
    check_day(law, day)
    judged = _judge(law, person, day)
    steps = tuple(
        Step(
            rule.number,
            rule.name,
            rule.effect,
            rule.citation,
            rule.unverified,
            rule.words,
            found,
            tuple((name, person.get(name)) for name in columns_read(rule.body)),
            rule.line,
        )
        for rule, found in zip(law.rules, judged.answers, strict=True)
        if rule.in_force(day)
    )
    because = tuple(dict.fromkeys(rule.citation for rule in judged.because))
    missing = _missing(law, judged, person, day)
    return Explanation(day, judged.finding, judged.rule, _mask(judged), judged.until, missing, because, steps, law.digest)


def interval(law: Law, person: Person, window: Window) -> Interval:
    """The oracle of ``assess``: every day of the window judged one by one.

    LIABLE on any day gives LIABLE, as found on the first such day; else the finding of the key date, but UNDETERMINED
    (of the key date, or else of the first such day) when any day is undetermined.
    """
    check_day(law, window.first)
    days = {day: _judge(law, person, day) for day in window.days}
    liable = [day for day, judged in days.items() if judged.finding == "LIABLE"]
    unknown = [day for day, judged in days.items() if judged.finding == "UNDETERMINED"]
    first = liable[0] if liable else None
    until = None
    if first is not None:
        until = next((day for day, judged in days.items() if day > first and judged.finding != "LIABLE"), None)
    shown = first or (window.key if window.key in unknown or not unknown else unknown[0])
    judged = days[shown]
    missing = _missing(law, judged, person, shown)
    return Interval(judged.finding, judged.rule, _mask(judged), judged.until, missing, first, until)


def _judge(law: Law, person: Person, day: date) -> _Day:
    answers = tuple(holds(law, rule, person, day) for rule in law.rules)
    pairs = [(rule, found) for rule, found in zip(law.rules, answers, strict=True) if rule.in_force(day)]
    bound = [(rule, found) for rule, found in pairs if rule.effect == "liable"]
    grounds = [(rule, found) for rule, found in pairs if rule.effect != "liable"]
    binding = [rule for rule, found in bound if found]
    exempting = [rule for rule, found in grounds if found]
    doubtful = [rule for rule, found in grounds if found is None]
    unsure = [rule for rule, found in bound if found is None]
    if not binding and not unsure:
        return _Day("NOT_LIABLE", 0, None, answers, tuple(rule for rule, _ in bound), ())
    if exempting:
        decisive, until = _ground(exempting, person)
        return _Day("NOT_LIABLE", decisive[0].number, until, answers, decisive, ())
    if not binding or doubtful:
        asked = tuple(doubtful if binding else unsure)
        return _Day("UNDETERMINED", asked[0].number, None, answers, asked, asked if binding else asked + tuple(doubtful))
    return _Day("LIABLE", binding[0].number, None, answers, tuple(binding), ())


def _ground(held: list[Rule], person: Person) -> tuple[tuple[Rule, ...], date | None]:
    """The deciding rule first, then the others of its class, and the end of the deciding one."""
    for effect in _CLASSES:
        same = tuple(rule for rule in held if rule.effect == effect)
        if same:
            return same, _end(same[0], person)
    ends: dict[Rule, date] = {rule: _end(rule, person) or FOREVER for rule in held}
    latest = max(ends.values())
    first = next(rule for rule in held if ends[rule] == latest)
    return (first, *(rule for rule in held if rule is not first)), _end(first, person)


def _end(rule: Rule, person: Person) -> date | None:
    found = person.get(rule.until) if rule.until else None
    return found if isinstance(found, date) else None


def _mask(judged: _Day) -> int:
    return sum(1 << position for position, found in enumerate(judged.answers) if found)


def _missing(law: Law, judged: _Day, person: Person, day: date) -> tuple[str, ...]:
    names = {name for rule in judged.open for name in needs(law, rule)}
    unknown = {name for name in names if name in law.columns and person.get(name) is None}
    return tuple(sorted(unknown | {name for name in names if name in law.parameters and law.parameters[name].at(day) is None}))
