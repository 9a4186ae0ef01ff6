"""The peer of the bench ``assess``: the same law file as an OpenFisca-core system, in the peer's own environment.

It reads the notation by itself (it shares no line with callup), makes each dated value a parameter and each rule a
variable with its reference, computes who is liable, by which rule, and which rules hold, and prints one JSON line.

    python openfisca_law.py LAW.py COLUMNS.npz WORDS.json DAY
"""

from __future__ import annotations

import ast
import json
import sys
import time
from collections.abc import Callable
from functools import reduce
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from openfisca_core import periods  # type: ignore[import-not-found]
from openfisca_core.entities import build_entity  # type: ignore[import-not-found]
from openfisca_core.parameters import ParameterNode  # type: ignore[import-not-found]
from openfisca_core.simulations import SimulationBuilder  # type: ignore[import-not-found]
from openfisca_core.taxbenefitsystems import TaxBenefitSystem  # type: ignore[import-not-found]
from openfisca_core.variables import Variable  # type: ignore[import-not-found]

Formula = Callable[[Any, Any, Any], Any]
PERSON = build_entity(key="person", plural="persons", label="Person", is_person=True)
ORDER = {
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal, ast.Eq: np.equal, ast.NotEq: np.not_equal,
}  # fmt: skip
FOREVER = np.datetime64("9999-12-31")
NEVER = np.datetime64("0001-01-01")
BLANK = -2
"""The code of a value that nobody sourced: equal to no word. The bench leaves out whom it could decide."""


