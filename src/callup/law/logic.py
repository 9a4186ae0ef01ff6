"""One person under one law on one day: three-valued answers, read straight from the tree. The oracle of every engine."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, cast

from callup.law.tree import Age, Anything, Col, Compare, Day, Held, Join, Law, Lit, Not, Operand, Param, Rule, columns_read, parameters_read
from callup.terms.errors import BadInput

Person = Mapping[str, object]
Answer = bool | None


def birth_cut(day: date, years: int) -> date:
    """The latest birth date of whoever is ``years`` old on ``day``; born 29 February: 1 March in a common year.

    Example:
        >>> birth_cut(date(2022, 2, 28), 18), birth_cut(date(2024, 2, 29), 18)
        (datetime.date(2004, 2, 28), datetime.date(2006, 2, 28))
    """
    if years >= day.year:
        return date.min
    try:
        return day.replace(year=day.year - years)
    except ValueError:
        return day.replace(year=day.year - years, day=28)


def age_on(born: date, day: date) -> int:
    """Whole years reached; negative before birth."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def value(law: Law, operand: Operand, person: Person, day: date) -> Held:
    """The value of an operand; ``None`` is unknown."""
    match operand:
        case Col(name=name):
            return cast(Held, person.get(name))
        case Day():
            return day
        case Param(name=name):
            return law.parameters[name].at(day)
        case Lit(value=held):
            return held
        case Age(born=born, on=on):
            start, until = value(law, born, person, day), value(law, on, person, day)
            return age_on(start, until) if isinstance(start, date) and isinstance(until, date) else None


def answer(law: Law, node: Anything, person: Person, day: date) -> Answer:
    """True, false or unknown (``None``), by Kleene; a column declared ``absent = no`` answers no when empty."""
    match node:
        case Join(op=op, parts=parts):
            return _join(op, [answer(law, part, person, day) for part in parts])
        case Not(of=inner):
            found = answer(law, inner, person, day)
            return None if found is None else not found
        case Compare():
            return _compare(law, node, person, day)
        case Col(name=name) if person.get(name) is None:
            return False if law.columns[name].absent_no else None
    found_value = value(law, node, person, day)
    return None if found_value is None else bool(found_value)


def _join(op: str, answers: list[Answer]) -> Answer:
    hit = op == "or"
    if hit in answers:
        return hit
    return None if None in answers else not hit


def _compare(law: Law, node: Compare, person: Person, day: date) -> Answer:
    sides = (node.left, node.right)
    if any(isinstance(side, Col) and law.columns[side.name].absent_no and person.get(side.name) is None for side in sides):
        return False
    left, right = (value(law, side, person, day) for side in sides)
    if left is None or right is None:
        return None
    return bool(_OPS[node.op](left, right))


_OPS: dict[str, Callable[[Any, Any], object]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    ">=": lambda a, b: a >= b,
    "in": lambda a, b: a in b,
}


def holds(law: Law, rule: Rule, person: Person, day: date) -> Answer:
    """Whether a rule holds: in force, its body true, not given up by the person, and no exception to it true.

    A liable rule's ``unless`` may name a ground (exempt, disqualify, defer): that ground then decides by itself, so
    that the finding can name it; among the other rules ``unless`` switches the rule off.
    """
    if not rule.in_force(day):
        return False
    own = answer(law, rule.body, person, day)
    waiver = law.waiver(rule)
    if waiver and person.get(waiver) is True:
        own = False
    for name in blockers(law, rule):
        other = holds(law, law.rule(name), person, day)
        own = _join("and", [own, None if other is None else not other])
    return own


def blockers(law: Law, rule: Rule) -> tuple[str, ...]:
    """The rules whose being true makes this one false."""
    if rule.effect != "liable":
        return rule.unless
    return tuple(name for name in rule.unless if law.rule(name).effect == "liable")


def needs(law: Law, rule: Rule) -> tuple[str, ...]:
    """Columns and blank parameters whose being unknown can leave the rule unknown, those of its exceptions too."""
    own = [name for name in columns_read(rule.body) if not law.columns[name].absent_no]
    own += [name for name in parameters_read(rule.body) if any(dated.value is None for dated in law.parameters[name].values)]
    for name in blockers(law, rule):
        own += needs(law, law.rule(name))
    return tuple(sorted(set(own)))


def check_day(law: Law, day: date) -> None:
    """Refuse a day before the law's first.

    Raises:
        BadInput: the law as loaded has nothing to say of that day.
    """
    if day < law.begins:
        raise BadInput("law-not-yet-in-force", {"law": law.title, "day": day, "begins": law.begins}, "take a later day")
