"""The public record that a call-up is compared with: earlier decrees, men by age, what was said and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from callup.app.record.carrying import Where, opened, table
from callup.statistics import PastCallUp


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a printed announcement, and what is made of it here.

    Args:
        id: its number.
        words: the claim in our own words.
        figures: low, point and high with unit, as printed; empty where the report gives none.
        said_by: whose claim it is.
        result: ``agrees``, ``differs``, ``depends``, ``cannot be known`` or ``as printed``.
        finding: the check in words.
        where: the section of the report of a call-up that shows it; empty where none does.
        answers: what of callup answers it.
        sources: what it was compared with, the announcement itself never among them.
    """

    id: str
    words: str
    figures: str
    said_by: str
    result: str
    finding: str
    where: str
    answers: str
    sources: tuple[str, ...]


def past_call_ups(where: Where) -> tuple[PastCallUp, ...]:
    """The earlier call-ups of a jurisdiction, oldest first; none where none are carried."""
    return tuple(
        PastCallUp(
            int(row["year"]),
            row["season"],
            int(row["planned_persons"]),
            _day(row["starts"]),
            _day(row["ends"]),
            int(row["age_from"]),
            int(row["age_to_as_printed"]),
            _day(row["left_out_born_until"]),
        )
        for row in table(where, "decrees.csv")
    )


def men_by_age(where: Where) -> dict[tuple[int, int], int]:
    """Men at mid-year by year and first age of a five-year group."""
    return {(int(row["year"]), int(row["age_start"])): int(row["men"]) for row in table(where, "men_by_age5.csv")}


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def establishment(where: Where) -> tuple[dict[str, str], ...]:
    """Posts of the armed forces by decree, as printed."""
    return tuple(table(where, "establishment.csv"))


def losses(where: Where) -> tuple[dict[str, str], ...]:
    """Estimates of losses as published, each with who says it."""
    return tuple(table(where, "losses.csv"))


def model_text(where: Where, name: str) -> str:
    """A carried model file; empty where the record has none."""
    return opened(where).files.get(name, "")
