"""Passkeys of officials, a second proof: the provider says who somebody is, and the passkey that it is them.

Who has made one comes in with it and not without it. They lie apart from those of people, so that neither opens what is the other's. Two
registrars who end the last role of somebody forget their passkeys: that is the way back for whoever has lost every device.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, TypeVar

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from callup.app.stores.viewer import SERVICE, looking_as
from callup.app.web.ceremony import POLICY, Ceremony, answered, number_of, said_by_ours
from callup.app.web.desk.roles import grants_on, officer
from callup.app.web.desk.routes import COOKIE, DeskPages
from callup.app.web.identity import LONGEST_FLOW
from callup.app.web.pages import Asked, Stop, page, to, visit
from callup.app.web.public.routes import headed
from callup.app.web.site import LONGEST
from callup.app.web.words import words_of

SECOND = "__Host-callup-second"
"""Binds to one browser what the provider has said, until the passkey answers."""
_FLOW = "desk second"
Answer = TypeVar("Answer", Response[bytes], Redirect)


class DeskPasskeys:
    """The handlers of officials' passkeys, and the last step of coming in at the desk.

    Args:
        pages: the desk's pages.
        home: the portal's address, to which every passkey is bound.
    """

    def __init__(self, pages: DeskPages, home: str) -> None:
        self.pages, self.site, self.store = pages, pages.site, pages.desk.store
        self.ceremony = Ceremony(pages.site, home, "desk passkey")

    def handlers(self) -> list[HTTPRouteHandler]:
        """Two pages, and what their script asks."""
        plain: dict[str, Any] = {"sync_to_thread": False, "after_request": headed(POLICY)}
        return [
            get("/desk/passkey", **plain)(self.make_page),
            get("/desk/passkey/sign-in", **plain)(self.use_page),
            post("/desk/passkey/begin", status_code=200)(self.begin),
            post("/desk/passkey/finish", status_code=200)(self.finish),
            post("/desk/passkey/ask", status_code=200)(self.ask),
            post("/desk/passkey/answer", status_code=200)(self.answer),
        ]

    def come_in(self, name: str) -> Redirect:
        """Where an official goes whom the provider has named: to the desk, or first to their passkey."""
        if self.store.passkeys_of(name):
            state = os.urandom(32).hex()
            self._keep(state, name, self.site.now())
            return _with_cookie(to("/desk/passkey/sign-in"), SECOND, state, LONGEST_FLOW)
        there = "/desk/passkey" if self._lacks(name) else "/desk"
        return _with_cookie(to(there), COOKIE, self.pages.sign_in(name), LONGEST)

    def _lacks(self, name: str) -> bool:
        """Whether a role of an official asks for a passkey, and there is none."""
        with looking_as(SERVICE):
            grants = grants_on(self.site.facts.rows_of_nobody(), self.site.today())
        who = officer(self.site.course.decree, grants, name)
        return self.pages.proved(who) != who

    # ---- making one

    def make_page(self, request: Asked) -> Response[str]:
        """For an official who is in."""
        there = self.pages.there(request)
        told = _told(words_of(there.language), "refused passkey-required" if self._lacks(there.who.name) else "desk_passkey_words")
        return self.pages.page(there, request, "passkey", makes=True, many=len(self.store.passkeys_of(there.who.name)), **told)

    async def begin(self, request: Asked) -> Response[bytes]:
        """What the browser needs to make one."""
        name, _ = await self._in(request)
        return self.ceremony.make(name, self.store.passkeys_of(name))

    async def finish(self, request: Asked) -> Response[bytes]:
        """Keep the public key of a passkey that answers our challenge."""
        name, said = await self._in(request)
        made = self.ceremony.made(said, name)
        self.store.keep_passkey((made.credential_id, name, made.credential_public_key, made.sign_count, self.site.now()))
        return answered(b'{"next": "/desk/passkey"}')

    async def _in(self, request: Asked) -> tuple[str, Mapping[str, Any]]:
        """The name of the official who asks, and what the script sent."""
        token = request.cookies.get(COOKIE, "")
        who = self.pages.officer(token, "")
        return who.name, await said_by_ours(self.site, request, token, "desk")

    # ---- coming in with one

    def use_page(self, request: Asked) -> Response[str]:
        """For an official whom the provider has named."""
        who = visit(self.site, request)
        form = self.site.nonce(request.cookies.get(SECOND, ""), "second")
        told = _told(words_of(who.language), "desk_passkey_second")
        return page(self.site, who, "passkey", makes=False, many=0, form=form, **told)

    async def ask(self, request: Asked) -> Response[bytes]:
        """A challenge for the passkeys of whom the provider has named, and no other."""
        state = request.cookies.get(SECOND, "")
        await said_by_ours(self.site, request, state, "second")
        name, began = self._named(state)
        self._keep(state, name, began)
        return self.ceremony.ask(name, self.store.passkeys_of(name))

    async def answer(self, request: Asked) -> Response[bytes]:
        """A session at the desk for whoever the provider has named and who answers with their own passkey."""
        state = request.cookies.get(SECOND, "")
        said = await said_by_ours(self.site, request, state, "second")
        name, _ = self._named(state)
        challenge, number = self.ceremony.challenge(said, name), number_of(said)
        kept = self.store.passkey(number, name)
        if kept is None:
            raise Stop("passkey_failed", 422)
        found = self.ceremony.used(said, challenge, *kept)
        self.store.count_passkey(number, found.new_sign_count)
        there = _with_cookie(answered(b'{"next": "/desk"}'), COOKIE, self.pages.sign_in(name), LONGEST)
        there.delete_cookie(SECOND)
        return there

    def _keep(self, state: str, name: str, began: int) -> None:
        self.site.store.keep_flow(state, (_FLOW, name, "", began), self.site.now() - LONGEST_FLOW)

    def _named(self, state: str) -> tuple[str, int]:
        """Whom the provider has named in this browser not long ago, and when; asked for once, unless it is kept again."""
        flow = self.site.store.take_flow(state) if state else None
        if flow is None or flow[0] != _FLOW or self.site.now() - flow[3] > LONGEST_FLOW:
            raise Stop("passkey_failed", 422)
        return flow[1], flow[3]


def _told(words: Mapping[str, str], intro: str) -> dict[str, Any]:
    shown = {"intro": words[intro], "failed": words["desk_passkey_failed"], "scripted": words["desk_passkey_script"]}
    return {"under": "/desk/passkey", **shown}


def _with_cookie(there: Answer, name: str, token: str, seconds: int) -> Answer:
    there.set_cookie(name, token, path="/", secure=True, httponly=True, samesite="lax", max_age=seconds)
    return there
