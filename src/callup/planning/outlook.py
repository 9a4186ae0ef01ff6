"""Can a strength be reached by a day? Fans, chances under named readings of the same claims, and which claims move the answer most.

The claims leave a gap that no prior closes. Each reading says what the gap is, by name: nothing; people who keep leaving; or a
difference of counting that is over. Readings with a gap weigh each run by how near it comes to the printed strength.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt

from callup.planning.forecasts import Floats, draw_constants, forecast
from callup.planning.models import Constant, Model
from callup.terms.errors import BadInput

GAP, GOES_ON = "unexplained", "goes_on"
"""Constants of the model that readings set: the flow that nobody announced, and whether it goes on."""

NEAR = 40_000
"""A run that comes so near to the printed strength weighs six tenths of one that meets it, persons."""

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
BATCHES = 20


@dataclass(frozen=True, slots=True)
class Printed:
    """A printed strength, persons, with its day: what readings with a gap are weighed by."""

    on: date
    persons: float


@dataclass(frozen=True, slots=True)
class Target:
    """Persons wanted by a day."""

    on: date
    persons: float


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read the claims, and what follows.

    Args:
        name: what the gap is.
        fan: quantiles of strength at each day, ``[days, quantiles]``.
        chance: of the target by its day.
        error: Monte Carlo standard error of the chance.
        effective: runs that the weights leave.
    """

    name: str
    fan: Floats
    chance: float
    error: float
    effective: float


