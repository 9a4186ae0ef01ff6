"""plan report: three questions with their figures and tables, and one number, as pages that can be made again from one file."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from callup.app.outlook.files import text_of
from callup.terms.errors import BadInput


def report(
    out: Annotated[Path, typer.Option(help="folder to write into")],
    aim: Annotated[str, typer.Option(help="what the chance of the notices refers to: total, each, all")] = "each",
    jurisdiction: Annotated[str, typer.Option(help="whose record")] = "ru",
    target: Annotated[int, typer.Option(help="strength wanted, persons", min=1)] = 1_500_000,
    on: Annotated[str, typer.Option(help="day it is wanted by, the first of a month")] = "2027-12-01",
    runs: Annotated[int, typer.Option(help="draws of the priors of strength", min=200, max=200_000)] = 20_000,
    seed: Annotated[int, typer.Option(help="the same seed, the same report", min=0)] = 2026,
    given: Annotated[
        Path | None,
        typer.Option("--from", help="plan.json of a report, to make it again; or a record of your own, folder or exported file"),
    ] = None,
) -> None:
    """Write the report: can the strength be reached, how many notices, what follows; with tables, and one number for a journalist.

    Example: callup plan report --out plan-report --runs 500
    """
    from callup.app.outlook.gathering import Asked, gather, read_parameters
    from callup.app.outlook.writing import write
    from callup.app.record.carrying import carried, is_record, read_record

    if given and given.is_file() and not is_record(given):
        asked, claims = read_parameters(text_of(given))
    else:
        asked = Asked(aim, target, _day(on), seed, runs)
        claims = read_record(given, jurisdiction) if given else carried(jurisdiction)
    write(gather(asked, claims), out)
    typer.echo(
        f"written: {out / 'index.html'}, {out / 'number.html'}; to make it again: callup plan report --from {out / 'plan.json'} --out ..."
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise BadInput("report-day", {"day": text}, "write a day as 2027-12-01") from None
