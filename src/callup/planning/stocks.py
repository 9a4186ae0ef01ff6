"""Stocks and flows: a ledger of whole persons that closes.

At each step the formulas are computed from the stocks as the step begins; then the flows are taken in their order, none more than is
there; then what flowed arrives. Source: XMILE 1.0 (OASIS, 2015), Euler's method, conveyors as 3.7.2.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import floor

from callup.planning.belts import CARRY, CountedBelt, term_of
from callup.planning.expressions import Value, value_of
from callup.planning.models import OUTSIDE, Flow, Model
from callup.terms.errors import BadInput, Tampered


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


def count(model: Model) -> Ledger:
    """Run the ledger: whole persons, exact sums; what is less than a person is carried over to the flow's next step.

    Args:
        model: checked.

    Raises:
        BadInput: a start is no whole number of persons, a flow runs backwards, a leak takes more than all, a sum divides by 0.
        Tampered: ``ledger-does-not-close``: a fault of this program.
    """
    engine = _Counted(model)
    constants = {name: constant.value for name, constant in model.constants.items()}
    known = constants | {name: row[0] for name, row in model.decrees.items()}
    levels = {name: engine.start(value_of(stock.starts, known), name) for name, stock in model.stocks.items()}
    belts = {name: CountedBelt(term_of(model, stock), levels[name]) for name, stock in model.stocks.items() if stock.term is not None}
    stocks: dict[str, list[int]] = {name: [level] for name, level in levels.items()}
    flows: dict[str, list[int]] = {flow.name: [] for flow in model.flows}
    for step in range(model.steps):
        names: dict[str, Value] = constants | {name: row[step] for name, row in model.decrees.items()} | levels
        for name, formula in model.formulas.items():
            names[name] = value_of(formula, names)
        moved = _flows(model, engine, belts, names, step)
        levels = _arrive(model, belts, levels, moved, step)
        for rows, found in ((flows, moved), (stocks, levels)):
            for name, persons in found.items():
                rows[name].append(persons)
    ledger = Ledger(model, {name: tuple(row) for name, row in stocks.items()}, {name: tuple(row) for name, row in flows.items()})
    _must_close(ledger)
    return ledger


class _Counted:
    """Arithmetic of whole persons."""

    def __init__(self, model: Model) -> None:
        self._carried = {flow.name: Fraction(0) for flow in model.flows}

    def start(self, value: Value, name: str) -> int:
        if value != int(value) or value < 0:
            raise BadInput("ledger-start", {"stock": name, "value": value}, "a ledger starts with whole persons")
        return int(value)

    def moved(self, flow: Flow, asked: Value, there: int | None) -> int:
        if asked < 0:
            raise flows_backwards(flow)
        wanted = asked + self._carried[flow.name]
        persons: int = floor(wanted) if there is None else min(floor(wanted), there)
        self._carried[flow.name] = (wanted - floor(wanted)).limit_denominator(CARRY) if persons == floor(wanted) else Fraction(0)
        return persons

    def leak(self, flow: Flow, belt: CountedBelt, share: Value) -> int:
        if not 0 <= share <= 1:
            raise leaks_too_much(flow)
        return belt.leak(flow.name, Fraction(share), flow.kind == "leak_of_entry")


def flows_backwards(flow: Flow) -> BadInput:
    """The refusal of a flow that runs backwards."""
    return BadInput("flow-backwards", {"flow": flow.name}, "write max(0, ...), or a second flow for the way back")


def leaks_too_much(flow: Flow) -> BadInput:
    """The refusal of a leak of less than nothing or more than all."""
    return BadInput("leak-more-than-all", {"flow": flow.name}, "a leak takes a share of 0 to 1 in a step")


def _flows(model: Model, engine: _Counted, belts: Mapping[str, CountedBelt], names: Mapping[str, Value], step: int) -> dict[str, int]:
    """What each flow moves in one step: rates of plain stocks, then leaks, then ends of terms."""
    left = {name: names[name] for name in model.stocks if name not in belts}
    for belt in belts.values():
        belt.begin()
    moved: dict[str, int] = {}
    for flow in model.flows:
        amount = value_of(flow.amount, names)
        if flow.kind == "rate":
            moved[flow.name] = engine.moved(flow, amount * model.step, left.get(flow.source))
            if flow.source in left:
                left[flow.source] -= moved[flow.name]
        elif flow.kind != "term":
            share = amount * model.step if flow.kind == "leak" else amount
            moved[flow.name] = engine.leak(flow, belts[flow.source], share)
    return moved | {flow.name: belts[flow.source].finish(step) for flow in model.flows if flow.kind == "term"}


def _arrive(
    model: Model, belts: Mapping[str, CountedBelt], levels: Mapping[str, int], moved: Mapping[str, int], step: int
) -> dict[str, int]:
    after: dict[str, int] = {}
    for name, level in levels.items():
        came = sum(moved[flow.name] for flow in model.flows if flow.target == name)
        if name in belts:
            belts[name].enter(step, came)
            after[name] = belts[name].total()
        else:
            after[name] = level + came - sum(moved[flow.name] for flow in model.flows if flow.source == name)
    return after


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
