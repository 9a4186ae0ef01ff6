"""serve: the portal of a dossier, in one process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
import uvicorn

from callup.app.clock import day_in, seconds
from callup.app.commands.opening import course_at
from callup.app.web.serve import portal
from callup.app.web.site import Site
from callup.terms.errors import BadInput


def serve(
    dossier: Annotated[Path, typer.Argument(help="the dossier, with at least one wave entered")],
    port: Annotated[int, typer.Option(help="on this machine only; a server in front of it speaks to the world")] = 8000,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a rehearsal's day; the last on which something was recorded")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
) -> None:
    """Serve the portal: people read their notice, see why they were called, answer, ask, contest; everyone checks letters.

    Example: callup serve out/demo/dossier --as-of 2025-04-20
    """
    course = course_at(dossier, key)
    if as_of is not None and not course.decree.rehearsal:
        raise BadInput("day-of-a-real-call-up", {"as_of": as_of.date()}, "only a rehearsal may say which day it is")
    zone, last = course.jurisdiction.calendar.zone, course.facts.last_known_on() or course.decree.opens_on
    rehearsed = as_of.date() if as_of is not None else last
    site = Site(course, (lambda: rehearsed) if course.decree.rehearsal else (lambda: day_in(zone)), seconds)
    typer.echo(f"{site.store.doors():,} cases; open http://localhost:{port}/ (stop with Ctrl-C)")
    uvicorn.run(portal(site), host="127.0.0.1", port=port, log_level="warning", server_header=False)
