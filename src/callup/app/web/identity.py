"""Sign-in by an identity provider: OpenID Connect, the code flow with PKCE, on joserfc (OpenID Connect Core 1.0; RFC 7636; RFC 9207).

What comes back is believed only if all of it fits: the browser that left, the provider that was asked, the nonce, the time, a signature by
a key that the provider publishes, and no algorithm but those named here. Whatever does not fit is refused with one word, and the other
ways in stay open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from callup.terms.errors import BadInput, CallupError

ALGORITHMS = ["ES256", "RS256", "PS256", "EdDSA"]
PATIENCE = 3.0
"""Seconds to wait for a provider: then somebody is told to take another way."""
SKEW = 60
LONGEST_FLOW = 600
"""Seconds in which somebody must come back from the provider."""
_KEYS_FOR = 300
_USUAL = ("client_secret_basic",)
"""How a client shows its secret unless the provider says otherwise (OpenID Connect Discovery 1.0, section 3)."""


class NotIdentified(CallupError):
    """What came back from the provider is not to be believed, or nothing came back: the code says which check failed."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One identity provider.

    Args:
        id: a word in our own addresses.
        name: as people know it.
        issuer: its address, exactly as it names itself.
        client_id: who we are to it.
        secret: our secret at it; empty for a public client.
        who: ``person`` or ``official``: whom it can tell us.
        claim: the claim that holds the register's person id, or the official's name.
        acr: the levels of assurance that we accept; empty for any.
    """

    id: str
    name: str
    issuer: str
    client_id: str
    secret: str
    who: str
    claim: str
    acr: tuple[str, ...] = ()


def read_providers(path: Path) -> tuple[Provider, ...]:
    """The providers of ``portal.toml`` beside the dossier; none where there is no such file.

    Raises:
        BadInput: what is wrong, with the number of the entry.
    """
    entries = portal_file(path).get("provider", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput("portal-file-not-readable", {"path": path, "why": "provider"}, "write each provider as a [[provider]] table")
    return tuple(_provider(path, number, entry) for number, entry in enumerate(entries, 1))


def portal_file(path: Path) -> dict[str, Any]:
    """``portal.toml``; empty where there is none.

    Raises:
        BadInput: it is not readable.
    """
    if not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as failure:
        raise BadInput("portal-file-not-readable", {"path": path, "why": failure}, "write UTF-8 TOML with [[provider]] tables") from failure


def read_scanner(path: Path) -> Path | None:
    """The socket of clamd, ``[scanner] socket = "..."`` of the same file; none where it names none.

    Raises:
        BadInput: the file is not readable, or names something else.
    """
    told = portal_file(path).get("scanner", {})
    if told == {}:
        return None
    if not isinstance(told, dict) or set(told) != {"socket"} or not isinstance(told["socket"], str):
        raise BadInput("portal-scanner", {"path": path}, 'write [scanner] and socket = "/path/of/clamd"')
    return Path(told["socket"])


def _provider(path: Path, number: int, entry: Mapping[str, Any]) -> Provider:
    where = {"path": path, "provider": number}
    wanted = {"id", "name", "issuer", "client_id", "who", "claim"}
    missing, strange = wanted - set(entry), set(entry) - wanted - {"secret_file", "acr"}
    if missing or strange:
        raise BadInput(
            "portal-provider", where | {"missing": sorted(missing), "unknown": sorted(strange)}, f"give {', '.join(sorted(wanted))}"
        )
    issuer = urlsplit(str(entry["issuer"]))
    if issuer.scheme != "https" and issuer.hostname not in ("localhost", "127.0.0.1"):
        raise BadInput("portal-provider", where | {"issuer": entry["issuer"]}, "an issuer speaks https")
    if entry["who"] not in ("person", "official"):
        raise BadInput("portal-provider", where | {"who": entry["who"]}, "who is person or official")
    try:
        secret = (path.parent / str(entry["secret_file"])).read_text(encoding="utf-8").strip() if "secret_file" in entry else ""
    except (OSError, UnicodeDecodeError) as failure:
        raise BadInput("portal-provider", where | {"secret_file": entry["secret_file"]}, "the file beside it holds the secret") from failure
    fields = {name: str(entry[name]) for name in sorted(wanted)}
    return Provider(**fields, secret=secret, acr=tuple(entry.get("acr", ())))


@dataclass(frozen=True, slots=True)
class Flow:
    """What is remembered between leaving for the provider and coming back."""

    provider: str
    nonce: str
    verifier: str
    began: int


@dataclass(slots=True)
class Identity:
    """Sign-in at several providers.

    Args:
        providers: them.
        home: the portal's own address, to which they send people back.
        keep: keeps a flow under its state.
        take: gives the flow of a state once, and forgets it.
        now: seconds since 1970.
    """

    providers: Mapping[str, Provider]
    home: str
    keep: Callable[[str, Flow], None]
    take: Callable[[str], Flow | None]
    now: Callable[[], int]
    _known: dict[str, tuple[int, dict[str, Any], KeySet]] = field(default_factory=dict)

    def back(self, provider: Provider) -> str:
        """The address to which a provider sends people back."""
        return f"{self.home}/sign-in/{provider.id}/back"

    async def leave(self, provider: Provider) -> tuple[str, str]:
        """Begin: the address to send the browser to, and the state that it keeps in a cookie.

        Raises:
            NotIdentified: the provider does not answer.
        """
        found, _ = await self._metadata(provider)
        state, nonce, verifier = (base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=") for _ in range(3))
        self.keep(state, Flow(provider.id, nonce, verifier, self.now()))
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
        asked = {"response_type": "code", "client_id": provider.client_id, "redirect_uri": self.back(provider), "scope": "openid profile"}
        asked |= {"state": state, "nonce": nonce, "code_challenge": challenge, "code_challenge_method": "S256"}
        asked |= {"acr_values": " ".join(provider.acr)} if provider.acr else {}
        return f"{found['authorization_endpoint']}?{urlencode(asked)}", state

    async def arrive(self, provider: Provider, asked: Mapping[str, str], cookie: str) -> str:
        """Come back: who the provider says this is.

        Args:
            provider: the one whose address was called.
            asked: the query: ``code``, ``state``, ``iss`` or ``error``.
            cookie: the state that this browser left with.

        Returns:
            The value of the provider's claim.

        Raises:
            NotIdentified: any check that failed.
        """
        state = asked.get("state", "")
        if not state or not hmac.compare_digest(state, cookie):
            raise NotIdentified("not-this-browser", {"provider": provider.id})
        flow = self.take(state)
        if flow is None or flow.provider != provider.id or self.now() - flow.began > LONGEST_FLOW:
            raise NotIdentified("not-this-flow", {"provider": provider.id})
        found, _ = await self._metadata(provider)
        told = asked.get("iss", "")
        if (told or found.get("authorization_response_iss_parameter_supported")) and told != provider.issuer:
            raise NotIdentified("another-issuer", {"provider": provider.id, "iss": told})
        if "code" not in asked:
            raise NotIdentified("refused-there", {"provider": provider.id, "error": asked.get("error", "no code")})
        token = await self._exchange(provider, found, asked["code"], flow.verifier)
        claims = await self._believed(provider, token, flow.nonce)
        who = claims.get(provider.claim)
        if not isinstance(who, str) or not who:
            raise NotIdentified("claim-missing", {"provider": provider.id, "claim": provider.claim})
        return who

    async def _exchange(self, provider: Provider, found: Mapping[str, Any], code: str, verifier: str) -> str:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back(provider), "code_verifier": verifier}
        ways = found.get("token_endpoint_auth_methods_supported", _USUAL)
        by_header = bool(provider.secret) and _USUAL[0] in ways
        form |= {} if by_header else {"client_id": provider.client_id} | ({"client_secret": provider.secret} if provider.secret else {})
        known = httpx.BasicAuth(quote_plus(provider.client_id), quote_plus(provider.secret)) if by_header else None
        answer = await self._asked("POST", provider, str(found["token_endpoint"]), form, known)
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise NotIdentified("no-token", {"provider": provider.id, "error": answer.get("error", "")})
        return token

    async def _believed(self, provider: Provider, token: str, nonce: str) -> dict[str, Any]:
        """The claims of an id token, if all of it fits (OpenID Connect Core 3.1.3.7); unknown keys are fetched again once."""
        for fresh in (False, True):
            _, keys = await self._metadata(provider, fresh=fresh)
            try:
                claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
                break
            except (JoseError, ValueError) as failure:
                wrong = failure
        else:
            raise NotIdentified("signature", {"provider": provider.id, "why": type(wrong).__name__})
        problem = next((name for name, holds in self._checks(provider, claims, nonce) if not holds), None)
        if problem is not None:
            raise NotIdentified(f"token-{problem}", {"provider": provider.id})
        return dict(claims)

    def _checks(self, provider: Provider, claims: Mapping[str, Any], nonce: str) -> list[tuple[str, bool]]:
        now, audience = self.now(), claims.get("aud")
        several = isinstance(audience, list) and len(audience) > 1
        expires, issued = claims.get("exp"), claims.get("iat")
        return [
            ("issuer", claims.get("iss") == provider.issuer),
            ("audience", audience == provider.client_id or (isinstance(audience, list) and provider.client_id in audience)),
            ("party", claims.get("azp", provider.client_id) == provider.client_id and (not several or "azp" in claims)),
            ("nonce", isinstance(claims.get("nonce"), str) and hmac.compare_digest(str(claims["nonce"]), nonce)),
            ("expired", isinstance(expires, int | float) and now < expires + SKEW),
            ("time", isinstance(issued, int | float) and now - LONGEST_FLOW - SKEW < issued < now + SKEW),
            ("level", not provider.acr or claims.get("acr") in provider.acr),
        ]

    async def _metadata(self, provider: Provider, *, fresh: bool = False) -> tuple[dict[str, Any], KeySet]:
        """The provider's own description and its keys (OpenID Connect Discovery 1.0), kept for some minutes."""
        kept = self._known.get(provider.id)
        if kept is not None and not fresh and self.now() - kept[0] < _KEYS_FOR:
            return kept[1], kept[2]
        found = await self._asked("GET", provider, f"{provider.issuer.rstrip('/')}/.well-known/openid-configuration")
        if found.get("issuer") != provider.issuer or "S256" not in found.get("code_challenge_methods_supported", ()):
            raise NotIdentified("another-provider", {"provider": provider.id, "issuer": found.get("issuer", "")})
        try:
            keys = KeySet.import_key_set(await self._asked("GET", provider, str(found["jwks_uri"])))
        except (JoseError, ValueError, KeyError, TypeError) as failure:
            raise NotIdentified("keys-not-readable", {"provider": provider.id}) from failure
        self._known[provider.id] = (self.now(), found, keys)
        return found, keys

    async def _asked(
        self, method: str, provider: Provider, address: str, form: Mapping[str, str] | None = None, known: httpx.Auth | None = None
    ) -> Any:
        try:
            async with httpx.AsyncClient(timeout=PATIENCE, follow_redirects=False) as client:
                answer = await client.request(method, address, data=form, auth=known)
                found = answer.json()
        except (httpx.HTTPError, ValueError) as failure:
            raise NotIdentified("provider-silent", {"provider": provider.id, "why": type(failure).__name__}) from failure
        if not isinstance(found, dict):
            raise NotIdentified("provider-silent", {"provider": provider.id, "why": "no object"})
        return found
