"""The portal and the desk running, in one process or in several: identity providers, the rehearsal's own, the servers on this machine.

With a PostgreSQL it may be split (ADR 0054): as many ``web`` as are wanted answer pages and programs; ``work`` does what nobody waits for;
one ``sequencer`` enters in the log. They know of each other only by what is in the store.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import sys
import traceback
from collections.abc import Coroutine, Sequence
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

import typer
import uvicorn

from callup.app.clock import day_in, seconds
from callup.app.course import Course
from callup.app.web.admission import Admission
from callup.app.web.come_back import ComeBack
from callup.app.web.demo_provider import DemoProvider
from callup.app.web.desk.roles import read_second
from callup.app.web.desk.routes import desk_of
from callup.app.web.front import before
from callup.app.web.identity import Provider, portal_file, read_providers, read_scanner
from callup.app.web.public.progress import Progress
from callup.app.web.sequencer import Sequencer
from callup.app.web.serve import portal, working
from callup.app.web.signing_in import made_up, rehearsal_providers
from callup.app.web.site import Site
from callup.app.web.storage import InPostgres
from callup.app.web.warm import warm
from callup.app.web.webhooks import read_hooks
from callup.app.wire import store_named
from callup.terms.errors import BadInput, CallupError, OutOfOrder, Unavailable

ROLES = ("web", "work", "sequencer")
_TURN, _PACE, _AT_ONCE = 2.0, 60.0, 10
"""Seconds from one look of the sequencer to the next; seconds between entries in the long run, some 1,440 checkpoints a day; and how often
it enters without waiting after a pause."""

_LEAN: dict[str, Any] = {"server_header": False, "access_log": False, "proxy_headers": False}
"""No line is made of who asked what, and nobody's address is read, ours or one that a server before us told."""
_TAKEN = 16
"""So many connections are taken in one turn of the loop. libuv takes one a socket (its pull request 3696): in a rush those who come would
wait before the door, where nobody sees them."""
_SWITCH = 0.0005
"""Seconds after which the writer, back from the disk, is let on. Python's own five thousandths are waited for at each of its some ten steps
(one step: a call of the database), while pages are made: that was most of what an act waited under load."""


@dataclass(frozen=True, slots=True)
class Asked:
    """How to run.

    Args:
        port: on this machine; a rehearsal's identity provider has the next one.
        as_of: a rehearsal's day; the last on which something was recorded where none is given.
        home: the portal's address for the world; empty for this machine's own.
        store: address of a prepared PostgreSQL; empty for that which `callup store` has prepared, or the dossier's files.
        role: one of `ROLES`; empty for all in this process.
    """

    port: int
    as_of: datetime | None
    home: str = ""
    store: str = ""
    role: str = ""


def run_portal(course: Course, dossier: Path, asked: Asked) -> None:
    """Serve until stopped.

    Args:
        course: of the dossier.
        dossier: its folder, where ``portal.toml`` may lie.
        asked: how.

    Raises:
        BadInput: a real call-up is given a day, a part of the work is asked for without a PostgreSQL, or ``portal.toml`` cannot be used.
        OutOfOrder: there is another sequencer.
    """
    if asked.as_of is not None and not course.decree.rehearsal:
        raise BadInput("day-of-a-real-call-up", {"as_of": asked.as_of.date()}, "only a rehearsal may say which day it is")
    if asked.role and asked.role not in ROLES:
        raise BadInput("role-unknown", {"role": asked.role}, f"one of {', '.join(ROLES)}, or none for all in one process")
    store = asked.store or store_named(course.dossier)
    if asked.role and not store:
        raise BadInput(
            "role-without-postgresql", {"role": asked.role}, "a file is served by one process: leave --role out, or give --store"
        )
    kept = InPostgres(course, store) if store else None
    alone = Lock()
    sequencer = Sequencer(course, kept, alone) if kept is not None and asked.role in ("", "sequencer") else None
    if asked.role == "sequencer" and sequencer is not None:
        sequencer.turn()
        typer.echo("the sequencer runs  (stop with Ctrl-C)")
        asyncio.run(_until_stopped(_sequence(sequencer, strict=True)))
        return
    site = _site(course, dossier, asked, kept, alone)
    if asked.role == "work":
        typer.echo(f"{site.store.doors():,} cases; what nobody waits for is done here  (stop with Ctrl-C)")
        asyncio.run(_until_stopped(_work(site)))
    else:
        _serve(site, dossier, asked, sequencer)


def _site(course: Course, dossier: Path, asked: Asked, kept: InPostgres | None, alone: Lock) -> Site:
    zone, last = course.jurisdiction.calendar.zone, course.facts.last_known_on() or course.decree.opens_on
    rehearsed = asked.as_of.date() if asked.as_of is not None else last
    if kept is not None:
        course.facts.close()
        course.facts = kept.facts()
    site = Site(
        course,
        (lambda: rehearsed) if course.decree.rehearsal else (lambda: day_in(zone)),
        seconds,
        kept,
        read_scanner(dossier / "portal.toml"),
        read_hooks(portal_file(dossier / "portal.toml"), dossier / "portal.toml"),
        read_second(dossier / "portal.toml", rehearsal=course.decree.rehearsal),
    )
    site.alone = alone
    return site


