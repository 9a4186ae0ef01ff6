"""Is a published draw fair? Tests that a lottery of 1969 fails and honest draws pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import shake_256

import numpy as np
import numpy.typing as npt

from callup.statistics.tails import chi_square_tail, normal_tails, student_tails
from callup.terms.errors import BadInput

Numbers = npt.NDArray[np.float64]
Measure = Callable[[Numbers], tuple[float, int, float]]
"""Gives statistic, degrees of freedom and approximate p of an order."""

LEVEL = 0.01
"""A draw is odd when its smallest p, times the number of tests made, is below this."""

_MOST_GROUPS = 400
_LEAST_EXPECTED = 5
_FEW = 50
"""Below so many numbers, or so few in a cell, no approximation is trusted: the draw is compared with shuffled ones."""

_MOST_MIXED, _LEAST_MIXED, _MOST_NUMBERS = 10_000, 1_000, 20_000_000
APPROXIMATION = "approximation"


@dataclass(frozen=True, slots=True)
class DrawTest:
    """One test of one column: the statistic, and how often an honest draw is at least as far out.

    Args:
        column: the column that the order should not depend on.
        test: ``rank correlation``, ``thirds by group``, ``medians by group`` or ``runs``; ``by first letter`` for many words.
        statistic: Spearman's rho, chi-square, Kruskal and Wallis's H, or z of the runs.
        degrees: degrees of freedom; 0 where there are none.
        p: share of honest draws at least as far out.
        found_by: how p was found: the limit distribution, or comparison with shuffled draws.
    """

    column: str
    test: str
    statistic: float
    degrees: int
    p: float
    found_by: str = APPROXIMATION

    @property
    def words(self) -> str:
        """What an honest draw would not do and this one did, in plain words."""
        if self.test == "rank correlation":
            way = "lower" if self.statistic < 0 else "higher"
            return f"the higher {self.column}, the {way} the numbers (rank correlation {self.statistic:+.3f})"
        if self.test == "runs":
            way = "long stretches are all early or all late" if self.statistic < 0 else "early and late take turns too neatly"
            return f"along {self.column}, {way} (runs, z {self.statistic:+.2f})"
        what = "have unequal shares of early and late numbers" if self.test.startswith("thirds") else "stand earlier or later as a whole"
        return f"some groups of {self.column} {what} ({self.test}, {self.statistic:.2f})"


@dataclass(frozen=True, slots=True)
class DrawAudit:
    """All tests of a draw, the oddest first.

    Args:
        numbers: how many were drawn.
        tests: every test that could be made.
    """

    numbers: int
    tests: tuple[DrawTest, ...]

    @property
    def odd(self) -> bool:
        """Whether an honest draw would look like this less than once in a hundred audits."""
        return bool(self.tests) and self.tests[0].p * len(self.tests) < LEVEL


def audit_draw(ranks: Sequence[int], columns: Mapping[str, Sequence[str]]) -> DrawAudit:
    """Test whether the order of a draw depends on a column.

    A column of numbers or ISO dates is tested for rank correlation and runs; a column of dates is grouped by month, any other
    column with few values by value, one with many different words by first letter, and each group's share of the three
    thirds and its median are tested. Where numbers are few, p is found from shuffled draws and not from a limit.

    Args:
        ranks: the drawn numbers, 1 first; no number twice.
        columns: text of each column to test, in the order of ``ranks``.

    Raises:
        BadInput: a number stands twice, or there are too few.

    Source:
        Spearman 1904; Kruskal and Wallis 1952; Wald and Wolfowitz 1940; for the tests by month, Fienberg, Science 171 (1971).
    """
    doubled = len(ranks) - len(set(ranks))
    if doubled or len(ranks) < 10:
        raise BadInput(
            "draw-not-testable", {"numbers": len(ranks), "doubled": doubled}, "give one draw of ten numbers or more, no number twice"
        )
    order = _mid_ranks(np.asarray(ranks, dtype=np.float64))
    tests = [test for column, values in columns.items() for test in _column_tests(column, values, order)]
    return DrawAudit(len(ranks), tuple(sorted(tests, key=lambda test: test.p)))


def _column_tests(column: str, values: Sequence[str], order: Numbers) -> list[DrawTest]:
    tests = []
    measured, groups = _measures(values)
    if measured is not None and len(np.unique(measured)) > 1:
        few = len(order) < _FEW
        tests.append(_judged(column, "rank correlation", order, few, lambda one: _correlation(measured, one)))
        tests.append(_judged(column, "runs", order, few, lambda one: _runs(measured, one)))
    by, member = _grouped(groups, len(order))
    if by:
        smallest = int(np.bincount(member).min())
        tests.append(_judged(column, f"medians by {by}", order, smallest < _LEAST_EXPECTED, lambda one: _medians(member, one)))
        tests.append(_judged(column, f"thirds by {by}", order, smallest < 3 * _LEAST_EXPECTED, lambda one: _thirds(member, one)))
    return tests


def _judged(column: str, name: str, order: Numbers, few: bool, measure: Measure) -> DrawTest:
    """One test; where numbers are few, p comes from shuffled draws: the share of them that is at least as far out."""
    statistic, degrees, p = measure(order)
    if not few:
        return DrawTest(column, name, statistic, degrees, p)
    far = abs(statistic) - 1e-9
    many = max(_LEAST_MIXED, min(_MOST_MIXED, _MOST_NUMBERS // len(order)))
    beyond = sum(abs(measure(order[_mixed(len(order), number)])[0]) >= far for number in range(many))
    return DrawTest(column, name, statistic, degrees, (1 + beyond) / (1 + many), f"{many:,} shuffled draws")


def _mixed(length: int, number: int) -> npt.NDArray[np.intp]:
    """One order of so many things, from a hash of its number: the same audit gives the same p everywhere."""
    bits = shake_256(b"callup/audit-draw/1 %d %d" % (length, number)).digest(8 * length)
    return np.argsort(np.frombuffer(bits, dtype="<u8"))


def _measures(values: Sequence[str]) -> tuple[Numbers | None, list[str]]:
    """The column as numbers, where it is one of numbers or dates, and its groups."""
    try:
        days = [date.fromisoformat(value) for value in values]
        return np.array([day.toordinal() for day in days], dtype=np.float64), [f"{day.month:02d}" for day in days]
    except ValueError:
        pass
    try:
        measured = np.array([float(value) for value in values])
    except ValueError:
        return None, list(values)
    return (measured if np.all(np.isfinite(measured)) else None), list(values)


def _grouped(groups: list[str], length: int) -> tuple[str, npt.NDArray[np.intp]]:
    """Members of each group, where there are few enough groups to compare; many different words go by their first letter."""
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    if 1 < len(names) <= min(_MOST_GROUPS, length // 5):
        return "group", member
    letters, member = np.unique(np.asarray([value.strip()[:1].casefold() for value in groups]), return_inverse=True)
    if 1 < len(letters) <= length // 5 and all(letter.isalpha() for letter in letters.tolist()):
        return "first letter", member
    return "", member


def _mid_ranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the middle of theirs."""
    _, member, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    middles: Numbers = last - (count - 1) / 2
    return middles[member]