class LawFile:
    """A law file, its rules as formulas."""

    def __init__(self, text: str, words: list[str], columns: set[str]) -> None:
        self.words = {word: code for code, word in enumerate(words)}
        self.columns = columns
        self.parameters: dict[str, Any] = {}
        self.days: set[str] = set()
        self.rules: list[tuple[ast.FunctionDef, ast.Call]] = []
        for node in ast.parse(text).body:
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call) and isinstance(node.targets[0], ast.Name):
                self._dated(node.targets[0].id, node.value)
            elif isinstance(node, ast.FunctionDef) and isinstance(node.decorator_list[0], ast.Call):
                self.rules.append((node, node.decorator_list[0]))

    def _dated(self, name: str, call: ast.Call) -> None:
        if isinstance(call.func, ast.Name) and call.func.id == "dated":
            held = ast.literal_eval(ast.unparse(call.args[0]).replace("unverified(", "("))
            if any(is_day(value) for value, _ in held.values()):
                self.days.add(name)
            self.parameters[name] = {"values": {day: {"value": self.code(value)} for day, (value, _) in held.items()}}

    def code(self, value: Any) -> Any:
        """A text as its code, a tuple as a list of codes, a day as days since 1970 (OpenFisca keeps no dates); others as they are."""
        if isinstance(value, tuple):
            return [self.code(one) for one in value]
        if is_day(value):
            return int(np.datetime64(value).astype(int))
        return self.words.get(value, -1) if isinstance(value, str) else value

    def effect(self, mark: ast.Call) -> str:
        """liable, exempt, disqualify or defer."""
        return mark.func.id if isinstance(mark.func, ast.Name) else ""

    def keys(self, mark: ast.Call) -> dict[str, ast.expr]:
        """The keys of a rule."""
        return {str(key.arg): key.value for key in mark.keywords}

    def formula(self, number: int) -> Formula:
        """A rule's formula: in force, its body true, not waived, no exception to it true."""
        node, mark = self.rules[number]
        keys = self.keys(mark)
        returned = node.body[-1]
        assert isinstance(returned, ast.Return)
        assert returned.value is not None
        body = self.test(returned.value)
        blocked = list(ast.literal_eval(keys["unless"])) if "unless" in keys else []
        names = {rule.name: (place, self.effect(marked)) for place, (rule, marked) in enumerate(self.rules)}
        stops = [names[name][0] for name in blocked if self.effect(mark) != "liable" or names[name][1] == "liable"]
        since = np.datetime64(ast.literal_eval(keys["since"])) if "since" in keys else NEVER
        ended = np.datetime64(ast.literal_eval(keys["ended"])) if "ended" in keys else FOREVER
        waived = f"{node.name}_waived" if f"{node.name}_waived" in self.columns and "waivable" in keys else ""

        def formula(person: Any, period: Any, parameters: Any) -> Any:
            if not since <= np.datetime64(str(period.start)) < ended:
                return np.zeros(person.count, dtype=bool)
            holds = body(person, period, parameters)
            if waived:
                holds = holds * np.logical_not(person(waived, period))
            for stop in stops:
                holds = holds * np.logical_not(person(f"rule_{stop + 1}", period))
            return holds

        return formula

    def test(self, node: ast.expr) -> Formula:
        """A true-or-false expression."""
        if isinstance(node, ast.BoolOp):
            parts = [self.test(part) for part in node.values]
            join = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
            return lambda person, period, parameters: reduce(join, [part(person, period, parameters) for part in parts])
        if isinstance(node, ast.UnaryOp):
            inner = self.test(node.operand)
            return lambda person, period, parameters: np.logical_not(inner(person, period, parameters))
        if isinstance(node, ast.Compare):
            return self.chain(node)
        return self.operand(node)

    def chain(self, node: ast.Compare) -> Formula:
        """A chain of comparisons; an empty column whose absence means no answers no."""
        sides = [node.left, *node.comparators]
        read = [side.attr for side in sides if isinstance(side, ast.Attribute) and f"{side.attr}__there" in self.columns]
        links = [self.link(left, op, right) for left, op, right in zip(sides, node.ops, sides[1:], strict=False)]

        def formula(person: Any, period: Any, parameters: Any) -> Any:
            found = reduce(np.logical_and, [link(person, period, parameters) for link in links])
            for name in read:
                found = found * person(f"{name}__there", period)
            return found

        return formula

    def link(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Formula:
        """One comparison."""
        one, two = self.operand(left), self.operand(right)
        if isinstance(op, ast.In | ast.NotIn):
            wanted = isinstance(op, ast.In)
            return lambda person, period, parameters: np.isin(one(person, period, parameters), two(person, period, parameters)) == wanted
        compare = ORDER[type(op)]
        return lambda person, period, parameters: compare(one(person, period, parameters), two(person, period, parameters))

    def operand(self, node: ast.expr) -> Formula:
        """A value."""
        if isinstance(node, ast.Attribute):
            name = node.attr
            return lambda person, period, parameters: person(name, period)
        if isinstance(node, ast.Name) and node.id == "day":
            return lambda person, period, parameters: np.datetime64(str(period.start))
        if isinstance(node, ast.Name) and node.id not in self.parameters:
            return lambda person, period, parameters: BLANK
        if isinstance(node, ast.Name):
            key = node.id
            if key in self.days:
                return lambda person, period, parameters: np.datetime64(getattr(parameters(period), key), "D")
            return lambda person, period, parameters: getattr(parameters(period), key)
        if isinstance(node, ast.Call):
            return self.age(node)
        held = ast.literal_eval(node)
        value = np.datetime64(held) if is_day(held) else self.code(held)
        return lambda person, period, parameters: value

    def age(self, node: ast.Call) -> Formula:
        """Age on the day is a variable, computed once; on another date it is counted there."""
        born, on = self.operand(node.args[0]), node.args[1]
        if isinstance(on, ast.Name) and on.id == "day":
            return lambda person, period, parameters: person("age", period)
        other = self.operand(on)
        return lambda person, period, parameters: years(born(person, period, parameters), other(person, period, parameters))


def is_day(value: Any) -> bool:
    """Whether the law writes this value as a day."""
    return isinstance(value, str) and value[:4].isdigit() and len(value) == 10


def years(born: Any, day: Any) -> Any:
    """Whole years reached, as in OpenFisca's country template."""
    months = born.astype("datetime64[M]")
    month, of_month = months.astype(int) % 12, (born - months).astype(int)
    today = day.astype("datetime64[M]")
    this_month, this_day = today.astype(int) % 12, (day - today).astype(int)
    passed = (month < this_month) + (month == this_month) * (of_month <= this_day)
    return day.astype("datetime64[Y]").astype(int) - born.astype("datetime64[Y]").astype(int) - np.where(passed, 0, 1)


def variable(name: str, kind: type, formula: Formula | None = None, reference: str = "") -> Any:
    """An OpenFisca variable: an input for good, or a formula of the day."""
    period = periods.DateUnit.DAY if formula else periods.DateUnit.ETERNITY
    about = {"value_type": kind, "entity": PERSON, "definition_period": period, "label": name}
    more = {"formula": formula, "reference": reference or "callup bench"} if formula else {}
    return type(name, (Variable,), about | more)


def kind_of(values: Any) -> type:
    """OpenFisca's type of an input."""
    import datetime

    return {"M": datetime.date, "b": bool}.get(values.dtype.kind, int)


def system(law: LawFile, columns: dict[str, Any]) -> Any:
    """The whole: parameters, inputs, one variable a rule, and what follows from the rules."""
    made = TaxBenefitSystem([PERSON])
    made.parameters = ParameterNode("", data=law.parameters)
    for name, values in columns.items():
        made.add_variable(variable(name, kind_of(values)))
    made.add_variable(variable("age", int, lambda person, period, _: years(person("born_on", period), np.datetime64(str(period.start)))))
    for number, (_, mark) in enumerate(law.rules):
        made.add_variable(variable(f"rule_{number + 1}", bool, law.formula(number), ast.unparse(mark.args[0])))
    made.add_variable(variable("mask", int, lambda person, period, _: mask(law, person, period)))
    made.add_variable(variable("deciding", int, lambda person, period, _: deciding(law, person, period)))
    return made


def mask(law: LawFile, person: Any, period: Any) -> Any:
    """Which rules hold, as bits."""
    return sum(person(f"rule_{number}", period) * (1 << (number - 1)) for number in range(1, len(law.rules) + 1))


def deciding(law: LawFile, person: Any, period: Any) -> Any:
    """The number of the deciding rule, negative where the person is liable by it; 0: no rule of liability holds."""
    numbers: dict[str, list[int]] = {"liable": [], "disqualify": [], "exempt": [], "defer": []}
    for number, (_, mark) in enumerate(law.rules, 1):
        numbers[law.effect(mark)].append(number)

    def of(effect: str) -> list[tuple[Any, int]]:
        return [(person(f"rule_{number}", period), number) for number in numbers[effect]]

    bound = np.logical_or.reduce([holds for holds, _ in of("liable")])
    ends = [(holds, end_of(law, number, person, period), number) for holds, number in of("defer")]
    latest = np.maximum.reduce([np.where(holds, end, NEVER) for holds, end, _ in ends]) if ends else NEVER
    choices = [(~bound, 0), *of("disqualify"), *of("exempt"), *((holds * (end == latest), number) for holds, end, number in ends)]
    choices += [(holds, -number) for holds, number in of("liable")]
    return np.select([holds for holds, _ in choices], [number for _, number in choices], 0)


def end_of(law: LawFile, number: int, person: Any, period: Any) -> Any:
    """Until when a deferral holds; for ever where the law names no column or the column is empty."""
    keys = law.keys(law.rules[number - 1][1])
    if "until" not in keys:
        return FOREVER
    assert isinstance(keys["until"], ast.Attribute)
    name = keys["until"].attr
    there = f"{name}__there"
    return np.where(person(there, period), person(name, period), FOREVER) if there in law.columns else person(name, period)


def peak_megabytes() -> float:
    """The largest resident memory since this program began (Linux); what the program that started it used does not count."""
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def main(law_path: str, columns_path: str, words_path: str, day: str) -> None:
    """Decide everyone on one day, three times, and print the best time with the counts."""
    columns = dict(np.load(columns_path))
    with open(law_path, encoding="utf-8") as law_file, open(words_path, encoding="utf-8") as words_file:
        law = LawFile(law_file.read(), json.load(words_file), set(columns))
    made = system(law, columns)
    count = len(next(iter(columns.values())))
    best = cpu = float("inf")
    for _ in range(3):
        start, used = time.perf_counter(), time.process_time()
        simulation = SimulationBuilder().build_default_simulation(made, count=count)
        for name, values in columns.items():
            simulation.set_input(name, periods.period("ETERNITY"), values)
        decided, held = simulation.calculate("deciding", day), simulation.calculate("mask", day)
        best, cpu = min(best, time.perf_counter() - start), min(cpu, time.process_time() - used)
    rules = [int(np.count_nonzero(held & (1 << number))) for number in range(len(law.rules))]
    numbers, counts = np.unique(np.abs(decided), return_counts=True)
    found = {"version": version("openfisca-core"), "seconds": best, "liable": int(np.count_nonzero(decided < 0)), "rules": rules}
    found |= {"cpu": cpu, "megabytes": peak_megabytes()}
    print(json.dumps(found | {"deciding": {str(number): int(many) for number, many in zip(numbers, counts, strict=True)}}))


if __name__ == "__main__":
    main(*sys.argv[1:])