async def _work(site: Site) -> None:
    progress = Progress(site)
    async with working(site, desk_of(site), works=True):
        while True:
            try:
                await asyncio.to_thread(progress.keep)
            except Exception as failure:  # it is made again in a minute; nothing else waits for it
                traceback.print_exception(failure)
            await asyncio.sleep(_PACE)


async def _sequence(sequencer: Sequencer, *, strict: bool) -> None:
    """Turn after turn. Strict: another sequencer ends this one; else, in one process with the pages, the other one is let do it."""
    left = float(_AT_ONCE)
    while True:
        try:
            left -= await asyncio.to_thread(sequencer.turn) > 0
        except OutOfOrder:
            if strict:
                raise
        except CallupError as failure:
            print(failure, file=sys.stderr)
        wait = _TURN if left >= 1 else _PACE
        left = min(_AT_ONCE, left + wait / _PACE)
        await asyncio.sleep(wait)


async def _until_stopped(act: Coroutine[Any, Any, None]) -> None:
    """Do it until somebody stops this process, or it fails."""
    stopped, doing = asyncio.Event(), asyncio.create_task(act)
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stopped.set)
    waiting = asyncio.create_task(stopped.wait())
    await asyncio.wait({waiting, doing}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not doing.done():
        doing.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await doing
    else:
        doing.result()


def _serve(site: Site, dossier: Path, asked: Asked, sequencer: Sequencer | None) -> None:
    """Pages and programs; where this process does all, the rest as well."""
    course, port = site.course, asked.port
    home = asked.home.rstrip("/") or f"http://localhost:{port}"
    providers: Sequence[Provider] = read_providers(dossier / "portal.toml")
    apps: list[tuple[Any, int]] = []
    if not providers and course.decree.rehearsal:
        issuer = f"http://localhost:{port + 1}"
        providers = rehearsal_providers(issuer)
        clients = {one.client_id: f"{home}/sign-in/{one.id}/back" for one in providers}
        apps.append((DemoProvider(issuer, clients, lambda client: made_up(site, client)).app(), port + 1))
    served = portal(site, providers, home, works=not asked.role)
    come_back = ComeBack(site)
    door = Admission(served, come_back)
    site.writer.hurry = door.stands
    apps.append((door, port))
    typer.echo(f"{site.store.doors():,} cases; people: {home}/  officials: {home}/desk  (stop with Ctrl-C)")
    if course.decree.rehearsal:
        _say_somebody(site)
    sys.setswitchinterval(_SWITCH)
    kinds: dict[int, Any] = {port: before(door, come_back)}
    configs = [uvicorn.Config(app, "127.0.0.1", one, http=kinds.get(one, "auto"), log_level="warning", **_LEAN) for app, one in apps]
    with asyncio.Runner(loop_factory=configs[0].get_loop_factory()) as runner:  # uvicorn's own loop, the fastest that is installed
        runner.run(warm(site, served), context=copy_context())  # who looked last there looks at nothing else
        gc.collect()
        gc.freeze()  # what is there at the start stays until the end: the collector need not walk through it again while somebody waits
        runner.run(_all([uvicorn.Server(config) for config in configs], sequencer))


_LOOKED_AT = 50
"""Cases among which a person is sought whose notice is entered on the rehearsal's day."""


def _say_somebody(site: Site) -> None:
    """A made-up person's way in, so that a rehearsal can be tried without a letter in hand."""
    known = [site.store.held(case) for case in site.store.first_cases(_LOOKED_AT)]
    called = [held for held in known if site.standing(held, site.today())[0].state != "not called"]
    for held in (called or known)[:1]:
        code = site.course.ring.letter_code(held["notice"]["notice_id"])
        typer.echo(f"REHEARSAL: a made-up person signs in with code {code} and birthday {held['register']['born_on']}")


def _doors(config: uvicorn.Config) -> list[socket.socket]:
    """Sockets that listen at one address together, each of which takes one newcomer in a turn of the loop.

    Raises:
        Unavailable: somebody listens there already; sockets that share an address would share it with them.
    """
    try:
        with socket.create_server((config.host, config.port)) as alone:
            address = alone.getsockname()
    except OSError as failure:
        where = {"port": config.port, "why": failure}
        raise Unavailable("port-not-free", where, "stop what listens there, or choose another with --port") from failure
    doors = [socket.socket() for _ in range(_TAKEN)]
    for one in doors:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        one.bind(address)
    return doors


async def _all(servers: Sequence[uvicorn.Server], sequencer: Sequencer | None) -> None:
    """Serve until one of them is stopped; then the others stop as well."""
    entering = asyncio.create_task(_sequence(sequencer, strict=False)) if sequencer is not None else None
    running = [asyncio.create_task(server.serve(_doors(server.config))) for server in servers]
    await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
    for server in servers:
        server.should_exit = True
    await asyncio.gather(*running)
    if entering is not None:
        entering.cancel()
