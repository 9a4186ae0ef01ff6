"""The registry of public claims as a whole: every claim as a row, and what the claims of one thing in one period come to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from callup.app.record.carrying import Record
from callup.app.record.public import public_claims

COLUMNS = (
    "id",
    "quantity",
    "population",
    "unit",
    "period_from",
    "period_until",
    "low",
    "point",
    "high",
    "said_by",
    "published_on",
    "source",
    "note",
)


@dataclass(frozen=True, slots=True)
class Beside:
    """The claims about one thing in one period, side by side.

    Args:
        what: quantity and population.
        period: first and last day, as far as they are said.
        result: ``missing``, ``as printed``, ``one voice``, ``agree`` or ``differ``.
        sentence: each voice with its number.
    """

    what: str
    period: str
    result: str
    sentence: str


def registry(record: Record) -> list[tuple[Any, ...]]:
    """Every claim, in the columns of `COLUMNS`; what is not known is empty."""
    return [tuple(_cell(getattr(claim, name)) for name in COLUMNS) for claim in public_claims(record).all]


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def beside(record: Record, results: Sequence[str] = ()) -> tuple[Beside, ...]:
    """What the claims of each series come to, period by period; nothing is averaged and no two series are mixed.

    Args:
        record: whose claims.
        results: only these; all where none are named.
    """
    claims = public_claims(record)
    found = []
    for quantity, population in dict.fromkeys((claim.quantity, claim.population) for claim in claims.all):
        for one in claims.findings(quantity, population):
            period = " to ".join(str(day) for day in dict.fromkeys((one.period_from, one.period_until)) if day)
            if not results or one.result in results:
                found.append(Beside(f"{quantity}: {population}", period, one.result, one.sentence))
    return tuple(found)
