"""The sums in a model file: parsed, checked against a closed vocabulary and their units, and computed; never executed.

Numbers, names that the model declares, ``+ - * /``, a leading minus, ``min(...)`` and ``max(...)``. Nothing else is read. One tree
serves both ways of computing: exact fractions in the ledger, arrays over runs in the forecast.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import partial, reduce
from typing import Any

import numpy as np

from callup.planning.units import Unit, times, unit_text
from callup.terms.errors import BadInput

Value = Any
"""A Fraction or an integer in the ledger; a float64 array ``[runs]`` or a number in the forecast."""

Sum = Callable[[Mapping[str, Value]], Value]
"""A sum made ready: from the value of each name to its own."""

_BINARY: Mapping[type[ast.operator], Callable[[Value, Value], Value]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip
_CHOICES = {"min": (min, np.minimum), "max": (max, np.maximum)}
_ANY = {"any": 0}
"""The unit of a literal 0, which may stand beside every unit."""


@dataclass(frozen=True, slots=True)
class Expression:
    """A sum that was read and found to be within the vocabulary.

    Args:
        text: as written.
        tree: its syntax tree.
        names: what it asks for.
    """

    text: str
    tree: ast.expr
    names: frozenset[str]


def expression(text: str) -> Expression:
    """Read a sum.

    Args:
        text: as written in a model file.

    Raises:
        BadInput: ``expression-unreadable``, or ``expression-outside-vocabulary`` with the part that is.

    Example:
        >>> sorted(expression("max(0, wanted - have) / 52").names)
        ['have', 'wanted']
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise BadInput("expression-unreadable", {"expression": text}, "write a sum, as rate * stock") from None
    names: set[str] = set()
    _check(tree, text, names)
    return Expression(text, tree, frozenset(names))


def _check(node: ast.expr, text: str, names: set[str]) -> None:
    match node:
        case ast.Constant(value=value) if type(value) in (int, float):
            return
        case ast.Name(id=name):
            names.add(name)
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            _check(inner, text, names)
        case ast.BinOp(left=left, op=mark, right=right) if type(mark) in _BINARY:
            _check(left, text, names)
            _check(right, text, names)
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _CHOICES and len(given) > 1:
            for one in given:
                _check(one, text, names)
        case _:
            raise BadInput("expression-outside-vocabulary", {"expression": text, "part": ast.unparse(node)},
                           "a sum holds numbers, names, + - * /, min and max")  # fmt: skip


def unit_in(sum_: Expression, units: Mapping[str, Unit]) -> Unit:
    """The unit of a sum, worked out from the units of its names.

    Args:
        sum_: the sum.
        units: of every name it may ask for.

    Raises:
        BadInput: ``expression-unknown-name``, or ``units-differ`` where unlike things are added or compared.
    """
    if unknown := sorted(sum_.names - set(units)):
        raise BadInput("expression-unknown-name", {"expression": sum_.text, "name": ", ".join(unknown)},
                       "declare it before it is used")  # fmt: skip
    found = _unit(sum_.tree, units, sum_.text)
    return {} if found is _ANY else found


def _unit(node: ast.expr, units: Mapping[str, Unit], text: str) -> Unit:
    match node:
        case ast.Constant(value=value):
            return {} if value else _ANY
        case ast.Name(id=name):
            return units[name]
        case ast.UnaryOp(operand=inner):
            return _unit(inner, units, text)
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as mark, right=right):
            sides = [_unit(side, units, text) for side in (left, right)]
            return _ANY if sides[0] is _ANY else times(sides[0], {} if sides[1] is _ANY else sides[1], 1 if type(mark) is ast.Mult else -1)
        case ast.BinOp(left=left, right=right):
            return _like([_unit(side, units, text) for side in (left, right)], text)
        case ast.Call(args=given):
            return _like([_unit(one, units, text) for one in given], text)
    raise AssertionError("the vocabulary is checked before")


def _like(found: list[Unit], text: str) -> Unit:
    sized = [unit for unit in found if unit is not _ANY] or [_ANY]
    for unit in sized[1:]:
        if unit != sized[0]:
            raise BadInput("units-differ", {"expression": text, "units": f"{unit_text(sized[0])} and {unit_text(unit)}"},
                           "only like things are added or compared")  # fmt: skip
    return sized[0]


def must_be(sum_: Expression, units: Mapping[str, Unit], wanted: Unit, where: str) -> None:
    """Refuse a sum whose unit is not the wanted one; a literal 0 has every unit.

    Raises:
        BadInput: ``unit-wrong``, and as `unit_in`.
    """
    found = unit_in(sum_, units)
    if found != wanted and not (isinstance(sum_.tree, ast.Constant) and not sum_.tree.value):
        raise BadInput("unit-wrong", {"where": where, "unit": unit_text(found), "wanted": unit_text(wanted)},
                       f"{sum_.text} must be in {unit_text(wanted)}")  # fmt: skip


def value_of(sum_: Expression, names: Mapping[str, Value]) -> Value:
    """Compute a sum exactly, with fractions.

    Args:
        sum_: the sum.
        names: a value for each name.

    Raises:
        BadInput: ``expression-divides-by-zero``.
    """
    try:
        return _value(sum_.tree, names)
    except ZeroDivisionError:
        raise BadInput("expression-divides-by-zero", {"expression": sum_.text}, "guard the divisor with max") from None


def _value(node: ast.expr, names: Mapping[str, Value]) -> Value:
    match node:
        case ast.Constant(value=value):
            return Fraction(str(value))
        case ast.Name(id=name):
            return names[name]
        case ast.UnaryOp(operand=inner):
            return -_value(inner, names)
        case ast.BinOp(left=left, op=mark, right=right):
            return _BINARY[type(mark)](_value(left, names), _value(right, names))
        case ast.Call(func=ast.Name(id=name), args=given):
            return _CHOICES[name][0](*(_value(one, names) for one in given))
    raise AssertionError("the vocabulary is checked before")


def prepared(sum_: Expression, constants: Mapping[str, Value]) -> Sum:
    """A sum made ready to be computed at many steps in floats: what is made of constants alone is computed once, here.

    Args:
        sum_: the sum.
        constants: by name, those that keep their value from step to step: a number, or an array ``[runs]``.

    Example:
        >>> prepared(expression("half * 2 * stock"), {"half": 0.5})({"stock": 8.0})
        8.0
    """
    made = _prepared(sum_.tree, constants)
    return made if callable(made) else lambda names: made


def _prepared(node: ast.expr, constants: Mapping[str, Value]) -> Value:
    """A function of the names, or a value where no name is left that changes."""
    match node:
        case ast.Constant(value=value):
            return float(value)  # type: ignore[arg-type] # the vocabulary has numbers only
        case ast.Name(id=name):
            return constants[name] if name in constants else operator.itemgetter(name)
        case ast.UnaryOp(operand=inner):
            made = _prepared(inner, constants)
            return (lambda names: -made(names)) if callable(made) else -made
        case ast.BinOp(left=left, op=mark, right=right):
            return _joined(_BINARY[type(mark)], _prepared(left, constants), _prepared(right, constants))
        case ast.Call(func=ast.Name(id=name), args=given):
            return reduce(partial(_joined, _CHOICES[name][1]), (_prepared(one, constants) for one in given))
    raise AssertionError("the vocabulary is checked before")


def _joined(join: Callable[[Value, Value], Value], left: Value, right: Value) -> Value:
    if callable(left) and callable(right):
        return lambda names: join(left(names), right(names))
    if callable(left):
        return lambda names: join(left(names), right)
    return (lambda names: join(left, right(names))) if callable(right) else join(left, right)
