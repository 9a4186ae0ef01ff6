"""packet, slip and certificate: what one person may take along; each asked for by a named clerk with a reason (safeguard G4)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callup.app import durable
from callup.app.commands.opening import opened
from callup.app.exports.telling import languages
from callup.app.logs import CallUpLogs
from callup.app.packeting import certificate as certificate_of
from callup.app.packeting import on_paper, slip_of
from callup.app.packeting import packet as packet_of
from callup.app.printing import mirror
from callup.app.standing import summons_of
from callup.app.web.words import FALLBACK

Where = Annotated[Path, typer.Argument(help="the dossier")]
Person = Annotated[str, typer.Option(help="one case, by its number")]
Clerk = Annotated[str, typer.Option(help="who hands it out")]
Reason = Annotated[str, typer.Option(help="why")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the legal day, YYYY-MM-DD")]
KnownAt = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="leave out what was recorded later")]
To = Annotated[Path, typer.Option(help="the file to write")]
Key = Annotated[Path | None, typer.Option(help="the dossier key")]
NO_PASS = "Nobody may demand this from the person, and it is no pass."


def packet(
    dossier: Where,
    person: Person,
    as_of: AsOf,
    to: To,
    clerk: Clerk = "",
    reason: Reason = "",
    letter: Annotated[bool, typer.Option("--letter", help="put the letter in: it shows the person to whoever gets the packet")] = False,
    key: Key = None,
) -> None:
    """Write a person's proof packet: slip or letter, every file that its check needs, a certificate of standing, the finding and its rule.

    Example: callup packet out/demo/dossier --person 4f --as-of 2025-07-15 --to my.packet --clerk "A. B." --reason "asked at the counter"
    """
    course = opened(dossier, key, person, clerk, reason, as_of)
    made = packet_of(course, person, as_of.date(), as_of.date(), with_letter=letter).text()
    durable.write_bytes(to, made, mode=0o600)
    typer.echo(f"{to}: {len(made) / 1000:.0f} kB; check it with: callup verify {to}. {NO_PASS}")


def slip(dossier: Where, person: Person, clerk: Clerk = "", reason: Reason = "", key: Key = None) -> None:
    """Print a person's roll slip, and apart from it the salt that they keep and type (safeguard G6).

    Example: callup slip out/demo/dossier --person 4f --clerk "A. B." --reason "asked at the counter"
    """
    course = opened(dossier, key, person, clerk, reason, None)
    found, salt = slip_of(course, summons_of(course, person)["person_id"])
    typer.echo(f"slip: https://{mirror(course)}/v#{found.code()}\nsalt, to be kept apart: {salt}\n{NO_PASS}")


def _language_of(to: Path) -> str:
    named = to.with_suffix("").suffix.removeprefix(".")
    return named if named in languages() else FALLBACK


def certificate(
    dossier: Where,
    person: Person,
    as_of: AsOf,
    to: To,
    known_at: KnownAt = None,
    clerk: Clerk = "",
    reason: Reason = "",
    key: Key = None,
) -> None:
    """Write a certificate of standing for a court, signed: how the law stood on a day, as known on a day.

    As a page where TO ends in .pdf; in another language where it ends in, say, .lv.pdf.

    Example: callup certificate out/demo/dossier --person 4f --as-of 2025-07-15 --to standing.pdf --clerk "A. B." --reason "for the court"
    """
    course = opened(dossier, key, person, clerk, reason, known_at or as_of)
    known = (known_at or as_of).date()
    signed = certificate_of(course, CallUpLogs(course), person, as_of.date(), known)
    durable.write_bytes(to, on_paper(signed, known, _language_of(to)) if to.suffix == ".pdf" else signed, mode=0o600)
    typer.echo(f"{to}: signed by the key of the acts log; check it with: callup verify {to} --policy POLICY")
