"""standing, states, due and followup: counts of what the law makes of the facts; one case only by a named clerk with a reason (G4)."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from callup.app.acts import record_reading
from callup.app.commands.engine_option import EngineName
from callup.app.commands.opening import course_at
from callup.app.engines.opening import DUCKDB
from callup.app.standing import desk_queue, due_table, followup_table, one_case, state_counts, states_by_unit, summons_of
from callup.app.status import status as call_up_status
from callup.terms.errors import BadInput

Where = Annotated[Path, typer.Argument(help="the dossier")]
AsOf = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the legal day, YYYY-MM-DD")]
KnownAt = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="leave out what was recorded later")]
Key = Annotated[Path | None, typer.Option(help="the dossier key")]
Json = Annotated[bool, typer.Option("--json", help="print JSON")]


def standing(
    dossier: Where,
    as_of: AsOf,
    known_at: KnownAt = None,
    person: Annotated[str, typer.Option(help="one case, by its number; needs --clerk and --reason")] = "",
    clerk: Annotated[str, typer.Option(help="who looks")] = "",
    reason: Annotated[str, typer.Option(help="why")] = "",
    key: Key = None,
    as_json: Json = False,
) -> None:
    """Count the cases in each state as the law saw them on a day. One case with ``--person`` is recorded and the person sees it.

    Example: callup standing out/demo/dossier --as-of 2025-05-20 --known-at 2025-05-20
    """
    course = course_at(dossier, key)
    day, known = _days(as_of, known_at)
    if not person:
        counts = state_counts(course, day, known)
        _show("state", [{"state": state, "cases": cases} for state, cases in counts.items()], as_json)
        return
    summons_of(course, person)
    record_reading(course, person, clerk, reason, known)
    found = one_case(course, person, day, known)
    if as_json:
        typer.echo(json.dumps(found, default=str, ensure_ascii=False))
        return
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for name, value in found.items():
        if name not in ("steps", "clocks", "presumptions"):
            console.print(f"{name}: {value}")
    for one in found["presumptions"]:
        how = f"rebutted by {' or '.join(one['rebutted_by'])} on {one['rebutted_on']}"
        console.print(f"presumed served from {one['holds_on']} ({one['citation']}); {how}")
    for one in found["clocks"]:
        moved = f", moved by {len(one['stood_still'])}" if one["stood_still"] else ""
        console.print(f"clock {one['name']}: {one['starts_on']} to {one['ends_on']}{moved} ({one['citation']})")
    for step in found["steps"]:
        console.print(f"  - {step}")


def status(dossier: Where, as_of: AsOf, key: Key = None, as_json: Json = False) -> None:
    """Say where the call-up and its draw stand on a day, what a court or an office stopped, and which step comes next.

    Example: callup status out/demo/dossier --as-of 2025-05-20
    """
    found = call_up_status(course_at(dossier, key), as_of.date())
    if as_json:
        typer.echo(json.dumps(found, ensure_ascii=False))
        return
    console = Console(highlight=False)
    console.print(f"{found['id']} on {found['as_of']}")
    console.print(f"call-up: {found['call_up']} ({found['call_up_means']})\ndraw: {found['draw']} ({found['draw_means']})")
    console.print(f"waves entered: {found['waves']} of {found['waves_of']}")
    for name in ("stays", "halts"):
        console.print(f"{name}: {', '.join(found[name]) or 'none'}")
    console.print(f"next step: {found['next'] or 'none'}")


def states(
    dossier: Where, as_of: AsOf, known_at: KnownAt = None, key: Key = None, engine: EngineName = DUCKDB, as_json: Json = False
) -> None:
    """Count the cases of each unit in each state as the law saw them on a day.

    Example: callup states out/demo/dossier --as-of 2025-05-20 --engine spark://master.example:7077
    """
    day, known = _days(as_of, known_at)
    with closing(course_at(dossier, key, engine=engine)) as course:
        rows = states_by_unit(course, day, known, course.register_engine).to_pylist()
    _show("states", [row for row in rows if row["state"] != "not called"], as_json)


def due(dossier: Where, as_of: AsOf, known_at: KnownAt = None, key: Key = None, engine: EngineName = DUCKDB, as_json: Json = False) -> None:
    """Count what has fallen due by unit and step.

    Example: callup due out/demo/dossier --as-of 2025-05-20
    """
    day, known = _days(as_of, known_at)
    with closing(course_at(dossier, key, engine=engine)) as course:
        _show("due", due_table(course, day, known, course.register_engine).to_pylist(), as_json)


def desk(
    dossier: Where,
    as_of: AsOf,
    unit: Annotated[str, typer.Option(help="the unit whose desk it is")],
    clerk: Annotated[str, typer.Option(help="who asks")],
    limit: Annotated[int, typer.Option(help="rows at most", min=1, max=50)] = 20,
    known_at: KnownAt = None,
    key: Key = None,
    as_json: Json = False,
) -> None:
    """List what waits at one unit's desk, what is overdue first: case number, what, by when, by which article, who may do it.

    Example: callup desk out/demo/dossier --as-of 2025-05-20 --unit RU-KR --clerk "Petrova Anna"
    """
    if not clerk.strip():
        raise BadInput("clerk-unnamed", {}, "say who asks: --clerk NAME")
    day, known = _days(as_of, known_at)
    _show(f"desk of {unit}", desk_queue(course_at(dossier, key), unit, day, known, limit), as_json)


def followup(
    dossier: Where, as_of: AsOf, known_at: KnownAt = None, key: Key = None, engine: EngineName = DUCKDB, as_json: Json = False
) -> None:
    """Split the unanswered by diagnosis, each with the next lawful step: counts only.

    Example: callup followup out/demo/dossier --as-of 2025-06-20
    """
    day, known = _days(as_of, known_at)
    with closing(course_at(dossier, key, engine=engine)) as course:
        _show("no answer yet", followup_table(course, day, known, course.register_engine).to_pylist(), as_json)


def _days(as_of: datetime, known_at: datetime | None) -> tuple[date, date]:
    return as_of.date(), (known_at or as_of).date()


def _show(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(rows, default=str, ensure_ascii=False))
        return
    table = Table(title=title, box=None, title_justify="left")
    for name in rows[0] if rows else ("nothing",):
        table.add_column(name, justify="right" if name in ("cases", "overdue") else "left")
    for row in rows:
        table.add_row(*map(_cell, row.values()))
    Console().print(table)


def _cell(value: object) -> str:
    if value is None or value is False:
        return ""
    return "yes" if value is True else f"{value:,}" if isinstance(value, int) else str(value)
