"""What stands beside a call-up: neighbours per 1,000 inhabitants, and what the authority has not published."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from callup.app.record.carrying import Record, table


@dataclass(frozen=True, slots=True)
class Burden:
    """Persons called up in a year, or on strength, per 1,000 inhabitants.

    Args:
        country: ISO 3166-1 code.
        year: of the persons; empty where no figure is in the record.
        what: ``called up`` or ``strength``.
        persons: as published; None where the record has none.
        inhabitants: of that year; None where the record has none.
        source: where the persons were read.
        note: what a reader must know besides.
    """

    country: str
    year: str
    what: str
    persons: int | None
    inhabitants: int | None
    source: str
    note: str

    @property
    def per_thousand(self) -> Fraction | None:
        """Persons per 1,000 inhabitants; None where either is lacking."""
        return Fraction(1000 * self.persons, self.inhabitants) if self.persons is not None and self.inhabitants else None

    @property
    def lacks(self) -> str:
        """What is lacking; empty where nothing is."""
        return "persons" if self.persons is None else "" if self.inhabitants else "inhabitants"


def neighbours(record: Record) -> tuple[Burden, ...]:
    """Call-ups and strengths of the jurisdiction and its neighbours, in the order of the file."""
    people = {(row["country"], row["year"]): int(row["inhabitants"]) for row in table(record, "inhabitants.csv")}
    return tuple(
        Burden(
            row["country"],
            row["year"],
            row["what"],
            int(row["persons"]) if row["persons"] else None,
            people.get((row["country"], row["year"])),
            row["source"],
            row["note"],
        )
        for row in table(record, "neighbours.csv")
    )


@dataclass(frozen=True, slots=True)
class Gap:
    """A question about a call-up, and whether the authority has answered it in public.

    Args:
        id: its number.
        question: what one would have to know.
        needed_for: what cannot be judged without it.
        status: ``published for the country``, ``single places only`` or ``nothing found``.
        found: the figures there are, the latest last.
        callup: the table of a call-up's report that answers it.
    """

    id: str
    question: str
    needed_for: str
    status: str
    found: tuple[str, ...]
    callup: str


WHOLE, PLACES, NOTHING = "published for the country", "single places only", "nothing found"


def unpublished(record: Record, since: int) -> tuple[Gap, ...]:
    """What the authority has published of its call-ups from a year on, question by question.

    Args:
        record: its ``unpublished.csv`` and ``funnel.csv``.
        since: first year that counts; a figure of an older call-up answers nothing about this one.
    """
    mine = [row for row in table(record, "funnel.csv") if row["country"] == record.code.upper() and int(row["period"][:4]) >= since]
    gaps = []
    for row in table(record, "unpublished.csv"):
        words = [word.strip() for word in row["stages"].split(";")]
        hits = [one for one in mine if any(word in one["stage"] for word in words) and not one["stage"].startswith("to be")]
        national = any(one["place"] == row["country"] for one in hits)
        status = WHOLE if national else PLACES if hits else NOTHING
        found = tuple(f"{one['place']}, {one['period']}: {one['value']} {one['unit']} {one['stage']} ({one['source']})" for one in hits)
        gaps.append(Gap(row["id"], row["question"], row["needed_for"], status, found, row["callup_publishes"]))
    return tuple(gaps)
