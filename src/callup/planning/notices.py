"""How many notices a quota takes, and what is meant by "with 95 in 100": the total, each unit, or all units at once.

A binomial with the yield taken as known promises 95 and keeps about half: yields are uncertain, and units err together. Here the
chance is averaged over draws of the yields; given a yield, the chance that ``n`` notices bring ``q`` persons or more is that of
a beta variate of ``q`` and ``n - q + 1`` below the yield, so no binomial is drawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callup.planning.yields import Floats
from callup.terms.errors import BadInput

Counts = npt.NDArray[np.int64]

TOTAL, EACH, ALL = AIMS = ("total", "each", "all")
"""What a chance can refer to: the country's total, each unit by itself, all units at once."""

STRATA = 1000
"""Points of a unit's own distribution of yields that its chance is averaged over."""

MOST = 400
"""Notices a person beyond which no plan is looked for."""


@dataclass(frozen=True, slots=True)
class NoticePlan:
    """A number of notices for each unit, and what it reaches.

    Args:
        aim: what the chance refers to.
        chance: asked for.
        notices: ``[units]``.
        total: chance that the total is reached.
        worst: the least chance of a unit to reach its quota.
        every: chance that all units reach theirs.
        unneeded: persons found fit above their unit's quota, expected.
        short: persons lacking in units below their quota, expected.
    """

    aim: str
    chance: float
    notices: Counts
    total: float
    worst: float
    every: float
    unneeded: float
    short: float


def plan_notices(quota: Sequence[int] | Counts, yields: Floats, aim: str, chance: float, generator: np.random.Generator) -> NoticePlan:
    """Plan one mailing.

    Args:
        quota: persons, ``[units]``.
        yields: draws, ``[draws, units]``.
        aim: one of `AIMS`; there is no default, since the three differ by half.
        chance: wanted, above 0 and below 1.
        generator: for what the plan reaches.

    Raises:
        BadInput: ``notices-aim``, ``notices-chance``, ``notices-shape``; ``notices-too-many``: no number below `MOST` a
            person does.
    """
    wanted = np.asarray(quota, dtype=np.int64)
    if aim not in AIMS:
        raise BadInput("notices-aim", {"aim": aim}, f"say what the chance refers to: {', '.join(AIMS)}")
    if not 0 < chance < 1:
        raise BadInput("notices-chance", {"chance": chance}, "ask for a chance above 0 and below 1")
    if wanted.ndim != 1 or yields.shape[1:] != wanted.shape or wanted.min() < 0 or not (yields.min() > 0 and yields.max() <= 1):
        raise BadInput("notices-shape", {"units": len(wanted)}, "give a quota of 0 or more and draws of yields above 0 for each unit")
    plan = {TOTAL: _for_total, EACH: _for_each, ALL: _for_all}[aim]
    notices = np.ceil(plan(wanted, yields, chance)).astype(np.int64)
    return assess_plan(wanted, yields, aim, chance, notices, generator)


def assess_plan(quota: Counts, yields: Floats, aim: str, chance: float, notices: Counts, generator: np.random.Generator) -> NoticePlan:
    """What a number of notices reaches when yields are as drawn; binomials are drawn here.

    Args:
        quota: persons, ``[units]``.
        yields: draws, ``[draws, units]``; other draws than those planned with test the plan.
        aim: what it was planned for.
        chance: that was asked for.
        notices: ``[units]``.
        generator: the randomness.
    """
    came = generator.binomial(notices, yields)
    reached = came >= quota
    return NoticePlan(
        aim, chance, notices,
        total=float(np.mean(came.sum(axis=1) >= quota.sum())),
        worst=float(reached.mean(axis=0).min()),
        every=float(reached.all(axis=1).mean()),
        unneeded=float(np.maximum(came - quota, 0).sum(axis=1).mean()),
        short=float(np.maximum(quota - came, 0).sum(axis=1).mean()),
    )  # fmt: skip


