"""A model of stocks and flows as a file that an analyst reads: TOML in, a checked model out.

A file says its step and its names in this order: ``[[constant]]``, ``[[decree]]`` (a value that changes on days), ``[[stock]]``,
``[[formula]]``, ``[[flow]]``. A stock with a ``term`` is a conveyor: who enters leaves when the term is over, unless a leak takes
them before. A flow leads ``from`` a stock ``into`` a stock; a side left out is the world outside. Where it has ``rate`` it moves that
many a unit of time; ``leak`` is the share of a conveyor's content lost in a unit of time, ``leak_of_entry`` the share of those who
entered lost evenly over the term; with none of the three it is the term's end. A formula may use only what stands before it.
A constant has a ``value`` or names the ``claim`` that it comes from.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from callup.planning.claims import Claims
from callup.planning.expressions import Expression, expression, must_be
from callup.planning.units import Unit, times, unit_of
from callup.terms.errors import BadInput

OUTSIDE = "outside"
"""The world that persons come from and go to."""

_KEYS = {
    "": {"title", "time", "constant", "decree", "stock", "formula", "flow"},
    "time": {"unit", "step", "steps", "starts_on"},
    "constant": {"name", "value", "claim", "unit", "means", "source", "uniform", "normal", "widest", "widest_source"},
    "decree": {"name", "unit", "means", "source", "values"},
    "stock": {"name", "starts", "unit", "means", "source", "term"},
    "formula": {"name", "is", "unit", "means"},
    "flow": {"name", "from", "into", "rate", "leak", "leak_of_entry", "means"},
}
_KINDS = ("rate", "leak", "leak_of_entry")


@dataclass(frozen=True, slots=True)
class Constant:
    """A number of the model, with the prior that a forecast draws it from.

    Args:
        name: its name.
        value: in the ledger, and where nothing is drawn.
        prior: ``uniform`` or ``normal``; empty where it is certain.
        spread: low and high, or mean and standard deviation.
        source: where it comes from.
        widest: lowest and highest that anybody published, beside the prior; empty where not given.
        widest_source: who did.
    """

    name: str
    value: Fraction
    prior: str
    spread: tuple[float, ...]
    source: str
    widest: tuple[float, ...] = ()
    widest_source: str = ""


@dataclass(frozen=True, slots=True)
class Stock:
    """Where persons are.

    Args:
        name: its name.
        starts: content at the start: a sum of constants and decrees.
        term: units of time (months, where the model has a calendar) until who entered leaves; None where there is no term.
    """

    name: str
    starts: Expression
    term: Fraction | None


@dataclass(frozen=True, slots=True)
class Flow:
    """A way persons go.

    Args:
        name: its name.
        source: the stock it comes from, or `OUTSIDE`.
        target: the stock it leads into, or `OUTSIDE`.
        kind: ``rate``, ``leak``, ``leak_of_entry`` or ``term``.
        amount: of the kind; 0 for a term.
    """

    name: str
    source: str
    target: str
    kind: str
    amount: Expression


@dataclass(frozen=True, slots=True)
class Model:
    """A checked model.

    Args:
        title: what it is a model of.
        unit: of time.
        step: units of time a step.
        steps: how many.
        days: first day of each step and the day after the last, ``[steps + 1]``; empty where the model has no calendar.
        constants: by name.
        decrees: value in force at each step, ``[steps]``, by name.
        stocks: by name.
        formulas: by name, in order.
        flows: in order; where a stock cannot give all that is asked, the earlier flow takes first.
        units: of constants, decrees, stocks and formulas by name.
    """

    title: str
    unit: str
    step: Fraction
    steps: int
    days: tuple[date, ...]
    constants: Mapping[str, Constant]
    decrees: Mapping[str, tuple[Fraction, ...]]
    stocks: Mapping[str, Stock]
    formulas: Mapping[str, Expression]
    flows: tuple[Flow, ...]
    units: Mapping[str, Unit]


def read_model(text: str, claims: Claims = Claims(())) -> Model:  # noqa: B008 - frozen
    """Read and check a model file.

    Args:
        text: TOML.
        claims: where the constants that name a ``claim`` have their value from.

    Raises:
        BadInput: it cannot be read, has an unknown key or a name twice, lacks a key, names what is not declared before, or the
            units of a sum are not those its place needs.
    """
    try:
        said = tomllib.loads(text, parse_float=Fraction)
    except tomllib.TOMLDecodeError as wrong:
        raise BadInput("model-unreadable", {"error": str(wrong)}, "mend the TOML") from None
    return model_of(said, claims)


def model_of(said: Mapping[str, Any], claims: Claims = Claims(())) -> Model:  # noqa: B008 - frozen
    """Check a model that was read already.

    Args:
        said: tables as a model file has them; numbers are whole or `Fraction`.
        claims: as `read_model`.

    Raises:
        BadInput: as `read_model`.
    """
    _known("", said)
    try:
        return _model(said, claims)
    except KeyError as lacking:
        raise BadInput("model-lacks", {"key": lacking.args[0]}, "see the description of model files") from None
    except (TypeError, ValueError, AttributeError, ZeroDivisionError) as wrong:
        raise BadInput("model-unreadable", {"error": str(wrong)}, "a value is not of the kind its key needs") from None


def _known(kind: str, said: Mapping[str, Any]) -> None:
    if unknown := sorted(set(said) - _KEYS[kind]):
        raise BadInput("model-unknown-key", {"in": kind or "model", "keys": ", ".join(unknown)},
                       f"known are {', '.join(sorted(_KEYS[kind]))}")  # fmt: skip


def _model(said: Mapping[str, Any], claims: Claims) -> Model:
    clock = said["time"]
    _known("time", clock)
    step, steps = Fraction(clock.get("step", 1)), int(clock["steps"])
    days = _days(clock["starts_on"], clock["unit"], step, steps) if "starts_on" in clock else ()
    units: dict[str, Unit] = {}
    constants = {row["name"]: _constant(row, claims) for row in _rows(said, "constant", units)}
    decrees = {row["name"]: _decree(row, step, steps, days) for row in _rows(said, "decree", units)}
    before = dict(units)
    stocks = {row["name"]: _stock(row, before) for row in _rows(said, "stock", units)}
    formulas: dict[str, Expression] = {}
    known = dict(units)
    for row in _rows(said, "formula", units):
        formulas[row["name"]] = expression(str(row["is"]))
        must_be(formulas[row["name"]], known, units[row["name"]], row["name"])
        known[row["name"]] = units[row["name"]]
    flows = tuple(_flow(row, units, stocks, unit_of(clock["unit"])) for row in _rows(said, "flow", {**units}))
    _term_ends(stocks, flows)
    return Model(str(said.get("title", "")), clock["unit"], step, steps, days, constants, decrees, stocks, formulas, flows, known)


def _rows(said: Mapping[str, Any], kind: str, units: dict[str, Unit]) -> Sequence[Mapping[str, Any]]:
    """The tables of a kind; each name is new and is given its unit."""
    rows: Sequence[Mapping[str, Any]] = said.get(kind, [])
    for row in rows:
        _known(kind, row)
        if row["name"] in units or row["name"] == OUTSIDE or not str(row["name"]).isidentifier():
            raise BadInput("model-name", {"name": row["name"]}, "a name is one word and stands once")
        units[row["name"]] = unit_of(row["unit"]) if "unit" in _KEYS[kind] else {}
    return rows


def _constant(row: Mapping[str, Any], claims: Claims) -> Constant:
    prior = next((name for name in ("uniform", "normal") if name in row), "")
    spread = tuple(float(value) for value in row[prior]) if prior else ()
    if prior and (len(spread) != 2 or (prior == "uniform" and spread[0] > spread[1]) or (prior == "normal" and spread[1] < 0)):
        raise BadInput("model-prior", {"constant": row["name"]}, "write uniform = [low, high] or normal = [mean, deviation]")
    widest, by = tuple(float(value) for value in row.get("widest", ())), str(row.get("widest_source", ""))
    if widest and (len(widest) != 2 or widest[0] > widest[1] or not by):
        raise BadInput("model-widest", {"constant": row["name"]}, "write widest = [low, high] and widest_source")
    if "claim" not in row:
        return Constant(row["name"], Fraction(row["value"]), prior, spread, str(row.get("source", "")), widest, by)
    claim = next((one for one in claims.all if one.id == row["claim"]), None)
    if claim is None or claim.point is None or "value" in row or unit_of(claim.unit) != unit_of(row["unit"]):
        raise BadInput("model-claim", {"constant": row["name"], "claim": row["claim"]},
                       "name a claim that gives a number in this unit, and no value beside it")  # fmt: skip
    return Constant(row["name"], claim.point, prior, spread, f"{claim.said_by} ({claim.source})", widest, by)


def _decree(row: Mapping[str, Any], step: Fraction, steps: int, days: Sequence[date]) -> tuple[Fraction, ...]:
    """The value in force at each step: that of the last day (or time) that has come; 0 before the first."""
    values = [(when, Fraction(value)) for when, value in row["values"]]
    times_of: Sequence[Any] = days or [step * number for number in range(steps + 1)]
    wanted = date if days else (int, Fraction)
    if not all(isinstance(when, wanted) for when, _ in values) or [when for when, _ in values] != sorted({when for when, _ in values}):
        raise BadInput("model-decree", {"decree": row["name"]}, "values are pairs of a day (or a time) and a number, in order")
    found = []
    for now in times_of[:steps]:
        found.append(next((value for when, value in reversed(values) if when <= now), Fraction(0)))
    return tuple(found)


def _stock(row: Mapping[str, Any], before: Mapping[str, Unit]) -> Stock:
    starts = expression(str(row["starts"]))
    must_be(starts, before, unit_of(row["unit"]), row["name"])
    term = Fraction(row["term"]) if "term" in row else None
    if term is not None and term <= 0:
        raise BadInput("model-term", {"stock": row["name"], "term": term}, "a term is longer than nothing")
    return Stock(row["name"], starts, term)


def _flow(row: Mapping[str, Any], units: Mapping[str, Unit], stocks: Mapping[str, Stock], time: Unit) -> Flow:
    source, target = row.get("from", OUTSIDE), row.get("into", OUTSIDE)
    kinds = [kind for kind in _KINDS if kind in row] or ["term"]
    ends = {source, target} - {OUTSIDE}
    conveyed = source in stocks and stocks[source].term is not None
    if not ends or not ends <= set(stocks) or source == target or len(kinds) > 1 or (kinds != ["rate"]) != conveyed:
        raise BadInput("model-flow", {"flow": row["name"]},
                       "a flow joins two stocks or one and the outside; out of a conveyor it is a leak or the term's end")  # fmt: skip
    unit = {end: units[end] for end in ends}
    stock = next(iter(unit.values()))
    if any(one != stock for one in unit.values()):
        raise BadInput("units-differ", {"flow": row["name"]}, "both stocks count the same")
    amount = expression(str(row.get(kinds[0], 0)))
    wanted = {"rate": times(stock, time, -1), "leak": times({}, time, -1)}.get(kinds[0], {})
    must_be(amount, units, wanted, row["name"])
    return Flow(row["name"], source, target, kinds[0], amount)


def _term_ends(stocks: Mapping[str, Stock], flows: Sequence[Flow]) -> None:
    for stock in stocks.values():
        ends = [flow for flow in flows if flow.source == stock.name and flow.kind == "term"]
        if len(ends) != (stock.term is not None):
            raise BadInput("model-term-end", {"stock": stock.name}, "a conveyor has one flow that is the term's end")


def _days(starts_on: date, unit: str, step: Fraction, steps: int) -> tuple[date, ...]:
    if step != 1 or unit not in ("day", "week", "month"):
        raise BadInput("model-calendar", {"unit": unit, "step": step}, "a calendar has steps of one day, one week or one month")
    if unit == "month":
        return tuple(months_on(starts_on, number) for number in range(steps + 1))
    return tuple(starts_on + timedelta(days=number * (7 if unit == "week" else 1)) for number in range(steps + 1))


def months_on(day: date, months: int) -> date:
    """The same day some months on; the first of the month after where there is no such day.

    Example:
        >>> months_on(date(2024, 2, 29), 12), months_on(date(2025, 4, 1), 12)
        (datetime.date(2025, 3, 1), datetime.date(2026, 4, 1))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        year, month = divmod(day.year * 12 + day.month + months, 12)
        return date(year, month + 1, 1)
