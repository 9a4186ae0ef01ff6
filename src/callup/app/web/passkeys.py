"""Passkeys of people: made by somebody who has shown who they are, and then a way in as sure as that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler

from callup.app.web.ceremony import POLICY, Ceremony, answered, number_of, said_by_ours
from callup.app.web.pages import COOKIE, Asked, Nobody, Stop, page, visit
from callup.app.web.public.routes import headed
from callup.app.web.site import LONGEST, SURE, Site
from callup.app.web.words import words_of


class Passkeys:
    """The handlers of passkeys.

    Args:
        site: the portal.
        home: its address, to which every passkey is bound.
    """

    def __init__(self, site: Site, home: str) -> None:
        self.site, self.ceremony = site, Ceremony(site, home, "passkey")

    def handlers(self) -> list[HTTPRouteHandler]:
        """Two pages, and what their script asks."""
        plain: dict[str, Any] = {"sync_to_thread": False, "after_request": headed(POLICY)}
        return [
            get("/passkey", **plain)(self.make_page),
            get("/passkey/sign-in", **plain)(self.use_page),
            post("/passkey/begin", status_code=200)(self.begin),
            post("/passkey/finish", status_code=200)(self.finish),
            post("/passkey/ask", status_code=200)(self.ask),
            post("/passkey/answer", status_code=200)(self.answer),
        ]

    def make_page(self, request: Asked) -> Response[str]:
        """For somebody who has shown who they are."""
        who = visit(self.site, request)
        if who.session is None:
            raise Nobody
        if who.session.level not in SURE:
            raise Stop("not_sure", 403)
        return self._page(request, makes=True, many=len(self.site.store.passkeys_of(who.session.case_id)), token=who.token)

    def use_page(self, request: Asked) -> Response[str]:
        """To sign in with one."""
        return self._page(request, makes=False, many=0, token="")

    def _page(self, request: Asked, *, makes: bool, many: int, token: str) -> Response[str]:
        who = visit(self.site, request)
        words = words_of(who.language)
        told: dict[str, Any] = {
            "under": "/passkey",
            "intro": words["passkey_words"],
            "failed": words["passkey_failed"],
            "scripted": words["passkey_script"],
        }
        return page(self.site, who, "passkey", makes=makes, many=many, form=self.site.nonce(token, "passkey"), **told)

    async def begin(self, request: Asked) -> Response[bytes]:
        """What the browser needs to make one."""
        case, _ = await self._surely(request)
        return self.ceremony.make(case, self.site.store.passkeys_of(case))

    async def finish(self, request: Asked) -> Response[bytes]:
        """Keep the public key of a passkey that answers our challenge."""
        case, said = await self._surely(request)
        made = self.ceremony.made(said, case)
        row = (made.credential_id, case, made.credential_public_key, made.sign_count, self.site.now())
        await self.site.writer.perform(lambda portal: portal.keep_passkey(row))
        return answered(b'{"next": "/passkey"}')

    async def ask(self, request: Asked) -> Response[bytes]:
        """A challenge for whichever passkey of ours the device has."""
        await said_by_ours(self.site, request, "", "passkey")
        return self.ceremony.ask("")

    async def answer(self, request: Asked) -> Response[bytes]:
        """A session for whoever answers with the key that was kept."""
        said = await said_by_ours(self.site, request, "", "passkey")
        challenge, number = self.ceremony.challenge(said, ""), number_of(said)
        kept = self.site.store.passkey(number)
        if kept is None:
            raise Stop("passkey_failed", 422)
        case, public, count = kept
        found = self.ceremony.used(said, challenge, public, count)
        await self.site.writer.perform(lambda portal: portal.count_passkey(number, found.new_sign_count))
        token = await self.site.open_session(case, "passkey")
        there = answered(b'{"next": "/notice"}')
        there.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax", max_age=LONGEST)
        return there

    async def _surely(self, request: Asked) -> tuple[str, Mapping[str, Any]]:
        """The case of whoever asks and has shown who they are, and what the script sent."""
        who = visit(self.site, request)
        said = await said_by_ours(self.site, request, who.token, "passkey")
        if who.session is None or who.session.level not in SURE:
            raise Stop("not_sure", 403)
        return who.session.case_id, said
