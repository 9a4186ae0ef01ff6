"""serve: the portal and the desk of a dossier, in one process or in several; store: the PostgreSQL that several need."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from callup.app.commands.opening import course_at, own_spill
from callup.app.wire import SPILL


def serve(
    dossier: Annotated[Path, typer.Argument(help="the dossier, with at least one wave entered")],
    port: Annotated[int, typer.Option(help="on this machine only; a server in front of it speaks to the world")] = 8000,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a rehearsal's day; the last on which something was recorded")
    ] = None,
    home: Annotated[str, typer.Option(help="the portal's address for the world; http://localhost:PORT where there is none")] = "",
    store: Annotated[str, typer.Option(help="postgresql://... if another login than callup store has prepared it for")] = "",
    role: Annotated[
        str, typer.Option(help="web (pages, as many as wanted), work (what nobody waits for) or sequencer (the one that enters in the log)")
    ] = "",
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
) -> None:
    """Serve the portal and the desk. Identity providers stand in portal.toml of the dossier; a rehearsal without one brings its own.

    Without --role one process does all. With a PostgreSQL the work may be split: start each of the three roles.

    Example: callup serve out/demo/dossier --as-of 2025-04-20
    """
    from callup.app.web.running import Asked, run_portal  # the web server is slow to load: only who serves pays for it

    course = course_at(dossier, key, spill=own_spill(dossier, role) if role else SPILL)
    run_portal(course, dossier, Asked(port, as_of, home, store, role))


def prepare_store(
    dossier: Annotated[Path, typer.Argument(help="the dossier, with at least one wave entered")],
    owner: Annotated[str, typer.Argument(help="postgresql://... of somebody who may make schemas and roles")],
    login: Annotated[str, typer.Option(help="the role with which the portal connects; it is made if it is not there")] = "callup_portal",
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
) -> None:
    """Prepare a PostgreSQL for ``callup serve --store``: schema, roles, row-level security, and the facts so far.

    Example: callup store out/demo/dossier postgresql://owner@localhost/callup
    """
    from callup.app.web.storage import prepare_postgres

    course = course_at(dossier, key)
    count = prepare_postgres(course, owner, login)
    typer.echo(f"{count:,} facts brought; give {login} a way to sign in, then: callup serve {dossier} --store postgresql://{login}@...")
