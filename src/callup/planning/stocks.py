"""Stocks and flows: a ledger of whole persons that closes, and a forecast of expected persons over many runs.

At each step the formulas are computed from the stocks as the step begins; then the flows are taken in their order, none more than is
there; then what flowed arrives. Source: XMILE 1.0 (OASIS, 2015), Euler's method, conveyors as 3.7.2.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

import numpy as np
import numpy.typing as npt

from callup.planning.belts import CARRY, CountedBelt, ExpectedBelt, term_of
from callup.planning.expressions import Value, value_of
from callup.planning.models import OUTSIDE, Flow, Model
from callup.terms.errors import BadInput, Tampered

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Ledger:
    """An account of whole persons.

    Args:
        model: what was run.
        stocks: persons at the start of each step and at the end, ``[steps + 1]``, by stock.
        flows: persons in each step, ``[steps]``, by flow.
    """

    model: Model
    stocks: Mapping[str, tuple[int, ...]]
    flows: Mapping[str, tuple[int, ...]]


@dataclass(frozen=True, slots=True)
class Forecast:
    """Expected persons over runs.

    Args:
        model: what was run.
        drawn: constants drawn, ``[runs]``, by name.
        stocks: ``[steps + 1, runs]``, by stock.
        flows: in each step, ``[steps, runs]``, by flow.
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


def count(model: Model) -> Ledger:
    """Run the ledger: whole persons, exact sums; what is less than a person is carried over to the flow's next step.

    Args:
        model: checked.

    Raises:
        BadInput: a start is no whole number of persons, a flow runs backwards, a leak takes more than all, a sum divides by 0.
        Tampered: ``ledger-does-not-close``: a fault of this program.
    """
    engine = _Counted(model)
    stocks, flows = _run(model, engine, {name: constant.value for name, constant in model.constants.items()}, True)
    ledger = Ledger(model, {name: tuple(row) for name, row in stocks.items()}, {name: tuple(row) for name, row in flows.items()})
    _must_close(ledger)
    return ledger


def forecast(model: Model, drawn: Mapping[str, Floats], runs: int = 1) -> Forecast:
    """Run all draws at once in expected persons.

    Args:
        model: checked.
        drawn: constants that differ from run to run, ``[runs]`` each; the others have their value.
        runs: how many runs.

    Raises:
        BadInput: a constant is unknown or has not one value a run, a flow runs backwards in some run, a leak takes more than all.
    """
    for name, values in drawn.items():
        if name not in model.constants or values.shape != (runs,):
            raise BadInput("forecast-draws", {"constant": name, "runs": runs}, "give one value a run of a constant of the model")
    constants: dict[str, Value] = {name: float(constant.value) for name, constant in model.constants.items()}
    stocks, flows = _run(model, _Expected(model, runs), {**constants, **drawn}, False)
    return Forecast(
        model, drawn, {name: np.array(row) for name, row in stocks.items()}, {name: np.array(row) for name, row in flows.items()}
    )


class _Counted:
    """Arithmetic of whole persons."""

    def __init__(self, model: Model) -> None:
        self._carried = {flow.name: Fraction(0) for flow in model.flows}

    def start(self, value: Value, name: str) -> int:
        if value != int(value) or value < 0:
            raise BadInput("ledger-start", {"stock": name, "value": value}, "a ledger starts with whole persons")
        return int(value)

    def belt(self, model: Model, name: str, starts: int) -> CountedBelt:
        return CountedBelt(term_of(model, model.stocks[name]), starts)

    def moved(self, flow: Flow, asked: Value, there: int | None) -> int:
        if asked < 0:
            raise _backwards(flow)
        wanted = asked + self._carried[flow.name]
        persons: int = floor(wanted) if there is None else min(floor(wanted), there)
        self._carried[flow.name] = (wanted - floor(wanted)).limit_denominator(CARRY) if persons == floor(wanted) else Fraction(0)
        return persons

    def leak(self, flow: Flow, belt: CountedBelt, share: Value) -> int:
        if not 0 <= share <= 1:
            raise _too_much(flow)
        return belt.leak(flow.name, Fraction(share), flow.kind == "leak_of_entry")


class _Expected:
    """Arithmetic of expected persons, ``[runs]``."""

    def __init__(self, model: Model, runs: int) -> None:
        self._runs = runs

    def start(self, value: Value, name: str) -> Value:
        if np.any(np.asarray(value) < 0):
            raise BadInput("forecast-start", {"stock": name}, "no run starts with fewer than nobody")
        return np.broadcast_to(np.asarray(value, dtype=np.float64), (self._runs,)).copy()

    def belt(self, model: Model, name: str, starts: Value) -> ExpectedBelt:
        return ExpectedBelt(term_of(model, model.stocks[name]), starts, self._runs)

    def moved(self, flow: Flow, asked: Value, there: Value | None) -> Value:
        asked = np.broadcast_to(np.asarray(asked, dtype=np.float64), (self._runs,))
        if np.any(asked < 0) or not np.all(np.isfinite(asked)):
            raise _backwards(flow)
        return asked if there is None else np.minimum(asked, there)

    def leak(self, flow: Flow, belt: ExpectedBelt, share: Value) -> Value:
        if np.any(np.asarray(share) < 0) or np.any(np.asarray(share) > 1):
            raise _too_much(flow)
        return belt.leak(share, flow.kind == "leak_of_entry")


