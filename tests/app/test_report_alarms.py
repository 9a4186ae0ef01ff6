"""Zeros that alarm: what a list forgot whole is found too, not only a pair of unit and month."""

from dataclasses import replace

import pyarrow as pa
import pytest

from callup.app.report import ReportModel
from callup.app.report.alarms import alarms

SHAPE = pa.schema([("unit", pa.string()), *((name, pa.int64()) for name in ("month", "register", "roll", "called"))])
MODEL = ReportModel(**{**dict.fromkeys(ReportModel.__slots__), "unit_names": {"A": ("a", ""), "B": ("b", ""), "C": ("c", "")}})
FULL = {(unit, month): (100, 40, 20) for unit in "ABC" for month in range(1, 13)}


def found(cells):
    rows = [dict(zip(SHAPE.names, (*labels, *numbers), strict=True)) for labels, numbers in cells.items()]
    return [(one.of, one.unit, one.month) for one in alarms(replace(MODEL, months=pa.Table.from_pylist(rows, SHAPE)))]


def with_cells(chosen, numbers):
    return {labels: numbers if chosen(*labels) else full for labels, full in FULL.items()}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (FULL, []),
        ({}, []),
        ({labels: numbers for labels, numbers in FULL.items() if labels[0] != "C"}, [("register", "C", "")]),
        ({labels: numbers for labels, numbers in FULL.items() if labels[1] != 5}, [("register", "", "5")]),
        (with_cells(lambda unit, month: unit == "B", (100, 0, 0)), [("roll", "B", "")]),
        (with_cells(lambda unit, month: month == 12, (100, 0, 0)), [("roll", "", "12")]),
        (with_cells(lambda unit, month: (unit, month) == ("A", 3), (100, 0, 0)), [("roll", "A", "3"), ("called", "A", "3")]),
        (with_cells(lambda unit, month: (unit, month) == ("A", 3), (100, 40, 0)), [("called", "A", "3")]),
        (with_cells(lambda unit, month: unit == "B", (2, 0, 0)), []),
        (FULL | {("", 1): (300, 0, 0), ("A", None): (300, 0, 0)}, []),
    ],
    ids=["full", "nobody", "unit-not-in-register", "month-not-in-register", "unit-not-in-roll", "month-not-in-roll", "pair-not-in-roll",
         "pair-not-called", "few-expected", "unknown-unit-or-month"],
)  # fmt: skip
def test_zeros(cells, expected):
    assert found(cells) == expected
