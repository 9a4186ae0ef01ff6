"""The lines of a roll and the tickets as text of queries, for engines that spread them over many machines (design D1, D13).

The same bytes as `callup.draw.roll` and `callup.draw.order` hash; how the hash is written comes from outside.
"""

from __future__ import annotations

from collections.abc import Callable

from callup.draw.roll import LINE_HEAD
from callup.draw.roll import check_roll as check_roll
from callup.draw.roll import check_strict as check_strict

Hash = Callable[[str], str]
"""SQL that gives 64 hex digits over a text, from SQL that gives the text."""

Text = Callable[[str], str]
"""SQL of a constant text."""


def roll_lines(sha256: Hash, text: Text, listed: bool) -> str:
    """The columns of the roll's lines from ``persons``, each with its ``commitment``; with ``position`` where the law lists them.

    Args:
        sha256: how the engine hashes.
        text: how the engine writes a constant.
        listed: whether the persons come in an order fixed by law.
    """
    end = text("\n")
    record = f"person_id || {end} || coalesce(CAST(born_on AS {_TEXT}), {text('')}) || {end} || stratum || {end}"
    commitment = sha256(f"{text(LINE_HEAD)} || salt || {end} || {record}")
    kept = ", position" if listed else ""
    return f"SELECT stratum, person_id, born_on, salt, liable_from, liable_until, {commitment} AS commitment{kept} FROM persons"


def ticket(sha256: Hash, text: Text, seed: str) -> str:
    """The ticket of the columns ``stratum`` and ``position``.

    Args:
        sha256: how the engine hashes.
        text: how the engine writes a constant.
        seed: 64 hex digits.
    """
    return sha256(f"{text(seed + ' ')} || stratum || {text(' ')} || CAST(position AS {_TEXT})")


_TEXT = "VARCHAR(40)"
"""Standard SQL; long enough for a date and for a number."""