def notices_of_beta(quota: int, mean: float, deviation: float, chance: float) -> int:
    """The exact number for one unit whose yield is a beta variate: the quota and a beta-negative-binomial number of failures.

    Args:
        quota: persons.
        mean: of the yield.
        deviation: of the yield; 0 where it is known, which makes it the negative binomial.
        chance: wanted.

    Raises:
        BadInput: ``notices-beta``: no beta distribution has this mean and deviation.

    Example:
        >>> notices_of_beta(1, 0.5, 0.0, 0.95)
        5
    """
    from scipy import stats

    if not 0 < mean < 1 or not 0 <= deviation**2 < mean * (1 - mean):
        raise BadInput("notices-beta", {"mean": mean, "deviation": deviation}, "a share's deviation is below sqrt(mean (1 - mean))")
    if not deviation:
        return quota + int(stats.nbinom.ppf(chance, quota, mean))
    size = mean * (1 - mean) / deviation**2 - 1
    return quota + int(stats.betanbinom.ppf(chance, quota, mean * size, (1 - mean) * size))


def _for_each(quota: Counts, yields: Floats, chance: float) -> Floats:
    """The least number for each unit by itself, all units halving at once."""
    from scipy.special import betainc

    points = np.quantile(yields, (np.arange(STRATA) + 0.5) / STRATA, axis=0)
    needed = np.maximum(quota, 1)

    def reached(notices: Floats) -> npt.NDArray[np.bool_]:
        found: Floats = betainc(needed, notices - needed + 1, points).mean(axis=0)
        return found >= chance

    return np.where(quota > 0, _least(reached, needed), 0)


def _for_all(quota: Counts, yields: Floats, chance: float) -> Floats:
    """Every unit at the same chance of its own, as high as all together need."""
    noise = np.random.Generator(np.random.PCG64(len(yields))).standard_normal(yields.shape)
    low, high = chance, 1 - (1 - chance) / (20 * len(quota))
    found = _for_each(quota, yields, high)
    while high - low > (1 - chance) / 200:
        middle = (low + high) / 2
        notices = np.ceil(_for_each(quota, yields, middle))
        came = notices * yields + np.sqrt(notices * yields * (1 - yields)) * noise
        if (came >= quota - 0.5).all(axis=1).mean() >= chance:
            high, found = middle, notices
        else:
            low = middle
    return found


def _for_total(quota: Counts, yields: Floats, chance: float) -> Floats:
    """The same surcharge for every unit, as small as the total allows: places may move between units."""
    from scipy.special import ndtr

    fair = quota / yields.mean(axis=0)

    def reached(by: Floats) -> npt.NDArray[np.bool_]:
        notices = np.ceil(fair * by)
        mean = yields @ notices
        spread = np.sqrt(np.maximum((yields * (1 - yields)) @ notices, 1e-9))
        return np.asarray([ndtr((mean - quota.sum() + 0.5) / spread).mean() >= chance])

    return np.asarray(fair * _least(reached, np.array([1.0]), exact=False))


def _least(reached: Callable[[Floats], npt.NDArray[np.bool_]], above: npt.NDArray[Any], exact: bool = True) -> Floats:
    """The least values at which all is reached, by halving; with ``exact`` to the whole number."""
    low, high = above * (1.0 if exact else 0.2), above * float(MOST)
    if not reached(high).all():
        raise BadInput("notices-too-many", {"most": MOST}, "ask for a smaller chance, or look why the yield is so low")
    while np.any(high - low > (0.5 if exact else 1e-5)):
        middle = (low + high) / 2
        enough = reached(np.ceil(middle) if exact else middle)
        high, low = np.where(enough, middle, high), np.where(enough, low, middle)
    return np.ceil(high) if exact else high


@dataclass(frozen=True, slots=True)
class Curves:
    """What one mailing reaches by its size; chances 0 to 1.

    Args:
        notices: in all, ``[sizes]``.
        total: that the total is reached, ``[sizes]``.
        each: that a unit reaches its quota, mean over units, ``[sizes]``.
        every: that all do, ``[sizes]``.
    """

    notices: Floats
    total: Floats
    each: Floats
    every: Floats


def curves(quota: Counts, yields: Floats, generator: np.random.Generator, sizes: int = 34) -> Curves:
    """What mailings reach that give each unit its quota over its mean yield, times 0.8 to 2.

    Args:
        quota: persons, ``[units]``.
        yields: draws, ``[draws, units]``.
        generator: for the binomials.
        sizes: how many.
    """
    found = []
    for by in np.linspace(0.8, 2.0, sizes):
        notices = np.ceil(quota / yields.mean(axis=0) * by).astype(np.int64)
        plan = generator.binomial(notices, yields)
        full = plan >= quota
        found.append((notices.sum(), np.mean(plan.sum(axis=1) >= quota.sum()), full.mean(), full.all(axis=1).mean()))
    return Curves(*np.array(found, dtype=np.float64).T)
