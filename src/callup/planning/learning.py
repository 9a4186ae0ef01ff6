"""Waves that learn: what one wave brings says how many notices the next should have, for all units together.

What is known of the yields is a mean for each unit and how they vary together. After a wave, with ``y`` what each unit brought a
notice and ``V`` the noise of that number, a gain ``G = S (S + V)^-1`` moves the mean by ``G (y - m)`` and leaves ``S - G S``.
Early waves stay below the quota, so that no one is found fit in vain; the last makes sure of it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from callup.planning.notices import Counts
from callup.planning.yields import Floats, Funnel, of_wave, yields_of

BELOW, LEAST_YIELD = 0.90, 0.02
"""An early wave stays below the quota with this chance; no yield is believed to be lower than this."""


@dataclass(frozen=True, slots=True)
class Belief:
    """What is known of the yields.

    Args:
        means: ``[call_ups, units]``, or ``[units]`` of one call-up.
        together: how they vary together, ``[units, units]``.
        weekly: deviation of a wave's yield from its call-up's, ``[units]``.
    """

    means: Floats
    together: Floats
    weekly: Floats

    @property
    def varies(self) -> Floats:
        """Variance of a unit's yield in one wave, ``[units]``."""
        return np.diag(self.together) + self.weekly**2


def belief(funnel: Funnel, odds: Floats, generator: np.random.Generator) -> Belief:
    """What draws of log odds say of the yields before the first wave.

    Args:
        funnel: its weekly deviations.
        odds: ``[draws, units, stages]``.
        generator: the randomness.
    """
    yields = yields_of(odds)
    apart = of_wave(funnel, odds, generator) - yields
    return Belief(yields.mean(axis=0), np.atleast_2d(np.cov(yields.T)), apart.std(axis=0))


def next_wave(known: Belief, need: Floats, last: bool, chance: float = 0.95) -> Floats:
    """Notices of the next wave.

    Args:
        known: so far.
        need: persons still lacking, ``[units]`` or ``[call_ups, units]``.
        last: whether no wave follows: then the need is reached with the chance; else it is not passed with `BELOW`.
        chance: wanted of the last wave.
    """
    from scipy.special import ndtri

    wanted, mean = np.maximum(need, 0), known.means
    by = float(ndtri(chance if last else BELOW)) * (1 if last else -1)
    notices = wanted / mean
    for _ in range(40):
        noise = np.sqrt(np.maximum(notices * mean * (1 - mean) + notices**2 * known.varies, 0))
        notices = np.maximum(wanted + by * noise, 0) / mean
    return np.ceil(notices) if last else np.floor(notices)


def learn(known: Belief, sent: Floats, came: Counts) -> Belief:
    """Move the belief by what a wave brought.

    Args:
        known: before.
        sent: notices, shaped as the means.
        came: persons, shaped as the means.
    """
    usual = np.maximum(sent.mean(axis=0) if sent.ndim > 1 else sent, 1)
    middle = known.means.mean(axis=0) if known.means.ndim > 1 else known.means
    noise = middle * (1 - middle) / usual + known.weekly**2
    gain = np.linalg.solve(known.together + np.diag(noise), known.together).T
    seen = np.where(sent > 0, came / np.maximum(sent, 1) - known.means, 0.0)
    return replace(known, means=np.maximum(known.means + seen @ gain.T, LEAST_YIELD), together=known.together - gain @ known.together)


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a number of waves came to, over many rehearsed call-ups.

    Args:
        waves: how many.
        notices: in all, expected.
        a_wave: notices of each wave, expected.
        mean: chance of a unit to reach its quota, over units.
        worst: that of the worst unit.
        total: chance that the total is reached.
        unneeded: persons above their unit's quota, expected.
        short: persons lacking, expected.
    """

    waves: int
    notices: float
    a_wave: tuple[float, ...]
    mean: float
    worst: float
    total: float
    unneeded: float
    short: float


def rehearse(
    quota: Counts, known: Belief, funnel: Funnel, truth: Floats, waves: int, generator: np.random.Generator, *, chance: float = 0.95
) -> Rehearsal:
    """Run whole call-ups against yields that the planner does not know.

    Args:
        quota: persons, ``[units]``.
        known: what the planner believes before the first wave.
        funnel: the true weekly deviations.
        truth: true log odds, ``[call_ups, units, stages]``.
        waves: 1 or more.
        generator: the randomness.
        chance: that the last wave asks for.
    """
    call_ups = len(truth)
    known = replace(known, means=np.tile(known.means, (call_ups, 1)))
    came = np.zeros((call_ups, len(quota)), dtype=np.int64)
    a_wave = []
    for wave in range(waves):
        notices = next_wave(known, (quota - came).astype(np.float64), wave == waves - 1, chance)
        brought = generator.binomial(notices.astype(np.int64), of_wave(funnel, truth, generator))
        came += brought
        a_wave.append(float(notices.sum(axis=1).mean()))
        known = learn(known, notices, brought)
    reached = came >= quota
    return Rehearsal(
        waves, sum(a_wave), tuple(a_wave), mean=float(reached.mean()), worst=float(reached.mean(axis=0).min()),
        total=float(np.mean(came.sum(axis=1) >= quota.sum())),
        unneeded=float(np.maximum(came - quota, 0).sum(axis=1).mean()), short=float(np.maximum(quota - came, 0).sum(axis=1).mean()),
    )  # fmt: skip


def settle(quota: Counts, known: Belief, funnel: Funnel, believed: Floats, waves: int, seed: int, *, chance: float = 0.95) -> float:
    """The chance to ask of the last wave so that a unit reaches its quota with the wanted chance over the whole call-up.

    A unit may be full before the last wave, so asking the last wave for 95 in 100 keeps more than 95; this rehearses and halves.

    Args:
        quota: persons, ``[units]``.
        known: before the first wave.
        funnel: its weekly deviations.
        believed: log odds as the planner believes, ``[call_ups, units, stages]``.
        waves: 1 or more.
        seed: of the rehearsals, the same for each.
        chance: wanted of a unit.
    """
    low, high = chance / 2, (1 + 3 * chance) / 4
    for _ in range(8):
        middle = (low + high) / 2
        kept = rehearse(quota, known, funnel, believed, waves, np.random.default_rng(seed), chance=middle).mean
        low, high = (low, middle) if kept >= chance else (middle, high)
    return high


def known_beforehand(quota: Counts, truth: Floats) -> float:
    """Notices that would do if the yields were known: what no plan can beat, expected."""
    return float((quota / yields_of(truth)).sum(axis=1).mean())
