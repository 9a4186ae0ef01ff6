"""Control limits by hand, and zeros that alarm."""

import pytest

from callup.statistics import burdens, hartford, limits


def test_limits_by_hand():
    low, high = limits(0.2, 1600, 2.0)
    assert (low, high) == pytest.approx((180.0, 220.0))


def test_units_outside_are_named():
    found = {one.unit: one.verdict for one in burdens({"A": (10_000, 2_000), "B": (10_000, 2_000), "C": (1_000, 300), "D": (1_000, 100)})}
    assert found == {"A": "inside", "B": "inside", "C": "above", "D": "below"}


@pytest.mark.parametrize("units", [{}, {"A": (0, 0)}])
def test_nobody(units):
    assert burdens(units) == ()


@pytest.mark.parametrize(
    ("roll", "alarms"),
    [
        ({("A", "1"): 40, ("A", "2"): 40, ("B", "1"): 40}, (("B", "2"),)),
        ({("A", "1"): 40, ("A", "2"): 9, ("B", "1"): 9}, ()),
        ({("A", "1"): 40, ("A", "2"): 40, ("B", "1"): 40, ("B", "2"): 1}, ()),
        ({}, ()),
    ],
)
def test_hartford(roll, alarms):
    """For years nobody of a whole town was called: a computer read the last letter of its name as the mark of the dead.

    Source: Hartford Courant, 3 October and 25 November 1992 (articles.courant.com).
    """
    assert hartford(roll) == alarms
