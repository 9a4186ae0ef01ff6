"""What share of notices ends with a person called up: stages in a row, each with what units share and what they do not.

With stage ``k``, unit ``r`` and wave ``w``, on the scale of log odds::

    p[k,r,w] = mean[k] + known[k,r] + national[k] (sqrt(shared) z + sqrt(1 - shared) z[k]) + regional[k] z[k,r] + weekly[k] z[k,r,w]

The yield of a unit is the product of its stages; of ``n`` notices as many bring a person as a binomial of that yield says.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from callup.terms.errors import BadInput

Floats = npt.NDArray[np.float64]

_KEYS = {"name", "share", "national", "regional", "weekly", "source"}


@dataclass(frozen=True, slots=True)
class Stage:
    """One step from a notice to a person called up.

    Args:
        name: what happens.
        share: of those who came so far, in a usual year.
        national: deviation that all units have in common, log odds.
        regional: deviation of a unit, log odds.
        weekly: deviation of a unit in one wave, log odds.
        source: where share and deviations come from.
    """

    name: str
    share: float
    national: float
    regional: float
    weekly: float
    source: str


@dataclass(frozen=True, slots=True)
class Funnel:
    """The stages in their order.

    Args:
        stages: from notice to call-up.
        shared: how much of the national deviation all stages have in common, 0 to 1.
    """

    stages: tuple[Stage, ...]
    shared: float

    @property
    def share(self) -> float:
        """Persons called up a notice, in a usual year."""
        return float(np.prod([stage.share for stage in self.stages]))


def read_funnel(text: str) -> Funnel:
    """Read a funnel file: ``shared`` and one ``[[stage]]`` for each step.

    Args:
        text: TOML.

    Raises:
        BadInput: it cannot be read, a key is unknown or lacking, a share is not above 0 and below 1, a deviation is below 0.
    """
    try:
        said = tomllib.loads(text)
        stages = tuple(_stage(row) for row in said["stage"])
        shared = float(said["shared"])
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as wrong:
        raise BadInput("funnel-unreadable", {"error": str(wrong)}, "write shared = 0.4 and [[stage]] tables with "
                       + ", ".join(sorted(_KEYS))) from None  # fmt: skip
    if not stages or not 0 <= shared <= 1:
        raise BadInput("funnel-unreadable", {"error": "no stage, or shared is not a share"}, "write shared = 0.4 and [[stage]] tables")
    return Funnel(stages, shared)


def _stage(row: Mapping[str, Any]) -> Stage:
    share, national, regional, weekly = (float(row[name]) for name in ("share", "national", "regional", "weekly"))
    stage = Stage(str(row["name"]), share, national, regional, weekly, str(row["source"]))
    if set(row) - _KEYS or not 0 < stage.share < 1 or min(stage.national, stage.regional, stage.weekly) < 0:
        raise BadInput("funnel-stage", {"stage": stage.name}, "a share lies between 0 and 1, a deviation is 0 or more, no other keys")
    return stage


def usual(funnel: Funnel, generator: np.random.Generator, units: int) -> Floats:
    """Lasting differences between units drawn for a rehearsal, as log odds of each stage, ``[units, stages]``."""
    regional = np.array([stage.regional for stage in funnel.stages])
    return np.asarray(_log_odds(funnel) + generator.standard_normal((units, len(regional))) * regional)


def alike(funnel: Funnel, units: int) -> Floats:
    """The same log odds for every unit: nothing is known of their differences, ``[units, stages]``."""
    return np.tile(_log_odds(funnel), (units, 1))


def _log_odds(funnel: Funnel) -> Floats:
    shares = np.array([stage.share for stage in funnel.stages])
    return np.asarray(np.log(shares / (1 - shares)))


def draw_odds(funnel: Funnel, known: Floats, generator: np.random.Generator, draws: int) -> Floats:
    """Draw log odds of a call-up; see the formula above, without the weekly part.

    Args:
        funnel: its deviations.
        known: log odds in a usual year, ``[units, stages]``.
        generator: the randomness.
        draws: how many call-ups.

    Returns:
        ``[draws, units, stages]``.
    """
    units, stages = known.shape
    national, regional = (np.array([getattr(stage, name) for stage in funnel.stages]) for name in ("national", "regional"))
    common = np.sqrt(funnel.shared) * strata(generator, draws)[:, None]
    own = np.sqrt(1 - funnel.shared) * generator.standard_normal((draws, stages))
    odds: Floats = generator.standard_normal((draws, units, stages)) * regional
    odds += known
    odds += (national * (common + own))[:, None, :]
    return odds


def of_wave(funnel: Funnel, odds: Floats, generator: np.random.Generator) -> Floats:
    """The yields of one wave: log odds with their weekly part, made shares and multiplied over stages, ``[draws, units]``."""
    weekly = np.array([stage.weekly for stage in funnel.stages])
    return yields_of(odds + generator.standard_normal(odds.shape) * weekly)


def yields_of(odds: Floats) -> Floats:
    """Persons called up a notice: the product of the stages' shares, ``[draws, units]``."""
    return np.asarray(np.prod(1 / (1 + np.exp(-odds)), axis=-1))


def strata(generator: np.random.Generator, draws: int) -> Floats:
    """Normal draws, one out of each of as many equal strata, in random order, ``[draws]``: the mean of what they drive is steadier."""
    from scipy.special import ndtri

    return np.asarray(ndtri((generator.permutation(draws) + generator.random(draws)) / draws))
