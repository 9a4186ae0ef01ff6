"""Before the port is opened everything is made once that would otherwise be made while the first people wait.

What is slow the first time: programs that are loaded late, pages that are compiled, words and forms that are parsed, the names of months,
the week's charts. A server that has just started would turn people away whom it serves easily a second later.
"""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler

from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.pages import Visit, compile_pages, form_of, page
from callup.app.web.person.view import claims_of, first_asked, my_notice, sent_line, why_me
from callup.app.web.site import Site
from callup.app.web.words import words_of

OPEN = ("/", "/sign-in", "/notice", "/not-me", "/pressure", "/rights", "/affected", "/roles", "/progress", "/desk", "/healthz")
"""What is asked for in every language, as somebody who is not signed in."""
ONCE = ("/v", "/api/v1/me", "/api/v1/schema/openapi.json", "/static/callup.css")
_FORM = b"application/x-www-form-urlencoded"


async def warm(site: Site, app: Litestar) -> None:
    """Ready every handler, ask for the open pages, and make those of one case, which nobody is shown: no session, nothing recorded.

    Args:
        site: the portal.
        app: its application, before its writer runs.
    """
    for handler in (one for route in app.routes for one in getattr(route, "route_handlers", ())):
        if isinstance(handler, HTTPRouteHandler):
            with contextlib.suppress(msgspec.ValidationError):  # what it wants of a request is worked out; here it finds none
                msgspec.convert({}, handler.signature_model)
    for language in site.course.decree.languages:
        compile_pages(language)
        for path in OPEN:
            await _ask(app, "GET", path, language)
        await _ask(app, "POST", "/sign-in", language)  # without the number of our own page: refused, but read as a form
        _make(site, language)
    for path in ONCE:
        await _ask(app, "GET", path, "en")


def _make(site: Site, language: str) -> None:
    """The pages that a signed-in person sees most, of the first case, for nobody's eyes."""
    forms, who, day = form_of(site, language, "procedure"), Visit("", None, language), site.today()
    with looking_as(SERVICE):
        for one in map(site.whole, site.store.first_cases(1)):
            made = dict.fromkeys(("receipt", "withdraw"), site.nonce("", "receipt"))
            same = {"fixed": "", **first_asked(site, language)}
            page(site, who, "notice", v=my_notice(site, one, forms, language), forms=made, **same)
            page(site, who, "why", v=why_me(site, one.held, language))
            sent = site.sent("", {"kind": "responded"}, "", "")
            page(site, who, "receipt", line=sent_line(sent, words_of(language)))
    claims = claims_of(site.course.jurisdiction.procedure.at(day), forms)
    page(site, who, "claim", found=[], claims=claims, kind="", words="", form="")


async def _ask(app: Litestar, method: str, path: str, language: str) -> None:
    headers = [(b"host", b"localhost"), (b"accept-language", language.encode()), (b"content-type", _FORM)]
    address = {"path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "", "headers": headers}
    about = {"type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http", "state": {}}
    scope: Any = {**about, **address, "client": ("127.0.0.1", 0), "server": ("127.0.0.1", 0)}

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(answer: object) -> None:
        """Nobody reads it."""

    await app(scope, receive, send)
