"""The corners of each column's domain: what a rule can be shown, to learn whether it can ever hold, and for whom."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from itertools import islice, product

from callup.law.logic import answer, birth_cut, value
from callup.law.tree import Age, Anything, Col, Compare, Held, Law, Lit, Param, Rule, columns_read, parameters_read, walk

MOST = 40_000
"""Combinations tried; a rule with more is taken as reachable."""
_ONE_DAY = timedelta(days=1)


def law_days(law: Law, rule: Rule) -> tuple[date, ...]:
    """The days in the rule's period on which anything it reads changes, its first day included."""
    first = max(law.begins, rule.since)
    changes = {dated.since for name in parameters_read(rule.body) for dated in law.parameters[name].values}
    changes.add(first if first != date.min else date(2000, 1, 1))
    changes |= {part.value for part in walk(rule.body) if isinstance(part, Lit) and isinstance(part.value, date)}
    return tuple(sorted(day for day in changes if rule.in_force(day) and day >= law.begins))


def persons(law: Law, rule: Rule, day: date, *, but: Collection[str] = ()) -> Iterator[Mapping[str, object]]:
    """Persons at the corners of the columns the rule reads, on a day; columns of ``but`` are left to the caller."""
    names = [name for name in columns_read(rule.body) if name not in but]
    domains = [sorted(_domain(law, rule, name, day), key=repr) for name in names]
    for row in islice(product(*domains), MOST):
        yield dict(zip(names, row, strict=True))


def can_hold(law: Law, rule: Rule) -> bool:
    """Whether some person on some day makes the rule's body true."""
    days = law_days(law, rule)
    return any(
        _size(law, rule, day) > MOST or any(answer(law, rule.body, person, day) for person in persons(law, rule, day)) for day in days
    )


def holds_for_minor(law: Law, rule: Rule, adult: int = 18) -> date | None:
    """A day on which the rule can hold for somebody younger than ``adult``; ``None`` if there is none."""
    births = [column.name for column in law.columns.values() if column.kind == "birth date"]
    for day in law_days(law, rule):
        young = [birth_cut(day, years) + _ONE_DAY for years in range(1, adult + 1)] + [birth_cut(day, years) for years in range(adult)]
        for person in persons(law, rule, day, but=births):
            for born in young:
                shown = {**person, **dict.fromkeys(births, born)}
                if answer(law, rule.body, shown, day):
                    return day
    return None


def _size(law: Law, rule: Rule, day: date) -> int:
    size = 1
    for name in columns_read(rule.body):
        size *= len(_domain(law, rule, name, day))
    return size


def _domain(law: Law, rule: Rule, name: str, day: date) -> set[object]:
    match law.columns[name].type:
        case "flag":
            return {True, False, None}
        case "text":
            return {*_constants(law, rule, day, str), "\x00", None}
        case "number":
            return {0, None} | {number + step for number in _constants(law, rule, day, int) for step in (-1, 0, 1)}  # type: ignore[operator]
    dates = {day, *_constants(law, rule, day, date)} | set(_birthdays(law, rule, day))
    return {None} | {_near(found, step) for found in dates for step in (-1, 0, 1)}  # type: ignore[arg-type]


def _near(day: date, step: int) -> date:
    return day if day in (date.min, date.max) else day + step * _ONE_DAY


def _constants(law: Law, rule: Rule, day: date, kind: type) -> set[object]:
    found: set[object] = set()
    for part in walk(rule.body):
        if isinstance(part, Lit | Param):
            held: Held = value(law, part, {}, day)
            found |= {one for one in (held if isinstance(held, tuple) else (held,)) if isinstance(one, kind) and not isinstance(one, bool)}
    return found


def _birthdays(law: Law, rule: Rule, day: date) -> Iterator[date]:
    for part in walk(rule.body):
        for age, bound in _age_pairs(part):
            on, years = value(law, age.on, {}, day), value(law, bound, {}, day)
            if isinstance(on, date) and isinstance(years, int):
                yield from (birth_cut(on, years + step) for step in (0, 1) if years + step >= 0)


def _age_pairs(part: Anything) -> Iterator[tuple[Age, Lit | Param]]:
    match part:
        case Compare(left=Age() as age, right=Lit() | Param() as bound) | Compare(left=Lit() | Param() as bound, right=Age() as age):
            yield age, bound


def reads(law: Law) -> set[str]:
    """Every column that some rule reads, as ground, end or waiver."""
    found: set[str] = set()
    for rule in law.rules:
        found |= {part.name for part in walk(rule.body) if isinstance(part, Col)}
        found |= {rule.until, law.waiver(rule)}
    return found
