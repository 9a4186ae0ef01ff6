"""The portal and the desk running: identity providers, the rehearsal's own, the servers on this machine."""

from __future__ import annotations

import asyncio
import gc
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
import uvicorn

from callup.app.clock import day_in, seconds
from callup.app.course import Course
from callup.app.web.admission import Admission
from callup.app.web.come_back import ComeBack
from callup.app.web.demo_provider import DemoProvider
from callup.app.web.identity import Provider, portal_file, read_providers, read_scanner
from callup.app.web.serve import portal
from callup.app.web.signing_in import made_up, rehearsal_providers
from callup.app.web.site import Site
from callup.app.web.storage import InPostgres
from callup.app.web.warm import warm
from callup.app.web.webhooks import read_hooks
from callup.terms.errors import BadInput

_LEAN: dict[str, Any] = {"server_header": False, "access_log": False, "proxy_headers": False}
"""No line is made of who asked what, and nobody's address is read, ours or one that a server before us told."""
_SWITCH = 0.0005
"""Seconds after which the writer, back from the disk, is let on. Python's own five thousandths are waited for at each of its some ten steps
(one step: a call of the database), while pages are made: that was most of what an act waited under load."""


def run_portal(course: Course, dossier: Path, *, port: int, as_of: datetime | None, home: str, store: str) -> None:
    """Serve until stopped.

    Args:
        course: of the dossier.
        dossier: its folder, where ``portal.toml`` may lie.
        port: on this machine; a rehearsal's identity provider has the next one.
        as_of: a rehearsal's day; the last on which something was recorded where none is given.
        home: the portal's address for the world; empty for this machine's own.
        store: address of a prepared PostgreSQL; empty for the dossier's files.

    Raises:
        BadInput: a real call-up is given a day, or ``portal.toml`` cannot be used.
    """
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
    apps: list[tuple[Any, int]] = []
    if not providers and course.decree.rehearsal:
        issuer = f"http://localhost:{port + 1}"
        providers = rehearsal_providers(issuer)
        clients = {one.client_id: f"{home}/sign-in/{one.id}/back" for one in providers}
        apps.append((DemoProvider(issuer, clients, lambda client: made_up(site, client)).app(), port + 1))
    served = portal(site, providers, home)
    apps.append((Admission(served, ComeBack(site)), port))
    typer.echo(f"{site.store.doors():,} cases; people: {home}/  officials: {home}/desk  (stop with Ctrl-C)")
    if course.decree.rehearsal:
        _say_somebody(site)
    sys.setswitchinterval(_SWITCH)
    configs = [uvicorn.Config(app, "127.0.0.1", port, log_level="warning", **_LEAN) for app, port in apps]
    with asyncio.Runner(loop_factory=configs[0].get_loop_factory()) as runner:  # uvicorn's own loop, the fastest that is installed
        runner.run(warm(site, served))
        gc.collect()
        gc.freeze()  # what is there at the start stays until the end: the collector need not walk through it again while somebody waits
        runner.run(_all([uvicorn.Server(config) for config in configs]))


def _say_somebody(site: Site) -> None:
    """A made-up person's way in, so that a rehearsal can be tried without a letter in hand."""
    for case in site.store.first_cases(1):
        held = site.store.held(case)
        code = site.course.ring.letter_code(held["notice"]["notice_id"])
        typer.echo(f"REHEARSAL: a made-up person signs in with code {code} and birthday {held['register']['born_on']}")


async def _all(servers: Sequence[uvicorn.Server]) -> None:
    """Serve until one of them is stopped; then the others stop as well."""
    running = [asyncio.create_task(server.serve()) for server in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)
