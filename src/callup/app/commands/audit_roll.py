"""audit-roll: a court's auditor opens the roll and the acts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callup.app.audit_roll import RollAudit, said
from callup.app.audit_roll import audit_roll as audited
from callup.app.commands.check import key_beside
from callup.app.dossier import Dossier
from callup.app.keys import read_dossier_key
from callup.app.voice import Voice
from callup.app.wire import course_of


def audit_roll(
    dossier: Annotated[Path, typer.Argument(help="the dossier")],
    register: Annotated[Path, typer.Option(help="the register as of the key date, Parquet as made by: callup register check FILE --out")],
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="print JSON")] = False,
) -> None:
    """Open the roll with the register: roots, doubles, omissions by place and year, strangers, ranks without an act; exit 1 if any.

    Prints counts only, and small ones as a range: never a name, an id or a rank.

    Example: callup audit-roll out/demo/dossier --register out/demo/register-200000-2025.parquet
    """
    course = course_of(Dossier.at(dossier, read_dossier_key(key_beside(dossier, key))), Voice(quiet=True))
    found = audited(course, register)
    if as_json:
        words = {what: said(count) for what, count in found.found.items()}
        typer.echo(json.dumps({"looked_at": found.looked_at, "found": words, "omitted": found.omitted}, ensure_ascii=False))
    else:
        _show(found)
    if found.found:
        raise typer.Exit(1)


def _show(found: RollAudit) -> None:
    console = Console(highlight=False)
    for what, count in found.looked_at.items():
        console.print(f"{count:>12,}  {what}")
    for what, count in found.found.items():
        console.print(f"{said(count):>12}  {what}  <- FOUND")
    for row in found.omitted:
        years = f"born {row['born_year_from']} to {row['born_year_to']}" if row["born_year_from"] else "all years, or year unknown"
        console.print(f"{row['persons']:>12,}  liable and on no roll: {row['unit']}, {years}")
    console.print("found: see above" if found.found else "the roll is the register's, every rank has its act, every act opens")
