"""A model out of an XMILE file: stocks, conveyors, flows, auxiliaries and step functions of time, by Euler's method.

Source: XMILE 1.0 (OASIS, 2015-12-14), sections 2 to 4. Every variable but a flow gives its units, since units are checked here. What
is not in the vocabulary of a model file (arrays, modules, queues, other functions, other graphs) is refused by its name, never guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any
from xml.etree import ElementTree as Xml

from callup.planning.expressions import expression
from callup.planning.models import Model, model_of
from callup.terms.errors import BadInput

_TIMES = ("second", "minute", "hour", "day", "week", "month", "quarter", "year")
_PURE = ("1", "dimensionless", "dmnl", "unitless")
_REFUSED = ("module", "dimensions", "element", "queue", "oven", "macro")
_KINDS = ("aux", "stock", "flow")

Row = dict[str, Any]


def read_xmile(text: str) -> Model:
    """Read and check an XMILE file.

    Args:
        text: the file.

    Raises:
        BadInput: ``xmile-unreadable``; ``xmile-cannot``: what is not in the vocabulary, by name; ``xmile-units``: a variable without units;
            or as `model_of`.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadInput("xmile-unreadable", {"why": "it declares entities"}, "take the declarations out")
    try:
        return model_of(_said(Xml.fromstring(text)))
    except (Xml.ParseError, ValueError, ZeroDivisionError) as wrong:
        raise BadInput("xmile-unreadable", {"why": str(wrong)}, "give an XMILE file; numbers stand where XMILE has them") from None


@dataclass(frozen=True, slots=True)
class _Reading:
    """What a file says, on its way to the tables of a model file.

    Args:
        variables: by name.
        time: the unit of time.
        start: time at the start.
        said: rows by kind.
    """

    variables: Mapping[str, Xml.Element]
    time: str
    start: Fraction
    said: dict[str, list[Row]] = field(default_factory=lambda: {kind: [] for kind in ("constant", "decree", "stock", "formula", "flow")})


def _said(root: Xml.Element) -> Mapping[str, Any]:
    specs, models = root.find("{*}sim_specs"), root.findall("{*}model")
    if specs is None or len(models) != 1:
        raise _cannot("the file", "no sim_specs, or not one model")
    if (method := specs.get("method", "Euler").lower()) != "euler":
        raise _cannot("the file", f"the method {method}")
    variables = {_name(one.get("name", "")): one for one in models[0].iterfind("{*}variables/*") if _tag(one) != "group"}
    for name, one in variables.items():
        if wrong := [_tag(part) for part in one.iter() if _tag(part) in _REFUSED] or [_tag(one)] * (_tag(one) not in _KINDS):
            raise _cannot(name, wrong[0])
    start, stop, step = (Fraction(_text(specs, name) or "0") for name in ("start", "stop", "dt"))
    dt = specs.find("{*}dt")
    step = 1 / step if dt is not None and dt.get("reciprocal") == "true" else step or Fraction(1)
    reading = _Reading(variables, _unit(specs.get("time_units", "month")), start)
    for name, one in variables.items():
        {"aux": _auxiliary, "stock": _stock, "flow": _flow}[_tag(one)](reading, name, one)
    time = {"unit": reading.time, "step": step, "steps": int((stop - start) / step)}
    return {"title": _text(root, "header/{*}name"), "time": time, **reading.said, "formula": _in_order(reading.said["formula"])}


def _auxiliary(reading: _Reading, name: str, one: Xml.Element) -> None:
    graph, equation, unit = one.find("{*}gf"), _equation(name, one), _units(name, one)
    if graph is not None:
        reading.said["decree"].append({"name": name, "unit": unit, "values": _steps(reading, name, equation, graph)})
    elif _is_number(equation):
        reading.said["constant"].append({"name": name, "unit": unit, "value": Fraction(equation), "source": _text(one, "doc")})
    else:
        reading.said["formula"].append({"name": name, "unit": unit, "is": equation})


def _steps(reading: _Reading, name: str, equation: str, graph: Xml.Element) -> list[list[Fraction]]:
    """A discrete graph over time: each value holds until the next."""
    if equation != "time" or graph.get("type") != "discrete":
        raise _cannot(name, "a graph that is no step function of TIME")
    values = [Fraction(value) for value in _text(graph, "ypts").split(",")]
    if points := _text(graph, "xpts"):
        times = [Fraction(value) for value in points.split(",")]
    else:
        scale = graph.find("{*}xscale")
        low, high = (Fraction("0" if scale is None else scale.get(end, "0")) for end in ("min", "max"))
        times = [low + (high - low) * number / (len(values) - 1) for number in range(len(values))]
    return [[when - reading.start, value] for when, value in zip(times, values, strict=True)]


