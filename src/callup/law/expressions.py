"""Reads one expression of the notation into the tree, checking columns, names and types; all else is refused."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from callup.law.refusal import Source, as_date
from callup.law.tree import Age, Col, Compare, Day, Join, LawColumn, Lit, Node, Not, Operand, Param, Parameter, Type, Value
from callup.terms.errors import BadInput

_OPS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
_ORDERED = ("<", "<=", ">", ">=")
_BIGGEST = 2**53


@dataclass(frozen=True, slots=True)
class Reader:
    """What a rule may speak of: the law's columns and parameters."""

    source: Source
    columns: Mapping[str, LawColumn]
    parameters: Mapping[str, Parameter]

    def node(self, written: ast.expr) -> Node:
        """A true-or-false expression."""
        match written:
            case ast.BoolOp(op=op, values=values):
                return Join("and" if isinstance(op, ast.And) else "or", tuple(self.node(value) for value in values))
            case ast.UnaryOp(op=ast.Not(), operand=inner):
                return Not(self.node(inner))
            case ast.Compare():
                return self._chain(written)
        found = self.operand(written)
        if isinstance(found, Col | Param | Lit) and self.type_of(found) == "flag" and not self._many(found):
            return found
        raise self._mismatch(written, "is not true or false")

    def operand(self, written: ast.expr) -> Operand:
        """A value to be compared."""
        match written:
            case ast.Attribute(value=ast.Name(id="p"), attr=name):
                return self._column(written, name)
            case ast.Name(id="day"):
                return Day()
            case ast.Name(id=name) if name in self.parameters:
                return Param(name)
            case ast.Name(id=name):
                raise self.source.refuse("law-outside-vocabulary", written.lineno, f"unknown name {name}", "declare it with dated(...)")
            case ast.Constant(value=bool() | int() | str()):
                return Lit(self.literal(written))
            case ast.Tuple():
                return self._listed(written)
            case ast.Call(func=ast.Name(id="age"), args=[born, on], keywords=[]):
                return self._age(written, born, on)
        raise self.source.outside(written)

    def literal(self, written: ast.expr) -> Value:
        """A literal; a text of the form YYYY-MM-DD is a date, numbers are bounded so that no engine wraps."""
        match written:
            case ast.Constant(value=bool() as flag):
                return flag
            case ast.Constant(value=int() as number) if number <= _BIGGEST:
                return number
            case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as number)) if number <= _BIGGEST:
                return -number
            case ast.Constant(value=str() as text):
                return as_date(text)
        raise self.source.outside(written)

    def type_of(self, operand: Operand) -> Type:
        """The type of an operand."""
        match operand:
            case Col(name=name):
                return self.columns[name].type
            case Param(name=name):
                return self.parameters[name].type
            case Lit(value=value):
                return type_of_value(value[0] if isinstance(value, tuple) else value)
        return "date" if isinstance(operand, Day) else "number"

    def _column(self, written: ast.expr, name: str) -> Col:
        if name not in self.columns:
            raise self.source.refuse("law-column-unknown", written.lineno, f"p.{name}", "declare the column in register")
        return Col(name)

    def _listed(self, written: ast.Tuple) -> Lit:
        values = tuple(self.literal(value) for value in written.elts)
        if not values or len({type_of_value(value) for value in values}) > 1:
            raise self._mismatch(written, "must hold at least one value, all of one type")
        return Lit(values)

    def _age(self, written: ast.expr, born: ast.expr, on: ast.expr) -> Age:
        column, day = self.operand(born), self.operand(on)
        if not isinstance(column, Col) or self.columns[column.name].kind != "birth date":
            raise self._mismatch(written, "age is counted from the birth date column")
        if not isinstance(day, Day | Param | Lit) or self.type_of(day) != "date" or self._many(day):
            raise self._mismatch(written, "age is counted on day or on a date")
        return Age(column, day)

    def _chain(self, written: ast.Compare) -> Node:
        parts: list[Node] = []
        left = self.operand(written.left)
        for op, then in zip(written.ops, written.comparators, strict=True):
            if type(op) not in _OPS:
                raise self.source.outside(written)
            right = self.operand(then)
            word = _OPS[type(op)]
            self._agree(written, word, left, right)
            parts.append(Not(Compare("in", left, right)) if word == "not in" else Compare(word, left, right))
            left = right
        return parts[0] if len(parts) == 1 else Join("and", tuple(parts))

    def _agree(self, written: ast.Compare, op: str, left: Operand, right: Operand) -> None:
        kinds = self.type_of(left), self.type_of(right)
        if kinds[0] != kinds[1]:
            raise self._mismatch(written, f"compares a {kinds[0]} with a {kinds[1]}")
        if op in _ORDERED and kinds[0] not in ("date", "number"):
            raise self._mismatch(written, f"a {kinds[0]} has no order")
        if self._many(left) or self._many(right) != (op in ("in", "not in")):
            raise self._mismatch(written, "in needs a list to its right, and only in does")
        if Age in (type(left), type(right)):
            self._plain_age(written, op, left, right)

    def _plain_age(self, written: ast.Compare, op: str, left: Operand, right: Operand) -> None:
        other = right if isinstance(left, Age) else left
        if op in ("in", "not in") or not isinstance(other, Lit | Param):
            raise self._mismatch(written, "an age is compared with a number of the law")
        if isinstance(other, Lit) and not (isinstance(other.value, int) and 0 <= other.value <= 150):
            raise self._mismatch(written, "an age lies between 0 and 150")

    def _many(self, operand: Operand) -> bool:
        if isinstance(operand, Lit):
            return isinstance(operand.value, tuple)
        return isinstance(operand, Param) and self.parameters[operand.name].many

    def _mismatch(self, written: ast.expr, what: str) -> BadInput:
        return self.source.refuse("law-type-mismatch", written.lineno, f"{ast.unparse(written)}: {what}", "compare values of one type")


def type_of_value(value: Value) -> Type:
    """The notation's type of a value."""
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int):
        return "number"
    return "date" if isinstance(value, date) else "text"
