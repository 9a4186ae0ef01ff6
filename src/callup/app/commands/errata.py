"""supplement, void and erase: what can lawfully be mended after the draw, how a dead plan ends, how one person's rows go."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from callup.app.commands.opening import course_at
from callup.app.logs import CallUpLogs
from callup.app.signing import WaitsForSignatures
from callup.app.stages.supplementing import commit_supplement, next_supplement, take_in
from callup.app.voiding import void_plan
from callup.terms.errors import BadInput

Where = Annotated[Path, typer.Argument(help="the dossier")]
By = Annotated[list[str], typer.Option(help="a signatory of the decree; give it twice, two different people")]
Reason = Annotated[str, typer.Option(help="why, in one line; it is published with a void")]
Seed = Annotated[int, typer.Option(help="a rehearsal's seed")]
Key = Annotated[Path | None, typer.Option(help="the dossier key")]


def supplement(
    dossier: Where,
    file: Annotated[Path, typer.Argument(help="register of those left out, Parquet as made by: callup register check FILE --out")],
    by: By,
    reason: Reason,
    round_: Annotated[
        int, typer.Option("--round", help="a future round of the beacon, later than the plan's; a rehearsal takes the next")
    ] = 0,
    seed: Seed = 2025,
    key: Key = None,
) -> None:
    """Put those who were left out on a supplementary roll with a plan of its own; nobody else moves, nothing is drawn again.

    The next ``callup run`` casts it when its round has come, and calls whoever's place is reached or was passed. Give ``run`` the mended
    register: names and addresses are read there when someone is called, and are not copied here.

    Example: callup supplement spring missing.parquet --by "A. B." --by "C. D." --reason "a district's file was not loaded"
    """
    course = course_at(dossier, key, seed)
    console = Console(highlight=False, soft_wrap=True)
    one = next_supplement(course, round_, reason, _two(by))
    take_in(course, file, one)
    try:
        commit_supplement(course, CallUpLogs(course), one)
    except WaitsForSignatures as halt:
        console.print(f"waits, as the law of this dossier asks: {halt}. {halt.hint}")
        return
    lines = course.dossier.entry(f"roll-s{one.number}").rows
    console.print(f"supplementary roll {one.number}: {lines:,} lines, committed for round {one.round}. Next: callup run, after that round")


def void(
    dossier: Where,
    by: By,
    reason: Reason,
    supplement: Annotated[int, typer.Option(help="the number of a supplementary plan; 0: the call-up's own")] = 0,
    seed: Seed = 2025,
    key: Key = None,
) -> None:
    """Declare a plan dead that cannot be completed: a secret is lost, or the beacon's round never came. It is a public act.

    Example: callup void spring --by "A. B." --by "C. D." --reason "the beacon was switched off before the round"
    """
    digest = void_plan(course_at(dossier, key, seed), supplement=supplement, reason=reason, by=_two(by))
    Console(highlight=False, soft_wrap=True).print(f"void, entered in the public log: {digest}")


def erase(
    dossier: Where,
    person: Annotated[str, typer.Option(help="the number of the case, as it stands on the letter")],
    by: By,
    reason: Annotated[str, typer.Option(help="why, in words that name nobody: they stay")],
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the day, YYYY-MM-DD")],
    store: Annotated[str, typer.Option(help="postgresql://OWNER@... where the portal's store is one: it is erased there too")] = "",
    seed: Seed = 2025,
    key: Key = None,
) -> None:
    """Erase one person from a closed call-up: rows, salts, name, address, letters. Every proof of all others stays valid.

    Waits until both have signed it. A portal that runs lets go of what it keeps in memory within a second. It cannot be undone, and
    copies made elsewhere are not reached: erase in backups too.

    Example: callup erase spring --person 5f --by "A. B." --by "C. D." --reason "asked under art. 17" --on 2026-02-01
    """
    from callup.app.erasing import erase as erase_person  # it knows the portal's stores, which are slow to load
    from callup.app.web.storage import InPostgres

    course = course_at(dossier, key, seed)
    gone = erase_person(course, person, by=_two(by), reason=reason, day=on.date(), store=InPostgres(course, store) if store else None)
    Console(highlight=False, soft_wrap=True).print(f"erased: {gone} rows and files of one person. The published logs are as they were")


def _two(by: list[str]) -> tuple[str, str]:
    if len(by) != 2:
        raise BadInput("not-two-signatories", {"names": " and ".join(by)}, "name two different people of the decree: --by A --by B")
    return by[0], by[1]
