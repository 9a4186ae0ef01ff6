"""paper-day: what an office without power needs on its counter."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callup.app import durable
from callup.app.commands.opening import course_at, own_spill
from callup.terms.errors import BadInput


def paper_day(
    dossier: Annotated[Path, typer.Argument(help="the dossier")],
    unit: Annotated[str, typer.Option(help="the unit whose desk it is")],
    as_of: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the legal day, YYYY-MM-DD")],
    clerk: Annotated[str, typer.Option(help="who asks")],
    to: Annotated[Path, typer.Option(help="the PDF to write")],
    forms: Annotated[int, typer.Option(help="numbered forms")] = 40,
    language: Annotated[str, typer.Option(help="of the pad; the decree's first")] = "",
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
) -> None:
    """Print a pad for a day on paper: what waits at a desk, by case number, and numbered forms with a receipt to tear off.

    Print it before the power goes. What is written on a form is entered at the desk afterwards, with its number and day of receipt.

    Example: callup paper-day spring --unit FR-N --as-of 2025-05-20 --clerk "A. B." --forms 40 --to pad.pdf
    """
    from callup.app.paper_day import paper_pad  # what sets a page is slow to load

    if not clerk.strip():
        raise BadInput("clerk-unnamed", {}, "say who asks: --clerk NAME")
    with closing(course_at(dossier, key, spill=own_spill(dossier, "paper"))) as course:
        made = paper_pad(course, unit, as_of.date(), forms=forms, language=language or course.decree.languages[0])
    durable.write_bytes(to, made, mode=0o600)
    typer.echo(f"{to}: what waits at {unit}, and {forms} forms")
