"""Whoever adds and subtracts everything published about outcomes still opens no small cell."""

import tomllib
from dataclasses import replace

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.app.report import ReportModel
from callup.app.report.tables import CLASSES, OTHERWISE, outcome_table, unit_table
from callup.jurisdictions import resource
from callup.terms.decree import read_decree

ENDS = ("enlisted", "deferred", "unfit", "exempt", "lapsed (never served)", "lapsed (no answer, not referred)", "not called")
UNITS = {"A": ("a", "north"), "B": ("b", "north"), "C": ("c", "south"), "D": ("d", "south")}
EMPTY = pa.table({"unit": pa.array([], pa.string()), "quota": pa.array([], pa.int64())})
FIELDS = dict.fromkeys(ReportModel.__slots__, EMPTY)
SOURCE = resource("ru", "data/decree.toml").decode()
MODEL = ReportModel(**{**FIELDS, "decree": read_decree(tomllib.loads(SOURCE), SOURCE), "unit_names": UNITS})


def model_of(counts):
    rows = [{"unit": unit, "outcome": end, "persons": persons} for (unit, end), persons in counts.items()]
    roll = [{"unit": unit, "persons": sum(persons for (where, _), persons in counts.items() if where == unit)} for unit in UNITS]
    return replace(MODEL, account=pa.Table.from_pylist(rows), roll=pa.Table.from_pylist(roll))


def known_of(model, place):
    """Every equation a reader has: printed lines, sizes of rolls, and those called, whom the public log counts."""

    def row(chosen):
        vector = np.zeros(len(place))
        vector[[place[cell] for cell in chosen]] = 1
        return vector

    known = [row([(unit, end) for end in ENDS]) for unit in UNITS] + [row([(unit, "not called")]) for unit in UNITS]
    for labels, persons in outcome_table(model).rows:
        if persons is not None:
            known.append(row([(unit, end) for unit in UNITS for end in labels.split("; ")]))
    units = unit_table(model)
    for line in units.rows:
        for name, persons in zip(units.columns[4:], line[4:], strict=True):
            ends = [end for end in ENDS if CLASSES.get(end, OTHERWISE) in name.split("; ")]
            cells = [(unit, end) for unit in line[0].split() for end in ends]
            if persons == 0:
                known += [row([cell]) for cell in cells]
            elif persons is not None:
                known.append(row(cells))
    return known, row


counts = st.fixed_dictionaries({(unit, end): st.integers(0, 25) | st.just(0) for unit in UNITS for end in ENDS})


@given(counts)
@settings(max_examples=120, deadline=None)
def test_no_sum_of_outcomes_opens_a_small_cell(account):
    place = {cell: number for number, cell in enumerate(account)}
    known, row = known_of(model_of(account), place)
    rank = np.linalg.matrix_rank(np.array(known))
    for (unit, end), persons in account.items():
        if 0 < persons < 10 and end != "not called":
            assert np.linalg.matrix_rank(np.array([*known, row([(unit, end)])])) > rank, f"{end} in {unit} is opened"
