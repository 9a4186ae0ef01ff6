"""export, undertakings and the three doors: what leaves callup about a person, and what came after enlistment."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callup.app import durable
from callup.app.commands.opening import course_at, opened
from callup.app.course import Course
from callup.app.doors import HANDED, disclose, hand_over, read_warrant
from callup.app.doors import inspect as inspect_file
from callup.app.exports.calendar_file import calendar_file
from callup.app.exports.case import Case, gather
from callup.app.exports.evidence import evidence
from callup.app.exports.record import as_json, as_page, as_pdf, record
from callup.app.exports.telling import languages, law_in
from callup.app.exports.timeline import timeline
from callup.app.undertakings import sheet
from callup.terms.errors import BadInput

Where = Annotated[Path, typer.Argument(help="the dossier")]
Person = Annotated[str, typer.Option(help="one case, by its number")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the legal day, YYYY-MM-DD")]
KnownAt = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="leave out what was recorded later")]
To = Annotated[Path, typer.Option(help="the file to write")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]
Key = Annotated[Path | None, typer.Option(help="the dossier key")]
Seed = Annotated[int, typer.Option(help="a rehearsal's seed, for its stand-ins' signatures")]
Opened = Annotated[Path, typer.Option(help="the warrant, a TOML file: docs/formats.md, callup/warrant/1")]

FORMS: Mapping[str, Callable[[Case, Course, str], bytes]] = {
    "json": lambda case, course, language: as_json(record(case)),
    "html": lambda case, course, language: as_page(record(case), language, law_in(course.jurisdiction, language)),
    "pdf": lambda case, course, language: as_pdf(record(case), language, law_in(course.jurisdiction, language)),
    "ics": lambda case, course, language: calendar_file(case, course.jurisdiction.forms),
    "evidence": lambda case, course, language: as_json(evidence(case)),
    "timeline": lambda case, course, language: as_json(timeline(case)),
}
"""What can be made of a case: the whole record in three forms, the appointment, and the attempts in two foreign vocabularies."""


def export(
    dossier: Where,
    person: Person,
    as_of: AsOf,
    to: To,
    form: Annotated[str, typer.Option("--as", help=f"{', '.join(FORMS)}; the notice's language, or another behind a dot: pdf.en")] = "json",
    clerk: Annotated[str, typer.Option(help="who hands it out")] = "",
    reason: Annotated[str, typer.Option(help="why")] = "",
    key: Key = None,
) -> None:
    """Write what is held on one person, for that person: the record, the appointment, or the attempts in the words of others.

    Example: callup export out/demo/dossier --person 4f --as pdf --as-of 2025-07-15 --to me.pdf --clerk "A. B." --reason "asked for it"
    """
    name, _, language = form.partition(".")
    if name not in FORMS or language not in ("", *languages()):
        hint = f"one of: {', '.join(FORMS)}; of a language behind a dot one of: {', '.join(languages())}"
        raise BadInput("export-form-unknown", {"as": form}, hint)
    course, day = opened(dossier, key, person, clerk, reason, as_of), as_of.date()
    case = gather(course, person, day, day)
    made = FORMS[name](case, course, language or str(case.notice["language"]))
    durable.write_bytes(to, made, mode=0o600)
    typer.echo(f"{to}: {len(made) / 1000:.0f} kB, for the person alone")


def undertakings(dossier: Where, as_of: AsOf, known_at: KnownAt = None, key: Key = None, as_json_: Json = False) -> None:
    """Show the sheet of each undertaking of the decree: what was reported, what was answered, and what nobody can say (G21).

    Example: callup undertakings out/demo/dossier --as-of 2026-07-01
    """
    rows = sheet(course_at(dossier, key), as_of.date(), (known_at or as_of).date())
    if as_json_:
        typer.echo(json.dumps(rows, ensure_ascii=False))
        return
    console = Console(highlight=False, soft_wrap=True)
    for row in rows:
        console.print(f"{row['id']}. {row['text']} ({row['by']}, {row['on']})\n   {row['verdict']}: {row['meaning']}")
        counts = ", ".join(f"{name.replace('_', ' ')} {row[name]}" for name in list(row)[6:] if row[name] is not None)
        console.print(f"   {counts}")


def disclose_(dossier: Where, person: Person, warrant: Opened, to: To, seed: Seed = 2025, key: Key = None) -> None:
    """Give one person's record to a body under a court's order: a fact that the person sees, counted in public by body (G12).

    Example: callup disclose spring --person 4f --warrant order-12.toml --to record.json
    """
    course = course_at(dossier, key, seed)
    opened = read_warrant(warrant, course.decree)
    _given(to, as_json(disclose(course, person, opened)))


def inspect(dossier: Where, person: Person, warrant: Opened, seed: Seed = 2025, key: Key = None) -> None:
    """Show one person's record to a party, on the screen only: a fact that the person sees, counted in public (G12).

    Example: callup inspect spring --person 4f --warrant request-3.toml
    """
    course = course_at(dossier, key, seed)
    typer.echo(as_json(inspect_file(course, person, read_warrant(warrant, course.decree))).decode())


def handover(dossier: Where, warrant: Opened, to: To, seed: Seed = 2025, key: Key = None) -> None:
    """Hand those enlisted to the receiving body that the decree names: case, name, day and unit, nothing else (G12).

    Example: callup handover spring --warrant list-1.toml --to handed.csv
    """
    course = course_at(dossier, key, seed)
    _given(to, hand_over(course, read_warrant(warrant, course.decree, HANDED)))


def _given(to: Path, made: bytes) -> None:
    durable.write_bytes(to, made, mode=0o600)
    typer.echo(f"{to}: {len(made) / 1000:.0f} kB; the person sees that it was given")
