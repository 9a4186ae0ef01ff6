"""decisions: print the letters of decisions, give their files to the printer, and take the carrier's receipts."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callup.app.clock import seconds
from callup.app.commands.opening import course_at, own_spill
from callup.app.wire import bring_back
from callup.terms.errors import BadInput

commands = typer.Typer(no_args_is_help=True, help="Letters of decisions: print them once each, hand them to the printer, take receipts.")

Where = Annotated[Path, typer.Argument(help="the dossier")]
Key = Annotated[Path | None, typer.Option(help="the dossier key")]
To = Annotated[Path, typer.Option(help="the folder for the printer")]


@commands.command("print")
def print_letters(
    dossier: Where,
    to: Annotated[Path | None, typer.Option(help="a folder: write the files for the printer there at once")] = None,
    key: Key = None,
) -> None:
    """Print the letter of every decision that is recorded, not printed yet and not served; each is read back before it may go.

    What two have decided is recorded when it can no longer be taken back. Findings of boards and answers to an absence are among them. A
    second command at once waits for the first. After a crash run it again: nothing is printed twice, and nothing is lost.

    Example: callup decisions print spring --to printer
    """
    from callup.app.stages.telling import hand_out, print_decisions  # engines that print are slow to load
    from callup.app.web.desk.pending import unrecorded

    with closing(course_at(dossier, key, spill=own_spill(dossier, "decisions"))) as course:
        bring_back(course)
        waits = unrecorded(course, seconds())
        told = print_decisions(course)
        if told.number:
            typer.echo(f"printed: {told.letters} letters in {len(told.files)} files, run {told.number}; each was read back")
        else:
            typer.echo("printed: nothing, no decision waits for its letter")
        if waits:
            typer.echo(
                f"waiting: {waits} decisions that two have accepted; they are recorded when somebody opens the desk, then print again"
            )
        if told.stayed:
            typer.echo(f"waiting: {told.stayed} decisions in cases that a court stayed")
        for number, why in told.set_aside:
            typer.echo(f"needs a person: letter {number}: {why}", err=True)
        if told.number and to is not None:
            typer.echo(f"for the printer: {', '.join(hand_out(course.dossier, told.number, to))} in {to}")


@commands.command("copy")
def copy(
    dossier: Where,
    run: Annotated[int, typer.Option(help="the number of the run that printed them")],
    to: To,
    key: Key = None,
) -> None:
    """Write the files of a finished run for the printer, the same bytes each time, with the list of letters, pages and codes.

    Example: callup decisions copy spring --run 1 --to printer
    """
    from callup.app.stages.telling import hand_out, runs_of

    with closing(course_at(dossier, key, spill=own_spill(dossier, "decisions"))) as course:
        if run not in runs_of(course.dossier):
            known = ", ".join(map(str, runs_of(course.dossier))) or "none yet"
            raise BadInput("run-unknown", {"run": run}, f"finished runs: {known}")
        typer.echo(f"for the printer: {', '.join(hand_out(course.dossier, run, to)) or 'nothing is left'} in {to}")


@commands.command("receipts")
def receipts(
    dossier: Where,
    file: Annotated[Path, typer.Argument(help="the carrier's receipts, CSV: code,happened_on")],
    known_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="the day on which they came, in a rehearsal")] = None,
    key: Key = None,
) -> None:
    """Record that letters of decisions reached people, by the codes that the carrier read; all lines or none.

    Example: callup decisions receipts spring receipts.csv
    """
    from callup.app.served import take_receipts

    with closing(course_at(dossier, key, spill=own_spill(dossier, "decisions"))) as course:
        day = known_on.date() if known_on is not None and course.decree.rehearsal else course.clock.day("read")
        read, new = take_receipts(course, file, day)
        typer.echo(f"recorded: {new} decisions served, of {read} lines")