@dataclass(frozen=True, slots=True)
class Move:
    """How the chance changes when a claim's prior is replaced by its widest published range.

    Args:
        constant: with both ranges and their sources.
        change: of the chance, in the first reading.
        error: Monte Carlo standard error of the change, both with the same draws of all else.
    """

    constant: Constant
    change: float
    error: float


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the bridge: persons that came (above 0) or left, in the middle runs of the first reading."""

    name: str
    persons: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """Everything that the figure shows.

    Args:
        days: of the fans, ``[days]``.
        target: asked for.
        printed: strength that readings are weighed by.
        readings: in order; the first takes the claims as they are.
        moves: largest change first.
        bridge: from the first strength to the printed one; the last bar but one is the unexplained.
    """

    days: tuple[date, ...]
    target: Target
    printed: Printed
    readings: tuple[Reading, ...]
    moves: tuple[Move, ...]
    bridge: tuple[Bar, ...]


READINGS: Mapping[str, tuple[bool, float]] = {
    "announced flows as they are": (False, 0.0),
    "the gap is people who keep leaving": (True, 1.0),
    "the gap is a difference of counting that is over": (True, 0.0),
}
"""By name: whether there is a gap, and whether it goes on."""


def look_ahead(model: Model, counted: Sequence[str], printed: Printed, target: Target, seed: int, runs: int) -> Outlook:
    """Run the readings and the moves with one seed.

    Args:
        model: with a calendar and the constants `GAP` and `GOES_ON`.
        counted: stocks that the strength is made of.
        printed: a strength, on a day of the model.
        target: persons by a day of the model.
        seed: of all draws.
        runs: draws of the priors.

    Raises:
        BadInput: ``outlook-day``: a day is none of the model's; ``outlook-model``: it lacks the constants.
    """
    for day in (printed.on, target.on):
        if day not in model.days:
            raise BadInput("outlook-day", {"day": day, "from": model.days[0], "until": model.days[-1]}, "ask for the first day of a month")
    if lacking := sorted({GAP, GOES_ON} - set(model.constants)):
        raise BadInput("outlook-model", {"lacks": ", ".join(lacking)}, "a reading sets these constants")
    drawn = draw_constants(model, np.random.default_rng(seed), runs)
    at = model.days.index(printed.on), model.days.index(target.on)
    readings = tuple(_reading(model, counted, drawn, name, printed.persons, target.persons, at) for name in READINGS)
    moves = _moves(model, counted, drawn, target.persons, at[1], seed)
    bridge = _bridge(model, counted, drawn, printed.persons, at[0])
    return Outlook(model.days, target, printed, readings, moves, bridge)


def _as(name: str, drawn: Mapping[str, Floats]) -> dict[str, Floats]:
    """The draws as a reading has them."""
    gap, goes_on = READINGS[name]
    like = np.ones_like(drawn[GAP])
    return {**drawn, GAP: drawn[GAP] if gap else 0.0 * like, GOES_ON: goes_on * like}


def _strength(model: Model, counted: Sequence[str], drawn: Mapping[str, Floats]) -> Floats:
    runs = len(next(iter(drawn.values())))
    found = forecast(model, drawn, runs, keep=counted)
    return np.asarray(sum(found.stocks[name] for name in counted))


def _reading(
    model: Model, counted: Sequence[str], drawn: Mapping[str, Floats], name: str, printed: float, wanted: float, at: tuple[int, int]
) -> Reading:
    persons = _strength(model, counted, _as(name, drawn))
    weights = np.exp(-0.5 * ((persons[at[0]] - printed) / NEAR) ** 2) if READINGS[name][0] else np.ones(persons.shape[1])
    effective = float(weights.sum() ** 2 / np.maximum((weights**2).sum(), 1e-300))
    reached = persons[at[1]] >= wanted
    chance = float(np.average(reached, weights=weights)) if weights.sum() else float("nan")
    batches = [
        np.average(part, weights=weight) for part, weight in zip(_batches(reached), _batches(weights), strict=True) if weight.sum() > 0
    ]
    fan = np.array([weighted_quantiles(row, weights) for row in persons])
    return Reading(name, fan, chance, float(np.std(batches) / np.sqrt(len(batches))), effective)


def weighted_quantiles(values: Floats, weights: Floats) -> list[float]:
    """Quantiles of weighted values.

    Example:
        >>> weighted_quantiles(np.array([3.0, 1.0, 2.0]), np.array([0.0, 1.0, 0.0]))
        [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    order = np.argsort(values)
    summed = np.cumsum(weights[order])
    at = np.searchsorted(summed, np.array(QUANTILES) * summed[-1])
    return [float(value) for value in values[order][np.minimum(at, len(values) - 1)]]


def _batches(values: Floats) -> list[Floats]:
    return np.array_split(values, BATCHES)


def _moves(model: Model, counted: Sequence[str], drawn: Mapping[str, Floats], wanted: float, at: int, seed: int) -> tuple[Move, ...]:
    """Replace one prior after another by its widest range, all other draws the same."""
    first = next(iter(READINGS))
    plain = _as(first, drawn)
    before = _strength(model, counted, plain)[at] >= wanted
    moves = []
    for number, constant in enumerate(model.constants.values()):
        if constant.widest:
            wide = np.random.default_rng([seed, number]).uniform(constant.widest[0], constant.widest[1], len(before))
            after = _strength(model, counted, {**plain, constant.name: wide})[at] >= wanted
            change = after.astype(np.float64) - before
            moves.append(Move(constant, float(change.mean()), float(change.std() / np.sqrt(len(change)))))
    return tuple(sorted(moves, key=lambda move: -abs(move.change)))


def middle(computed: Floats) -> npt.NDArray[np.bool_]:
    """The tenth of the runs that lies around the median: parts that are averaged over it add up to it, as medians of parts do not.

    Args:
        computed: what the median is of, ``[runs]``.
    """
    low, high = np.quantile(computed, (0.45, 0.55))
    return np.asarray((computed >= low) & (computed <= high))


def _bridge(model: Model, counted: Sequence[str], drawn: Mapping[str, Floats], printed: float, at: int) -> tuple[Bar, ...]:
    """From the first strength by the flows between the counted stocks and the outside to the printed one, over the middle runs."""
    drawn = _as(next(iter(READINGS)), drawn)
    flows = [flow for flow in model.flows if (flow.source in counted) != (flow.target in counted)]
    found = forecast(model, drawn, len(drawn[GAP]), keep=[*counted, *(flow.name for flow in flows)])
    strengths = np.asarray(sum(found.stocks[name] for name in counted))
    runs = middle(strengths[at])
    bars = [Bar("start", float(strengths[0, runs].mean()))]
    for flow in flows:
        persons = float(found.flows[flow.name][:at, runs].sum(axis=0).mean()) * (1 if flow.target in counted else -1)
        if persons:
            bars.append(Bar(flow.name, persons))
    unexplained = printed - sum(bar.persons for bar in bars)
    return (*bars, Bar(GAP, unexplained), Bar("printed", printed))
