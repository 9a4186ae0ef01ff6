"""Passkeys (Web Authentication Level 3): made by somebody who has shown who they are, and then a way in as sure as that.

The private key never leaves the person's device; what is kept here is a public key and a counter. A challenge is made by us, used once,
and bound to our own address, so that a false page gets nothing that ours would believe.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import webauthn
from litestar import Response, get, post
from litestar.handlers import HTTPRouteHandler
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from callup.app.web.identity import LONGEST_FLOW
from callup.app.web.pages import COOKIE, Asked, Nobody, Stop, is_ours, page, visit
from callup.app.web.public.routes import headed
from callup.app.web.site import LONGEST, SURE, Site

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""The two pages that run our one script; it speaks to ourselves alone."""


class Passkeys:
    """The handlers of passkeys.

    Args:
        site: the portal.
        home: its address, to which every passkey is bound.
    """

    def __init__(self, site: Site, home: str) -> None:
        self.site, self.home, self.host = site, home, urlsplit(home).hostname or "localhost"

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

    # ---- making one

    def make_page(self, request: Asked) -> Response[str]:
        """For somebody who has shown who they are."""
        who = visit(self.site, request)
        if who.session is None:
            raise Nobody
        if who.session.level not in SURE:
            raise Stop("not_sure", 403)
        many = len(self.site.store.passkeys_of(who.session.case_id))
        return page(self.site, who, "passkey", makes=True, many=many, form=self.site.nonce(who.token, "passkey"))

    async def begin(self, request: Asked) -> Response[bytes]:
        """What the browser needs to make one."""
        who, _ = await self._sent(request, "passkey", surely=True)
        case, challenge = who.case_id, os.urandom(32)
        known = [PublicKeyCredentialDescriptor(id=one) for one in self.site.store.passkeys_of(case)]
        options = webauthn.generate_registration_options(
            rp_id=self.host,
            rp_name=self.site.course.decree.authority,
            user_name=self.site.course.decree.id,
            user_id=os.urandom(32),
            challenge=challenge,
            exclude_credentials=known,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
        self._remember("make", challenge, case)
        return _json(webauthn.options_to_json(options).encode())

    async def finish(self, request: Asked) -> Response[bytes]:
        """Keep the public key of a passkey that answers our challenge."""
        who, said = await self._sent(request, "passkey", surely=True)
        challenge = self._challenge("make", said, who.case_id)
        try:
            made = webauthn.verify_registration_response(
                credential=said["credential"],
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.home,
                require_user_verification=True,
            )
        except (WebAuthnException, KeyError, TypeError, ValueError) as failure:
            raise Stop("passkey_failed", 422) from failure
        row = (made.credential_id, who.case_id, made.credential_public_key, made.sign_count, self.site.now())
        await self.site.writer.perform(lambda portal: portal.keep_passkey(row))
        return _json(b'{"next": "/passkey"}')

    # ---- using one

    def use_page(self, request: Asked) -> Response[str]:
        """To sign in with one."""
        return page(self.site, visit(self.site, request), "passkey", makes=False, many=0, form=self.site.nonce("", "passkey"))

    async def ask(self, request: Asked) -> Response[bytes]:
        """A challenge for whichever passkey of ours the device has."""
        await self._sent(request, "passkey", surely=False)
        challenge = os.urandom(32)
        options = webauthn.generate_authentication_options(
            rp_id=self.host, challenge=challenge, user_verification=UserVerificationRequirement.REQUIRED
        )
        self._remember("use", challenge, "")
        return _json(webauthn.options_to_json(options).encode())

    async def answer(self, request: Asked) -> Response[bytes]:
        """A session for whoever answers with the key that was kept; a counter that goes back is a copied key, and is refused."""
        _, said = await self._sent(request, "passkey", surely=False)
        challenge = self._challenge("use", said, "")
        try:
            number = base64url_to_bytes(said["credential"]["id"])
            kept = self.site.store.passkey(number)
            if kept is None:
                raise Stop("passkey_failed", 422)
            case, public, count = kept
            found = webauthn.verify_authentication_response(
                credential=said["credential"],
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.home,
                credential_public_key=public,
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except (WebAuthnException, KeyError, TypeError, ValueError) as failure:
            raise Stop("passkey_failed", 422) from failure
        await self.site.writer.perform(lambda portal: portal.count_passkey(number, found.new_sign_count))
        token = os.urandom(32).hex()
        self.site.store.open_session(token, case, "passkey", self.site.now())
        there = _json(b'{"next": "/notice"}')
        there.set_cookie(COOKIE, token, path="/", secure=True, httponly=True, samesite="lax", max_age=LONGEST)
        return there

    # ---- both

    async def _sent(self, request: Asked, form: str, *, surely: bool) -> tuple[Any, Mapping[str, Any]]:
        """Who asks, and what the script sent: from our own page, with the number that the page was given."""
        who = visit(self.site, request)
        try:
            said = json.loads(await request.body())
        except ValueError as failure:
            raise Stop("forged", 403) from failure
        token = who.token if surely else ""
        if not isinstance(said, dict) or not is_ours(request) or not self.site.holds(token, form, str(said.get("nonce", ""))):
            raise Stop("forged", 403)
        if surely and (who.session is None or who.session.level not in SURE):
            raise Stop("not_sure", 403)
        return who.session, said

    def _remember(self, what: str, challenge: bytes, case: str) -> None:
        now = self.site.now()
        self.site.store.keep_flow(bytes_to_base64url(challenge), (f"passkey {what}", case, "", now), now - LONGEST_FLOW)

    def _challenge(self, what: str, said: Mapping[str, Any], case: str) -> bytes:
        """The challenge that was answered, if we made it for this, not long ago, and it was not answered before."""
        told = str(said.get("challenge", ""))
        flow = self.site.store.take_flow(told)
        if flow is None or flow[:2] != (f"passkey {what}", case) or self.site.now() - flow[3] > LONGEST_FLOW:
            raise Stop("passkey_failed", 422)
        return base64url_to_bytes(told)


def _json(content: bytes) -> Response[bytes]:
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})
