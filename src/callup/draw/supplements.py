"""Someone who was left out of a roll enters its order by their ticket, and nobody else moves (docs/formats.md, supplementary rolls).

Tickets are uniform and independent, so a line's place among N others is uniform over 0..N: its chance of being called is the
one it would have had on the roll of N + 1 on which it should have stood.
"""

from __future__ import annotations

import re
from hashlib import sha256

import numpy as np
import numpy.typing as npt

from callup.terms.errors import BadInput

_ONE_LINE = re.compile(r"[^\s]([^\n]*[^\s])?")


def supplement_id(call_up: str, number: int) -> str:
    """The id of a call-up's supplementary roll, numbered from 1."""
    return f"{call_up}s{number}"


def supplement_stratum(unit: str, number: int) -> str:
    """The name of a unit's stratum in a supplementary roll; a unit holds no ``+``."""
    return f"{unit}+s{number}"


def places(own: npt.NDArray[np.uint8], main: npt.NDArray[np.uint8]) -> npt.NDArray[np.int64]:
    """Where supplementary lines stand in the main order: behind how many of its ranks.

    Args:
        own: tickets of the supplementary lines, shape [lines, 32].
        main: tickets of the main stratum, shape [positions, 32].

    Returns:
        Array of shape [lines]: the number of main positions with a ticket that is not greater.

    Example:
        >>> low, high = np.zeros((1, 32), np.uint8), np.full((1, 32), 255, np.uint8)
        >>> places(np.vstack([low, high]), np.vstack([low + 1, low + 2])).tolist()
        [0, 2]
    """
    # numbers of 32 bytes compare as fixed byte strings do, whose order NumPy sorts and searches by
    order = np.sort(_strings(main))
    return np.searchsorted(order, _strings(own), side="right").astype(np.int64)


def _strings(tickets: npt.NDArray[np.uint8]) -> npt.NDArray[np.bytes_]:
    return np.ascontiguousarray(tickets).reshape(len(tickets), 32).view("S32").reshape(-1)


def reached(places_by_rank: npt.NDArray[np.int64], last_main_rank: int) -> int:
    """How many supplementary lines are to be called once main rank ``last_main_rank`` has been: those with a smaller place.

    Args:
        places_by_rank: the places of one supplementary stratum, in the order of its own ranks; they never fall.
        last_main_rank: the last main rank of the unit that is called; 0 for none.
    """
    return int(np.searchsorted(places_by_rank, last_main_rank, side="left"))


def void_document(call_up: str, plan: str, reason: str, by: tuple[str, str]) -> str:
    """The public document that a plan which cannot be completed is dead.

    Args:
        call_up: the id in the plan.
        plan: the plan's text.
        reason: why, one line.
        by: the two who signed.

    Raises:
        BadInput: a reason or a name that is not one line of text.
    """
    for text in (reason, *by):
        if not _ONE_LINE.fullmatch(text):
            raise BadInput("void-malformed", {"text": text[:80]}, "write the reason and each name as one line")
    lines = [f"call-up: {call_up}", f"plan: {sha256(plan.encode()).hexdigest()}", f"reason: {reason}"]
    return "\n".join(["callup/void/1", *lines, *(f"by: {name}" for name in sorted(by, key=str.encode)), ""])