def _backwards(flow: Flow) -> BadInput:
    return BadInput("flow-backwards", {"flow": flow.name}, "write max(0, ...), or a second flow for the way back")


def _too_much(flow: Flow) -> BadInput:
    return BadInput("leak-more-than-all", {"flow": flow.name}, "a leak takes a share of 0 to 1 in a step")


Rows = dict[str, list[Value]]


def _run(model: Model, engine: _Counted | _Expected, constants: Mapping[str, Value], exact: bool) -> tuple[Rows, Rows]:
    known = dict(constants) | _decreed(model, 0, exact)
    levels: dict[str, Value] = {name: engine.start(value_of(one.starts, known, exact), name) for name, one in model.stocks.items()}
    belts: dict[str, Value] = {name: engine.belt(model, name, levels[name]) for name, one in model.stocks.items() if one.term is not None}
    stocks: Rows = {name: [level] for name, level in levels.items()}
    flows: Rows = {flow.name: [] for flow in model.flows}
    for step in range(model.steps):
        names = dict(constants) | _decreed(model, step, exact) | levels
        for name, formula in model.formulas.items():
            names[name] = value_of(formula, names, exact)
        moved = _flows(model, engine, belts, names, step)
        for flow in model.flows:
            flows[flow.name].append(moved[flow.name])
        levels = _arrive(model, belts, levels, moved, step)
        for name, level in levels.items():
            stocks[name].append(level)
    return stocks, flows


def _decreed(model: Model, step: int, exact: bool) -> dict[str, Value]:
    return {name: row[step] if exact else float(row[step]) for name, row in model.decrees.items()}


def _flows(
    model: Model, engine: _Counted | _Expected, belts: Mapping[str, Value], names: Mapping[str, Value], step: int
) -> dict[str, Value]:
    """What each flow moves in one step: rates of plain stocks, then leaks, then ends of terms."""
    exact = isinstance(engine, _Counted)
    span: Value = model.step if exact else float(model.step)
    left = {name: names[name] for name in model.stocks if name not in belts}
    for belt in belts.values():
        belt.begin()
    moved: dict[str, Value] = {}
    for flow in model.flows:
        amount = value_of(flow.amount, names, exact)
        if flow.kind == "rate":
            moved[flow.name] = engine.moved(flow, amount * span, left.get(flow.source))
            if flow.source in left:
                left[flow.source] = left[flow.source] - moved[flow.name]
        elif flow.kind != "term":
            share = amount * span if flow.kind == "leak" else amount
            moved[flow.name] = engine.leak(flow, belts[flow.source], share)
    return moved | {flow.name: belts[flow.source].finish(step) for flow in model.flows if flow.kind == "term"}


def _arrive(
    model: Model, belts: Mapping[str, Value], levels: Mapping[str, Value], moved: Mapping[str, Value], step: int
) -> dict[str, Value]:
    after: dict[str, Value] = {}
    for name, level in levels.items():
        came = _sum(model, moved, lambda flow, name=name: flow.target == name)  # type: ignore[misc]
        if name in belts:
            belts[name].enter(step, came)
            after[name] = belts[name].total()
        else:
            after[name] = level + came - _sum(model, moved, lambda flow, name=name: flow.source == name)  # type: ignore[misc]
    return after


def _sum(model: Model, moved: Mapping[str, Value], chosen: Callable[[Flow], bool]) -> Value:
    return sum(moved[flow.name] for flow in model.flows if chosen(flow))


def _must_close(ledger: Ledger) -> None:
    """Every stock at every step is what it was and what came less what left; and nobody is made between them."""
    flows = ledger.model.flows
    for step in range(ledger.model.steps):
        for name, row in ledger.stocks.items():
            came = sum(ledger.flows[flow.name][step] for flow in flows if flow.target == name)
            left = sum(ledger.flows[flow.name][step] for flow in flows if flow.source == name)
            if row[step + 1] != row[step] + came - left:
                raise Tampered("ledger-does-not-close", {"stock": name, "step": step})


def entered(ledger: Ledger) -> int:
    """Persons who came from the outside less those who went there, over the whole account: the change of all stocks together."""
    flows = ledger.model.flows
    came = sum(sum(ledger.flows[flow.name]) for flow in flows if flow.source == OUTSIDE)
    return came - sum(sum(ledger.flows[flow.name]) for flow in flows if flow.target == OUTSIDE)
