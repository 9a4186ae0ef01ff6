"""Units of a model: words with powers, multiplied and divided; adding persons to persons a year is refused."""

from __future__ import annotations

import re
from collections.abc import Mapping

from callup.terms.errors import BadInput

Unit = Mapping[str, int]
"""Powers by word, none of them 0: persons/year is ``{"persons": 1, "year": -1}``; the empty one is a pure number."""

_WORD = re.compile(r"[a-z]+(\^[1-9])?")


def unit_of(text: str) -> Unit:
    """Read a unit such as ``persons``, ``persons/week``, ``1/year`` or ``persons*week``.

    Args:
        text: words joined by ``*`` and ``/``; ``1`` is a pure number.

    Raises:
        BadInput: ``unit-unreadable``.

    Example:
        >>> unit_of("persons/year"), unit_of("1")
        ({'persons': 1, 'year': -1}, {})
    """
    powers: Unit = {}
    for sign, part in zip(_signs(text), re.split(r"[*/]", text.replace(" ", "")), strict=True):
        if part != "1" and not _WORD.fullmatch(part):
            raise BadInput("unit-unreadable", {"unit": text}, "write words joined by * and /, as persons/year")
        if part != "1":
            word, _, power = part.partition("^")
            powers = times(powers, {word: int(power or 1)}, sign)
    return powers


def _signs(text: str) -> list[int]:
    return [1, *(1 if mark == "*" else -1 for mark in re.findall(r"[*/]", text))]


def times(left: Unit, right: Unit, sign: int = 1) -> Unit:
    """The unit of a product; with ``sign`` -1 of a quotient."""
    powers = {word: left.get(word, 0) + sign * right.get(word, 0) for word in {**left, **right}}
    return {word: power for word, power in powers.items() if power}


def unit_text(unit: Unit) -> str:
    """A unit in writing.

    Example:
        >>> unit_text({"persons": 1, "year": -1}), unit_text({})
        ('persons/year', '1')
    """
    above = [_word(word, power) for word, power in unit.items() if power > 0]
    below = [_word(word, -power) for word, power in unit.items() if power < 0]
    return "/".join(["*".join(above) or "1", *below])


def _word(word: str, power: int) -> str:
    return word if power == 1 else f"{word}^{power}"
