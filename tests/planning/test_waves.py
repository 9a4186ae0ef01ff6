"""The proposed size of a wave."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callup.planning import wave_size

COUNT = st.integers(0, 5000)
P = Fraction(1, 4)


@pytest.mark.parametrize(
    ("quota", "enlisted", "closed", "still_open", "left", "size"),
    [
        (30, 0, 0, 0, 1, 120),
        (30, 0, 0, 0, 3, 40),
        (30, 0, 0, 120, 1, 0),
        (30, 30, 90, 0, 1, 0),
        (40, 25, 75, 0, 1, 60),
        (40, 0, 100, 0, 1, 320),
        (0, 0, 0, 0, 1, 0),
    ],
)
def test_sizes(quota: int, enlisted: int, closed: int, still_open: int, left: int, size: int) -> None:
    assert wave_size({"u": quota}, {"u": enlisted}, {"u": closed}, {"u": still_open}, P, left) == {"u": size}


@given(COUNT, COUNT, COUNT, COUNT, st.integers(1, 9))
def test_never_below_zero_and_more_open_cases_never_ask_for_more(
    quota: int, enlisted: int, closed: int, still_open: int, left: int
) -> None:
    def size(open_cases: int) -> int:
        return wave_size({"u": quota}, {"u": enlisted}, {"u": closed}, {"u": open_cases}, P, left)["u"]

    assert 0 <= size(still_open + 1) <= size(still_open)
