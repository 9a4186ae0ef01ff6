"""Who bears how much, and whom the roll forgot: control limits by unit, and the Hartford check."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

INNER, OUTER = 1.96, 3.09
"""Normal quantiles of the limits that hold 95 and 99.8 of 100 units if only chance is at work."""

EXPECTED = 10
"""A zero alarms where at least so many would be expected."""


@dataclass(frozen=True, slots=True)
class Burden:
    """One unit's burden beside what chance alone would give a unit of its size.

    Args:
        unit: its code.
        base: persons in the roll.
        called: of whom called.
        rate: called per 1,000 in the roll.
        low: lower outer limit.
        high: upper outer limit.
        verdict: inside, above or below the outer limits.
    """

    unit: str
    base: int
    called: int
    rate: float
    low: float
    high: float
    verdict: str


def limits(share: float, base: float, quantile: float) -> tuple[float, float]:
    """Control limits per 1,000 around a share, for a unit with ``base`` persons (normal approximation of the binomial)."""
    spread = quantile * math.sqrt(share * (1 - share) / base)
    return 1000 * max(0.0, share - spread), 1000 * min(1.0, share + spread)


def burdens(units: Mapping[str, tuple[int, int]]) -> tuple[Burden, ...]:
    """Each unit's rate with its limits around the rate of all.

    Args:
        units: persons in the roll and of whom called, by unit. Units without a roll are left out.
    """
    everyone = sum(base for base, _ in units.values())
    if not everyone:
        return ()
    share = sum(called for _, called in units.values()) / everyone
    found = []
    for unit, (base, called) in sorted(units.items()):
        if base:
            low, high = limits(share, base, OUTER)
            rate = 1000 * called / base
            verdict = "above" if rate > high else "below" if rate < low else "inside"
            found.append(Burden(unit, base, called, rate, low, high, verdict))
    return tuple(found)


def hartford(roll: Mapping[tuple[str, str], int]) -> tuple[tuple[str, str], ...]:
    """Pairs of which nobody stands in a list although at least ten would, were the two properties independent.

    Named after the jury lists from which the city of Hartford was missing, unseen for years.

    Args:
        roll: persons by unit and birth month (or any two properties); a missing pair is 0.

    Example:
        >>> hartford({("A", "1"): 50, ("A", "2"): 50, ("B", "1"): 100, ("B", "2"): 0})
        (('B', '2'),)
    """
    units: dict[str, int] = {}
    months: dict[str, int] = {}
    for (unit, month), persons in roll.items():
        units[unit] = units.get(unit, 0) + persons
        months[month] = months.get(month, 0) + persons
    total = sum(units.values())
    pairs = ((unit, month) for unit in sorted(units) for month in sorted(months))
    return tuple(pair for pair in pairs if not roll.get(pair) and units[pair[0]] * months[pair[1]] >= EXPECTED * total > 0)