def _stock(reading: _Reading, name: str, one: Xml.Element) -> None:
    unit = _units(name, one)
    row: Row = {"name": name, "unit": unit, "starts": _amount(reading, f"{name}_at_start", _equation(name, one), unit)}
    if (belt := one.find("{*}conveyor")) is not None:
        term = _clean(_text(belt, "len"))
        row["term"] = Fraction(_equation(term, reading.variables[term]) if term in reading.variables else term)
    reading.said["stock"].append(row)


def _flow(reading: _Reading, name: str, one: Xml.Element) -> None:
    row: Row = {"name": name}
    belt: Xml.Element | None = None
    for stock, other in reading.variables.items():
        if name in _ends(other, "inflow"):
            row["into"] = stock
        if name in _ends(other, "outflow"):
            row["from"], belt = stock, other.find("{*}conveyor")
    end = row.get("from", row.get("into", ""))
    if not end:
        raise _cannot(name, "a flow of no stock")
    if belt is None or one.find("{*}leak") is not None:
        kind = "rate" if belt is None else "leak" if belt.get("exponential_leak") == "true" else "leak_of_entry"
        stock_unit = _units(end, reading.variables[end])
        unit = {"rate": f"{stock_unit}/{reading.time}", "leak": f"1/{reading.time}"}.get(kind, "1")
        row[kind] = _amount(reading, f"{name}_amount", _equation(name, one), unit)
    reading.said["flow"].append(row)


def _amount(reading: _Reading, name: str, equation: str, unit: str) -> str:
    """A sum as it is; a bare number becomes a constant of the unit that its place needs."""
    if not _is_number(equation):
        return equation
    reading.said["constant"].append({"name": name, "unit": unit, "value": Fraction(equation)})
    return name


def _in_order(formulas: Sequence[Row]) -> list[Row]:
    """Formulas such that each stands after those it uses; a file may have them in any order."""
    left, placed = list(formulas), []
    while left:
        waiting = {row["name"] for row in left}
        ready = [row for row in left if not expression(row["is"]).names & waiting]
        if not ready:
            raise _cannot(", ".join(sorted(waiting)), "auxiliaries that need each other")
        placed += ready
        left = [row for row in left if row not in ready]
    return placed


def _equation(name: str, one: Xml.Element) -> str:
    equation = _clean(_text(one, "eqn"))
    if not equation:
        raise _cannot(name, "a variable without an equation")
    return equation


def _clean(equation: str) -> str:
    """An equation in small letters, without comments, quoted names as one word."""
    bare = re.sub(r"\{[^}]*\}", " ", equation)
    return " ".join(re.sub(r'"([^"]*)"', lambda quoted: _name(quoted[1]), bare).lower().split())


def _name(said: str) -> str:
    """A name as XMILE compares it: case does not count, and spaces are low lines."""
    return re.sub(r"(\\n|[\W_])+", "_", said).strip("_").lower()


def _units(name: str, one: Xml.Element) -> str:
    said = _text(one, "units")
    if not said:
        raise BadInput("xmile-units", {"variable": name}, "give each variable but the flows its units, as persons or 1/month")
    return _unit(said)


def _unit(said: str) -> str:
    """Units as a model file has them: small letters, a unit of time in the singular."""
    words = re.split(r"([*/])", said.lower().replace(" per ", "/"))
    return "".join(_word(re.sub(r"[\s_]", "", word)) for word in words)


def _word(word: str) -> str:
    return "1" if word in _PURE else word[:-1] if word[:-1] in _TIMES else word


def _ends(one: Xml.Element, side: str) -> list[str]:
    return [_name(end.text or "") for end in one.findall(f"{{*}}{side}")]


def _is_number(equation: str) -> bool:
    return re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", equation) is not None


def _tag(one: Xml.Element) -> str:
    return one.tag.rpartition("}")[2]


def _text(one: Xml.Element, path: str) -> str:
    return (one.findtext(f"{{*}}{path}") or "").strip()


def _cannot(name: str, what: str) -> BadInput:
    return BadInput("xmile-cannot", {"in": name, "what": what}, "write the model without it; docs/guides/planning.md has what is read")
