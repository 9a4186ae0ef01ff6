"""Are groups treated alike? Shares with intervals, and one stated test for all groups of a kind.

Source: E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), for the interval; the
chi-square test of homogeneity (K. Pearson 1900) for the chance that shares differ as much where groups are treated alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
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
    return steady([(name, base, (count,)) for name, base, count in groups], below)


def steady(groups: Sequence[tuple[str, int, Sequence[int]]], below: int) -> Equality:
    """The same of counts that grow from release to release: what was merged once stays merged.

    A group printed alone that was merged with its neighbour before could open what the neighbour had then; and a group that grew by a few
    would say how many those few were. So each release begins with the groups of the one before and merges on.

    Args:
        groups: name, base, and the count at each release, the last one shown; in an order in which neighbours may be merged.
        below: counts, bases less counts, and growths between any two releases are not shown under this.

    Example:
        >>> found = steady([("19", 1000, (15, 40)), ("20", 1000, (12, 13)), ("21", 1000, (13, 30))], 10)
        >>> [(one.group, one.count) for one in found.shares]
        [('19; 20', 53), ('21', 30)]
    """
    merged: list[_Group] = [([name], base, tuple(counts)) for name, base, counts in groups if base]
    for release in range(1, 1 + (len(merged[0][2]) if merged else 0)):
        _merge(merged, release, below)
    if not merged or not merged[0][2] or _thin(merged[0], len(merged[0][2]), below):
        return Equality((), None)
    shown = [("; ".join(names), base, counts[-1]) for names, base, counts in merged]
    return Equality(tuple(_share(*one) for one in shown), _chance(shown))


_Group = tuple[list[str], int, tuple[int, ...]]


def _merge(merged: list[_Group], release: int, below: int) -> None:
    while len(merged) > 1 and (thin := next((at for at, one in enumerate(merged) if _thin(one, release, below)), None)) is not None:
        at = min(thin, len(merged) - 2) if thin == 0 or thin == len(merged) - 1 else thin - 1
        first, second = merged[at : at + 2]
        merged[at : at + 2] = [(first[0] + second[0], first[1] + second[1], tuple(map(sum, zip(first[2], second[2], strict=True))))]


def _thin(one: _Group, release: int, below: int) -> bool:
    _, base, counts = one
    known = counts[:release]
    told = (*known, *(base - count for count in known), *(abs(later - earlier) for earlier, later in combinations(known, 2)))
    return any(0 < number < below for number in told)


def _share(name: str, base: int, count: int) -> Share:
    share = count / base
    middle, spread = share + _Z**2 / (2 * base), _Z * sqrt(share * (1 - share) / base + _Z**2 / (4 * base**2))
    low, high = ((middle + sign * spread) / (1 + _Z**2 / base) for sign in (-1, 1))
    return Share(name, base, count, 1000 * share, max(0.0, 1000 * low), min(1000.0, 1000 * high))


def _chance(merged: Sequence[tuple[str, int, int]]) -> float | None:
    bases, counts = sum(base for _, base, _ in merged), sum(count for *_, count in merged)
    share = counts / bases
    if len(merged) < 2 or not 0 < share < 1:
        return None
    distance = sum((count - base * share) ** 2 / (base * share * (1 - share)) for _, base, count in merged)
    return chi_square_tail(distance, len(merged) - 1)
