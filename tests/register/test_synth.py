"""Synthetic registers: any part alone is the same part, shares are those of the tables, persons get younger row by row."""

from collections import Counter
from datetime import date
from fractions import Fraction

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callup.jurisdictions import load, resource
from callup.law import register_schema
from callup.register import arrow_schema, read_tables, synth
from callup.terms.errors import BadInput

KEY_DATE, TOTAL = date(2025, 4, 1), 40_000
TABLES = read_tables(lambda name: resource("ru", f"data/{name}"))
SCHEMA = register_schema(load("ru").law)


def made(rows, seed=2025, total=TOTAL):
    return synth(TABLES, SCHEMA, seed, total, rows, KEY_DATE)


@pytest.fixture(scope="module")
def whole():
    return made(range(TOTAL))


def test_it_has_the_columns_of_the_law_and_ids_of_its_own(whole):
    assert whole.schema.equals(arrow_schema(SCHEMA))
    assert whole.num_rows == len(whole.column("person_id").unique()) == TOTAL
    assert whole.column("name").null_count == whole.column("unit").null_count == 0


@given(st.integers(0, TOTAL - 1), st.integers(1, 400))
@settings(max_examples=25)
def test_any_part_made_alone_is_that_part(whole, start, count):
    stop = min(TOTAL, start + count)
    assert made(range(start, stop)).equals(whole.slice(start, stop - start))


def test_another_seed_gives_other_persons_of_the_same_ages(whole):
    other = made(range(TOTAL), seed=1)
    assert other.column("born_on").equals(whole.column("born_on"))
    assert not other.column("name").equals(whole.column("name"))
    assert not other.column("unit").equals(whole.column("unit"))


def test_birth_dates_never_go_back_but_at_the_end(whole):
    body = whole.slice(0, TOTAL - TOTAL // 500).column("born_on")
    assert body.null_count == 0
    days = body.cast(pa.int32()).to_numpy()
    assert (days[1:] >= days[:-1]).all()
    assert min(body.to_pylist()) >= date(1993, 4, 2)
    assert max(body.to_pylist()) <= date(2009, 4, 1)


def test_the_last_rows_are_those_whom_the_law_refuses(whole):
    tail = whole.slice(TOTAL - TOTAL // 500).column("born_on")
    assert 0 < tail.null_count < len(tail)
    assert max(day for day in tail.to_pylist() if day) < date(1993, 4, 2)
    women = pc.sum(pc.equal(whole.column("sex"), "f")).as_py()
    assert 0.005 * TOTAL < women < 0.015 * TOTAL


def test_units_are_as_large_as_their_men(whole):
    men = {unit: sum(ages.values()) for unit, ages in TABLES.men.items()}
    counted = Counter(whole.column("unit").to_pylist())
    assert set(counted) <= set(men)
    for unit, count in men.items():
        expected = TOTAL * count / sum(men.values())
        assert abs(counted[unit] - expected) < 5 * expected**0.5 + 5, unit


def test_the_share_of_each_ground_is_that_of_its_table(whole):
    body = whole.slice(0, TOTAL - TOTAL // 500)
    ages = Counter((2025 - day.year) - ((day.month, day.day) > (4, 1)) for day in body.column("born_on").to_pylist())
    checked = 0
    for column, shares in TABLES.shares.items():
        if column == "health_until":
            continue
        values = body.column(column).to_pylist()
        expected = sum(count * share.share for age, count in ages.items() for share in shares if share.from_age <= age <= share.to_age)
        found = sum(value is not None for value in values)
        assert abs(found - expected) < 5 * float(expected) ** 0.5 + 5, column
        checked += 1
    assert checked > 15


def test_two_columns_do_not_move_together(whole):
    """Persons with a portal account study as often as those without: lanes are apart."""
    rows = list(zip(*(whole.column(name).to_pylist() for name in ("portal", "student_until")), strict=True))
    with_account = [until is not None for portal, until in rows if portal]
    without = [until is not None for portal, until in rows if not portal]
    assert min(len(with_account), len(without)) > 1000
    shares = [sum(part) / len(part) for part in (with_account, without)]
    assert abs(shares[0] - shares[1]) < 0.03


@pytest.mark.parametrize("share", ["1.01", "-0.1"])
def test_shares_that_are_none_are_refused(share):
    def resource_with(name):
        content = resource("ru", f"data/{name}")
        if name != "grounds.csv":
            return content
        lines = content.decode().splitlines()
        fields = lines[0].split(",")
        row = dict(zip(fields, lines[1].split(","), strict=False))
        row["share"] = share
        return "\n".join([lines[0], ",".join(row[field] for field in fields), *lines[2:]]).encode()

    assert Fraction(share) > 1 or Fraction(share) < 0
    with pytest.raises(BadInput):
        read_tables(resource_with)
