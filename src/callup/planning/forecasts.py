"""A forecast of expected persons over many runs: every line is computed for all runs at once, what does not change once only.

The same steps as `callup.planning.stocks`, in floats. Source: XMILE 1.0 (OASIS, 2015), Euler's method, conveyors as 3.7.2.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import numpy.typing as npt

from callup.planning.belts import ExpectedBelt, FadingBelt, term_of
from callup.planning.expressions import Sum, Value, prepared
from callup.planning.models import Flow, Model
from callup.planning.stocks import flows_backwards, leaks_too_much
from callup.terms.errors import BadInput

Floats = npt.NDArray[np.float64]

TOGETHER = 5000
"""Runs computed together: an array of so many lies in a processor's own memory."""


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected persons over runs.

    Args:
        model: what was run.
        drawn: constants drawn, ``[runs]``, by name.
        stocks: ``[steps + 1, runs]``, by stock kept.
        flows: in each step, ``[steps, runs]``, by flow kept.
    """

    model: Model
    drawn: Mapping[str, Floats]
    stocks: Mapping[str, Floats]
    flows: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Residual:
    """The difference between what flows make of a stock and what was published of it. It has a name and is not spread over the flows.

    Args:
        name: what it is called.
        published: persons, as printed.
        low: 5 in 100 of the runs compute less, persons.
        median: half of the runs compute less, persons.
        high: 95 in 100 of the runs compute less, persons.
        lowest: the lowest run, persons.
        highest: the highest run, persons.
        share_below: share of runs that compute the published number or less.
    """

    name: str
    published: float
    low: float
    median: float
    high: float
    lowest: float
    highest: float
    share_below: float

    @property
    def gap(self) -> float:
        """Computed less published, at the median, persons: above 0 where the flows make more than was counted."""
        return self.median - self.published


def residual(name: str, computed: Floats, published: float) -> Residual:
    """Set a computed stock beside a published one.

    Args:
        name: of the difference.
        computed: persons, ``[runs]``.
        published: persons.

    Raises:
        BadInput: ``residual-of-nothing``: there is no run.
    """
    if not computed.size:
        raise BadInput("residual-of-nothing", {"name": name}, "run the model first")
    low, median, high = (float(value) for value in np.quantile(computed, (0.05, 0.5, 0.95)))
    below = float(np.mean(computed <= published))
    return Residual(name, published, low, median, high, float(computed.min()), float(computed.max()), below)


def draw_constants(model: Model, generator: np.random.Generator, runs: int) -> Mapping[str, Floats]:
    """Draw every constant that has a prior, in the order of the file.

    Args:
        model: its constants.
        generator: the randomness.
        runs: how many draws.

    Returns:
        ``[runs]`` by name.
    """
    drawn = {}
    for constant in model.constants.values():
        if constant.prior:
            one, other = constant.spread
            uniform = constant.prior == "uniform"
            drawn[constant.name] = generator.uniform(one, other, runs) if uniform else generator.normal(one, other, runs)
    return drawn


def forecast(model: Model, drawn: Mapping[str, Floats], runs: int = 1, *, keep: Collection[str] = ()) -> Forecast:
    """Run all draws at once in expected persons.

    Args:
        model: checked.
        drawn: constants that differ from run to run, ``[runs]`` each; the others have their value.
        runs: how many runs.
        keep: stocks and flows whose course is kept; where none is named, all.

    Raises:
        BadInput: a constant is unknown or has not one value a run, a flow runs backwards in some run, a leak takes more than all,
            what is to be kept is not in the model, a sum divides by 0.
    """
    _must_fit(model, drawn, runs, keep)
    stocks = {name: np.empty((model.steps + 1, runs)) for name in model.stocks if not keep or name in keep}
    flows = {flow.name: np.empty((model.steps, runs)) for flow in model.flows if not keep or flow.name in keep}
    try:
        with np.errstate(divide="raise", invalid="raise", over="raise"):
            for first in range(0, runs, TOGETHER):
                _run(model, drawn, slice(first, min(runs, first + TOGETHER)), stocks, flows)
    except (ZeroDivisionError, FloatingPointError) as wrong:
        raise BadInput("forecast-no-number", {"error": str(wrong)}, "guard the divisor with max") from None
    return Forecast(model, drawn, stocks, flows)


def _run(model: Model, drawn: Mapping[str, Floats], part: slice, stocks: Mapping[str, Floats], flows: Mapping[str, Floats]) -> None:
    """Run some of the draws and write down what is kept."""
    engine = _Engine(model, {name: np.ascontiguousarray(values[part]) for name, values in drawn.items()}, part.stop - part.start)
    for step in range(model.steps):
        _keep(stocks, engine.levels, step, part)
        _keep(flows, engine.step(step), step, part)
    _keep(stocks, engine.levels, model.steps, part)


def _must_fit(model: Model, drawn: Mapping[str, Floats], runs: int, keep: Collection[str]) -> None:
    for name, values in drawn.items():
        if name not in model.constants or values.shape != (runs,):
            raise BadInput("forecast-draws", {"constant": name, "runs": runs}, "give one value a run of a constant of the model")
    if unknown := sorted(set(keep) - set(model.stocks) - {flow.name for flow in model.flows}):
        raise BadInput("forecast-keep", {"names": ", ".join(unknown)}, "keep stocks and flows of the model")


def _keep(kept: Mapping[str, Floats], found: Mapping[str, Value], step: int, runs: slice) -> None:
    for name, rows in kept.items():
        rows[step, runs] = found[name]


class _Engine:
    """The model made ready for some runs, and where it stands."""

    def __init__(self, model: Model, drawn: Mapping[str, Floats], runs: int) -> None:
        self._model, self._runs = model, runs
        constants: dict[str, Value] = {name: float(constant.value) for name, constant in model.constants.items()} | dict(drawn)
        span = float(model.step)
        first = dict(constants) | {name: float(row[0]) for name, row in model.decrees.items()}
        self.levels = {name: self._start(prepared(stock.starts, first)({}), name) for name, stock in model.stocks.items()}
        self._belts: dict[str, ExpectedBelt | FadingBelt] = {
            name: self._belt(name) for name, stock in model.stocks.items() if stock.term is not None
        }
        self._decrees = {name: [float(value) for value in row] for name, row in model.decrees.items()}
        self._formulas = {name: prepared(formula, constants) for name, formula in model.formulas.items()}
        self._rates = [(flow, _amount(flow, constants, span, _forwards)) for flow in model.flows if flow.kind == "rate"]
        spans = {"leak": span, "leak_of_entry": 1.0}
        self._leaks = [(flow, _amount(flow, constants, spans[flow.kind], _a_share)) for flow in model.flows if flow.kind in spans]
        self._ends = [flow for flow in model.flows if flow.kind == "term"]
        self._into = {name: [flow.name for flow in model.flows if flow.target == name] for name in model.stocks}

    def _start(self, value: Value, name: str) -> Floats:
        if np.min(value) < 0:
            raise BadInput("forecast-start", {"stock": name}, "no run starts with fewer than nobody")
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (self._runs,)).copy()

    def _belt(self, name: str) -> ExpectedBelt | FadingBelt:
        """One number for all cohorts where all leaks are shares of the content; else cohort by cohort."""
        of_entry = any(flow.kind == "leak_of_entry" for flow in self._model.flows if flow.source == name)
        kind = ExpectedBelt if of_entry else FadingBelt
        return kind(term_of(self._model, self._model.stocks[name]), self.levels[name], self._runs)

    def step(self, step: int) -> Mapping[str, Value]:
        """Take a step; returns what each flow moved, ``[runs]`` or one number for all."""
        names: dict[str, Value] = {**self.levels}
        for name, values in self._decrees.items():
            names[name] = values[step]
        for name, formula in self._formulas.items():
            names[name] = formula(names)
        left: dict[str, Value] = {name: level for name, level in self.levels.items() if name not in self._belts}
        for belt in self._belts.values():
            belt.begin()
        moved: dict[str, Value] = {}
        for flow, amount in self._rates:
            moved[flow.name] = _moved(flow, amount(names), left)
        for flow, share in self._leaks:
            moved[flow.name] = self._belts[flow.source].leak(share(names), flow.kind == "leak_of_entry")
        for flow in self._ends:
            moved[flow.name] = self._belts[flow.source].finish(step)
        self._arrive(moved, left, step)
        return moved

    def _arrive(self, moved: Mapping[str, Value], left: Mapping[str, Value], step: int) -> None:
        for name, flows in self._into.items():
            came = reduce(add, (moved[flow] for flow in flows)) if flows else 0.0
            if name in self._belts:
                self._belts[name].enter(step, came)
                self.levels[name] = self._belts[name].total()
            else:
                self.levels[name] = left[name] + came


def _moved(flow: Flow, asked: Value, left: dict[str, Value]) -> Value:
    """What a rate moves: no more than is left where it comes from."""
    if flow.source not in left:
        return asked
    taken = np.minimum(asked, left[flow.source])
    left[flow.source] = left[flow.source] - taken
    return taken


def _amount(flow: Flow, constants: Mapping[str, Value], span: float, checked: Callable[[Flow, Value], Value]) -> Sum:
    """What a flow asks for in a step, checked: once where it is made of constants, else at each step."""
    made = prepared(flow.amount, constants)
    if flow.amount.names <= set(constants):
        fixed = checked(flow, made({}) * span)
        return lambda names: fixed
    return lambda names: checked(flow, made(names) if span == 1 else made(names) * span)


def _least(values: Value) -> float:
    """The least over runs; not a number where one is none."""
    return float(values.min() if isinstance(values, np.ndarray) else values)


def _forwards(flow: Flow, asked: Value) -> Value:
    if not _least(asked) >= 0:
        raise flows_backwards(flow)
    return asked


def _a_share(flow: Flow, share: Value) -> Value:
    if not (_least(share) >= 0 and _least(-share) >= -1):
        raise leaks_too_much(flow)
    return share
