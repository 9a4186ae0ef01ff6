"""A panel out of a published list of panels: each panel has strata of its own, and the seed picks one (ADR 0027)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from callup.draw.order import ranks, tickets

LOT = "+panels"
"""The stratum under which panels draw their tickets; a unit never begins with ``+``."""
_MARK = re.compile(r"\+p([1-9][0-9]*)$")


def panel_stratum(unit: str, panel: int) -> str:
    """The name of a unit's stratum in a panel.

    Example:
        >>> panel_stratum("north", 17)
        'north+p17'
    """
    return f"{unit}+p{panel}"


def panel_of(stratum: str) -> int:
    """The panel of a stratum, 0 for none."""
    found = _MARK.search(stratum)
    return int(found[1]) if found else 0


def picked(seed: str, strata: Iterable[str]) -> int:
    """The panel that the seed picks: of the tickets of panels 1, 2, ... the smallest wins; panel k has the ticket of position k - 1.

    Args:
        seed: 64 hex digits.
        strata: all of the plan; the greatest panel among them says how many there are.
    """
    count = max(panel_of(stratum) for stratum in strata)
    return int(ranks(tickets(seed, LOT, count)).tolist().index(1)) + 1
