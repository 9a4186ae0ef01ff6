"""The headline of spring 2025 by four measures; every figure is that of the record."""

from dataclasses import replace
from datetime import date
from fractions import Fraction

import pytest

from callup.app.record import men_by_age, past_call_ups
from callup.statistics import PastCallUp, largest_since
from callup.terms.errors import BadInput


def placed():
    return {one.measure: one for one in largest_since(past_call_ups("ru"), men_by_age("ru"), 2025, "spring")}


@pytest.mark.parametrize(
    ("measure", "value", "since", "since_value"),
    [
        ("per decree", 160_000, "spring 2011", 218_720),
        ("per calendar year", 295_000, "2016", 307_000),
        ("per day of the window", Fraction(160_000, 106), "autumn 2022", Fraction(120_000, 61)),
        ("per 1,000 men of the age band", Fraction("20.557"), "spring 2024", Fraction("21.481")),
    ],
)
def test_spring_2025(measure, value, since, since_value):
    found = placed()[measure]
    assert (round(found.value, 3), found.since, round(found.since_value, 3)) == (
        round(Fraction(value), 3),
        since,
        round(Fraction(since_value), 3),
    )
    assert found.sentence == f"largest since {since}"


def test_per_1000_men_by_hand():
    men = {(2025, 15): 3_800_000, (2025, 20): 3_600_000, (2025, 25): 3_500_000, (2024, 15): 3_700_000, (2024, 20): 3_500_000,
           (2024, 25): 3_700_000}  # fmt: skip
    record = [PastCallUp(2024, "spring", 150_000, None, None, 18, 30), PastCallUp(2025, "spring", 160_000, None, None, 18, 30)]
    record += [PastCallUp(2025, "autumn", 1, None, None, 18, 30)]
    by_men = largest_since(record, men, 2025, "spring")[3]
    assert by_men.value == Fraction(160_000_000, 2 * 760_000 + 3_600_000 + 3_500_000)
    assert by_men.since == ""
    assert by_men.sentence == "largest of the record, which begins with spring 2024"


def test_whom_the_law_left_out_is_not_counted_as_liable():
    """Born from 1997 on, so on 1 April 2025 up to 28 years and 90 days: three years of the last group, and 90 of 365 parts of one."""
    men = {(2025, 15): 3_800_000, (2025, 20): 3_600_000, (2025, 25): 3_500_000}
    raised = PastCallUp(2025, "spring", 160_000, None, None, 18, 30, date(1996, 12, 31))
    (found,) = (one for one in largest_since([raised, replace(raised, season="autumn")], men, 2025, "spring") if "men" in one.measure)
    assert found.value == 160_000_000 / (2 * 760_000 + 3_600_000 + 700_000 * (3 + Fraction(90, 365)))
    assert replace(raised, year=2030).liable_below == 30, "by then the band is full"
    leap = replace(raised, year=2025, opens_on=date(2025, 3, 1), left_out_born_until=date(2004, 2, 28))
    assert leap.liable_below == 21, "born on 29 February, of age on 1 March"


def test_the_yearly_table_has_the_years_named_in_the_record():
    yearly = dict(placed()["per calendar year"].table)
    assert (yearly["2025"], yearly["2016"], yearly["2012"]) == (295_000, 307_000, 295_710)
    assert len(yearly) == 23


def test_the_headline_holds_for_one_measure_only():
    assert len({one.since for one in placed().values()}) == 4


def test_the_record_is_whole():
    record = past_call_ups("ru")
    assert len(record) == 46
    assert max(record, key=lambda one: one.persons).words == "spring 2009"
    assert past_call_ups("freedonia") == ()


def test_a_call_up_that_is_not_in_the_record():
    with pytest.raises(BadInput, match="call-up-not-in-record"):
        largest_since(past_call_ups("ru"), men_by_age("ru"), 2026, "spring")
