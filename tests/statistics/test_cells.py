"""Counts by unit and birth year: sums are exact, nothing small is printed, and no sum opens a small cell."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.statistics import counts
from callup.terms.errors import BadInput

YEARS = range(1995, 2002)


def cells(table):
    rows = [{"unit": unit, "born_year": year, "persons": persons} for (unit, year), persons in table.items()]
    return pa.Table.from_pylist(rows, pa.schema([("unit", pa.string()), ("born_year", pa.int64()), ("persons", pa.int64())]))


def lines(table, below=10):
    return [tuple(row.values()) for row in counts(cells(table), below).to_pylist()]


@pytest.mark.parametrize(
    ("table", "expected"),
    [
        ({("A", 2000): 20, ("A", 2001): 30}, [("A", 2000, 2000, 20), ("A", 2001, 2001, 30)]),
        ({("A", 2000): 9, ("A", 2001): 30}, [("A", 2000, 2001, 39)]),
        ({("A", 2000): 3}, [("A", 2000, 2000, 3)]),
        ({("A", None): 3, ("A", 2000): 30}, [("A", None, None, 33)]),
        ({("A", None): 12, ("A", 2000): 30}, [("A", 2000, 2000, 30), ("A", None, None, 12)]),
        ({("A", 2000): 5, ("A", 2003): 40, ("A", 2008): 40}, [("A", 2000, 2005, 45), ("A", 2008, 2008, 40)]),
        ({}, []),
    ],
)
def test_merging(table, expected):
    assert lines(table) == expected


def test_a_merged_cell_is_not_left_alone_before_the_nations_count():
    found = lines({("A", 2000): 9, ("A", 2001): 30, ("B", 2000): 11, ("B", 2001): 12, ("C", 2000): 50, ("C", 2001): 50})
    assert ("B", 2000, 2001, 23) in found, "A is hidden, so another unit must be hidden with it"


def test_a_negative_count_is_refused():
    with pytest.raises(BadInput, match="count-negative"):
        counts(cells({("A", 2000): -1}), 10)


tables = st.dictionaries(st.tuples(st.sampled_from("ABCDE"), st.sampled_from(YEARS)), st.integers(0, 45), min_size=1)


@given(tables)
@settings(max_examples=150)
def test_every_unit_sums_to_its_roll_and_nothing_small_is_printed(table):
    found = lines(table)
    for unit in {unit for unit, _ in table}:
        roll = sum(persons for (where, _), persons in table.items() if where == unit)
        mine = [persons for where, *_, persons in found if where == unit]
        assert sum(mine) == roll
        assert all(persons >= min(10, roll) for persons in mine)


@given(tables)
@settings(max_examples=150)
def test_no_combination_of_lines_unit_totals_and_birth_years_opens_a_small_cell(table):
    units = sorted({unit for unit, _ in table})
    years = range(min(year for _, year in table), max(year for _, year in table) + 1)
    place = {(unit, year): number for number, (unit, year) in enumerate((unit, year) for unit in units for year in years)}

    def row(chosen):
        vector = np.zeros(len(place))
        vector[[place[cell] for cell in chosen]] = 1
        return vector

    known = [row([(unit, year) for year in range(first, last + 1)]) for unit, first, last, _ in lines(table)]
    known += [row([(unit, year) for year in years]) for unit in units]
    for year in years:
        if sum(table.get((unit, year), 0) for unit in units) >= 10:
            known.append(row([(unit, year) for unit in units]))
    rank = np.linalg.matrix_rank(np.array(known))
    for cell, persons in table.items():
        lonely = len(years) == 1 or len(units) == 1
        if 0 < persons < 10 and not lonely:
            assert np.linalg.matrix_rank(np.array([*known, row([cell])])) > rank, f"{cell} is opened"
