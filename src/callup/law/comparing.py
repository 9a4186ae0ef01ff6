"""What the law of a day, or of two days in one scan, makes of a register: counts, and who is liable (design engine 4, issue 6).

Of two days, the second is asked only about those for whom a rule that differs has another answer; counts leave, never a row of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from callup.law.deciding import Deciding, differs, finding_of, grounds_in_order, rule_of, rules_of
from callup.law.dialects import Dialect
from callup.law.folding import Folding
from callup.law.logic import check_day
from callup.law.tree import Dated, Law, Lit, Parameter, Rule, spell
from callup.law.writing import Writer
from callup.terms.query import Query
from callup.terms.schema import Column, Schema

MOVES = Schema(
    "moves",
    (
        Column("born_on", "date", "date of birth of those whom the law of the second day moves; null for the others", nullable=True),
        Column("finding_before", "text", "finding under the law of the first day"),
        Column("rule_before", "int", "its deciding rule; 0 where no rule of liability holds"),
        Column("finding_after", "text", "finding under the law of the second day"),
        Column("rule_after", "int", "its deciding rule; 0 where no rule of liability holds"),
        Column("persons", "int", "how many", "persons"),
    ),
    ("born_on", "finding_before", "rule_before", "finding_after", "rule_after"),
)


SUMMARY = Schema(
    "summary",
    (
        Column("unit", "text", "unit; null where it is not known", nullable=True),
        Column("finding", "text", "finding"),
        Column("rule", "int", "its deciding rule; 0 where no rule of liability holds"),
        Column("persons", "int", "how many", "persons"),
    ),
    ("unit", "finding", "rule"),
)

CALLED = Schema(
    "called",
    (
        Column("person_id", "text", "id of the register"),
        Column("born_on", "date", "date of birth", nullable=True),
        Column("unit", "text", "unit", nullable=True),
    ),
    ("person_id",),
)

_NAMES = (("@place", "@latest"), ("@place 2", "@latest 2"))
"""Columns that the query puts beside those of the law, whose names have no such sign."""


@dataclass(frozen=True, slots=True)
class Change:
    """What differs between the law of two days: a value, or a rule that begins or ends; ``act`` is its article or amending act."""

    name: str
    before: str
    after: str
    act: str


def law_as_of(law: Law, day: date) -> Law:
    """The law as it stood on a day, for questions about any day; a rule not in force then is in force on none.

    Raises:
        BadInput: the day lies before the law.
    """
    check_day(law, day)
    rules = tuple(replace(rule, since=date.min, ended=date.max if rule.in_force(day) else date.min) for rule in law.rules)
    values = {name: replace(held, values=_frozen(held, day)) for name, held in law.parameters.items()}
    return replace(law, parameters=values, rules=rules, begins=date.min)


def _frozen(held: Parameter, day: date) -> tuple[Dated, ...]:
    there = held.values[0].since <= day
    return (Dated(date.min, held.at(day) if there else None, ""),)


def compare(laws: tuple[Law, Law], days: tuple[date, date], dialect: Dialect, *, counted: str = "") -> Query:
    """Write the query that counts everyone by finding and deciding rule under two laws.

    Args:
        laws: before and after, of the same columns; ``law_as_of`` gives them.
        days: the day on which each is asked.
        dialect: the engine's words.
        counted: the column of ``snapshot`` that says how many persons a row stands for; empty: one.

    Returns:
        A query over ``snapshot`` giving ``MOVES``; only those whose finding or deciding rule differs are parted by birth date.
    """
    before, after = (lazy(law, day, dialect, names) for law, day, names in zip(laws, days, _NAMES, strict=True))
    return Query(_pairs(before, after, counted), MOVES, ("snapshot",), dialect.name)


def lazy(law: Law, day: date, dialect: Dialect, names: tuple[str, str] = _NAMES[0]) -> Deciding:
    """The decision of a day, asked of the table ``s`` itself; ``names``: the columns that it puts beside those of ``s``."""
    writer = Writer(law, dialect, Folding((day,), dialect), asks_few=True)
    return Deciding(writer, writer.rule, writer.column, (dialect.quoted(names[0]), dialect.quoted(names[1])))


def count(law: Law, day: date, dialect: Dialect) -> Query:
    """Write the query that counts everyone by unit, finding and deciding rule on one day.

    Returns:
        A query over ``snapshot`` giving ``SUMMARY``.

    Raises:
        BadInput: the day lies before the law.
    """
    check_day(law, day)
    told = lazy(law, day, dialect)
    place, latest = told.names
    placed = f"SELECT *, {told.place()} AS {place} FROM snapshot s"
    ended = f"SELECT *, {told.latest(place)} AS {latest} FROM ({placed}) s"
    decided = f"SELECT unit, {told.decided(place, latest)} AS decided FROM ({ended}) s"
    groups = f"SELECT unit, decided, count(*) AS persons FROM ({decided}) d GROUP BY unit, decided"
    shown = f"unit, {finding_of('decided')} AS finding, {rule_of('decided')} AS rule, persons"
    return Query(f"SELECT {shown} FROM ({groups}) g", SUMMARY, ("snapshot",), dialect.name)


def called(law: Law, day: date, dialect: Dialect) -> Query:
    """Write the query that lists the liable of one day: conditions side by side, so that an engine skips the births that cannot be.

    Returns:
        A query over ``snapshot`` giving ``CALLED``.

    Raises:
        BadInput: the day lies before the law.
    """
    check_day(law, day)
    writer = lazy(law, day, dialect).writer
    bound = " OR ".join(writer.rule(rule) for rule in rules_of(law, "liable"))
    free = [f"NOT {writer.deniable(rule)}" for rule in grounds_in_order(law)]
    shown = ", ".join(f"s.{name}" for name in CALLED.names)
    conditions = " AND ".join([f"({bound})", *(test for test in free if test != "NOT false")])
    return Query(f"SELECT {shown} FROM snapshot s WHERE {conditions}", CALLED, ("snapshot",), dialect.name)


def _pairs(before: Deciding, after: Deciding, counted: str) -> str:
    """Decide by the first law; by the second only where a rule that the laws write differently has another answer; count the pairs."""
    quoted = before.dialect.quoted
    differ, first, second, born = map(quoted, ("@differ", "@first", "@second", "@born"))
    (place, latest), (place_2, latest_2) = before.names, after.names
    told = f"SELECT *, {before.place()} AS {place}, {_differ(before, after)} AS {differ} FROM snapshot s"
    told = f"SELECT *, {before.latest(place)} AS {latest}, CASE WHEN {differ} THEN {after.place()} END AS {place_2} FROM ({told}) s"
    told = f"SELECT *, {before.decided(place, latest)} AS {first}, {after.latest(place_2)} AS {latest_2} FROM ({told}) s"
    then = f"CASE WHEN {differ} THEN {after.decided(place_2, latest_2)} ELSE {first} END"
    persons = f"CAST(sum({quoted(counted)}) AS BIGINT)" if counted else "count(*)"
    shown = ", ".join([f"born_on, {first}, {then} AS {second}", *([quoted(counted)] if counted else [])])
    moved = f"CASE WHEN {first} <> {second} THEN born_on ELSE {before.dialect.literal(None, 'date')} END AS {born}"
    parted = f"SELECT *, {moved} FROM (SELECT {shown} FROM ({told}) s) p"
    groups = f"{born}, {first}, {second}"
    named = f"{born} AS born_on, {finding_of(first)} AS finding_before, {rule_of(first)} AS rule_before"
    named += f", {finding_of(second)} AS finding_after, {rule_of(second)} AS rule_after, persons"
    return f"SELECT {named} FROM (SELECT {groups}, {persons} AS persons FROM ({parted}) q GROUP BY {groups}) g"


def _differ(before: Deciding, after: Deciding) -> str:
    """Whether a rule that the laws write differently has another answer."""
    pairs = [(before.answer(one), after.answer(other)) for one, other in zip(before.law.rules, after.law.rules, strict=True)]
    tests = [differs(one, other) for one, other in pairs if one != other]
    return f"({' OR '.join(tests)})" if tests else "false"


def changes(law: Law, first: date, second: date) -> tuple[Change, ...]:
    """What differs between the law of two days, values first, in the law's order."""
    check_day(law, min(first, second))
    found = []
    for name, held in law.parameters.items():
        one, other = (_frozen(held, day)[0].value for day in (first, second))
        if one != other:
            later = max((value for value in held.values if value.since <= max(first, second)), key=lambda value: value.since)
            found.append(Change(name, _spelled(one), _spelled(other), later.act))
    for rule in law.rules:
        before, after = _standing(rule, first), _standing(rule, second)
        if before != after:
            found.append(Change(rule.name, before, after, rule.citation))
    return tuple(found)


def _spelled(value: object) -> str:
    if value is None:
        return "not known"
    return ", ".join(one if isinstance(one, str) else spell(Lit(one)) for one in (value if isinstance(value, tuple) else (value,)))


def _standing(rule: Rule, day: date) -> str:
    return "in force" if rule.in_force(day) else "not in force"
