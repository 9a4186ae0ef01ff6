"""What has been said about a quantity in public: who says it, about whom, when and where; shown side by side, never averaged.

A claim is what somebody *said*, not what is so. Five findings are possible about the claims of one quantity in one period, and
none of them is a number made here: nothing is known, only the announcement under examination prints it, one voice says it,
several voices agree, or they differ.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from callup.terms.errors import BadInput

COLUMNS = (
    "id", "quantity", "unit", "population", "period_from", "period_until", "low", "point", "high",
    "said_by", "published_by", "published_on", "source", "note",
)  # fmt: skip
"""Columns of a table of claims. Empty is unknown, never zero."""

MISSING, AS_PRINTED, ONE_VOICE, AGREE, DIFFER = "missing", "as printed", "one voice", "agree", "differ"
_NEEDED = ("id", "quantity", "unit", "population", "said_by", "source")


@dataclass(frozen=True, slots=True)
class PublicClaim:
    """One published statement about a quantity.

    Args:
        id: its name in the table, unique.
        quantity: what is counted, by its id: claims about one quantity may be compared.
        unit: of the value: persons, persons/year.
        population: who is counted and by what definition; two populations are two series.
        period_from: first day it is about; None where not said.
        period_until: last day it is about, or the day of a level; None where not said.
        low: lower end, in ``unit``; None where not said.
        point: the number, in ``unit``; None where not said.
        high: upper end, in ``unit``; None where not said.
        said_by: whose statement it is.
        published_by: who published it; empty where not known.
        published_on: when, as printed (a day, a month or a year).
        source: where it was read.
        note: what a reader must know besides.
    """

    id: str
    quantity: str
    unit: str
    population: str
    period_from: date | None
    period_until: date | None
    low: Fraction | None
    point: Fraction | None
    high: Fraction | None
    said_by: str
    published_by: str
    published_on: str
    source: str
    note: str = ""

    @property
    def span(self) -> tuple[Fraction | None, Fraction | None]:
        """Lowest and highest value that the claim allows, in its unit; None at an end that it leaves open or does not give."""
        if self.low is None and self.high is None:
            return self.point, self.point
        return self.low, self.high

    @property
    def is_missing(self) -> bool:
        """Whether the claim gives no value at all."""
        return self.low is None and self.point is None and self.high is None


@dataclass(frozen=True, slots=True)
class Finding:
    """The claims about one quantity, one population and one period, side by side.

    Args:
        quantity: what is counted.
        unit: of every value.
        population: who is counted.
        period_from: first day.
        period_until: last day.
        result: ``missing``, ``as printed``, ``one voice``, ``agree`` or ``differ``.
        apart: by how much the claims differ at least, in ``unit``: the highest lower end less the lowest upper end; 0 if they agree.
        claims: all of them, those without a value too.
    """

    quantity: str
    unit: str
    population: str
    period_from: date | None
    period_until: date | None
    result: str
    apart: Fraction
    claims: tuple[PublicClaim, ...]

    @property
    def sentence(self) -> str:
        """The finding in one sentence, with each voice and its number as said."""
        voices = "; ".join(f"{claim.said_by}: {_shown(claim)} ({claim.source})" for claim in self.claims)
        gap = f" by {_number(self.apart)}" if self.result == DIFFER else ""
        return f"{self.quantity}, {self.population}, {self.unit}: {self.result}{gap}. {voices}"


@dataclass(frozen=True, slots=True)
class Claims:
    """A table of claims.

    Args:
        all: the claims, in the order of the table.
        examined: the source whose statements are being examined: what only it prints is ``as printed`` and never ``agree``.
    """

    all: tuple[PublicClaim, ...]
    examined: str = ""

    def series(self, quantity: str, population: str = "") -> tuple[PublicClaim, ...]:
        """The claims about one quantity as one series, by period.

        Args:
            quantity: its id.
            population: who is counted; may be left out where all claims about the quantity count the same.

        Raises:
            BadInput: ``claims-of-different-populations`` or ``claims-of-different-units``: they are not one series.
        """
        found = [claim for claim in self.all if claim.quantity == quantity and population in ("", claim.population)]
        for what, seen in (("populations", {claim.population for claim in found}), ("units", {claim.unit for claim in found})):
            if len(seen) > 1:
                raise BadInput(f"claims-of-different-{what}", {"quantity": quantity, what: " / ".join(sorted(seen))},
                               "these are different series: name the one that is meant, never mix them")  # fmt: skip
        return tuple(sorted(found, key=lambda claim: (claim.period_until or date.max, claim.period_from or date.max)))

    def findings(self, quantity: str, population: str = "") -> tuple[Finding, ...]:
        """What the claims about one quantity come to, period by period.

        Args:
            quantity: its id.
            population: who is counted, as in `series`.

        Returns:
            one finding a period; one that is ``missing`` where nobody says anything at all.

        Raises:
            BadInput: the claims are not one series.
        """
        periods: dict[tuple[date | None, date | None], list[PublicClaim]] = {}
        for claim in self.series(quantity, population):
            periods.setdefault((claim.period_from, claim.period_until), []).append(claim)
        if not periods:
            return (Finding(quantity, "", population, None, None, MISSING, Fraction(0), ()),)
        return tuple(self._finding(claims) for claims in periods.values())

    def _finding(self, claims: Sequence[PublicClaim]) -> Finding:
        first = claims[0]
        valued = [claim for claim in claims if not claim.is_missing]
        apart = _apart(valued)
        if not valued:
            result = MISSING
        elif apart:
            result = DIFFER
        elif all(claim.source == self.examined for claim in valued):
            result = AS_PRINTED
        else:
            result = AGREE if len({claim.said_by for claim in valued}) > 1 else ONE_VOICE
        return Finding(first.quantity, first.unit, first.population, first.period_from, first.period_until, result, apart, tuple(claims))


def read_claims(text: str, examined: str = "") -> Claims:
    """Read a table of claims from CSV text with the columns of `COLUMNS`.

    Args:
        text: the file's text.
        examined: the source under examination.

    Raises:
        BadInput: a column lacks or is unknown, a field is empty that must not be, a number or a day cannot be read, the ends of
            a span stand in the wrong order, a day of the period too, or an id stands twice.
    """
    reader = csv.DictReader(text.splitlines())
    if wrong := set(COLUMNS) ^ set(reader.fieldnames or ()):
        raise BadInput("claims-columns", {"columns": ", ".join(sorted(wrong))}, f"the columns are {', '.join(COLUMNS)}")
    return claims_of_rows(reader, examined)


def claims_of_rows(rows: Iterable[Mapping[str, str]], examined: str = "") -> Claims:
    """The same from rows that were read elsewhere; a column that a row lacks is empty.

    Args:
        rows: texts by column.
        examined: the source under examination.

    Raises:
        BadInput: as `read_claims`.
    """
    found: dict[str, PublicClaim] = {}
    for number, row in enumerate(rows, 1):
        claim = _claim({name: (row.get(name) or "").strip() for name in COLUMNS}, number)
        if claim.id in found:
            raise BadInput("claim-twice", {"id": claim.id, "row": number}, "give each claim an id of its own")
        found[claim.id] = claim
    return Claims(tuple(found.values()), examined)


def _claim(row: Mapping[str, str], number: int) -> PublicClaim:
    if lacking := [name for name in _NEEDED if not row[name]]:
        raise BadInput("claim-incomplete", {"row": number, "columns": ", ".join(lacking)}, "say who counts what, and where it was read")
    low, point, high = (_value(row, name, number) for name in ("low", "point", "high"))
    ends = [value for value in (low, point, high) if value is not None]
    starts, ends_on = _day(row, "period_from", number), _day(row, "period_until", number)
    if ends != sorted(ends) or (starts and ends_on and starts > ends_on):
        raise BadInput("claim-out-of-order", {"row": number, "id": row["id"]}, "low, point, high and the two days must rise")
    texts = {name: row[name] for name in COLUMNS if name not in ("low", "point", "high", "period_from", "period_until")}
    return PublicClaim(low=low, point=point, high=high, period_from=starts, period_until=ends_on, **texts)


def _value(row: Mapping[str, str], name: str, number: int) -> Fraction | None:
    try:
        return Fraction(row[name]) if row[name] else None
    except (ValueError, ZeroDivisionError):
        raise BadInput("claim-number", {"row": number, "column": name, "value": row[name]}, "write a plain number") from None


def _day(row: Mapping[str, str], name: str, number: int) -> date | None:
    try:
        return date.fromisoformat(row[name]) if row[name] else None
    except ValueError:
        raise BadInput("claim-day", {"row": number, "column": name, "value": row[name]}, "write a day as 2025-04-01") from None


def _apart(claims: Sequence[PublicClaim]) -> Fraction:
    lows = [low for low, _ in (claim.span for claim in claims) if low is not None]
    highs = [high for _, high in (claim.span for claim in claims) if high is not None]
    return max(Fraction(0), max(lows) - min(highs)) if lows and highs else Fraction(0)


def _shown(claim: PublicClaim) -> str:
    if claim.is_missing:
        return "no value"
    low, high = claim.span
    if low == high and low is not None:
        return _number(low)
    words = [f"{word} {_number(value)}" for word, value in (("from", low), ("to", high)) if value is not None]
    return " ".join(words)


def _number(value: Fraction) -> str:
    return f"{int(value):,}" if value.denominator == 1 else f"{float(value):,g}"
