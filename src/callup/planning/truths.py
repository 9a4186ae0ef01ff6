"""Truths that a planner does not know, to test a plan against: each is wrong about the yields in another way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from callup.planning.yields import Floats, Funnel, draw_odds, yields_of

CERTAIN = 40.0
"""Log odds of a stage that everybody passes."""


def truths(funnel: Funnel, known: Floats, generator: np.random.Generator, call_ups: int) -> Mapping[str, Floats]:
    """Log odds of whole call-ups, ``[call_ups, units, stages]``, by what is true in them.

    Args:
        funnel: what the planner believes.
        known: log odds in a usual year, ``[units, stages]``.
        generator: the randomness.
        call_ups: how many of each.
    """
    right = draw_odds(funnel, known, generator, call_ups)
    bad, strike, tails = right.copy(), right.copy(), right.copy()
    bad[..., -1] -= np.where(generator.random(call_ups) < 0.1, 0.35, 0.0)[:, None]
    strike[:, 0, 0] -= 2.0
    tails[..., -1] += 0.1 * generator.standard_t(4, right.shape[:2])
    return {
        "as believed": right,
        "another shape: beta": _beta(right),
        "one call-up in ten goes badly": bad,
        "a strike in one unit": strike,
        "units err apart": _apart(right, generator),
        "all stages err together": draw_odds(replace(funnel, shared=1.0), known, generator, call_ups),
        "units differ with heavy tails": tails,
    }


def _beta(odds: Floats) -> Floats:
    """Beta variates of each unit's own mean and deviation, in the order of what is believed; the last stage carries the whole yield."""
    from scipy.special import betaincinv

    yields = yields_of(odds)
    mean, deviation = yields.mean(axis=0), yields.std(axis=0)
    size = mean * (1 - mean) / deviation**2 - 1
    order = (np.argsort(np.argsort(yields, axis=0), axis=0) + 0.5) / len(yields)
    drawn: Floats = betaincinv(mean * size, (1 - mean) * size, order)
    made = np.full(odds.shape, CERTAIN)
    made[..., -1] = np.log(drawn / (1 - drawn))
    return made


def _apart(odds: Floats, generator: np.random.Generator) -> Floats:
    """The same draws for each unit, of other call-ups than its neighbours'."""
    return np.stack([odds[generator.permutation(len(odds)), unit] for unit in range(odds.shape[1])], axis=1)
