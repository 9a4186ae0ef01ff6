"""Do announced flows make the printed strength? The difference by its name, with the assumptions that it rests on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from callup.planning.claims import PublicClaim
from callup.planning.forecasts import Floats, Residual, draw_constants, forecast, residual
from callup.planning.models import Constant, Model
from callup.terms.errors import BadInput

UNEXPLAINED = "unexplained"


@dataclass(frozen=True, slots=True)
class Strength:
    """A printed strength beside what announced flows make of it.

    Args:
        on: the day computed for.
        runs: draws of the priors.
        printed: the claims about that strength, which say the same number.
        residual: the difference.
        priors: the constants drawn, each with the rank correlation of its draws with the computed strength (-1 to 1), strongest first.
    """

    on: date
    runs: int
    printed: tuple[PublicClaim, ...]
    residual: Residual
    priors: tuple[tuple[Constant, float], ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        """The finding in words, for people who do not model."""
        found = self.residual
        voices = ", ".join(dict.fromkeys(claim.said_by for claim in self.printed))
        side = "more" if found.gap >= 0 else "fewer"
        return (
            f"Announced flows make {_thousands(found.median)} persons on {self.on}; 90 of 100 runs lie between "
            f"{_thousands(found.low)} and {_thousands(found.high)}.",
            f"Printed: {_thousands(found.published)} ({voices}).",
            f"The flows make {_thousands(abs(found.gap))} {side} than was counted. This difference is called {found.name}: it is not "
            "known whether people left unreported, were announced and never came, or are counted differently.",
            f"Of {self.runs:,} runs {round(found.share_below * self.runs):,} come to the printed number or less; "
            f"the lowest is {_thousands(found.lowest)}, the highest {_thousands(found.highest)}.",
            "The difference rests on the priors below: wider ones would make it smaller.",
        )


def strength(model: Model, counted: Sequence[str], printed: Sequence[PublicClaim], generator: np.random.Generator, runs: int) -> Strength:
    """Run the announced flows over the priors and set the last day beside the printed strength.

    Args:
        model: with a calendar.
        counted: stocks that the strength is made of.
        printed: claims about the strength.
        generator: the randomness.
        runs: draws.

    Raises:
        BadInput: ``strength-not-one-number``: the claims print none, or differ; the two are never averaged.
    """
    points = {claim.point for claim in printed if claim.point is not None}
    if len(points) != 1:
        raise BadInput("strength-not-one-number", {"numbers": ", ".join(str(point) for point in sorted(points)) or "none"},
                       "compare with one printed number at a time")  # fmt: skip
    drawn = draw_constants(model, generator, runs)
    found = forecast(model, drawn, runs, keep=counted)
    computed: Floats = np.sum([found.stocks[name][-1] for name in counted], axis=0)
    ranked = rank_correlations(drawn, computed)
    priors = tuple((model.constants[name], ranked[name]) for name in sorted(ranked, key=lambda name: -abs(ranked[name])))
    return Strength(model.days[-1], runs, tuple(printed), residual(UNEXPLAINED, computed, float(points.pop())), priors)


def rank_correlations(drawn: Mapping[str, Floats], computed: Floats) -> Mapping[str, float]:
    """How the order of the draws of each constant goes with the order of what was computed (Spearman), -1 to 1.

    Args:
        drawn: ``[runs]`` by constant.
        computed: ``[runs]``.

    Example:
        >>> rank_correlations({"a": np.array([1.0, 2.0, 9.0])}, np.array([5.0, 4.0, 1.0]))["a"]
        -1.0
    """
    order = _ranks(computed)
    return {name: round(float(np.corrcoef(_ranks(values), order)[0, 1]), 12) for name, values in drawn.items()}


def _ranks(values: Floats) -> Floats:
    return np.argsort(np.argsort(values)).astype(np.float64)


def _thousands(persons: float) -> str:
    """Persons to the nearest thousand, which is finer than the priors bear."""
    return f"{round(persons / 1000) * 1000:,}"
