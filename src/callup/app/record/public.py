"""The carried record as one table of claims: each file has its own columns, the registry has one set."""

from __future__ import annotations

import calendar
from collections.abc import Iterator

from callup.app.record import table
from callup.planning import Claims, claims_of_rows

ANNOUNCEMENT = "the announcement of spring 2025"
"""The source under examination: what only it prints is as printed."""

WAR_FROM = "2022-02-24"
_DECREE = "President of Russia (decree)"
_ANNOUNCED = {
    "C01": ("call-up", "to enlist by the decree of spring", "2025-01-01", "2025-12-31"),
    "C05": ("strength", "active-duty troops as announced", "", ""),
    "C13": ("losses", "casualties killed and wounded", WAR_FROM, "2024-12-31"),
}
"""What the announcement's figures are about, by claim: quantity, population, first and last day."""


def public_claims(code: str) -> Claims:
    """Everything the record carries about call-ups, strength, recruits and losses, as claims."""
    makers = (_announced, _decrees, _posts, _strength, _recruits, _losses)
    return claims_of_rows((row for make in makers for row in make(code)), ANNOUNCEMENT)


def _announced(code: str) -> Iterator[dict[str, str]]:
    for row in table(code, "claims.csv"):
        if row["id"] in _ANNOUNCED:
            quantity, population, first, last = _ANNOUNCED[row["id"]]
            yield row | {"quantity": quantity, "population": population, "period_from": first, "period_until": last, "source": ANNOUNCEMENT}


def _decrees(code: str) -> Iterator[dict[str, str]]:
    for row in table(code, "decrees.csv"):
        year, season = row["year"], row["season"]
        sources = [row["source_1"], *([row["source_2"]] if row["agreement"] == "exact" else [])]
        for number, source in enumerate(sources, 1):
            yield {
                "id": f"decree-{year}-{season}-{number}", "quantity": "call-up", "unit": "persons",
                "population": f"to enlist by the decree of {season}", "period_from": f"{year}-01-01", "period_until": f"{year}-12-31",
                "point": row["planned_persons"], "said_by": _DECREE, "published_on": row["decree_date"], "source": source,
                "note": row["note"],
            }  # fmt: skip


def _posts(code: str) -> Iterator[dict[str, str]]:
    for row in table(code, "establishment.csv"):
        yield {
            "id": f"posts-{row['signed']}", "quantity": "strength", "unit": "persons", "population": "posts of servicemen by decree",
            "period_from": row["effective"], "point": row["servicemen"], "said_by": _DECREE, "published_on": row["signed"],
            "source": row["source"], "note": row["note"],
        }  # fmt: skip


def _strength(code: str) -> Iterator[dict[str, str]]:
    for number, row in enumerate(table(code, "strength.csv"), 1):
        yield row | {"id": f"strength-{number}", "quantity": "strength", "unit": "persons", "period_until": _last_day(row["as_of"])}


def _recruits(code: str) -> Iterator[dict[str, str]]:
    for number, row in enumerate(table(code, "recruits.csv"), 1):
        for column, population in (("contracts_signed", "contracts signed"), ("volunteers", "volunteers of formations")):
            yield {
                "id": f"recruits-{number}-{column}", "quantity": "recruits", "unit": "persons", "population": population,
                "period_from": row["period_start"], "period_until": row["period_end"], "point": row[column],
                "said_by": row["claimed_by"], "source": row["source"], "note": row["note"],
            }  # fmt: skip


def _losses(code: str) -> Iterator[dict[str, str]]:
    for number, row in enumerate(table(code, "losses.csv"), 1):
        rate = "daily" in row["measure"]
        if row["source"].startswith("reference scenario"):
            continue  # the announcement's own row, taken above
        yield row | {
            "id": f"losses-{number}", "quantity": "losses", "population": row["measure"], "unit": "persons/day" if rate else "persons",
            "period_from": WAR_FROM, "period_until": _last_day(row["as_of"]), "said_by": row["published_by"],
        }  # fmt: skip


def _last_day(printed: str) -> str:
    """A day as it is; of a month, its last day.

    Example:
        >>> _last_day("2025-01"), _last_day("2025-01-07")
        ('2025-01-31', '2025-01-07')
    """
    if len(printed) != len("2025-01"):
        return printed
    year, month = printed.split("-")
    return f"{printed}-{calendar.monthrange(int(year), int(month))[1]}"
