"""A model as XMILE, so that analysts open it in a program that we did not write.

Source: XMILE 1.0 (OASIS, 2015-12-14), sections 2 to 4. Time runs from 0 in the model's units. What XMILE cannot say is refused or
said in the file: a term on a calendar becomes its length from the start, and not the anniversary of each cohort.
"""

from __future__ import annotations

import ast
import copy
from xml.etree import ElementTree as Xml

from callup.planning.belts import term_of
from callup.planning.expressions import Expression
from callup.planning.models import Flow, Model
from callup.planning.units import unit_text
from callup.terms.errors import BadInput

NAMESPACE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"


def xmile(model: Model, conveyors: bool = True) -> str:
    """Write a model as XMILE.

    Args:
        model: checked.
        conveyors: whether the program that reads the file knows conveyors. Else each is written as a stock, the end of its term as
            what entered a term ago, less what leaked since: exact where the leaks are shares of the content that never change.

    Returns:
        the text of the file; the same model gives the same text.

    Raises:
        BadInput: ``xmile-leaks-mixed``: XMILE knows one kind of leak for a conveyor; ``xmile-leaks-change``: without conveyors a
            leak must be a share of the content made of constants.
    """
    root = Xml.Element("xmile", {"version": "1.0", "xmlns": NAMESPACE})
    header = Xml.SubElement(root, "header")
    options = Xml.SubElement(header, "options")
    if conveyors and any(stock.term is not None for stock in model.stocks.values()):
        Xml.SubElement(options, "uses_conveyor", {"leak": str(any(flow.kind.startswith("leak") for flow in model.flows)).lower()})
    _text(header, "name", model.title)
    _text(header, "vendor", "callup")
    _text(header, "product", "callup", version="1")
    specs = Xml.SubElement(root, "sim_specs", {"method": "Euler", "time_units": model.unit})
    for name, value in (("start", 0), ("stop", float(model.step) * model.steps), ("dt", float(model.step))):
        _text(specs, name, repr(value))
    variables = Xml.SubElement(Xml.SubElement(root, "model"), "variables")
    _variables(variables, model, conveyors)
    for made in variables:
        if (name := made.get("name", "")) in model.units:
            _text(made, "units", unit_text(model.units[name]))
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


def _variables(above: Xml.Element, model: Model, conveyors: bool) -> None:
    for constant in model.constants.values():
        _text(_variable(above, "aux", constant.name, repr(float(constant.value))), "doc", constant.source)
    for name in model.decrees:
        _decree(_variable(above, "aux", name, "TIME"), model, name)
    for name, formula in model.formulas.items():
        _variable(above, "aux", name, equation(formula))
    for name in model.stocks:
        _stock(_variable(above, "stock", name, equation(model.stocks[name].starts)), model, name, conveyors)
    for flow in model.flows:
        if conveyors:
            _flow(above, flow)
        else:
            _plain_flow(above, model, flow)


def equation(sum_: Expression) -> str:
    """A sum as XMILE writes it: its ``min`` and ``max`` take two values.

    Args:
        sum_: within the vocabulary.

    Example:
        >>> from callup.planning.expressions import expression
        >>> equation(expression("max(0, a, b) / 2"))
        'max(max(0, a), b) / 2'
    """
    tree = copy.deepcopy(sum_.tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            while len(node.args) > 2:
                node.args = [ast.Call(node.func, node.args[:-1], []), node.args[-1]]
    return ast.unparse(tree)


def _variable(above: Xml.Element, kind: str, name: str, equation_: str) -> Xml.Element:
    made = Xml.SubElement(above, kind, {"name": name})
    _text(made, "eqn", equation_)
    return made


def _text(above: Xml.Element, name: str, text: str, **attributes: str) -> None:
    Xml.SubElement(above, name, attributes).text = text


def _decree(made: Xml.Element, model: Model, name: str) -> None:
    """A step function of time: a discrete graph holds each value until the next point."""
    row = model.decrees[name]
    graph = Xml.SubElement(made, "gf", {"type": "discrete"})
    _text(graph, "xpts", ",".join(repr(float(model.step * step)) for step in range(model.steps + 1)))
    _text(graph, "ypts", ",".join(repr(float(value)) for value in (*row, row[-1])))


def _stock(made: Xml.Element, model: Model, name: str, conveyors: bool) -> None:
    stock = model.stocks[name]
    leaving = [flow for flow in model.flows if flow.source == name]
    for flow in model.flows:
        if flow.target == name:
            _text(made, "inflow", flow.name)
    for flow in sorted(leaving, key=lambda flow: flow.kind != "term"):
        _text(made, "outflow", flow.name)
    if stock.term is None or not conveyors:
        Xml.SubElement(made, "non_negative")
        return
    kinds = {flow.kind for flow in leaving} - {"term"}
    if len(kinds) > 1:
        raise BadInput("xmile-leaks-mixed", {"stock": name}, "give all leaks of a conveyor the same kind")
    belt = Xml.SubElement(made, "conveyor", {"exponential_leak": str("leak" in kinds).lower()})
    _text(belt, "len", repr(float(model.step * term_of(model, stock).slats)))


def _flow(above: Xml.Element, flow: Flow) -> None:
    made = Xml.SubElement(above, "flow", {"name": flow.name})
    if flow.kind != "term":
        _text(made, "eqn", equation(flow.amount))
    if flow.kind.startswith("leak"):
        Xml.SubElement(made, "leak")


def _plain_flow(above: Xml.Element, model: Model, flow: Flow) -> None:
    """A flow for a program without conveyors: a leak is a rate of the stock, a term's end a delayed entry."""
    if flow.kind == "rate":
        return _flow(above, flow)
    if flow.kind == "term":
        return _delayed(above, model, flow)
    if flow.kind != "leak" or not flow.amount.names <= set(model.constants):
        raise BadInput("xmile-leaks-change", {"flow": flow.name}, "write the file with conveyors")
    _variable(above, "flow", flow.name, f"({equation(flow.amount)}) * {flow.source}")
    return None


def _delayed(above: Xml.Element, model: Model, flow: Flow) -> None:
    """The end of a term: first what lay on the belt at the start, slat by slat, then what entered a term ago."""
    stock, step = model.stocks[flow.source], float(model.step)
    slats = term_of(model, stock).slats
    leaks = " - ".join(f"{step!r} * ({equation(one.amount)})" for one in model.flows if one.source == stock.name and one.kind == "leak")
    stays, enters = f"{stock.name}_stays_a_step", f"{stock.name}_entered_a_term_ago"
    _variable(above, "aux", stays, f"1 - {leaks}" if leaks else "1")
    entry = " + ".join(one.name for one in model.flows if one.target == stock.name) or "0"
    _variable(above, "aux", enters, f"DELAY({entry}, {step * slats!r}, 0)")
    first = f"({equation(stock.starts)}) / {step * slats!r} * {stays} ^ (TIME / {step!r} + 1)"
    # half a step before the edge: time is a sum of floats elsewhere
    _variable(above, "flow", flow.name, f"IF TIME < {step * (slats - 0.5)!r} THEN {first} ELSE {enters} * {stays} ^ {slats}")
