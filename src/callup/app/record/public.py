"""The record as one table of claims: each file has its own columns, the registry has one set."""

from __future__ import annotations

import calendar
from collections.abc import Iterator

from callup.app.record.carrying import Where, opened, table, toml_of
from callup.planning import Claims, claims_of_rows

ANNOUNCEMENT = "the announcement of spring 2025"
"""The source under examination: what only it prints is as printed."""

WAR_FROM = "2022-02-24"
_DECREE = "President of Russia (decree)"

Rows = Iterator[dict[str, str]]


def public_claims(where: Where) -> Claims:
    """Everything the record carries about call-ups, strength, recruits, losses and emigration, as claims."""
    record = opened(where)
    makers = (_announced, _decrees, _posts, _strength, _recruits, _losses, _periods, _emigration)
    return claims_of_rows((row for make in makers for row in make(record)), ANNOUNCEMENT)


def _announced(where: Where) -> Rows:
    """Claims of the announcement that count something: ``counts`` of ``checks.toml`` says what."""
    checks = toml_of(where, "checks.toml")
    for row in table(where, "claims.csv"):
        if counts := checks.get(row["id"], {}).get("counts"):
            yield row | {"period_from": "", "period_until": ""} | counts | {"source": ANNOUNCEMENT}


def _decrees(where: Where) -> Rows:
    for row in table(where, "decrees.csv"):
        year, season = row["year"], row["season"]
        sources = [row["source_1"], *([row["source_2"]] if row["agreement"] == "exact" else [])]
        for number, source in enumerate(sources, 1):
            yield {
                "id": f"decree-{year}-{season}-{number}", "quantity": "call-up", "unit": "persons",
                "population": f"to enlist by the decree of {season}", "period_from": f"{year}-01-01", "period_until": f"{year}-12-31",
                "point": row["planned_persons"], "said_by": _DECREE, "published_on": row["decree_date"], "source": source,
                "note": row["note"],
            }  # fmt: skip


def _posts(where: Where) -> Rows:
    for row in table(where, "establishment.csv"):
        for column, prefix, population in (
            ("servicemen", "posts", "posts of servicemen by decree"), ("total_posts", "all-posts", "posts in all by decree"),
        ):  # fmt: skip
            yield {
                "id": f"{prefix}-{row['signed']}", "quantity": "strength", "unit": "persons", "population": population,
                "period_from": row["effective"], "point": row[column], "said_by": _DECREE, "published_on": row["signed"],
                "source": row["source"], "note": row["note"],
            }  # fmt: skip


def _strength(where: Where) -> Rows:
    for number, row in enumerate(table(where, "strength.csv"), 1):
        yield row | {"id": f"strength-{number}", "quantity": "strength", "unit": "persons", "period_until": _last_day(row["as_of"])}


_RECRUITS = {
    "contracts_signed": "contracts signed",
    "volunteers": "volunteers of formations",
    "together": "contracts and volunteers together",
    "bonuses_paid": "persons paid for signing by the federal budget",
}


def _recruits(where: Where) -> Rows:
    for number, row in enumerate(table(where, "recruits.csv"), 1):
        said = ("contracts_signed", "volunteers") if row["contracts_signed"] or row["volunteers"] else ()
        for column, population in _RECRUITS.items():
            if not row[column] and column not in said:
                continue  # this source speaks of something else; where it speaks of both, an empty one is missing
            yield {
                "id": f"recruits-{number}-{column}", "quantity": "recruits", "unit": "persons", "population": population,
                "period_from": row["period_start"], "period_until": row["period_end"], "point": row[column],
                "said_by": row["claimed_by"], "source": row["source"], "note": row["note"],
            }  # fmt: skip


def _losses(where: Where) -> Rows:
    for number, row in enumerate(table(where, "losses.csv"), 1):
        rate = "daily" in row["measure"]
        if row["source"].startswith("reference scenario"):
            continue  # the announcement's own row, taken above
        yield row | {
            "id": f"losses-{number}", "quantity": "losses", "population": row["measure"], "unit": "persons/day" if rate else "persons",
            "period_from": WAR_FROM, "period_until": _last_day(row["as_of"]), "said_by": row["published_by"],
        }  # fmt: skip


def _periods(where: Where) -> Rows:
    """What was lost in a month or a year: a flow, and so another population than the toll since the war began."""
    for number, row in enumerate(table(where, "losses_in_period.csv"), 1):
        yield row | {
            "id": f"losses-in-{number}", "quantity": "losses", "population": row["measure"], "unit": "persons",
            "period_from": row["period_start"], "period_until": row["period_end"], "said_by": row["published_by"],
        }  # fmt: skip


def _emigration(where: Where) -> Rows:
    for number, row in enumerate(table(where, "emigration.csv"), 1):
        yield row | {
            "id": f"emigration-{number}", "quantity": "emigration", "population": row["measure"],
            "unit": "1" if row["measure"].startswith("share") else "persons",
            "period_from": row["period_start"], "period_until": row["period_end"], "said_by": row["estimated_by"],
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
