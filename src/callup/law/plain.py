"""A rule's condition in plain English, made from its tree: what a jurist reads beside the notation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from callup.law.tree import Age, Anything, Col, Compare, Day, Join, Law, Lit, Not, Operand, Param, Value

_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
_NUMBERS = {"<": "is less than", "<=": "is at most", ">": "is more than", ">=": "is at least"}
_DAYS = {"<": "is before", "<=": "is on or before", ">": "is after", ">=": "is on or after"}
_MANY = 5
"""A list of more values than this is not said in a sentence; it stands under the law's values."""


@dataclass(frozen=True, slots=True)
class Plain:
    """Says parts of one law as it stands on a day.

    Args:
        law: the law.
        day: the day whose values are said.
        facts: by column: ``label``, and ``values`` for texts by value; a column without a label is said by its name.
    """

    law: Law
    day: date
    facts: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    def condition(self, node: Anything) -> str:
        """A condition as one clause; an "or" within an "and" stands in brackets, and the other way round."""
        match node:
            case Join(op=op, parts=parts):
                return f", {op} ".join(self._part(op, part) for part in parts)
            case Not(of=Compare(op="in", left=left, right=right)):
                return f"{self._operand(left)} is not one of {self._beside(left, right)}"
            case Not(of=Col() | Param() as flag):
                return f"{self._operand(flag)} is no"
            case Not(of=inner):
                return f"it is not so that ({self.condition(inner)})"
            case Compare(op=op, left=left, right=right):
                return self._comparison(op, left, right)
            case Lit(value=value):
                return "always" if value else "never"
        return f"{self._operand(node)} is yes"

    def _part(self, op: str, part: Anything) -> str:
        return f"({self.condition(part)})" if isinstance(part, Join) and part.op != op else self.condition(part)

    def label(self, column: str) -> str:
        """What a column is called, in quotation marks, so that a sentence can hold it."""
        return f"“{self.facts.get(column, {}).get('label', column.replace('_', ' '))}”"

    def _comparison(self, op: str, left: Operand, right: Operand) -> str:
        if isinstance(left, Param | Lit) and not isinstance(right, Param | Lit):
            left, op, right = right, _TURNED.get(op, op), left
        if op == "in":
            return f"{self._operand(left)} is one of {self._beside(left, right)}"
        orders = _DAYS if self._is_day(left) else _NUMBERS
        words = {"==": "is", "!=": "is not"}.get(op) or orders[op]
        return f"{self._operand(left)} {words} {self._beside(left, right)}"

    def _beside(self, left: Operand, right: Operand) -> str:
        """What stands after a comparison; a value of a column in the column's own words."""
        if isinstance(right, Lit):
            values = right.value if isinstance(right.value, tuple) else (right.value,)
            return ", ".join(self._value(left, one) for one in values)
        return self._operand(right)

    def _operand(self, node: Anything) -> str:
        match node:
            case Col(name=name):
                return self.label(name)
            case Age(born=born, on=on):
                return f"the age (from {self.label(born.name)}) on {self._operand(on)}"
            case Param(name=name):
                return f"the law's “{name.replace('_', ' ')}” ({self._held(name)})"
            case Lit(value=value):
                return str(value)
        return "the day asked about"

    def _held(self, name: str) -> str:
        parameter = self.law.parameters[name]
        held = parameter.at(self.day) if parameter.values[0].since <= self.day else None
        if held is None:
            return "not known"
        many = held if isinstance(held, tuple) else (held,)
        return ", ".join(str(one) for one in many) if len(many) <= _MANY else f"{len(many)} values, listed below"

    def _value(self, left: Operand, value: Value) -> str:
        words = self.facts.get(left.name, {}).get("values", {}) if isinstance(left, Col) else {}
        return str(words.get(value, f"“{value}”" if isinstance(value, str) else value))

    def _is_day(self, node: Operand) -> bool:
        match node:
            case Col(name=name):
                return self.law.columns[name].type == "date"
            case Param(name=name):
                return self.law.parameters[name].type == "date"
        return isinstance(node, Day)
