"""Sharing a whole number out over units by a published method."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Protocol

from callup.draw import methods
from callup.terms.errors import BadInput


class Method(Protocol):
    """One way of rounding; a module of ``draw/methods`` exports it as ``METHOD``."""

    @property
    def name(self) -> str:
        """As it stands in the decree."""

    def share(self, total: int, units: Mapping[str, int]) -> dict[str, int]:
        """Share ``total`` out; units come with at least one person each, in code order. Ties go to the earlier code."""


def discover() -> Mapping[str, Method]:
    """Every method by its name, from the modules of ``draw/methods``."""
    found: dict[str, Method] = {}
    for module in pkgutil.iter_modules(methods.__path__):
        method: Method = import_module(f"{methods.__name__}.{module.name}").METHOD
        found[method.name] = method
    return MappingProxyType(found)


METHODS = discover()


def apportion(method: str, total: int, units: Mapping[str, int]) -> dict[str, int]:
    """What each unit owes of a total, in exact arithmetic; the sum is the total.

    Args:
        method: a name of ``METHODS``.
        total: the number to share out, 0 or more.
        units: persons by unit code. A unit without persons owes nothing. Ties go to the code that is first in bytewise order.

    Raises:
        BadInput: an unknown method, a negative number, nobody to share among, or a total too small for a method that gives
            each unit at least one.

    Example:
        >>> apportion("hamilton", 37, {"A": 14, "B": 23, "C": 45, "D": 18})
        {'A': 5, 'B': 8, 'C': 17, 'D': 7}
    """
    if method not in METHODS:
        raise BadInput("quota-method-unknown", {"method": method}, f"use one of: {', '.join(sorted(METHODS))}")
    negative = [unit for unit, persons in units.items() if persons < 0]
    if total < 0 or negative:
        raise BadInput("quota-negative", {"total": total, "units": ", ".join(negative)}, "give numbers of 0 or more")
    peopled = {unit: units[unit] for unit in sorted(units, key=str.encode) if units[unit]}
    if total and not peopled:
        raise BadInput("quota-nobody", {"total": total}, "no unit has anybody to share the number among")
    shares = METHODS[method].share(total, peopled) if peopled else {}
    return {unit: shares.get(unit, 0) for unit in units}
