"""The law of two days over a register in one scan: whom does an amendment move, and why (design engine 4, issue 6).

Every person is judged under both laws side by side; counts leave, never a row of a person.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from callup.law.assessing import Judgement
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
    before, after = (Judgement(Writer(law, dialect, Folding((day,), dialect))) for law, day in zip(laws, days, strict=True))
    weight = (counted,) if counted else ()
    columns = tuple(dict.fromkeys(("born_on", *laws[0].columns, *weight)))
    first = replace(before, kept=columns, mark="c_").text("snapshot s", dialect.literal(days[0], "date"))
    carried = ", ".join(f"{dialect.quoted('c_' + name)} AS {dialect.quoted(name)}" for name in columns)
    source = f"(SELECT {carried}, finding AS finding_before, rule AS rule_before FROM ({first}) f) s"
    kept = ("born_on", "finding_before", "rule_before", *weight)
    second = replace(after, kept=kept).text(source, dialect.literal(days[1], "date"))
    return Query(_counted(second, dialect, counted), MOVES, ("snapshot",), dialect.name)


def _counted(pairs: str, dialect: Dialect, counted: str) -> str:
    moved = "finding_before <> finding OR rule_before <> rule"
    born = f"CASE WHEN {moved} THEN born_on ELSE {dialect.literal(None, 'date')} END"
    shown = f"{born} AS moved_born_on, finding_before, rule_before, finding, rule{f', {counted}' if counted else ''}"
    groups = "moved_born_on, finding_before, rule_before, finding, rule"
    persons = f"CAST(sum({counted}) AS BIGINT)" if counted else "count(*)"
    named = "moved_born_on AS born_on, finding_before, rule_before, finding AS finding_after, rule AS rule_after"
    return f"SELECT {named}, {persons} AS persons FROM (SELECT {shown} FROM ({pairs}) g) h\nGROUP BY {groups}"


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
    return "not known" if value is None else spell(Lit(value)).strip('"')  # type: ignore[arg-type]


def _standing(rule: Rule, day: date) -> str:
    return "in force" if rule.in_force(day) else "not in force"
