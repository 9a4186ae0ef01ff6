"""Whom did the lists forget? Zeros where somebody would be expected, said in a sentence without a cell (safeguard G5, design D15)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callup.app.report.model import ReportModel
from callup.statistics import hartford

MONTHS = tuple(str(month) for month in range(1, 13))
EXPECTED = 10
"""A zero alarms where at least so many would be expected."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """One zero that somebody must explain.

    Args:
        of: the list that forgot: register, roll or called.
        unit: code of the unit; empty where the whole country is meant.
        month: 1 to 12; empty where all months are meant.
    """

    of: str
    unit: str
    month: str


def alarms(model: ReportModel) -> tuple[Alarm, ...]:
    """Every unexpected zero: a unit or a birth month left out whole, and pairs of both.

    A whole unit is compared with its share of the register, a whole month with the calendar, a pair with what independence would give.
    """
    cells = [{**row, "unit": row["unit"] or "", "month": str(row["month"] or "")} for row in model.months.to_pylist()]
    register, roll = ({(row["unit"], row["month"]): row[name] for row in cells} for name in ("register", "roll"))
    called = {(row["unit"], row["month"]): row["called"] for row in cells if row["month"]}
    found = [*_absent(register, model), *_left_out(register, roll)]
    whole = {(one.unit, one.month) for one in found}
    pairs = [("roll", pair) for pair in hartford({pair: persons for pair, persons in roll.items() if pair[1]})]
    pairs += [("called", pair) for pair in hartford(called)]
    return (*found, *(Alarm(of, *pair) for of, pair in pairs if not whole & {(pair[0], ""), ("", pair[1])}))


def _absent(register: Mapping[tuple[str, str], int], model: ReportModel) -> list[Alarm]:
    """Birth months, and units whose roll is known by name, that the register itself lacks."""
    units, months = _sums(register, 0), _sums(register, 1)
    everyone = sum(units.values())
    dated = everyone - months.get("", 0)
    absent = [Alarm("register", "", month) for month in MONTHS if not months.get(month) and dated >= EXPECTED * len(MONTHS)]
    return absent + [Alarm("register", unit, "") for unit in sorted(model.unit_names) if everyone and not units.get(unit)]


def _left_out(register: Mapping[tuple[str, str], int], roll: Mapping[tuple[str, str], int]) -> list[Alarm]:
    """Units and months of which many stand in the register and nobody in the roll."""
    found = []
    for place in (0, 1):
        everyone, taken = _sums(register, place), _sums(roll, place)
        table = {(label, "in"): taken.get(label, 0) for label in everyone}
        table |= {(label, "out"): everyone[label] - taken.get(label, 0) for label in everyone}
        forgotten = [label for label, side in hartford(table) if side == "in" and label]
        found += [Alarm("roll", label, "") if place == 0 else Alarm("roll", "", label) for label in forgotten]
    return found


def _sums(cells: Mapping[tuple[str, str], int], place: int) -> dict[str, int]:
    sums: dict[str, int] = {}
    for labels, persons in cells.items():
        sums[labels[place]] = sums.get(labels[place], 0) + persons
    return sums
