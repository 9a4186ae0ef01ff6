"""Examples written by jurists, run against the law, and what they lack (design D28)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from callup.law.findings import explain
from callup.law.logic import Answer, holds, needs
from callup.law.procedure import Procedure
from callup.law.tree import Age, Compare, Day, Law, Param, Rule, walk
from callup.terms.errors import BadInput

KINDS = ("holds", "fails", "unknown", "edge")
_KEYS = {"name", "law", "rule", "kind", "given", "expect"}
_EXPECTED = {"finding", "because", "until", "missing"}
_ONE_DAY = timedelta(days=1)
_PYTHON = {"date": date, "text": str, "flag": bool, "number": int}


@dataclass(frozen=True, slots=True)
class Example:
    """A situation and the answer expected; ``rule`` and ``kind`` say which rule it shows, and how."""

    name: str
    law: str
    rule: str
    kind: str
    given: Mapping[str, object]
    day: date
    finding: str
    because: tuple[str, ...]
    until: date | None
    missing: tuple[str, ...] | None
    path: str


@dataclass(frozen=True, slots=True)
class ExamplesReport:
    """Which examples failed, and how; what is lacking."""

    ran: int
    failures: tuple[str, ...]
    lacking: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether all hold and nothing lacks."""
        return not self.failures and not self.lacking


def read_examples(table: Mapping[str, Any], path: str) -> tuple[Example, ...]:
    """Read a parsed ``examples/*.toml``.

    Raises:
        BadInput: an unknown key, or a value of a wrong type.
    """
    rows = table.get("example", [])
    if set(table) - {"example"} or not isinstance(rows, list):
        raise BadInput("example-unusable", {"path": path}, "write only [[example]] tables")
    return tuple(_example(row, number, path) for number, row in enumerate(rows, 1))


def _example(row: Mapping[str, Any], number: int, path: str) -> Example:
    given, expect = dict(row.get("given", {})), row.get("expect", {})
    unknown = sorted((set(row) - _KEYS) | (set(expect) - _EXPECTED))
    day, kind = given.pop("day", None), row.get("kind", "")
    checks = (
        not unknown,
        bool(row.get("name")) and bool(row.get("law")),
        type(day) is date,
        kind in ("", *KINDS) and (not kind or bool(row.get("rule"))),
        expect.get("finding") in ("LIABLE", "NOT_LIABLE", "UNDETERMINED") and bool(expect.get("because")),
    )
    if not all(checks):
        hint = "name, law, given with day, expect with finding and because; rule and kind (holds, fails, unknown, edge) go together"
        raise BadInput("example-unusable", {"path": path, "example": number, "name": row.get("name", ""), "keys": ", ".join(unknown)}, hint)
    missing = tuple(sorted(expect["missing"])) if "missing" in expect else None
    return Example(
        name=row["name"],
        law=row["law"],
        rule=row.get("rule", ""),
        kind=kind,
        given=given,
        day=day,
        finding=expect["finding"],
        because=tuple(expect["because"]),
        until=expect.get("until"),
        missing=missing,
        path=path,
    )


def run_examples(law: Law, procedure: Procedure, examples: Sequence[Example]) -> ExamplesReport:
    """Run every example and name what lacks one.

    Lacking is: for each rule a situation in which it holds, fails, is unknown (if it can be) and lies on its edge day
    (if a day matters to it); for each later value of the law a day before and a day from it on; for each channel a service rule.
    """
    failures = tuple(problem for example in examples for problem in _problems(law, example))
    return ExamplesReport(len(examples), failures, tuple(_lacking(law, examples)))


def _problems(law: Law, example: Example) -> list[str]:
    where = f"{example.path}: {example.name}"
    wrong = [f"{where}: {name} is {value!r}" for name, value in example.given.items() if not _typed(law, name, value)]
    names = {rule.name for rule in law.rules}
    if example.rule and example.rule not in names:
        wrong.append(f"{where}: no rule {example.rule}")
    if wrong:
        return wrong
    found = explain(law, example.given, example.day)
    said = {
        "finding": (example.finding, found.finding),
        "until": (example.until, found.until if example.until is not None else None),
        "missing": (example.missing, found.missing if example.missing is not None else None),
    }
    wrong += [f"{where}: {key} is {now}, expected {then}" for key, (then, now) in said.items() if then != now]
    wrong += [
        f"{where}: not because of {citation}, but of {'; '.join(found.because)}"
        for citation in example.because
        if citation not in found.because
    ]
    if example.kind and not _shows(law, law.rule(example.rule), example):
        wrong.append(f"{where}: {example.rule} does not show {example.kind}")
    return wrong


def _typed(law: Law, name: str, value: object) -> bool:
    return name in law.columns and type(value) is _PYTHON[law.columns[name].type]


def _shows(law: Law, rule: Rule, example: Example) -> bool:
    found = holds(law, rule, example.given, example.day)
    return _on_edge(law, rule, example, found) if example.kind == "edge" else _word(found) == example.kind


def _word(found: Answer) -> str:
    return "unknown" if found is None else "holds" if found else "fails"


def _on_edge(law: Law, rule: Rule, example: Example, found: Answer) -> bool:
    beside = [day for day in (example.day - _ONE_DAY, example.day + _ONE_DAY) if day >= law.begins]
    return found is not None and any(holds(law, rule, example.given, day) != found for day in beside)


def _lacking(law: Law, examples: Sequence[Example]) -> list[str]:
    sound = [
        example
        for example in examples
        if all(_typed(law, name, value) for name, value in example.given.items()) and example.day >= law.begins
    ]
    lacks = []
    for rule in law.rules:
        shown = {_word(holds(law, rule, example.given, example.day)) for example in sound if rule.in_force(example.day)}
        wanted = ["holds", "fails", *(["unknown"] if needs(law, rule) else [])]
        lacks += [
            f"{rule.name}: no example in which it {'is unknown' if kind == 'unknown' else kind}"
            for kind in wanted
            if kind not in shown and _possible(law, rule, kind)
        ]
        if _has_edge(rule) and not any(_on_edge(law, rule, one, holds(law, rule, one.given, one.day)) for one in sound):
            lacks.append(f"{rule.name}: no example on its edge day")
    for parameter in law.parameters.values():
        for before, now in zip(parameter.values, parameter.values[1:], strict=False):
            later = next((one.since for one in parameter.values if one.since > now.since), date.max)
            for first, last, side in ((before.since, now.since, "before"), (now.since, later, "from")):
                if not any(first <= one.day < last for one in sound):
                    lacks.append(f"{parameter.name}: no example {side} {now.since}")
    return lacks


def _possible(law: Law, rule: Rule, kind: str) -> bool:
    """A rule that rests on a blank value never holds, and needs no example in which it does."""
    blank = any(isinstance(part, Param) and law.parameters[part.name].values[-1].value is None for part in walk(rule.body))
    return kind != "holds" or not blank


def _has_edge(rule: Rule) -> bool:
    if rule.since != date.min or rule.ended != date.max:
        return True
    for part in walk(rule.body):
        match part:
            case Age(on=Day()):
                return True
            case Compare(left=left, right=right) if Day() in (left, right):
                return True
    return False
