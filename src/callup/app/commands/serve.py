"""serve: the portal and the desk of a dossier, in one process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import uvicorn

from callup.app.clock import day_in, seconds
from callup.app.commands.opening import course_at
from callup.app.web.demo_provider import DemoProvider
from callup.app.web.identity import Provider, portal_file, read_providers, read_scanner
from callup.app.web.serve import portal
from callup.app.web.signing_in import made_up, rehearsal_providers
from callup.app.web.site import Site
from callup.app.web.storage import InPostgres, prepare_postgres
from callup.app.web.webhooks import read_hooks
from callup.terms.errors import BadInput


def serve(
    dossier: Annotated[Path, typer.Argument(help="the dossier, with at least one wave entered")],
    port: Annotated[int, typer.Option(help="on this machine only; a server in front of it speaks to the world")] = 8000,
    as_of: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a rehearsal's day; the last on which something was recorded")
    ] = None,
    home: Annotated[str, typer.Option(help="the portal's address for the world; http://localhost:PORT where there is none")] = "",
    store: Annotated[str, typer.Option(help="postgresql://... prepared by callup store; else the dossier's files")] = "",
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
) -> None:
    """Serve the portal and the desk. Identity providers stand in portal.toml of the dossier; a rehearsal without one brings its own.

    Example: callup serve out/demo/dossier --as-of 2025-04-20
    """
    course = course_at(dossier, key)
    if as_of is not None and not course.decree.rehearsal:
        raise BadInput("day-of-a-real-call-up", {"as_of": as_of.date()}, "only a rehearsal may say which day it is")
    zone, last = course.jurisdiction.calendar.zone, course.facts.last_known_on() or course.decree.opens_on
    rehearsed = as_of.date() if as_of is not None else last
    kept = InPostgres(course, store) if store else None
    if kept is not None:
        course.facts = kept.facts()
    site = Site(
        course,
        (lambda: rehearsed) if course.decree.rehearsal else (lambda: day_in(zone)),
        seconds,
        kept,
        read_scanner(dossier / "portal.toml"),
        read_hooks(portal_file(dossier / "portal.toml"), dossier / "portal.toml"),
    )
    home = home.rstrip("/") or f"http://localhost:{port}"
    providers: Sequence[Provider] = read_providers(dossier / "portal.toml")
    apps = []
    if not providers and course.decree.rehearsal:
        issuer = f"http://localhost:{port + 1}"
        providers = rehearsal_providers(issuer)
        clients = {one.client_id: f"{home}/sign-in/{one.id}/back" for one in providers}
        apps.append((DemoProvider(issuer, clients, lambda client: made_up(site, client)).app(), port + 1))
    apps.append((portal(site, providers, home), port))
    typer.echo(f"{site.store.doors():,} cases; people: {home}/  officials: {home}/desk  (stop with Ctrl-C)")
    if course.decree.rehearsal:
        _say_somebody(site)
    asyncio.run(_all(apps))


def prepare_store(
    dossier: Annotated[Path, typer.Argument(help="the dossier, with at least one wave entered")],
    owner: Annotated[str, typer.Argument(help="postgresql://... of somebody who may make schemas and roles")],
    login: Annotated[str, typer.Option(help="the role with which the portal connects; it is made if it is not there")] = "callup_portal",
    key: Annotated[Path | None, typer.Option(help="the dossier key")] = None,
) -> None:
    """Prepare a PostgreSQL for ``callup serve --store``: schema, roles, row-level security, and the facts so far.

    Example: callup store out/demo/dossier postgresql://owner@localhost/callup
    """
    course = course_at(dossier, key)
    count = prepare_postgres(course, owner, login)
    typer.echo(f"{count:,} facts brought; give {login} a way to sign in, then: callup serve {dossier} --store postgresql://{login}@...")


def _say_somebody(site: Site) -> None:
    """A made-up person's way in, so that a rehearsal can be tried without a letter in hand."""
    for case in site.store.first_cases(1):
        held = site.store.held(case)
        code = site.course.ring.letter_code(held["notice"]["notice_id"])
        typer.echo(f"REHEARSAL: a made-up person signs in with code {code} and birthday {held['register']['born_on']}")


async def _all(apps: Sequence[tuple[Any, int]]) -> None:
    """Serve until one of them is stopped; then the others stop as well."""
    servers = [uvicorn.Server(uvicorn.Config(app, "127.0.0.1", port, log_level="warning", server_header=False)) for app, port in apps]
    running = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)
