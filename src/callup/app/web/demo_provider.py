"""An identity provider for rehearsals: whoever comes chooses which made-up person or official to be. It is started for nothing else.

It speaks the same protocol as a real one (OpenID Connect, code flow, PKCE), so that a rehearsal takes the way that people will take.
"""

from __future__ import annotations

import base64
import hashlib
import html
import os
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet
from litestar import Litestar, Response, get, post
from litestar.response import Redirect

from callup.app.web.pages import HEADERS, OURS, Asked

_SHOWN = 40


class DemoProvider:
    """The provider of one rehearsal.

    Args:
        issuer: its address.
        clients: the addresses to which it sends people back, by client id.
        people: the made-up people of each client id: what the claim says, and how they are shown.
    """

    def __init__(self, issuer: str, clients: Mapping[str, str], people: Callable[[str], Mapping[str, str]]) -> None:
        self.issuer, self.clients, self.people = issuer, clients, people
        self.key = ECKey.generate_key("P-256", parameters={"kid": "rehearsal", "use": "sig", "alg": "ES256"})
        self.codes: dict[str, dict[str, str]] = {}

    def app(self) -> Litestar:
        """The provider as an application."""
        return Litestar(
            route_handlers=[
                get("/.well-known/openid-configuration", sync_to_thread=False)(self.configuration),
                get("/keys", sync_to_thread=False)(self.keys),
                get("/authorize", sync_to_thread=False)(self.choose),
                get("/chosen", sync_to_thread=False)(self.chosen),
                post("/token", status_code=200)(self.token),
            ],
            openapi_config=None,
        )

    def configuration(self) -> dict[str, Any]:
        """What the provider says of itself."""
        at = self.issuer
        return {
            "issuer": at,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "jwks_uri": f"{at}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> dict[str, Any]:
        """Its public keys."""
        return {"keys": [one.as_dict(private=False) for one in KeySet([self.key]).keys]}

    def choose(self, request: Asked) -> Response[str]:
        """Ask whom to be."""
        asked = dict(request.query_params)
        if self.clients.get(asked.get("client_id", "")) != asked.get("redirect_uri") or asked.get("code_challenge_method") != "S256":
            return Response("this client or its address is not known here", status_code=400, media_type="text/plain")
        people = list(self.people(asked["client_id"]).items())[:_SHOWN]
        links = "".join(
            f'<li><a class="govuk-link" href="/chosen?{html.escape(urlencode({**asked, "who": who}))}">{html.escape(shown)}</a></li>'
            for who, shown in people
        )
        text = (
            '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Rehearsal</title><body><main>'
            f"<h1>REHEARSAL: choose whom to be</h1><p>Everybody here is made up.</p><ul>{links}</ul></main></body></html>"
        )
        policy = HEADERS | {"Content-Security-Policy": OURS, "Cache-Control": "no-store"}
        return Response(text, media_type="text/html", headers=policy)

    def chosen(self, request: Asked) -> Response[str] | Redirect:
        """Give a code for whom was chosen."""
        asked = dict(request.query_params)
        there = self.clients.get(asked.get("client_id", ""))
        if there is None or there != asked.get("redirect_uri") or asked.get("who") not in self.people(asked["client_id"]):
            return Response("nobody of that name", status_code=400, media_type="text/plain")
        code = os.urandom(24).hex()
        self.codes[code] = asked
        return Redirect(f"{there}?{urlencode({'code': code, 'state': asked.get('state', ''), 'iss': self.issuer})}", status_code=303)

    async def token(self, request: Asked) -> Response[Any]:
        """Give a token for a code, once, to whoever knows the verifier."""
        form = await request.form()
        asked = self.codes.pop(str(form.get("code", "")), None)
        verifier = hashlib.sha256(str(form.get("code_verifier", "")).encode()).digest()
        fits = asked is not None and base64.urlsafe_b64encode(verifier).decode().rstrip("=") == asked.get("code_challenge")
        if asked is None or not fits or form.get("redirect_uri") != asked["redirect_uri"]:
            return Response({"error": "invalid_grant"}, status_code=400)
        now = int(time.time())
        who: dict[str, Any] = dict.fromkeys(("sub", "name", "person_id"), asked["who"])
        claims = who | {"iss": self.issuer, "aud": asked["client_id"], "nonce": asked.get("nonce", ""), "iat": now, "exp": now + 300}
        token = self.told(claims, {"alg": "ES256", "kid": str(self.key.kid)})
        return Response({"id_token": token, "access_token": os.urandom(16).hex(), "token_type": "Bearer", "expires_in": 300})

    def told(self, claims: dict[str, Any], header: dict[str, Any]) -> str:
        """The signed token."""
        return jwt.encode(header, claims, self.key)
