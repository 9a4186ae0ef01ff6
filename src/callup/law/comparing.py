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
    kept = ("born_on", counted) if counted else ("born_on",)
    before, after = (Judgement(Writer(law, dialect, Folding((day,), dialect)), kept) for law, day in zip(laws, days, strict=True))
    return Query(_counted(_pairs(before, after), dialect, counted), MOVES, ("snapshot",), dialect.name)


def _pairs(before: Judgement, after: Judgement) -> str:
    """Each person's finding and rule under both laws: a rule that both write alike is asked once, and alike answers are judged once."""
    quoted = before.writer.dialect.quoted
    written = {
        rule.number: (before.writer.rule(rule), after.writer.rule(other))
        for rule, other in zip(before.law.rules, after.law.rules, strict=True)
    }
    others = [number for number, (one, other) in written.items() if one != other]
    answers = before.answers("snapshot s", [f"{written[number][1]} AS x{number}" for number in others])
    finding, rule = before.decided()
    carried = [quoted(name) for name in (*before.kept, *(f"v_{name}" for name in before.grounds()))]
    first = [*carried, f"{finding} AS finding_before", f"{rule} AS rule_before", f"{_alike(others)} AS alike"]
    second = [f"x{number} AS r{number}" if number in others else f"r{number}" for number in written]
    told = f"SELECT {', '.join([*first, *second])} FROM ({before.followed(answers)}) d"
    finding, rule = (
        f"CASE WHEN alike THEN {was} ELSE {now} END" for was, now in zip(("finding_before", "rule_before"), after.decided(), strict=True)
    )
    shown = [*map(quoted, before.kept), "finding_before", "rule_before", f"{finding} AS finding", f"{rule} AS rule"]
    return f"SELECT {', '.join(shown)} FROM ({after.followed(told)}) e"


def _alike(numbers: list[int]) -> str:
    """Whether the answers of some rules are the same under both laws; unknown is like unknown."""
    tests = [f"coalesce(r{number} = x{number}, r{number} IS NULL AND x{number} IS NULL)" for number in numbers]
    return f"({' AND '.join(tests)})" if tests else "true"


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
