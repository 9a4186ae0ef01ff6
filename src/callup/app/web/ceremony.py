"""The ceremonies of Web Authentication (Level 3, 7.1 and 7.2), the same for people and for officials: a challenge of ours, answered once.

The private key never leaves the device; what is kept here is a public key and a counter. A challenge is made by us, used once, and bound
to our own address, so that a false page gets nothing that ours would believe.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import webauthn
from litestar import Response
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from callup.app.web.identity import LONGEST_FLOW
from callup.app.web.pages import Asked, Stop, is_ours
from callup.app.web.site import Site

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)
"""The pages that run our one script; it speaks to ourselves alone."""
_BROKEN = (WebAuthnException, KeyError, TypeError, ValueError)


class Ceremony:
    """Makes challenges and believes answers to them.

    Args:
        site: the portal.
        home: its address, to which every passkey is bound.
        what: for whom: a challenge made for one is none for the other.
    """

    def __init__(self, site: Site, home: str, what: str) -> None:
        self.site, self.home, self.what, self.host = site, home, what, urlsplit(home).hostname or "localhost"

    def make(self, owner: str, known: Iterable[bytes]) -> Response[bytes]:
        """What the browser needs to make a passkey for somebody who has those already."""
        challenge = os.urandom(32)
        options = webauthn.generate_registration_options(
            rp_id=self.host,
            rp_name=self.site.course.decree.authority,
            user_name=self.site.course.decree.id,
            user_id=os.urandom(32),
            challenge=challenge,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
            ),
        )
        self._remember("make", challenge, owner)
        return answered(webauthn.options_to_json(options).encode())

    def made(self, said: Mapping[str, Any], owner: str) -> VerifiedRegistration:
        """The passkey that answers our challenge.

        Raises:
            Stop: it does not.
        """
        challenge = self._challenge("make", said, owner)
        try:
            return webauthn.verify_registration_response(
                credential=said["credential"],
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.home,
                require_user_verification=True,
            )
        except _BROKEN as failure:
            raise Stop("passkey_failed", 422) from failure

    def ask(self, owner: str, known: Iterable[bytes] = ()) -> Response[bytes]:
        """A challenge for one of these passkeys; where none are named, for whichever of ours the device has."""
        challenge = os.urandom(32)
        options = webauthn.generate_authentication_options(
            rp_id=self.host,
            challenge=challenge,
            allow_credentials=[PublicKeyCredentialDescriptor(id=one) for one in known] or None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        self._remember("use", challenge, owner)
        return answered(webauthn.options_to_json(options).encode())

    def challenge(self, said: Mapping[str, Any], owner: str) -> bytes:
        """The challenge that a passkey answers, taken: the same answer a second time finds none.

        Raises:
            Stop: it is not ours, not for this, too old, or answered before.
        """
        return self._challenge("use", said, owner)

    def used(self, said: Mapping[str, Any], challenge: bytes, public: bytes, count: int) -> VerifiedAuthentication:
        """What was signed with the key that was kept; a counter that goes back is a copied key, and is refused.

        Raises:
            Stop: another key, another address, or a copy.
        """
        try:
            return webauthn.verify_authentication_response(
                credential=said["credential"],
                expected_challenge=challenge,
                expected_rp_id=self.host,
                expected_origin=self.home,
                credential_public_key=public,
                credential_current_sign_count=count,
                require_user_verification=True,
            )
        except _BROKEN as failure:
            raise Stop("passkey_failed", 422) from failure

    def _remember(self, act: str, challenge: bytes, owner: str) -> None:
        now = self.site.now()
        self.site.store.keep_flow(bytes_to_base64url(challenge), (f"{self.what} {act}", owner, "", now), now - LONGEST_FLOW)

    def _challenge(self, act: str, said: Mapping[str, Any], owner: str) -> bytes:
        told = str(said.get("challenge", ""))
        flow = self.site.store.take_flow(told)
        if flow is None or flow[:2] != (f"{self.what} {act}", owner) or self.site.now() - flow[3] > LONGEST_FLOW:
            raise Stop("passkey_failed", 422)
        return base64url_to_bytes(told)


def number_of(said: Mapping[str, Any]) -> bytes:
    """The number of the passkey that answers.

    Raises:
        Stop: none is named.
    """
    try:
        return base64url_to_bytes(said["credential"]["id"])
    except _BROKEN as failure:
        raise Stop("passkey_failed", 422) from failure


async def said_by_ours(site: Site, request: Asked, token: str, form: str) -> Mapping[str, Any]:
    """What the script sent: from our own page, with the number that the page was given.

    Raises:
        Stop: it comes from elsewhere.
    """
    try:
        said = json.loads(await request.body())
    except ValueError as failure:
        raise Stop("forged", 403) from failure
    if not isinstance(said, dict) or not is_ours(request) or not site.holds(token, form, str(said.get("nonce", ""))):
        raise Stop("forged", 403)
    return said


def answered(content: bytes) -> Response[bytes]:
    """JSON that is kept nowhere."""
    return Response(content, media_type="application/json", headers={"Cache-Control": "no-store"})
