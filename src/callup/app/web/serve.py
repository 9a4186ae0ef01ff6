"""Puts the portal together: pages of the person, what everyone may read, and nothing that a browser must fetch elsewhere."""

from __future__ import annotations

import asyncio
import itertools
import sys
import traceback
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Response
from litestar.exceptions import HTTPException, MethodNotAllowedException, NotFoundException
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin
from litestar.response import Redirect
from litestar.status_codes import HTTP_500_INTERNAL_SERVER_ERROR

from callup.app.stores.viewer import NOBODY, look_as
from callup.app.web.api.routes import Interface
from callup.app.web.desk.acting import Desk
from callup.app.web.desk.granting import grant_stand_ins, settle_grants
from callup.app.web.desk.passkeys import DeskPasskeys
from callup.app.web.desk.routes import DeskPages, NotSignedIn, desk_of, refused_at_desk
from callup.app.web.identity import LONGEST_FLOW, Flow, Identity, Provider
from callup.app.web.pages import OURS, Asked, Nobody, Stop, message, to, visit
from callup.app.web.passkeys import Passkeys
from callup.app.web.person.routes import Person, sign_in_form
from callup.app.web.public.routes import Everyone, headed
from callup.app.web.signing_in import OFFICIAL, SigningIn
from callup.app.web.site import IDLE, LONGEST, Site
from callup.terms.errors import CallupError, Unavailable

_SETTLE_EVERY = 5.0
_LOOK_EVERY = 1.0
_OLD_EVERY = 120
"""Every so many times old sessions are deleted as well."""


def portal(site: Site, providers: Sequence[Provider] = (), home: str = "", *, works: bool = True) -> Litestar:
    """The application of one dossier; its writer starts and stops with it.

    Args:
        site: the portal.
        providers: identity providers for people and officials.
        home: the portal's own address, to which they send people back.
        works: whether this process also does what nobody waits for; else another one does (`working`).
    """
    desk = desk_of(site)
    pages = DeskPages(desk, {one.id: one.name for one in providers if one.who == OFFICIAL})
    identity = identity_of(site, providers, home)
    person = Person(site)
    everyone = Everyone(site, works=works)
    officials = DeskPasskeys(pages, home)
    shown = [*everyone.handlers(), *person.handlers(), *pages.handlers(), *SigningIn(site, officials, identity).handlers()]
    shown += [*Passkeys(site, home).handlers(), *officials.handlers()]
    interface = Interface(site, pages, person, everyone.progress).handlers()
    site.ways = {one.id: one.name for one in providers if one.who != OFFICIAL}
    return Litestar(
        route_handlers=[*shown, *interface],
        include_in_schema=False,
        lifespan=[lambda app: working(site, desk, works=works)],
        before_request=_nobody_looks,
        after_request=headed(OURS),
        exception_handlers=_refusals(site, pages),
        openapi_config=OpenAPIConfig(title="callup", version="1", path="/api/v1/schema", render_plugins=[JsonRenderPlugin()]),
        logging_config=None,
    )


async def _nobody_looks(request: Asked) -> None:
    """Until a page knows who asks, nobody looks: no case is shown."""
    look_as(NOBODY)


@asynccontextmanager
async def working(site: Site, desk: Desk, *, works: bool) -> AsyncIterator[None]:
    """While the portal runs its writer runs, and memory lets go of who is erased; where it works, what nobody waits for is done."""
    site.writer.start()
    acts = [_let_go(site)]
    if works:
        await grant_stand_ins(site)
        await settle_grants(site, desk.store)
        acts.append(_settle(desk))
    tasks = [asyncio.create_task(act) for act in acts]
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        desk.store.close()
        site.close()


async def _settle(desk: Desk) -> None:
    async def scan() -> None:
        await asyncio.to_thread(desk.site.scan)

    async def tell() -> None:
        await asyncio.to_thread(desk.site.tell)

    async def sweep() -> None:
        await desk.site.writer.perform(lambda portal: portal.seats.sweep(desk.site.now()))

    async def end_old() -> None:
        """Sessions that ran out open nothing; that they are deleted can wait for a while, and nobody who signs in waits for it."""
        now = desk.site.now()
        await desk.site.writer.perform(lambda portal: portal.end_old(now - LONGEST, now - IDLE))

    for act in itertools.cycle((*((desk.settle, scan, tell, sweep, _pause) * _OLD_EVERY), end_old)):
        try:
            await act()
        except CallupError as failure:  # a disk that is full today is tried again in a moment; one act that fails stops no other
            print(failure, file=sys.stderr)
        except Exception as failure:
            traceback.print_exception(failure)


async def _let_go(site: Site) -> None:
    """Whoever is erased is erased from this process's memory too, within a second of it."""
    while True:
        try:
            if persons := site.forgotten():
                await asyncio.to_thread(site.let_go, persons)
        except Exception as failure:  # a store that is silent now is asked again in a second
            traceback.print_exception(failure)
        await asyncio.sleep(_LOOK_EVERY)


async def _pause() -> None:
    await asyncio.sleep(_SETTLE_EVERY)


def identity_of(site: Site, providers: Sequence[Provider], home: str) -> Identity:
    """Sign-in at these providers, with what is on its way kept in the portal's own file."""

    def keep(state: str, flow: Flow) -> None:
        site.store.keep_flow(state, (flow.provider, flow.nonce, flow.verifier, flow.began), site.now() - LONGEST_FLOW)

    def take(state: str) -> Flow | None:
        found = site.store.take_flow(state)
        return None if found is None else Flow(*found)

    return Identity({one.id: one for one in providers}, home, keep, take, site.now)


def _refusals(site: Site, pages: DeskPages) -> dict[Any, Any]:
    """What an exception of a handler becomes: a page in the language of whoever asks."""

    def said(key: str, status: int) -> Any:
        return lambda request, failure: message(site, visit(site, request), key, status)

    return {
        NotFoundException: said("no_page", 404),
        MethodNotAllowedException: _elsewhere,
        HTTPException: lambda request, failure: message(site, visit(site, request), "broken", failure.status_code),
        Stop: lambda request, failure: message(site, visit(site, request), failure.key, failure.status),
        Nobody: lambda request, failure: sign_in_form(site, visit(site, request), 401),
        NotSignedIn: lambda request, failure: pages.sign_in_page(request),
        Unavailable: _busy(site),
        CallupError: refused_at_desk(pages),
        HTTP_500_INTERNAL_SERVER_ERROR: _broken(site),
    }


def _broken(site: Site) -> Any:
    """A fault of ours: the operator reads it whole, whoever asked reads that nothing is lost."""

    def answer(request: Asked, failure: Exception) -> Response[str]:
        traceback.print_exception(failure)
        return message(site, visit(site, request), "broken", 500)

    return answer


def _elsewhere(request: Asked, failure: Exception) -> Redirect:
    """Somebody reloads the address of a form, or comes back to it after signing in: the page before it is shown."""
    return to("/notice" if request.url.path.startswith("/notice/") else "/")


def _busy(site: Site) -> Any:
    def answer(request: Asked, failure: Exception) -> Response[str]:
        made = message(site, visit(site, request), "busy", 503)
        made.headers["Retry-After"] = "60"
        return made

    return answer
