"""Is a published draw fair? Tests that a lottery of 1969 fails and honest draws pass."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from callup.statistics.tails import chi_square_tail, normal_tails, student_tails
from callup.terms.errors import BadInput

Numbers = npt.NDArray[np.float64]

LEVEL = 0.01
"""A draw is odd when its smallest p, times the number of tests made, is below this."""

_MOST_GROUPS = 400
_LEAST_EXPECTED = 5


@dataclass(frozen=True, slots=True)
class DrawTest:
    """One test of one column: the statistic, and how often an honest draw is at least as far out.

    Args:
        column: the column that the order should not depend on.
        test: ``rank correlation``, ``thirds by group``, ``medians by group`` or ``runs``.
        statistic: Spearman's rho, chi-square, Kruskal and Wallis's H, or z of the runs.
        degrees: degrees of freedom; 0 where there are none.
        p: share of honest draws at least as far out.
    """

    column: str
    test: str
    statistic: float
    degrees: int
    p: float


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
    column with few values by value, and each group's share of the three thirds and its median are tested.

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
        tests.append(_correlation(column, measured, order))
        tests.append(_runs(column, measured, order))
    names, member = np.unique(np.asarray(groups), return_inverse=True)
    if 1 < len(names) <= min(_MOST_GROUPS, len(order) // 5):
        tests += _thirds(column, member, order)
        tests.append(_medians(column, member, order))
    return tests


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


def _mid_ranks(values: Numbers) -> Numbers:
    """Ranks from 1; equal values share the middle of theirs."""
    _, member, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    middles: Numbers = last - (count - 1) / 2
    return middles[member]


def _correlation(column: str, measured: Numbers, order: Numbers) -> DrawTest:
    rho = float(np.corrcoef(_mid_ranks(measured), order)[0, 1])
    free = len(order) - 2
    t = rho * math.sqrt(free / max(1e-300, 1 - rho * rho))
    return DrawTest(column, "rank correlation", rho, 0, student_tails(t, free))


def _runs(column: str, measured: Numbers, order: Numbers) -> DrawTest:
    """Along the column, how often the order crosses its median: too seldom where stretches were drawn together."""
    high = order[np.argsort(measured, kind="stable")] > (len(order) + 1) / 2
    above = int(high.sum())
    below, whole = len(high) - above, len(high)
    runs = 1 + int(np.count_nonzero(high[1:] != high[:-1]))
    mean = 2 * above * below / whole + 1
    spread = math.sqrt((mean - 1) * (mean - 2) / (whole - 1))
    z = (runs - mean) / spread
    return DrawTest(column, "runs", z, 0, normal_tails(z))


def _thirds(column: str, member: npt.NDArray[np.intp], order: Numbers) -> list[DrawTest]:
    """Chi-square of group by third of the numbers; not made where a cell would be expected to hold fewer than five."""
    whole = len(order)
    third = (order > round(whole / 3)).astype(int) + (order > round(2 * whole / 3))
    table = np.zeros((int(member.max()) + 1, 3))
    np.add.at(table, (member, third), 1)
    expected = np.outer(table.sum(axis=1), table.sum(axis=0)) / whole
    if expected.min() < _LEAST_EXPECTED:
        return []
    statistic, free = float(((table - expected) ** 2 / expected).sum()), 2 * (len(table) - 1)
    return [DrawTest(column, "thirds by group", statistic, free, chi_square_tail(statistic, free))]


def _medians(column: str, member: npt.NDArray[np.intp], order: Numbers) -> DrawTest:
    """Kruskal and Wallis: whether some group as a whole stands earlier or later."""
    whole, sizes = len(order), np.bincount(member)
    sums = np.bincount(member, weights=order)
    statistic = float(12 / (whole * (whole + 1)) * (sums**2 / sizes).sum() - 3 * (whole + 1))
    free = len(sizes) - 1
    return DrawTest(column, "medians by group", statistic, free, chi_square_tail(statistic, free))
