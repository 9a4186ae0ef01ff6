"""Are groups treated alike? Shares with intervals, and one stated test for all groups of a kind.

Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), for the interval; the
chi-square test of homogeneity (K. Pearson 1900) for the chance that shares differ as much where groups are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from callup.statistics.tails import chi_square_tail

_Z = 1.959963984540054
"""The normal quantile of 95 of 100."""


@dataclass(frozen=True, slots=True)
class Share:
    """One group: of how many, how many, and per 1,000 with the interval that holds in 95 of 100 such tables."""

    group: str
    base: int
    count: int
    rate: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Equality:
    """The groups of one kind, and the chance of differences as large where all are treated alike; no chance where one group is left."""

    shares: tuple[Share, ...]
    chance: float | None


def equality(groups: Sequence[tuple[str, int, int]], below: int) -> Equality:
    """Shares of groups, neighbours merged until no group hides a small number.

    Args:
        groups: name, base and count of each, in an order in which neighbours may be merged; ages in order, say.
        below: counts, and bases less counts, under this are not shown.

    Example:
        >>> found = equality([("19", 1000, 100), ("20", 1000, 102), ("21", 8, 1)], 10)
        >>> [(one.group, one.base) for one in found.shares], round(found.chance, 1)
        ([('19', 1000), ('20; 21', 1008)], 0.9)
    """
    merged = [([name], base, count) for name, base, count in groups if base]
    while len(merged) > 1 and (thin := next((at for at, one in enumerate(merged) if _small(one, below)), None)) is not None:
        at = min(thin, len(merged) - 2) if thin == 0 or thin == len(merged) - 1 else thin - 1
        first, second = merged[at : at + 2]
        merged[at : at + 2] = [(first[0] + second[0], first[1] + second[1], first[2] + second[2])]
    if not merged or _small(merged[0], below):
        return Equality((), None)
    return Equality(tuple(_share("; ".join(names), base, count) for names, base, count in merged), _chance(merged))


def _small(one: tuple[list[str], int, int], below: int) -> bool:
    return 0 < one[2] < below or 0 < one[1] - one[2] < below


def _share(name: str, base: int, count: int) -> Share:
    share = count / base
    middle, spread = share + _Z**2 / (2 * base), _Z * sqrt(share * (1 - share) / base + _Z**2 / (4 * base**2))
    low, high = ((middle + sign * spread) / (1 + _Z**2 / base) for sign in (-1, 1))
    return Share(name, base, count, 1000 * share, max(0.0, 1000 * low), min(1000.0, 1000 * high))


def _chance(merged: Sequence[tuple[list[str], int, int]]) -> float | None:
    bases, counts = sum(base for _, base, _ in merged), sum(count for *_, count in merged)
    share = counts / bases
    if len(merged) < 2 or not 0 < share < 1:
        return None
    distance = sum((count - base * share) ** 2 / (base * share * (1 - share)) for _, base, count in merged)
    return chi_square_tail(distance, len(merged) - 1)
