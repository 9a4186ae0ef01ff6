"""Writes rules as conditions of SQL; its three-valued logic is the law's, so unknown stays unknown by itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from callup.law.dialects import Dialect
from callup.law.expressions import type_of_value
from callup.law.folding import Folding
from callup.law.logic import answer, birth_cut, blockers, value
from callup.law.tree import (
    Age,
    Anything,
    Col,
    Compare,
    Day,
    Held,
    Join,
    Law,
    Lit,
    Node,
    Not,
    Operand,
    Param,
    Rule,
    Type,
    Value,
    columns_read,
    parameters_read,
    spell,
)

_SQL = {"==": "=", "!=": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_AGES = {
    ">=": "({born} <= {reached})",
    ">": "({born} <= {passed})",
    "<": "({born} > {reached})",
    "<=": "({born} > {passed})",
    "==": "({born} <= {reached} AND {born} > {passed})",
    "!=": "({born} > {reached} OR {born} <= {passed})",
}
_CUTS = {">=": (0,), ">": (1,), "<": (0,), "<=": (1,), "==": (0, 1), "!=": (0, 1)}


@dataclass(frozen=True, slots=True)
class Writer:
    """Conditions over the table ``s`` (the snapshot) and, in a window, ``c`` (the calendar).

    Args:
        law: the law.
        dialect: the engine's words.
        folding: what depends on the day alone.
        asks_few: a list is written as one comparison after the other, since few persons are asked: an engine would look everybody
            up in a list as a whole before it begins.
    """

    law: Law
    dialect: Dialect
    folding: Folding
    asks_few: bool = False

    def rule(self, rule: Rule) -> str:
        """Whether a rule holds; false outside its period."""
        own = self.node(rule.body)
        waiver = self.law.waiver(rule)
        if waiver:
            own = f"({own} AND NOT coalesce({self.column(waiver)}, false))"
        for name in blockers(self.law, rule):
            own = f"({own} AND NOT {self.rule(self.law.rule(name))})"
        held = self.folding.constant(f"in force {rule.name}", "flag", rule.in_force)
        if held == "true":
            return own
        return held if held == "false" else f"({held} AND {own})"

    def never(self, rule: Rule) -> bool:
        """Whether a rule holds for nobody, since a blank of the law stands in it or it is not in force."""
        hopeless = (self.dialect.literal(None, "flag"), "false")
        return any(self.node(part) in hopeless for part in _parts(rule)) or self.rule(rule) == "false"

    def deniable(self, rule: Rule) -> str:
        """A condition that is false where the rule is: as the rule, but without a blank of the law, which denies nothing by itself."""
        blank = self.dialect.literal(None, "flag")
        known = [written for part in _parts(rule) if (written := self.node(part)) != blank]
        if len(known) == len(_parts(rule)) or not known or self.rule(rule) == "false":
            return self.rule(rule)
        return f"({' AND '.join(known)})"

    def column(self, name: str) -> str:
        """A column of the snapshot."""
        return f"s.{self.dialect.quoted(name)}"

    def blank(self, name: str) -> str:
        """Whether a parameter is not known on the day."""
        return self.folding.constant(f"blank {name}", "flag", lambda day: self._held(Param(name), day) is None)

    def _held(self, operand: Operand, day: date) -> Held:
        return value(self.law, operand, {}, day) if self._has_values(operand, day) else None

    def _has_values(self, node: Anything, day: date) -> bool:
        """Whether the law has its values yet; before, they are unknown: no rule that reads them is in force (the loader sees to it)."""
        return all(self.law.parameters[name].values[0].since <= day for name in parameters_read(node))

    def node(self, node: Node) -> str:
        """A condition."""
        if not columns_read(node):
            return self.folding.constant(
                spell(node), "flag", lambda day: answer(self.law, node, {}, day) if self._has_values(node, day) else None
            )
        match node:
            case Join(op=op, parts=parts):
                return f"({f' {op.upper()} '.join(self.node(part) for part in parts)})"
            case Not(of=inner):
                return f"(NOT {self.node(inner)})"
            case Compare():
                return self._known(node, self._compare(node))
            case Col(name=name):
                return f"coalesce({self.column(name)}, false)" if self.law.columns[name].absent_no else self.column(name)
        raise AssertionError(f"no condition: {node!r}")

    def _known(self, node: Compare, written: str) -> str:
        sides = [side.name for side in (node.left, node.right) if isinstance(side, Col) and self.law.columns[side.name].absent_no]
        tests = [f"{self.column(name)} IS NOT NULL" for name in sides]
        return f"({' AND '.join([*tests, written])})" if tests else written

    def _compare(self, node: Compare) -> str:
        match node:
            case Compare(op="in", left=left, right=right):
                return self._within(left, right)
            case Compare(op=op, left=Age() as age, right=bound):
                return self._age(op, age, bound)
            case Compare(op=op, left=bound, right=Age() as age):
                return self._age(_TURNED[op], age, bound)
        for one, other in ((node.left, node.right), (node.right, node.left)):
            if isinstance(one, Col) and isinstance(other, Day):
                self.folding.compared(one.name)
        return f"({self._operand(node.left)} {_SQL[node.op]} {self._operand(node.right)})"

    def _operand(self, operand: Operand) -> str:
        match operand:
            case Col(name=name):
                return self.column(name)
            case Day():
                return self.folding.today()
        return self.folding.constant(spell(operand), self._type(operand), self._at(operand))

    def _at(self, operand: Operand) -> Callable[[date], Held]:
        return lambda day: self._held(operand, day)

    def _type(self, operand: Operand) -> Type:
        if isinstance(operand, Param):
            return self.law.parameters[operand.name].type
        held = operand.value if isinstance(operand, Lit) else 0
        return type_of_value(held[0] if isinstance(held, tuple) else held)

    def _within(self, left: Operand, right: Operand) -> str:
        def listed(day: date) -> tuple[Value, ...]:
            held = self._held(right, day)
            return held if isinstance(held, tuple) else ()

        kind, written = self._type(right), self._operand(left)
        always, parts = [], []
        for one in sorted({one for day in self.folding.days for one in listed(day)}, key=repr):
            is_in = self.folding.constant(f"{one!r} in {spell(right)}", "flag", _contains(listed, one))
            literal = self.dialect.literal(one, kind)
            if is_in == "true" and not self.asks_few:
                always.append(literal)
            elif is_in == "true":
                parts.append(f"{written} = {literal}")
            else:
                parts.append(f"({written} = {literal} AND {is_in})")
        if always:
            parts.insert(0, f"{written} IN ({', '.join(always)})")
        unknown = self.folding.constant(f"none {spell(right)}", "flag", lambda day: False if listed(day) else None)
        if unknown != "false":
            parts.append(unknown)
        return f"({' OR '.join(parts)})"

    def _age(self, op: str, age: Age, bound: Operand) -> str:
        born = self.column(age.born.name)
        needed = {more: self._cut(age, bound, more) for more in _CUTS[op]}
        return _AGES[op].format(born=born, reached=needed.get(0), passed=needed.get(1))

    def _cut(self, age: Age, bound: Operand, more: int) -> str:
        def at(day: date) -> date | None:
            on, years = self._held(age.on, day), self._held(bound, day)
            return birth_cut(on, years + more) if isinstance(on, date) and isinstance(years, int) else None

        return self.folding.cut(f"cut {spell(age)} {spell(bound)} +{more}", age.born.name, at)


def _parts(rule: Rule) -> tuple[Node, ...]:
    """What must hold together."""
    return rule.body.parts if isinstance(rule.body, Join) and rule.body.op == "and" else (rule.body,)


def _contains(listed: Callable[[date], tuple[Value, ...]], one: Value) -> Callable[[date], bool]:
    return lambda day: one in listed(day)
