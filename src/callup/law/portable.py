"""The tree of a law as plain values, for a program in another language: the page that asks the law in a browser."""

from __future__ import annotations

from datetime import date
from typing import Any

from callup.law.logic import blockers
from callup.law.tree import Age, Anything, Col, Compare, Held, Join, Law, Lit, Not, Operand, Param, Rule, Window


def portable(law: Law, window: Window) -> dict[str, Any]:
    """Everything that the finding of a person in a window rests on, as lists, texts, numbers and truth values; days as YYYY-MM-DD.

    Args:
        law: the law.
        window: rules and values outside its days are left out.

    Returns:
        ``first``, ``last``, ``key``: the days; ``absent_no``: of each column, whether empty means "no"; ``values``: each with the days
        from which it holds; ``rules``: number, name, effect, citation, period, body, the column that ends it, the column that gives it
        up, the rules that block it. A body is a list: its first part says what it is.
    """
    rules = [rule for rule in law.rules if rule.since <= window.last and window.first < rule.ended]
    values = {name: [[_day(one.since), _plain(one.value)] for one in parameter.values] for name, parameter in law.parameters.items()}
    absent = {name: column.absent_no for name, column in law.columns.items()}
    days = {"first": _day(window.first), "last": _day(window.last), "key": _day(window.key)}
    return {"absent_no": absent, "values": values, "rules": [_rule(law, rule) for rule in rules], **days}


def _rule(law: Law, rule: Rule) -> dict[str, Any]:
    told = {"number": rule.number, "name": rule.name, "effect": rule.effect, "article": str(rule.citation), "body": _node(rule.body)}
    period = {"since": _day(rule.since), "ended": _day(rule.ended)}
    return told | period | {"until": rule.until, "waiver": law.waiver(rule), "blockers": list(blockers(law, rule))}


def _node(node: Anything) -> list[Any]:
    match node:
        case Compare(op=op, left=left, right=right):
            return [op, _node(left), _node(right)]
        case Not(of=inner):
            return ["not", _node(inner)]
        case Join(op=op, parts=parts):
            return [op, *(_node(part) for part in parts)]
    return _operand(node)


def _operand(operand: Operand) -> list[Any]:
    match operand:
        case Col(name=name):
            return ["col", name]
        case Param(name=name):
            return ["value", name]
        case Lit(value=value):
            return ["lit", _plain(value)]
        case Age(born=born, on=on):
            return ["age", _operand(born), _operand(on)]
    return ["day"]


def _plain(value: Held) -> Any:
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return _day(value) if isinstance(value, date) else value


def _day(day: date) -> str:
    return day.isoformat()
