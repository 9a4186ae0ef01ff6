"""What the files of a record must have: said once, and checked when somebody's own record is read."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from fractions import Fraction

from callup.terms.errors import BadInput

NEEDED: Mapping[str, str] = {
    "claims.csv": "id claim_in_our_words low point high unit said_by",
    "decrees.csv": "year season planned_persons starts ends age_from age_to_as_printed decree_date source_1 source_2 agreement note",
    "men_by_age5.csv": "year age_start men",
    "establishment.csv": "signed effective total_posts servicemen source note",
    "strength.csv": "as_of population low point high said_by published_by published_on source",
    "recruits.csv": "period_start period_end contracts_signed volunteers together bonuses_paid claimed_by source note",
    "losses.csv": "as_of published_by measure low point high source note",
    "losses_in_period.csv": "period_start period_end published_by measure point source note",
    "emigration.csv": "period_start period_end estimated_by measure low point high source",
    "funnel.csv": "country place period stage value unit source note",
    "undertakings.csv": "id said_on until said_by office words forbids source",
    "intentions.csv": "id said_on due_on said_by words sense value unit source",
    "reactions.csv": "id on who country to_what kind words source",
    "outcomes.csv": "id of known_on said_by side kind value words source",
    "neighbours.csv": "country year what persons source note",
    "inhabitants.csv": "country year day inhabitants source",
    "unpublished.csv": "id country question stages needed_for callup_publishes",
}
"""Columns by file; more are allowed. A file may be left out, but ``claims.csv``."""

_DAYS = ("until", "due_on", "period_start", "period_end", "starts", "ends", "about_from", "about_to")
_WHOLE = ("planned_persons", "men", "persons", "inhabitants", "servicemen", "total_posts", "age_from", "age_to_as_printed", "age_start")
_READ: Mapping[str, Callable[[str], object]] = {
    **dict.fromkeys(_DAYS, date.fromisoformat), **dict.fromkeys(_WHOLE, int), **dict.fromkeys(("low", "point", "high", "value"), Fraction),
}  # fmt: skip


def check_files(texts: Mapping[str, str]) -> None:
    """Refuse a record whose files cannot be read.

    Args:
        texts: by name.

    Raises:
        BadInput: ``record-columns`` or ``record-cell``: which file, row and column.
    """
    for name, needed in NEEDED.items():
        if name in texts:
            rows = csv.DictReader(texts[name].splitlines())
            if lacking := [column for column in needed.split() if column not in (rows.fieldnames or ())]:
                raise BadInput(
                    "record-columns", {"file": name, "lacks": ", ".join(lacking)}, f"the columns are {needed.replace(' ', ', ')}"
                )
            for number, row in enumerate(rows, 1):
                _check_row(name, number, row)


def _check_row(name: str, number: int, row: Mapping[str, str | None]) -> None:
    for column, read in _READ.items():
        if cell := row.get(column):
            try:
                read(cell)
            except (ValueError, ZeroDivisionError):
                what = {"file": name, "row": number, "column": column, "value": cell}
                raise BadInput("record-cell", what, "a day as 2025-04-01, a number without commas; empty where not known") from None