def _correlation(measured: Numbers, order: Numbers) -> tuple[float, int, float]:
    rho = float(np.corrcoef(_mid_ranks(measured), order)[0, 1])
    free = len(order) - 2
    t = rho * math.sqrt(free / max(1e-300, 1 - rho * rho))
    return rho, 0, student_tails(t, free)


def _runs(measured: Numbers, order: Numbers) -> tuple[float, int, float]:
    """Along the column, how often the order crosses its median: too seldom where stretches were drawn together."""
    high = order[np.argsort(measured, kind="stable")] > (len(order) + 1) / 2
    above = int(high.sum())
    below, whole = len(high) - above, len(high)
    runs = 1 + int(np.count_nonzero(high[1:] != high[:-1]))
    mean = 2 * above * below / whole + 1
    spread = math.sqrt((mean - 1) * (mean - 2) / (whole - 1))
    z = (runs - mean) / spread
    return z, 0, normal_tails(z)


def _thirds(member: npt.NDArray[np.intp], order: Numbers) -> tuple[float, int, float]:
    """Chi-square of group by third of the numbers."""
    whole = len(order)
    third = (order > round(whole / 3)).astype(int) + (order > round(2 * whole / 3))
    table = np.zeros((int(member.max()) + 1, 3))
    np.add.at(table, (member, third), 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / whole
    statistic, free = float(((table - expected) ** 2 / expected).sum()), 2 * (len(table) - 1)
    return statistic, free, chi_square_tail(statistic, free)


def _medians(member: npt.NDArray[np.intp], order: Numbers) -> tuple[float, int, float]:
    """Kruskal and Wallis: whether some group as a whole stands earlier or later."""
    whole, sizes = len(order), np.bincount(member)
    sums = np.bincount(member, weights=order)
    statistic = float(12 / (whole * (whole + 1)) * (sums**2 / sizes).sum() - 3 * (whole + 1))
    free = len(sizes) - 1
    return statistic, free, chi_square_tail(statistic, free)
