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
from callup.terms.errors import BadInput

NAMESPACE = "http://docs.oasis-open.org/xmile/ns/XMILE/v1.0"


def xmile(model: Model) -> str:
    """Write a model as XMILE.

    Args:
        model: checked.

    Returns:
        the text of the file; the same model gives the same text.

    Raises:
        BadInput: ``xmile-leaks-mixed``: XMILE knows one kind of leak for a conveyor.
    """
    root = Xml.Element("xmile", {"version": "1.0", "xmlns": NAMESPACE})
    header = Xml.SubElement(root, "header")
    options = Xml.SubElement(header, "options")
    if any(stock.term is not None for stock in model.stocks.values()):
        Xml.SubElement(options, "uses_conveyor", {"leak": str(any(flow.kind.startswith("leak") for flow in model.flows)).lower()})
    _text(header, "name", model.title)
    _text(header, "vendor", "callup")
    _text(header, "product", "callup", version="1")
    specs = Xml.SubElement(root, "sim_specs", {"method": "Euler"})
    for name, value in (("start", 0), ("stop", float(model.step) * model.steps), ("dt", float(model.step))):
        _text(specs, name, repr(value))
    variables = Xml.SubElement(Xml.SubElement(root, "model"), "variables")
    for constant in model.constants.values():
        _text(_variable(variables, "aux", constant.name, repr(float(constant.value))), "doc", constant.source)
    for name in model.decrees:
        _decree(_variable(variables, "aux", name, "TIME"), model, name)
    for name, formula in model.formulas.items():
        _variable(variables, "aux", name, equation(formula))
    for name in model.stocks:
        _stock(_variable(variables, "stock", name, equation(model.stocks[name].starts)), model, name)
    for flow in model.flows:
        _flow(variables, flow)
    Xml.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + Xml.tostring(root, encoding="unicode") + "\n"


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


def _stock(made: Xml.Element, model: Model, name: str) -> None:
    stock = model.stocks[name]
    leaving = [flow for flow in model.flows if flow.source == name]
    for flow in model.flows:
        if flow.target == name:
            _text(made, "inflow", flow.name)
    for flow in sorted(leaving, key=lambda flow: flow.kind != "term"):
        _text(made, "outflow", flow.name)
    if stock.term is None:
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
