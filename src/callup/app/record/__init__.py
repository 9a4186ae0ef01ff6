"""The public record that a call-up is compared with: earlier decrees, men by age, claims as printed."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.resources import files

from callup.statistics import PastCallUp


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a printed announcement, and what is checked here.

    Args:
        id: its number.
        words: the claim in our own words.
        figures: low, point and high with unit, as printed; empty where the report gives none.
        said_by: whose claim it is.
        result: what became of it here; ``not yet checked`` where nothing did.
        finding: the check in one sentence.
        where: the section of the report that shows it.
    """

    id: str
    words: str
    figures: str
    said_by: str
    result: str
    finding: str
    where: str


def past_call_ups(code: str) -> tuple[PastCallUp, ...]:
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
        for row in table(code, "decrees.csv")
    )


def men_by_age(code: str) -> dict[tuple[int, int], int]:
    """Men at mid-year by year and first age of a five-year group."""
    return {(int(row["year"]), int(row["age_start"])): int(row["men"]) for row in table(code, "men_by_age5.csv")}


def claims_of(code: str) -> tuple[Claim, ...]:
    """The claims of the announcement, in its order."""
    checks = {row["id"]: row for row in table(code, "checks.csv")}
    return tuple(
        Claim(
            row["id"],
            row["claim_in_our_words"],
            _figures(row),
            row["said_by"],
            *(
                checks.get(row["id"], {}).get(name, blank)
                for name, blank in (("result", "not yet checked"), ("finding", ""), ("where", ""))
            ),
        )
        for row in table(code, "claims.csv")
    )


def _figures(row: dict[str, str]) -> str:
    numbers = [f"{int(row[name]):,}" for name in ("low", "point", "high") if row[name]]
    return f"{' to '.join(numbers)} {row['unit']}" if numbers else ""


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def table(code: str, name: str) -> Iterator[dict[str, str]]:
    """The rows of one carried file, texts by column; none where the jurisdiction carries no such file."""
    file = files(__name__).joinpath(code, name)
    if file.is_file():
        yield from csv.DictReader(file.read_text(encoding="utf-8").splitlines())


def establishment(code: str) -> tuple[dict[str, str], ...]:
    """Posts of the armed forces by decree, as printed."""
    return tuple(table(code, "establishment.csv"))


def losses(code: str) -> tuple[dict[str, str], ...]:
    """Estimates of losses as published, each with who says it."""
    return tuple(table(code, "losses.csv"))


def model_text(code: str, name: str) -> str:
    """A carried model file; empty where the jurisdiction carries none."""
    file = files(__name__).joinpath(code, name)
    return file.read_text(encoding="utf-8") if file.is_file() else ""
